package tasks

import (
	"context"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/demo"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
)

// demoFolder holds the demo's data from one run to the next.
const demoFolder = ".demo"

// Demo installs and builds what the demo needs, and runs it.
func (p Project) Demo(ctx context.Context) error {
	if err := p.InstallEngine(ctx); err != nil {
		return err
	}
	if err := p.Tools(ctx); err != nil {
		return err
	}
	p.step("fluxhound demo")
	return p.run(ctx, line(p.path(toolFolder, cliName), "demo"))
}

// demoData starts the demo's ClickHouse on a folder, with the scenario loaded.
func (p Project) demoData(ctx context.Context, folder string) (*demo.Data, error) {
	return demo.OpenData(ctx, demo.DataOptions{
		Engine: p.path(toolFolder, engineName), Root: p.Root, Folder: folder, Seed: scenario.DefaultSeed, Now: time.Now,
		Progress: func(format string, args ...any) { fmt.Fprintf(p.Out, format+"\n", args...) },
	})
}

// liveDemo is demoData for a Grafana that is looked at: its days go on, and what the detectors find is kept. The caller owes Close.
func (p Project) liveDemo(ctx context.Context, folder string) (*demo.Data, error) {
	data, err := p.demoData(ctx, folder)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{data.Live, data.Keep} {
		if err := step(ctx); err != nil {
			_ = data.Close() // the error that matters is the first
			return nil, err
		}
	}
	return data, nil
}
