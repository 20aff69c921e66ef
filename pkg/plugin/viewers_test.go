package plugin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// A viewer may see an answer that is cacheTTL old; an alert rule never.
func TestViewersShareAnAnswerAndAlertRulesDoNot(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", seen(3)...)
	b := newBench(t, server, settings.Native, map[string]any{"cacheTTL": 3600}, nil)
	wantRows(t, b.ask(t.Context(), t, eventRows)["A"], 3)
	server.Insert(t, "network_events", seen(2)...)
	wantRows(t, b.ask(t.Context(), t, eventRows)["A"], 3)
	alert := &backend.QueryDataRequest{
		PluginContext: b.source.PluginContext(nil), Headers: map[string]string{backend.FromAlertHeaderName: "true"},
		Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(eventRows), Interval: time.Minute, TimeRange: backend.TimeRange{From: noon.Add(-time.Hour), To: noon}}},
	}
	res, err := b.plugin.QueryData(t.Context(), alert)
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, res.Responses["A"], 5)
}

// A link to a finding's events ends with the last of them, which may be a moment old.
func TestEventsAreShownUpToTheInstantThatIsAskedFor(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	last := time.Now().Add(-2 * time.Second).Truncate(time.Millisecond)
	server.Insert(t, "network_events", chtest.Event{
		Timestamp: last, DeviceID: "d1", DeviceName: "WS-1", ActionType: "ConnectionSuccess", RemoteIP: "9.9.9.9", RemotePort: 443, RemoteURL: "www.example.com",
	})
	b := newBench(t, server, settings.Native, map[string]any{"cacheTTL": 3600}, nil)
	for _, format := range []string{"logs", "table"} {
		res, err := b.plugin.QueryData(t.Context(), &backend.QueryDataRequest{
			PluginContext: b.source.PluginContext(&backend.User{Login: "analyst"}),
			Queries: []backend.DataQuery{{
				RefID: "A", JSON: []byte(`{"queryType":"events","format":"` + format + `"}`), Interval: time.Minute,
				TimeRange: backend.TimeRange{From: last.AddDate(0, 0, -7), To: last.Add(time.Millisecond)},
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		wantRows(t, res.Responses["A"], 1)
	}
}

func TestHoursThatCannotServeAQueryAreToldInANotice(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	now := time.Now()
	sent := uint64(100)
	server.Insert(t, "network_events", chtest.Event{
		Timestamp: now.Add(-30 * time.Hour), DeviceID: "d1", DeviceName: "WS-1", ActionType: "ConnectionSuccess", RemoteIP: "9.9.9.9", RemotePort: 443,
		RemoteURL: "www.example.com", Protocol: "Tcp", InitiatingProcessFileName: "a.exe", SentBytes: &sent, ReceivedBytes: &sent,
	})
	b := newBench(t, server, settings.Native, nil, nil)
	if h := b.health(t); !strings.Contains(h.Message, "There are no hours") {
		t.Errorf("without: got %q", h.Message)
	}
	applyHours(t, server)
	if h := b.health(t); !strings.Contains(h.Message, "Hours are used") {
		t.Errorf("with: got %q", h.Message)
	}
	for query, want := range map[string]string{
		`{"queryType":"beaconing","format":"numeric"}`: "",
		`{"queryType":"dynamicDns","format":"table"}`:  "",
		`{"queryType":"dynamicDns","format":"table","filters":[{"column":"LocalIP","operator":"=","values":["10.0.0.1"]}]}`: "they do not keep LocalIP",
		`{"queryType":"beaconing","format":"timeseries"}`:                                                                   "no multiple of an hour",
		`{"queryType":"beaconing","format":"table"}`:                                                                        "",
		`{"queryType":"cases","format":"table"}`:                                                                            "",
	} {
		asked, err := b.plugin.QueryData(t.Context(), &backend.QueryDataRequest{
			PluginContext: b.source.PluginContext(&backend.User{Login: "analyst"}),
			Queries:       []backend.DataQuery{{RefID: "A", JSON: []byte(query), Interval: time.Minute, MaxDataPoints: 100, TimeRange: backend.TimeRange{From: now.AddDate(0, 0, -3), To: now}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		res := asked.Responses["A"]
		if res.Error != nil {
			t.Fatal(res.Error)
		}
		told := ""
		for _, f := range res.Frames {
			for _, n := range f.Meta.Notices {
				told += n.Text
			}
		}
		if want == "" && told != "" || !strings.Contains(told, want) {
			t.Errorf("%s: got the notice %q, want %q", query, told, want)
		}
	}
}
