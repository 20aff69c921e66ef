package hunting_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/tablerow"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hunting"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// network is one whose events can be asked about.
type network struct {
	plugin *host.Host
	source host.DataSource
	end    time.Time // outside; the newest event is inside
}

// jsonData is a data source's on a database with a dictionary of autonomous systems.
func jsonData(t *testing.T, engine chtest.Server, protocolJSON []byte, dictionary string) []byte {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(protocolJSON, &all); err != nil {
		t.Fatal(err)
	}
	all["queryTimeout"] = 300
	if dictionary != "" {
		all["asnDictionary"] = engine.Database + "." + dictionary
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// ask puts a question to the network over a time before its end, with more conditions on top of its own.
func (n network) ask(t *testing.T, q hunting.Question, back time.Duration, more ...hunting.Filter) []tablerow.Row {
	t.Helper()
	q.Query.Filters = slices.Concat(q.Query.Filters, more)
	text, err := q.JSON()
	if err != nil {
		t.Fatal(err)
	}
	response, err := n.plugin.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: n.source.PluginContext(&backend.User{Login: "hunter", Role: "Editor"}),
		Queries: []backend.DataQuery{{
			RefID: "A", QueryType: q.Query.QueryType, JSON: text, Interval: time.Hour, MaxDataPoints: 1000,
			TimeRange: backend.TimeRange{From: n.end.Add(-back), To: n.end},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	answer := response.Responses["A"]
	if answer.Error != nil {
		t.Fatalf("status %d: %v", answer.Status, answer.Error)
	}
	if len(answer.Frames) != 1 || answer.Frames[0].Meta.Type != data.FrameTypeTable {
		t.Fatalf("it answers with %d frames, want a table", len(answer.Frames))
	}
	rows := make([]tablerow.Row, answer.Frames[0].Rows())
	for i := range rows {
		rows[i] = tablerow.Of(answer.Frames[0], i)
	}
	return rows
}

// back is how long before the end a question looks.
func back(t *testing.T, q hunting.Question) time.Duration {
	t.Helper()
	d, err := q.Back()
	if err != nil {
		t.Fatal(err)
	}
	return d
}
