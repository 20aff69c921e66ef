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
	user   string
}

// Start makes a bench that ends with the test. The package's TestMain must be chtest.Main.
func Start(t testing.TB) *Bench {
	t.Helper()
	return &Bench{engine: chtest.Database(t), plugin: hosttest.Start(t)}
}

// StartUnder makes a bench with a server of its own, whose profile has the settings.
func StartUnder(t testing.TB, profile map[string]string) *Bench {
	t.Helper()
	engine := chtest.Start(t, chtest.WithUsers(chtest.User{Name: asked, Password: asked, Settings: profile}))
	return &Bench{engine: engine, plugin: hosttest.Start(t), user: asked}
}

// asked is the user of ClickHouse's that a bench's own profile is for, and its password.
const asked = "asked"

// engineer may edit dashboards, and so is told what the allowlist's entries say.
var engineer = &backend.User{Login: "engineer", Role: "Editor"}

// ask sends queries to the plugin as one request, on a data source of the table.
func (b *Bench) ask(t testing.TB, table Table, queries []backend.DataQuery) backend.Responses {
	t.Helper()
	jsonData := table.jsonData(t)
	source := host.DataSource{UID: string(jsonData), Name: "Bench", JSONData: jsonData}
	if b.user != "" {
		source.SecureJSONData = map[string]string{"password": b.user}
	}
	response, err := b.plugin.QueryData(t.Context(), &backend.QueryDataRequest{PluginContext: source.PluginContext(engineer), Queries: queries})
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
	if tb.bench.user != "" {
		all["username"] = tb.bench.user
	}
	if tb.columns != nil {
		all["columns"] = tb.columns
	}
	maps.Copy(all, tb.more)
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
