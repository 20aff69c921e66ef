package plugin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Grafana gives up an evaluation after 30 s, and what it has given up must not go on in ClickHouse; a panel waits for
// queryTimeout.
func TestAnAlertRulesStatementGetsLessTimeThanGrafanaWaits(t *testing.T) {
	for header, want := range map[string]string{"true": "25 24 23 22", "": "60"} {
		t.Run("FromAlert="+header, func(t *testing.T) {
			server := chtest.Start(t)
			server.CreateTable(t, "network_events")
			server.Insert(t, "network_events", seen(100)...)
			server.Exec(t, slow)
			b := newBench(t, server, settings.Native, map[string]any{"table": "slow", "customSettings": slowly}, nil)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = b.plugin.QueryData(ctx, &backend.QueryDataRequest{
					PluginContext: b.source.PluginContext(nil), Headers: map[string]string{backend.FromAlertHeaderName: header},
					Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(dynamicDNS), TimeRange: backend.TimeRange{From: noon.Add(-time.Hour), To: noon}}},
				})
			}()
			client, err := clickhouse.New(server.Settings(settings.Native), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			s, err := statement.New("SELECT Settings['max_execution_time'] AS Seconds FROM system.processes WHERE position(query, {text:String}) > 0 AND position(query, 'system.processes') = 0",
				map[string]any{"text": "SuspiciousDynamicDNS"}, []statement.Column{{Name: "Seconds", Kind: statement.Text}})
			if err != nil {
				t.Fatal(err)
			}
			// the plugin's own reading, which looks at the view as well, has another limit
			var got []string
			for deadline := time.Now().Add(30 * time.Second); len(got) == 0 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
				result, err := client.Query(t.Context(), s, clickhouse.Origin{})
				if err != nil {
					t.Fatal(err)
				}
				got, _ = result.Data[0].([]string)
			}
			if len(got) != 1 || !strings.Contains(want, got[0]) {
				t.Errorf("max_execution_time is %v, want %s", got, want)
			}
			cancel()
			<-done
		})
	}
}
