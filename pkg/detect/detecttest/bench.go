// Package detecttest asks the plugin's real executable, through pkg/host, on the embedded ClickHouse, and compares its
// answers with the referee's. It is for tests only.
package detecttest

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Bench is a running plugin, and a ClickHouse database for the events that it is asked about.
type Bench struct {
	engine chtest.Server
	plugin *host.Host
	tables int // made so far
}

// Start makes a bench that ends with the test. The package's TestMain must be chtest.Main.
func Start(t testing.TB) *Bench {
	t.Helper()
	return &Bench{engine: chtest.Database(t), plugin: hosttest.Start(t)}
}

// ask sends queries to the plugin as one request, on a data source of the table.
func (b *Bench) ask(t testing.TB, table Table, queries []backend.DataQuery) backend.Responses {
	t.Helper()
	jsonData := table.jsonData(t)
	source := host.DataSource{UID: string(jsonData), Name: "Bench", JSONData: jsonData}
	response, err := b.plugin.QueryData(t.Context(), &backend.QueryDataRequest{PluginContext: source.PluginContext(nil), Queries: queries})
	if err != nil {
		t.Fatal(err)
	}
	return response.Responses
}

// jsonData is the settings of a data source of the table.
func (tb Table) jsonData(t testing.TB) []byte {
	t.Helper()
	protocol := tb.protocol
	if protocol == "" {
		protocol = settings.Native
	}
	var all map[string]any
	if err := json.Unmarshal(tb.bench.engine.JSON(protocol), &all); err != nil {
		t.Fatal(err)
	}
	all["table"], all["rowLimit"] = tb.name, 1_000_000
	if tb.columns != nil {
		all["columns"] = tb.columns
	}
	if tb.custom != nil {
		all["customSettings"] = tb.custom
	}
	maps.Copy(all, tb.more)
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
