package plugin_test

import (
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// A later Grafana may add a field to the settings or to each query: alert rules go on, and a notice tells.
func TestWhatNobodyReadsStopsNoQueryAndIsTold(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", seen(5)...)
	b := newBench(t, server, settings.Native, map[string]any{"rowLimt": 7, "teamHttpHeaders": map[string]any{}, "keepCookies": []string{}}, nil)
	res := b.ask(t.Context(), t, `{"queryType":"dynamicDns","rawSql":"SELECT 1","pluginVersion":"4.0"}`, dynamicDNS)
	for refID, told := range map[string][]string{"A": {`"rowLimt": there is no such setting; did you mean rowLimit?`, `"rawSql": it belongs to another data source`}, "B": {`"rowLimt"`}} {
		wantRows(t, res[refID], 1)
		var notices []string
		for _, n := range res[refID].Frames[0].Meta.Notices {
			notices = append(notices, n.Text)
		}
		all := strings.Join(notices, "\n")
		for _, want := range told {
			if !strings.Contains(all, want) {
				t.Errorf("%s: the notices %q do not tell %q", refID, all, want)
			}
		}
		if strings.Contains(all, "teamHttpHeaders") || strings.Contains(all, "pluginVersion") {
			t.Errorf("%s: the notices %q tell what Grafana adds itself", refID, all)
		}
	}
	h := b.health(t)
	if h.Status != backend.HealthStatusError || !strings.Contains(h.Message, `"rowLimt": there is no such setting; did you mean rowLimit?`) {
		t.Errorf("health: got %s %q, want an error that names the field", h.Status, h.Message)
	}
	// A field that is nobody's may be why something else fails.
	lost := newBench(t, server, settings.Native, map[string]any{"tabel2": "conn", "table": "nowhere"}, nil)
	if h := lost.health(t); h.Status != backend.HealthStatusError || !strings.Contains(h.Message, "nowhere") || !strings.Contains(h.Message, `"tabel2"`) {
		t.Errorf("health: got %s %q, want the table that is missing and the field", h.Status, h.Message)
	}
	if !strings.Contains(string(h.JSONDetails), "All detectors and shipped rules may run") {
		t.Errorf("health: %s does not say that everything else works", h.JSONDetails)
	}
}
