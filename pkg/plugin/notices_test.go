package plugin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// An answer whose detector left out more than 99 % of the window's events says so, in every format and for rules and viewers
// alike; one whose detector looks at the events does not.
func TestAnAnswerTellsWhatItsDetectorCouldNotLookAt(t *testing.T) {
	const nothing = ""
	words := func(i int, e *chtest.Event) { e.ActionType = []string{"SF", "allow"}[i%2] }
	past := func(_ int, e *chtest.Event) { e.Timestamp = e.Timestamp.AddDate(0, 0, -20) }
	for rule, c := range map[string]struct {
		changes []func(i int, e *chtest.Event)
		query   string
		alert   bool
		ago     time.Duration // of the window's end
		says    string
	}{
		"words that no detector knows":       {[]func(int, *chtest.Event){words}, `{"queryType":"beaconing","format":"table"}`, false, 0, `Beaconing can look at none of the 200 events of the window`},
		"as a number, for a rule":            {[]func(int, *chtest.Event){words}, `{"queryType":"beaconing","format":"numeric"}`, true, 0, `all have an ActionType that it does not look at ("SF", "allow"). Map ActionType`},
		"as a time series":                   {[]func(int, *chtest.Event){words}, `{"queryType":"dynamicDns","format":"timeseries"}`, false, 0, "Dynamic DNS can look at none"},
		"the union tells of each detector":   {[]func(int, *chtest.Event){words}, `{"queryType":"alerts","format":"numeric"}`, true, 0, "Fast flux can look at none"},
		"a query that names these words":     {[]func(int, *chtest.Event){words}, `{"queryType":"beaconing","params":{"actionTypes":["SF","allow"]}}`, false, 0, nothing},
		"IPv6 alone":                         {[]func(int, *chtest.Event){func(_ int, e *chtest.Event) { e.RemoteIP = "2001:db8::1" }}, `{"queryType":"fastFlux"}`, false, 0, "includeIPv6"},
		"IPv6 alone, which the query admits": {[]func(int, *chtest.Event){func(_ int, e *chtest.Event) { e.RemoteIP = "2001:db8::1" }}, `{"queryType":"fastFlux","params":{"includeIPv6":true}}`, false, 0, nothing},
		"private addresses":                  {[]func(int, *chtest.Event){func(_ int, e *chtest.Event) { e.RemoteIP = "10.0.0.8" }}, `{"queryType":"beaconing"}`, false, 0, "have a private RemoteIP"},
		"names by host behind a proxy":       {[]func(int, *chtest.Event){func(_ int, e *chtest.Event) { e.RemoteIP = "10.0.0.8" }}, `{"queryType":"beaconing","params":{"groupBy":"host"}}`, false, 0, nothing},
		"one event in two hundred": {[]func(int, *chtest.Event){func(i int, e *chtest.Event) {
			if i > 0 {
				e.ActionType = "SF"
			}
		}}, `{"queryType":"beaconing"}`, false, 0, "Beaconing can look at 0.5 % of the 200 events"},
		"four events in two hundred": {[]func(int, *chtest.Event){func(i int, e *chtest.Event) {
			if i > 3 {
				e.ActionType = "SF"
			}
		}}, `{"queryType":"beaconing"}`, false, 0, nothing},
		"events that can be looked at":            {nil, `{"queryType":"alerts","format":"table"}`, false, 0, nothing},
		"a window of the past has its own events": {[]func(int, *chtest.Event){words, past}, `{"queryType":"beaconing"}`, false, 20 * 24 * time.Hour, "none of the 200 events"},
		"and none of today's":                     {[]func(int, *chtest.Event){words}, `{"queryType":"beaconing"}`, false, 20 * 24 * time.Hour, "No event lies in this time range"},
		"no event, for a rule":                    {[]func(int, *chtest.Event){past}, `{"queryType":"alerts","format":"numeric"}`, true, 0, "No event lies in this time range"},
		"none that passes the filters": {
			nil, `{"queryType":"dynamicDns","filters":[{"column":"DeviceName","operator":"=","values":["NOBODY"]}]}`, false, 0, "No event of this time range passes the filters",
		},
		"the events that pass the filters count": {
			[]func(int, *chtest.Event){func(i int, e *chtest.Event) {
				if i%2 == 0 {
					e.DeviceName, e.RemoteIP = "WS-6", "2001:db8::1"
				}
			}},
			`{"queryType":"beaconing","filters":[{"column":"DeviceName","operator":"=","values":["WS-6"]}]}`, false, 0, "none of the 100 events",
		},
		"a clock that is ahead": {
			[]func(int, *chtest.Event){func(i int, e *chtest.Event) {
				if i < 20 {
					e.DeviceID, e.Timestamp = "WS-FAST", e.Timestamp.Add(26*time.Hour)
				}
			}},
			`{"queryType":"beaconing","format":"numeric"}`, true, 0, `20 events of 1 device are dated in the future`,
		},
		"a clock that is ahead, in the freshness": {
			[]func(int, *chtest.Event){func(i int, e *chtest.Event) {
				if i < 20 {
					e.DeviceID, e.Timestamp = "WS-FAST", e.Timestamp.Add(26*time.Hour)
				}
			}},
			`{"queryType":"events","format":"numeric"}`, true, 0, `20 events of 1 device are dated in the future`,
		},
	} {
		t.Run(rule, func(t *testing.T) {
			server := chtest.Database(t)
			server.CreateTable(t, "network_events")
			server.Insert(t, "network_events", recent(200, c.changes...)...)
			b := newBench(t, server, settings.Native, nil, nil)
			req := &backend.QueryDataRequest{PluginContext: b.source.PluginContext(nil), Headers: map[string]string{}, Queries: []backend.DataQuery{{
				RefID: "A", JSON: []byte(c.query), Interval: time.Hour,
				TimeRange: backend.TimeRange{From: time.Now().Add(-c.ago - 24*time.Hour), To: time.Now().Add(-c.ago)},
			}}}
			if c.alert {
				req.Headers[backend.FromAlertHeaderName] = "true"
			}
			res, err := b.plugin.QueryData(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			answer := res.Responses["A"]
			if answer.Error != nil || len(answer.Frames) == 0 {
				t.Fatalf("%v, %d frames", answer.Error, len(answer.Frames))
			}
			told := ""
			for _, n := range answer.Frames[0].Meta.Notices {
				told += n.Text + "\n"
			}
			if c.says == nothing && (strings.Contains(told, "can look at") || strings.Contains(told, "No event")) || !strings.Contains(told, c.says) {
				t.Errorf("got the notices %q, want %q", told, c.says)
			}
		})
	}
}
