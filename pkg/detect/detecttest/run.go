package detecttest

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Run runs a statement without the plugin around it.
func (b *Bench) Run(t testing.TB, s statement.Statement) *clickhouse.Result {
	t.Helper()
	result, err := b.client(t).Query(t.Context(), s, clickhouse.Origin{Detector: "test"})
	if err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	return result
}

// Resolve returns the table as the plugin sees it.
func (tb Table) Resolve(t testing.TB) schema.Table {
	t.Helper()
	described, err := tb.bench.client(t).Describe(t.Context(), tb.bench.engine.Database, tb.name)
	if err != nil {
		t.Fatal(err)
	}
	table, err := schema.Resolve(tb.bench.engine.Database, tb.name, tb.columns, described)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func (b *Bench) client(t testing.TB) *clickhouse.Client {
	t.Helper()
	client, err := clickhouse.New(b.engine.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}
