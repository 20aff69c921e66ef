package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/grafana"
)

// EndToEnd runs a project of the Playwright tests against a real Grafana: the one at GRAFANA_URL, or else one of its own
// with new data and the demo's ClickHouse.
//
// The tests find Grafana at GRAFANA_URL, and ClickHouse at FLUXHOUND_CH_HTTP and FLUXHOUND_CH_NATIVE (host:port).
func (p Project) EndToEnd(ctx context.Context, project string) (err error) {
	if !grafana.Available() {
		return grafana.ErrMissing
	}
	if err := p.grafanaParts(ctx); err != nil {
		return err
	}
	browser, err := p.Browser(ctx)
	if err != nil {
		return err
	}
	test := line("npx", "playwright", "test", "--project="+project)
	if browser != "" {
		test.env = append(test.env, browserVariable+"="+browser)
	}
	if os.Getenv(grafana.URLVariable) != "" {
		return p.all(ctx, test)
	}
	folder, err := os.MkdirTemp("", "fluxhound-e2e-")
	if err != nil {
		return fmt.Errorf("make a folder for Grafana's data: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	return p.endToEndIn(ctx, folder, test)
}

func (p Project) endToEndIn(ctx context.Context, folder string, test command) (err error) {
	home, err := grafana.Find()
	if err != nil {
		return err
	}
	p.step("Starting Grafana from %s for the end-to-end tests", home)
	data, err := p.demoData(ctx, filepath.Join(folder, "demo"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	server, err := grafana.Start(ctx, grafana.Options{
		Home: home, Folder: filepath.Join(folder, "grafana"), Plugin: p.path("dist"), Provisioning: p.path("provisioning"),
		Environment: clickHouseOf(data.Server.Native),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	test.env = append(test.env, grafana.URLVariable+"="+server.URL,
		"FLUXHOUND_CH_HTTP="+data.Server.HTTP, "FLUXHOUND_CH_NATIVE="+data.Server.Native)
	if err := p.all(ctx, test); err != nil {
		return fmt.Errorf("%w\nThe last that Grafana said:\n%s", err, server.Log())
	}
	return nil
}
