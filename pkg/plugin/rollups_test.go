package plugin_test

import (
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/rollup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// applyRollups creates and fills the roll-ups of network_events.
func applyRollups(t *testing.T, server chtest.Server) {
	t.Helper()
	client, err := clickhouse.New(server.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	described, err := client.Describe(t.Context(), server.Database, "network_events")
	if err != nil {
		t.Fatal(err)
	}
	table, err := schema.Resolve(server.Database, "network_events", nil, described)
	if err != nil {
		t.Fatal(err)
	}
	keeper := rollup.New(client, table, time.Now)
	if err := keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Fill(t.Context(), func(time.Time) {}); err != nil {
		t.Fatal(err)
	}
}
