package tasks

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/asn"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/devserver"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/grafana"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Grafana runs a Grafana with the plugin until ctx ends: on the demo's ClickHouse, or on one with the logs of the folders that
// TakeArguments took.
func (p Project) Grafana(ctx context.Context) error {
	home, err := grafana.Find()
	if err != nil {
		return err
	}
	if err := p.grafanaParts(ctx); err != nil {
		return err
	}
	options := grafana.Options{Home: home, Plugin: p.path("dist"), Anonymous: true}
	if logs, ok := takenLogs(); ok {
		return p.grafanaOnLogs(ctx, options, logs)
	}
	return p.grafanaOnDemo(ctx, options)
}

func (p Project) grafanaOnDemo(ctx context.Context, o grafana.Options) (err error) {
	p.step("Starting Grafana from %s", o.Home)
	data, err := p.liveDemo(ctx, p.path(demoFolder))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	o.Folder, o.Provisioning = p.path(demoFolder, "grafana"), p.path("provisioning")
	return p.serve(ctx, o, data.Server, clickHouseOfDemo(data.Server.Native), "")
}

// grafanaOnLogs imports logs as a hunt does, and shows them over their own span.
func (p Project) grafanaOnLogs(ctx context.Context, o grafana.Options, logs Logs) (err error) {
	if err := logs.check(); err != nil {
		return err
	}
	p.step("Importing %s", strings.Join(logs.Folders, ", "))
	data, err := p.openLogs(ctx, logs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	o.Folder = p.path(huntFolder, "grafana")
	if o.Provisioning, err = p.provisionLogs(o.Folder, data.Facts.First, data.End()); err != nil {
		return err
	}
	p.step("Starting Grafana from %s", o.Home)
	return p.serve(ctx, o, data.Server, clickHouseOf(data.Server.Native, logs.ASN != ""), "/d/"+dashboards.WallUID)
}

// serve runs a Grafana on a ClickHouse until ctx ends. path is where to begin to look.
func (p Project) serve(ctx context.Context, o grafana.Options, clickHouse *devserver.Server, environment []string, path string) (err error) {
	o.Environment = environment
	server, err := grafana.Start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	fmt.Fprintf(p.Out, "\nGrafana      %s (anybody is an administrator; to log in: admin, admin)\n", server.URL+path)
	fmt.Fprintf(p.Out, "ClickHouse   HTTP %s, native %s\nCtrl-C ends both.\n", clickHouse.HTTP, clickHouse.Native)
	select {
	case <-ctx.Done():
		return nil
	case <-server.Exited():
		return fmt.Errorf("grafana ended by itself:\n%s", server.Log())
	case <-clickHouse.Exited():
		return fmt.Errorf("ClickHouse ended by itself:\n%s", clickHouse.Log())
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
func clickHouseOf(native string, hasSystems bool) []string {
	dictionary := ""
	if hasSystems {
		dictionary = settings.DefaultDatabase + "." + asn.Dictionary
	}
	return []string{
		"FLUXHOUND_CLICKHOUSE_HOST=" + native, "FLUXHOUND_CLICKHOUSE_PROTOCOL=native", "FLUXHOUND_CLICKHOUSE_USER=default",
		"FLUXHOUND_CLICKHOUSE_PASSWORD=", "FLUXHOUND_CLICKHOUSE_DATABASE=" + settings.DefaultDatabase, "FLUXHOUND_ASN_DICTIONARY=" + dictionary,
		"FLUXHOUND_VERDICTS_USER=default", "FLUXHOUND_VERDICTS_PASSWORD=",
	}
}

// clickHouseOfDemo is the same of the demo's ClickHouse, which has a list of threat intelligence and a ledger of names.
func clickHouseOfDemo(native string) []string {
	return append(clickHouseOf(native, true), "FLUXHOUND_INDICATORS_TABLE="+schema.IndicatorsTable, "FLUXHOUND_LEDGER_TABLE="+schema.LedgerName(settings.DefaultTable))
}
