package plugin_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// What evidence is worth can be said for a whole data source: queries, alert rules and the editor go by it, and a query's own
// parameter goes before it.
func TestWeightsOfTheSettingsAreWhatQueriesAskByDefault(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	for i := range 21 {
		sent := uint64(100)
		server.Insert(t, "network_events", chtest.Event{
			Timestamp: noon.Add(-time.Duration(i+1) * 90 * time.Second), DeviceID: "d", DeviceName: "d", ActionType: "ConnectionSuccess",
			RemoteIP: "203.0.113.7", RemotePort: 443, RemoteURL: "c2.example", Protocol: "tcp", InitiatingProcessFileName: "powershell.exe", SentBytes: &sent,
		})
	}
	query := func(params string) string {
		return `{"queryType":"cases","format":"table","params":{"minRisk":0` + params + `}}`
	}
	for name, c := range map[string]struct {
		weights map[string]any
		params  string
		risk    int64
		told    string
	}{
		"the detector's own":                 {nil, "", 50, ""}, // a timer's 30, a script host's 15, and 5 for half of the hour
		"of the settings":                    {map[string]any{"scriptHost": 5, "regular": "40"}, "", 50, ""},
		"one alone":                          {map[string]any{"scriptHost": 0}, "", 35, ""},
		"a query's go before":                {map[string]any{"scriptHost": 0}, `,"scriptHost":7`, 42, ""},
		"what is none is left out and told":  {map[string]any{"skriptHost": 1}, "", 50, `"caseWeights.skriptHost": there is no evidence of this name`},
		"what turns round is left out, told": {map[string]any{"scriptHost": -5}, "", 50, `"caseWeights.scriptHost": it speaks for a channel: 0 to 100 points`},
		"against":                            {map[string]any{"browser": 5}, "", 50, `"caseWeights.browser": it speaks against a channel`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, server, settings.Native, map[string]any{"caseWeights": c.weights}, nil)
			answer := b.ask(t.Context(), t, query(c.params))["A"]
			wantRows(t, answer, 1)
			field, _ := answer.Frames[0].FieldByName("Risk")
			if risk, _ := field.ConcreteAt(0); risk != c.risk {
				t.Errorf("risk %v, want %d", risk, c.risk)
			}
			var notices []string
			for _, n := range answer.Frames[0].Meta.Notices {
				notices = append(notices, n.Text)
			}
			if told := strings.Join(notices, "\n"); !strings.Contains(told, c.told) || c.told == "" && strings.Contains(told, "caseWeights") {
				t.Errorf("notices: %s", told)
			}
		})
	}
	b := newBench(t, server, settings.Native, map[string]any{"caseWeights": map[string]any{"regular": 40, "skriptHost": 1}}, nil)
	if h := b.health(t); h.Status != backend.HealthStatusError || !strings.Contains(h.Message, "skriptHost") {
		t.Errorf("health: %s %q", h.Status, h.Message)
	}
	var catalog struct {
		Detectors []struct {
			Name   string
			Params []struct {
				Name    string
				Default any
			}
		}
	}
	_, body := b.resource(t, "detectors")
	if err := json.Unmarshal(body, &catalog); err != nil {
		t.Fatal(err)
	}
	for _, d := range catalog.Detectors {
		for _, p := range d.Params {
			if d.Name == "cases" && p.Name == "regular" && fmt.Sprint(p.Default) != "40" {
				t.Errorf("the editor shows %v", p.Default)
			}
		}
	}
}
