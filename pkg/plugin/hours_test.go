package plugin_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// applyHours creates the hours of network_events and makes those of its events.
func applyHours(t *testing.T, server chtest.Server) {
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
	keeper := hours.New(client, table)
	if err := keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Run(t.Context(), func(int) {}); err != nil {
		t.Fatal(err)
	}
}
