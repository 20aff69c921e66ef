package tasks

import (
	"context"
	"errors"
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/grafana"
)

// Grafana runs a Grafana with the plugin and the demo's ClickHouse until ctx ends.
func (p Project) Grafana(ctx context.Context) (err error) {
	home, err := grafana.Find()
	if err != nil {
		return err
	}
	if err := p.grafanaParts(ctx); err != nil {
		return err
	}
	p.step("Starting Grafana from %s", home)
	data, err := p.demoData(ctx, p.path(demoFolder))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	server, err := grafana.Start(ctx, grafana.Options{
		Home: home, Folder: p.path(demoFolder, "grafana"), Plugin: p.path("dist"), Provisioning: p.path("provisioning"),
		Environment: clickHouseOf(data.Server.Native), Anonymous: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	fmt.Fprintf(p.Out, "\nGrafana      %s (anybody is an administrator; to log in: admin, admin)\n", server.URL)
	fmt.Fprintf(p.Out, "ClickHouse   HTTP %s, native %s\nCtrl-C ends both.\n", data.Server.HTTP, data.Server.Native)
	select {
	case <-ctx.Done():
		return nil
	case <-server.Exited():
		return fmt.Errorf("grafana ended by itself:\n%s", server.Log())
	case <-data.Server.Exited():
		return fmt.Errorf("ClickHouse ended by itself:\n%s", data.Server.Log())
	}
}

// grafanaParts installs and builds what a Grafana needs.
func (p Project) grafanaParts(ctx context.Context) error {
	for _, task := range []func(context.Context) error{p.Install, p.FrontEnd, p.Tools} {
		if err := task(ctx); err != nil {
			return err
		}
	}
	return nil
}

// clickHouseOf is what provisioning/datasources reads from Grafana's environment.
func clickHouseOf(native string) []string {
	return []string{
		"FLUXHOUND_CLICKHOUSE_HOST=" + native, "FLUXHOUND_CLICKHOUSE_PROTOCOL=native", "FLUXHOUND_CLICKHOUSE_USER=default",
		"FLUXHOUND_CLICKHOUSE_PASSWORD=", "FLUXHOUND_CLICKHOUSE_DATABASE=default",
	}
}
