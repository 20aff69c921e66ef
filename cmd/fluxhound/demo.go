package main

import (
	"context"
	"path/filepath"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/demo"
)

// demo shows the detectors at work.
func (p program) demo(ctx context.Context, arguments []string) error {
	set := p.flags("demo", "demo [FLAGS]\n\nThe first run loads a million events; later ones find them in the data folder.")
	folder := set.String("data", ".demo", "`folder` of the data, kept from one run to the next")
	plugin := set.String("plugin", "", pluginFlagHelp)
	engine := set.String("engine", "", "`file` of the embedded ClickHouse (default: clickhouse-devserver beside fluxhound, or in bin)")
	rules := set.String("rules", filepath.Join("provisioning", "alerting"), "`folder` of the alert rules; those of high fidelity are held against the analytic")
	printOnly := set.Bool("print", false, "print the events instead, as TabSeparatedWithNames, for a ClickHouse of your own")
	if err := parse(set, arguments); err != nil {
		return err
	}
	if *printOnly {
		return demo.Print(ctx, p.stdout, p.now())
	}
	pluginPath, err := findPlugin(*plugin)
	if err != nil {
		return err
	}
	enginePath, err := findEngine(*engine)
	if err != nil {
		return err
	}
	return demo.Run(ctx, demo.Options{Plugin: pluginPath, Engine: enginePath, Root: ".", Rules: *rules, Folder: *folder, Out: p.stdout, Now: p.now})
}
