package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/grafana"
)

// EndToEnd runs the tests that need a real Grafana: those in a browser, and those of the alert rules. The failure of one
// does not keep the other from running.
func (p Project) EndToEnd(ctx context.Context) error {
	if err := p.forGrafana(ctx); err != nil {
		return err
	}
	return errors.Join(p.playwright(ctx, "chromium"), p.alerting(ctx))
}

// Screenshots takes the documentation's screenshots.
func (p Project) Screenshots(ctx context.Context) error {
	if err := p.forGrafana(ctx); err != nil {
		return err
	}
	return p.playwright(ctx, "screenshots")
}

// forGrafana makes sure that there is a Grafana, and builds what it needs.
func (p Project) forGrafana(ctx context.Context) error {
	if !grafana.Available() {
		return grafana.ErrMissing
	}
	return p.grafanaParts(ctx)
}

// playwright runs a project of the Playwright tests against a real Grafana: the one at GRAFANA_URL, or else one of its own
// with new data and the demo's ClickHouse.
//
// The tests find Grafana at GRAFANA_URL, and ClickHouse at FLUXHOUND_CH_HTTP and FLUXHOUND_CH_NATIVE (host:port).
func (p Project) playwright(ctx context.Context, project string) (err error) {
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
	return p.playwrightIn(ctx, folder, test)
}

func (p Project) playwrightIn(ctx context.Context, folder string, test command) (err error) {
	home, err := grafana.Find()
	if err != nil {
		return err
	}
	p.step("Starting Grafana from %s for the end-to-end tests", home)
	data, err := p.liveDemo(ctx, filepath.Join(folder, "demo"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	server, err := grafana.Start(ctx, grafana.Options{
		Home: home, Folder: filepath.Join(folder, "grafana"), Plugin: p.path("dist"), Provisioning: p.path("provisioning"),
		Environment: clickHouseOfDemo(data.Server.Native),
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

// alertingTests is a hang's end, not a measure: all of the alert rules' tests take about a quarter of an hour on two cores
// that others use as well.
const alertingTests = "60m"

// alerting runs the tests of the alert rules. They stop and start Grafanas and fill them with alerts, so they use none that
// runs already: without one to start they are left out, and a line says so.
func (p Project) alerting(ctx context.Context) error {
	home, err := grafana.Find()
	if errors.Is(err, grafana.ErrMissing) {
		p.step("The alert rules' tests did not run: they start a Grafana of their own, and %s is not set", grafana.HomeVariable)
		return nil
	}
	if err != nil {
		return err
	}
	p.step("Testing the alert rules with Grafana from %s", home)
	// Run by itself and not by `go test`, the program is told when to stop, and takes its Grafanas down.
	program := p.path(toolFolder, "alerting.test")
	return p.all(ctx,
		line("go", "test", "-c", "-tags", "e2e", "-o", program, "./tests/alerting"),
		command{dir: "tests/alerting", line: []string{program, "-test.v", "-test.failfast", "-test.timeout=" + alertingTests}},
	)
}
