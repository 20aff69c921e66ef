package sources_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// Each folder of fixtures holds input (in/) and every row that comes of it (events.json, dns.json: a list of objects, in order of
// time and content). A column that is not written there must be empty or NULL.
func TestFixturesComeToTheirRows(t *testing.T) {
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range known {
		folders, err := filepath.Glob(filepath.Join(source.Name, "fixtures", "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(folders) == 0 {
			t.Errorf("%s has no fixtures", source.Name)
		}
		for _, folder := range folders {
			t.Run(filepath.ToSlash(folder), func(t *testing.T) { checkFixture(t, known, source, folder) })
		}
	}
}

func checkFixture(t *testing.T, known []ingest.Source, source ingest.Source, folder string) {
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	client, err := clickhouse.New(server.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}()
	files, err := ingest.Find([]string{filepath.Join(folder, "in")})
	if err != nil {
		t.Fatal(err)
	}
	// All sources are offered: the input must be told to be this one's.
	summary, err := ingest.Import(t.Context(), ingest.Options{
		Client: client, Database: server.Database, Table: settings.DefaultTable, Sources: known, Internal: settings.PrivateNetworks(),
	}, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range summary.Files {
		if f.Source != source.Name || f.Fault != "" || f.Rejected > 0 {
			t.Errorf("%s was read as %q: %s %v", f.Path, f.Source, f.Fault, f.Rejects)
		}
	}
	if len(summary.Unread) > 0 {
		t.Errorf("not read: %v", summary.Unread)
	}
	for table, file := range map[string]string{settings.DefaultTable: "events.json", schema.DNSTable: "dns.json"} {
		if diff := cmp.Diff(wanted(t, filepath.Join(folder, file)), rows(t, client, server.Database, table)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", table, diff)
		}
	}
}

type row = map[string]any

// wanted reads the rows of a fixture; none where the file is not there.
func wanted(t *testing.T, path string) []row {
	t.Helper()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []row{}
	}
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, string(text))
}

func rows(t *testing.T, client *clickhouse.Client, database, table string) []row {
	t.Helper()
	described, err := client.Describe(t.Context(), database, table)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range described {
		if c.Materialized == "" && c.Name != schema.EventSource {
			names = append(names, statement.Identifier(c.Name))
		}
	}
	result, err := client.Query(t.Context(), statement.Statement{
		SQL:      "SELECT formatRowNoNewline('JSONEachRow', " + strings.Join(names, ", ") + ") AS Row FROM " + statement.Qualified(database, table) + " ORDER BY Row",
		Columns:  []statement.Column{{Name: "Row", Kind: statement.Text}},
		RowLimit: 10_000,
	}, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, "["+strings.Join(result.Data[0].([]string), ",")+"]")
}

// decode reads a list of rows without what is empty.
func decode(t *testing.T, text string) []row {
	t.Helper()
	var list []row
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		for name, value := range r {
			if items, isList := value.([]any); value == nil || value == "" || isList && len(items) == 0 {
				delete(r, name)
			}
		}
	}
	return list
}
