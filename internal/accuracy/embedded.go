package accuracy

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/devserver"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
)

// Tools are the executables that a measurement needs.
type Tools struct {
	Engine string // devenv/clickhouse
	Root   string // a folder at or under the node_modules that carry the engine
	Plugin string
}

// Embedded runs on an embedded ClickHouse of its own, whose data is gone afterwards.
func Embedded(ctx context.Context, o Options, tools Tools) (report *Report, err error) {
	folder, err := os.MkdirTemp("", "fluxhound-accuracy-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	server, err := devserver.Start(ctx, devserver.Options{Executable: tools.Engine, Root: tools.Root, Data: folder})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	if o.JSONData, err = json.Marshal(map[string]any{"host": server.Native}); err != nil {
		return nil, err
	}
	if o.Plugin, err = host.Start(ctx, tools.Plugin); err != nil {
		return nil, err
	}
	defer o.Plugin.Close()
	o.Prefix = "accuracy_"
	return Run(ctx, o)
}
