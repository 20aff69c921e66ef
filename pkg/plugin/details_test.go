package plugin_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Grafana asks a rule's queries one after another, of one window. The one that asks why gets what the number was decided on, and the
// number itself is always what is there now.
func TestWhatExplainsANumberIsReadFromTheAnswerThatHasIt(t *testing.T) {
	const number, why = `{"queryType":"cases","format":"numeric","params":{"minRisk":0}}`, `{"queryType":"cases","format":"numeric","details":true,"params":{"minRisk":0}}`
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	checkIns := func(from, to int) {
		var events []chtest.Event
		for i := from; i < to; i++ {
			events = append(events, chtest.Event{
				Timestamp: noon.Add(-time.Duration(i) * 10 * time.Minute), DeviceID: "d1", DeviceName: "WS-1", ActionType: "ConnectionSuccess",
				RemoteIP: "203.0.113.9", RemotePort: 443, RemoteURL: "c2.example", Protocol: "Tcp", InitiatingProcessFileName: "wscript.exe",
			})
		}
		server.Insert(t, "network_events", events...)
	}
	checkIns(1, 30)
	b := newBench(t, server, settings.Native, nil, nil)
	ask := func(text, alert string, to time.Time) *data.Field {
		t.Helper()
		answer, err := b.plugin.QueryData(t.Context(), &backend.QueryDataRequest{
			PluginContext: b.source.PluginContext(nil), Headers: map[string]string{backend.FromAlertHeaderName: alert},
			Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(text), Interval: time.Minute, TimeRange: backend.TimeRange{From: to.Add(-24 * time.Hour), To: to}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		res := answer.Responses["A"]
		if res.Error != nil || len(res.Frames) != 1 || len(res.Frames[0].Fields) != 1 {
			t.Fatalf("%d frames, %v", len(res.Frames), res.Error)
		}
		return res.Frames[0].Fields[0]
	}
	decided := ask(number, "true", noon)
	if _, ok := decided.Labels["why"]; ok {
		t.Errorf("the number has the labels %v", decided.Labels)
	}
	checkIns(30, 140)
	explained := ask(why, "true", noon)
	if explained.At(0) != decided.At(0) {
		t.Errorf("it explains %v, and the number is %v", explained.At(0), decided.At(0))
	}
	labels := explained.Labels.Copy()
	delete(labels, "why")
	if diff := cmp.Diff(decided.Labels, labels); diff != "" || explained.Labels["why"] == "" {
		t.Errorf("labels %v (-number +why):\n%s", explained.Labels, diff)
	}
	if now := ask(number, "true", noon); now.At(0) == decided.At(0) {
		t.Errorf("with more events the number is still %v", now.At(0))
	}
	if other := ask(why, "true", noon.Add(time.Second)); other.At(0) == decided.At(0) {
		t.Errorf("of another window it explains %v", other.At(0))
	}
	if viewed := ask(why, "", noon); viewed.Labels["why"] == "" {
		t.Errorf("a viewer gets the labels %v", viewed.Labels)
	}
}
