package ingest_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

const shape = "SELECT concat(table, '.', name) AS Name, concat(type, ' ', if(name = 'ArrivedAt', '', default_expression), compression_codec) AS Type" +
	" FROM system.columns WHERE database = 'DATABASE' AND startsWith(table, 'SOURCE_') ORDER BY Name"

func (b *bench) shape(source string) []string {
	return b.ask(strings.NewReplacer("DATABASE", b.server.Database, "SOURCE", source).Replace(shape), "Name", "Type")
}

// Of every source: tables that lack every column but those of their keys, and read the time in another way, become what they are when
// they are made anew; and those that are as they should be are left alone.
func TestLandingTablesOfAnEarlierVersionAreCompleted(t *testing.T) {
	b := newBench(t)
	for _, source := range b.sources {
		t.Run(source.Name, func(t *testing.T) {
			statements, err := source.Landing(ingest.Names{Database: b.server.Database})
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range statements {
				b.server.Exec(t, text)
			}
			want := b.shape(source.Name)
			reads := "SELECT name AS Name FROM system.tables WHERE database = '" + b.server.Database + "' AND startsWith(name, '" + source.Name + "_')"
			if changes, err := ingest.Completion(t.Context(), b.client, ingest.Names{Database: b.server.Database}, source); err != nil || len(changes) > 0 {
				t.Errorf("tables that are as they should be are changed: %v, %v", changes, err)
			}
			for name, complete := range map[string]func(){
				"one server": func() {
					if err := ingest.Complete(t.Context(), b.client, ingest.Names{Database: b.server.Database}, source); err != nil {
						t.Fatal(err)
					}
				},
				"a cluster": func() { // the engine of the tests reads each statement as it stands, and runs it without ON CLUSTER
					statements, err := ingest.Completion(t.Context(), b.client, ingest.Names{Database: b.server.Database, Cluster: "soc"}, source)
					if err != nil {
						t.Fatal(err)
					}
					for _, text := range statements {
						b.server.Exec(t, "SELECT formatQuery("+statement.Quoted(text)+") FORMAT Null")
						if strings.Count(text, ` ON CLUSTER "soc"`) != 1 {
							t.Errorf("not on the cluster: %s", text)
						}
						b.server.Exec(t, strings.Replace(text, ` ON CLUSTER "soc"`, "", 1))
					}
				},
			} {
				for _, table := range b.ask(reads, "Name") {
					key := "SELECT name AS Name FROM system.columns WHERE database = '" + b.server.Database + "' AND table = '" + table + "' AND NOT is_in_sorting_key AND NOT startsWith(name, 'Import') AND name NOT IN ('EventTime', 'ArrivedAt')"
					b.server.Exec(t, "ALTER TABLE "+b.server.Database+"."+table+" MODIFY COLUMN EventTime DateTime64(6, 'UTC') DEFAULT toDateTime64(1, 6, 'UTC')")
					for _, column := range b.ask(key, "Name") {
						b.server.Exec(t, "ALTER TABLE "+b.server.Database+"."+table+" DROP COLUMN `"+column+"`")
					}
				}
				if slices.Equal(b.shape(source.Name), want) {
					t.Fatal("the tables lack nothing")
				}
				complete()
				if diff := cmp.Diff(want, b.shape(source.Name)); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

// An import goes on with a table that was created by an earlier version, and what it adds comes to events.
func TestAnImportCompletesItsTables(t *testing.T) {
	b := newBench(t)
	folder := t.TempDir()
	b.load(write(t, folder, "conn.json", []byte(goodLine)))
	b.server.Exec(t, "ALTER TABLE "+b.server.Database+".zeek_conn DROP COLUMN `id`")
	nested := strings.Replace(strings.Replace(goodLine, `"id.orig_h":"10.0.0.1"`, `"id":{"orig_h":"10.0.0.9"}`, 1), `"uid":"C`, `"uid":"D`, 1)
	if nested == goodLine || strings.Contains(nested, "10.0.0.1\"") {
		t.Fatalf("the line has another form: %s", goodLine)
	}
	b.load(filepath.Dir(write(t, folder, "later.json", []byte(nested))))
	if got := b.count("SELECT count() FROM DB.zeek_conn WHERE id != ''"); got != "1" {
		t.Errorf("%s rows fill the column that was added, want 1", got)
	}
}

// What cannot be completed is said, with what to do; and nothing was read.
func TestATableThatCannotBeCompletedIsTold(t *testing.T) {
	server := chtest.Start(t, chtest.WithUsers(
		chtest.User{Name: "importer", Password: "x", Grants: []string{"CREATE TABLE, INSERT, SELECT, ALTER DELETE ON default.*"}},
	))
	server.CreateTable(t, settings.DefaultTable)
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	zeek := known[slices.IndexFunc(known, func(s ingest.Source) bool { return s.Name == "zeek" })]
	statements, err := zeek.Landing(ingest.Names{Database: "default"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		user   string
		before string
		says   []string
	}{
		"no right to add a column": {"importer", "DROP COLUMN history", []string{"zeek_conn", "lacks history", "GRANT ALTER ADD COLUMN ON", "ADD COLUMN IF NOT EXISTS \"history\" LowCardinality(String)"}},
		"no right to change how the time is read": {"importer", "MODIFY COLUMN EventTime DateTime64(6, 'UTC') DEFAULT toDateTime64(1, 6, 'UTC')",
			[]string{"zeek_conn", "GRANT ALTER MODIFY COLUMN ON", "MODIFY COLUMN \"EventTime\""}},
		"another type":                {"", "MODIFY COLUMN duration Float64", []string{"zeek_conn", "column duration is Float64", "needs String", "MODIFY COLUMN \"duration\" String"}},
		"an object beside its fields": {"importer", "DROP COLUMN id", []string{"lacks id", "GRANT ALTER ADD COLUMN, ALTER RENAME COLUMN ON", "TO \"id\""}},
		"a computed one":              {"", "MODIFY COLUMN history String MATERIALIZED proto", []string{"column history is String MATERIALIZED", "needs LowCardinality(String)"}},
		"only many texts":             {"importer", "MODIFY COLUMN history String", nil},
	} {
		t.Run(name, func(t *testing.T) {
			server.Exec(t, "DROP TABLE IF EXISTS default.zeek_conn")
			for _, text := range statements {
				server.Exec(t, text)
			}
			server.Exec(t, "ALTER TABLE default.zeek_conn "+c.before)
			as := server.Settings(settings.Native)
			if c.user != "" {
				as.Username, as.Password = c.user, "x"
			}
			client, err := clickhouse.New(as, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			err = ingest.Complete(t.Context(), client, ingest.Names{Database: "default"}, zeek)
			if len(c.says) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			for _, want := range c.says {
				if got := fmt.Sprint(err); !strings.Contains(got, want) {
					t.Errorf("%s: it does not say %q", got, want)
				}
			}
		})
	}
}
