package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// ErrMissed says that a planted attack was not found, or that the union does not hold what the detectors found.
var ErrMissed = errors.New("the detectors did not find what was planted")

// Options say what the demo runs and where it prints.
type Options struct {
	Plugin string // the plugin's executable
	Engine string // the executable of devenv/clickhouse
	Root   string // a folder at or under the node_modules that carry the engine
	Rules  string // the folder of the alert rules
	Folder string // of the data; kept from one run to the next
	Out    io.Writer
	Now    func() time.Time
}

// Run loads the scenario unless it is there already, asks the plugin for the findings of each detector and of their
// union, and prints them beside what was planted. It returns ErrMissed when an attack was missed, and leaves no process.
func Run(ctx context.Context, o Options) (err error) {
	p := &printer{out: o.Out}
	p.line("Fluxhound finds planted attacks among a week of a company's network events, in a real ClickHouse engine.")
	p.line("")
	data, err := OpenData(ctx, DataOptions{
		Engine: o.Engine, Root: o.Root, Folder: o.Folder, Seed: scenario.DefaultSeed, Now: o.Now, Progress: p.line,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	p.line("Window      %s to %s UTC", data.Scenario.Start.Format(minute), data.Scenario.End.Format(minute))

	started := time.Now()
	plugin, err := host.Start(ctx, o.Plugin)
	if err != nil {
		return err
	}
	defer plugin.Close()
	p.line("Plugin      %s started in %s", o.Plugin, seconds(time.Since(started)))

	stored, err := data.Settings()
	if err != nil {
		return err
	}
	source := host.DataSource{UID: "fluxhound-demo", Name: "Fluxhound demo", JSONData: stored}
	hunt := hunt{plugin: plugin, at: source.PluginContext(&backend.User{Login: "demo"}), scenario: data.Scenario}
	if err := hunt.checkHealth(ctx, p); err != nil {
		return err
	}
	found, err := hunt.all(ctx)
	if err != nil {
		return err
	}
	if found.strict, err = hunt.strictly(ctx, o.Rules); err != nil {
		return err
	}
	report{printer: p, scenario: data.Scenario, events: data.Events, found: found}.print()
	if p.err != nil {
		return fmt.Errorf("print the findings: %w", p.err)
	}
	return found.judge(data.Scenario)
}
