package plugin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/rollup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
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

// A hash of the beacon roll-ups that stands for two groups decides nothing, and costs an alert rule nothing but time.
func TestAnAlertRuleIsAnsweredFromElsewhereWhereAHashStandsForTwoGroups(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	now := time.Now().UTC()
	sent := uint64(100)
	var events []chtest.Event
	for i := range 40 {
		events = append(events, chtest.Event{
			Timestamp: now.Add(-time.Duration(50+i) * time.Hour / 2), DeviceID: "d1", DeviceName: "WS-1", ActionType: "ConnectionSuccess",
			RemoteIP: "203.0.113.7", RemotePort: 443, RemoteURL: "c2.example.com", SentBytes: &sent,
		})
	}
	server.Insert(t, "network_events", events...)
	applyRollups(t, server)
	b := newBench(t, server, settings.Native, nil, nil)
	ask := func() backend.DataResponse {
		res, err := b.plugin.QueryData(t.Context(), &backend.QueryDataRequest{
			PluginContext: b.source.PluginContext(nil), Headers: map[string]string{backend.FromAlertHeaderName: "true"},
			Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(`{"queryType":"beaconing","format":"numeric"}`), TimeRange: backend.TimeRange{From: now.AddDate(0, 0, -7), To: now}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		answer := res.Responses["A"]
		if answer.Error != nil || len(answer.Frames) != 1 {
			t.Fatalf("got %v and %d frames, want one finding", answer.Error, len(answer.Frames))
		}
		return answer
	}
	quick := ask()
	if sql := quick.Frames[0].Meta.ExecutedQueryString; !strings.Contains(sql, "_beacons") || len(quick.Frames[0].Meta.Notices) > 0 {
		t.Fatalf("it does not read the beacon roll-ups: %v\n%s", quick.Frames[0].Meta.Notices, sql)
	}
	server.Exec(t, "INSERT INTO "+statement.Identifier(server.Database)+".network_events_beacons_names SELECT * REPLACE ('WS-2' AS DeviceName) FROM "+statement.Identifier(server.Database)+".network_events_beacons_names")
	exact := ask()
	if sql := exact.Frames[0].Meta.ExecutedQueryString; strings.Contains(sql, "_beacons_") || len(exact.Frames[0].Meta.Notices) != 1 {
		t.Errorf("it does not read the other roll-ups and say so: %v\n%s", exact.Frames[0].Meta.Notices, sql)
	}
	if diff := cmp.Diff(quick.Frames[0].Fields[0].Labels, exact.Frames[0].Fields[0].Labels); diff != "" {
		t.Errorf("labels (-quick +exact):\n%s", diff)
	}
	if q, e := quick.Frames[0].Fields[0].At(0), exact.Frames[0].Fields[0].At(0); !cmp.Equal(q, e) {
		t.Errorf("got %v, want %v", e, q)
	}
}
