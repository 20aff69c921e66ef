package ingest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// bench is a database that is imported into.
type bench struct {
	*testing.T
	server   chtest.Server
	client   *clickhouse.Client
	sources  []ingest.Source
	internal []string
}

func newBench(t *testing.T) *bench { return benchOver(t, settings.Native) }

func benchOver(t *testing.T, protocol settings.Protocol) *bench {
	t.Helper()
	b := &bench{T: t, server: chtest.Database(t), internal: settings.PrivateNetworks()}
	b.server.CreateTable(t, settings.DefaultTable)
	var err error
	if b.sources, err = ingest.Load(sources.Files); err != nil {
		t.Fatal(err)
	}
	if b.client, err = clickhouse.New(b.server.Settings(protocol), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.client.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// run imports, and gives the error back.
func (b *bench) run(ctx context.Context, paths ...string) (ingest.Summary, error) {
	b.Helper()
	files, err := ingest.Find(paths)
	if err != nil {
		b.Fatal(err)
	}
	return ingest.Import(ctx, ingest.Options{
		Client: b.client, Database: b.server.Database, Table: settings.DefaultTable, Sources: b.sources, Internal: b.internal,
		Stdin: strings.NewReader(""),
	}, files)
}

// load imports what must go well.
func (b *bench) load(paths ...string) ingest.Summary {
	b.Helper()
	summary, err := b.run(b.Context(), paths...)
	if err != nil {
		b.Fatal(err)
	}
	return summary
}

// ask gives the rows of a SELECT whose columns are texts, joined by blanks.
func (b *bench) ask(sql string, columns ...string) []string {
	b.Helper()
	s := statement.Statement{SQL: strings.ReplaceAll(sql, "DB.", b.server.Database+"."), RowLimit: 1_000_000}
	for _, name := range columns {
		s.Columns = append(s.Columns, statement.Column{Name: name, Kind: statement.Text})
	}
	result, err := b.client.Query(b.Context(), s, clickhouse.Origin{})
	if err != nil {
		b.Fatal(err)
	}
	rows := make([]string, result.Rows)
	for i := range rows {
		texts := make([]string, len(columns))
		for c := range columns {
			texts[c] = result.Data[c].([]string)[i]
		}
		rows[i] = strings.Join(texts, " ")
	}
	return rows
}

// count gives a number.
func (b *bench) count(sql string) string {
	b.Helper()
	return b.ask("SELECT toString(assumeNotNull(("+sql+"))) AS N", "N")[0]
}

// content tells a table by what it holds.
func (b *bench) content(table string) string {
	b.Helper()
	return b.count("SELECT concat(toString(count()), ' rows ', toString(sum(cityHash64(toString(tuple(*)))))) FROM DB." + table)
}
