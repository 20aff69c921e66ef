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
