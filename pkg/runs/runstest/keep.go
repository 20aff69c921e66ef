// Package runstest keeps findings for tests.
package runstest

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Keep creates what findings are kept in beside the events table, and asks once what ships.
func Keep(t testing.TB, engine chtest.Server) {
	t.Helper()
	decoded := engine.Settings(settings.Native)
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	table, err := client.EventsTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked, err := runs.Questions(detect.Site{}, decoded, table)
	if err != nil {
		t.Fatal(err)
	}
	keeper := runs.New(client, table, asked)
	if err := keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
}
