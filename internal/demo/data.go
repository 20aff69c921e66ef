// Package demo shows the detectors at work: it loads the scenario into an embedded ClickHouse and asks the plugin's real
// executable what it finds.
package demo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/devserver"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// DataOptions say where the demo's data is and what runs it.
type DataOptions struct {
	Engine   string // the executable of devenv/clickhouse
	Root     string // a folder at or under the node_modules that carry the engine
	Folder   string // of the data; kept from one run to the next
	Seed     uint64
	Now      func() time.Time
	Progress func(format string, args ...any) // is told what happens, a line each
}

// Data is a running ClickHouse that holds the scenario in the default events table.
type Data struct {
	Server   *devserver.Server
	Scenario *scenario.Scenario
	Events   int // rows
	live     *live
}

// OpenData starts ClickHouse on the folder and makes sure that the scenario is in it. The caller owes Close.
func OpenData(ctx context.Context, o DataOptions) (*Data, error) {
	ddl, err := schema.DDL(statement.Identifier(settings.DefaultDatabase), statement.Identifier(settings.DefaultTable))
	if err != nil {
		return nil, err
	}
	lists, err := intake.Definition(settings.DefaultDatabase, schema.IndicatorsTable)
	if err != nil {
		return nil, err
	}
	names, err := schema.LedgerDDL(statement.Qualified(settings.DefaultDatabase, schema.LedgerName(settings.DefaultTable)))
	if err != nil {
		return nil, err
	}
	ddl = append(append(ddl, lists...), names)
	// The engine lets one server at a time into the folder: from here on its content is ours alone.
	server, err := o.start(ctx)
	if err != nil {
		return nil, err
	}
	data := &Data{Server: server}
	if err := o.provide(ctx, data, ddl); err != nil {
		_ = data.Close() // the error that matters is the first
		return nil, err
	}
	return data, nil
}

// Close stops ClickHouse. The error may be of Live, which had to stop before.
func (d *Data) Close() error { return errors.Join(d.live.stop(), d.Server.Stop()) }

// Settings returns a data source's jsonData for this ClickHouse.
func (d *Data) Settings() ([]byte, error) { return settingsOf(d.Server) }

// provide takes the loaded data where that is what it should be, and loads it otherwise.
func (o DataOptions) provide(ctx context.Context, data *Data, ddl []string) error {
	loaded, ok := readState(o.Folder)
	if !ok || !loaded.usable(o.Seed, ddl, o.Now()) {
		return o.load(ctx, data, ddl)
	}
	// A table that cannot be counted is loaded anew like one that holds too little, or more: what Live added belongs to its own hour.
	if count, err := countEvents(ctx, data.Server.HTTP); err != nil || count != loaded.Events {
		return o.load(ctx, data, ddl)
	}
	data.Scenario, data.Events = scenario.New(o.Seed, loaded.End), loaded.Events
	o.Progress("Events      %s in the table already", thousands.Apart(loaded.Events))
	return nil
}

func (o DataOptions) load(ctx context.Context, data *Data, ddl []string) error {
	if err := forgetState(o.Folder); err != nil {
		return err
	}
	if err := dropTables(ctx, data.Server.HTTP); err != nil {
		return err
	}
	data.Scenario = scenario.New(o.Seed, o.Now())
	if err := applySchema(ctx, data.Server, ddl, data.Scenario); err != nil {
		return err
	}
	o.Progress("Schema      applied to %s.%s", settings.DefaultDatabase, settings.DefaultTable)
	started := time.Now()
	count, err := insert(ctx, data.Server.HTTP, data.Scenario.Events())
	if err != nil {
		return err
	}
	data.Events = count
	o.Progress("Events      %s loaded in %s", thousands.Apart(count), seconds(time.Since(started)))
	if err := remember(ctx, data.Server); err != nil {
		return err
	}
	return state{
		Version: scenario.Version, Seed: o.Seed, Schema: hash(ddl), End: data.Scenario.End, Events: count,
	}.write(o.Folder)
}

func (o DataOptions) start(ctx context.Context) (*devserver.Server, error) {
	started := time.Now()
	folder, err := filepath.Abs(filepath.Join(o.Folder, dataFolder))
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	server, err := devserver.Start(ctx, devserver.Options{Executable: o.Engine, Root: o.Root, Data: folder})
	if err != nil {
		return nil, err
	}
	o.Progress("ClickHouse  started in %s, HTTP %s, native %s", seconds(time.Since(started)), server.HTTP, server.Native)
	return server, nil
}
