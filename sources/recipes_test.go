package sources_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

var hubView = regexp.MustCompile("(?s)```sql\n(CREATE MATERIALIZED VIEW soc\\.defender_hub_rows .+?)\n```")

// The view of the recipe for Defender's event hub lets the same events come of its messages as an import of them does.
func TestTheEventHubsViewComesToTheEventsOfAnImport(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "import.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := hubView.FindSubmatch(page)
	if found == nil {
		t.Fatal("docs/import.md has no such view")
	}
	messages, err := os.ReadFile(filepath.Join("defender", "fixtures", "envelope", "in", "hub.json"))
	if err != nil {
		t.Fatal(err)
	}
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	made := func(fill func(server chtest.Server, o ingest.Options)) []row {
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
		o := ingest.Options{Client: client, Database: server.Database, Table: settings.DefaultTable, Internal: settings.PrivateNetworks()}
		for _, source := range known {
			if source.Name == "defender" {
				o.Sources = []ingest.Source{source}
			}
		}
		fill(server, o)
		return rows(t, client, server.Database, settings.DefaultTable)
	}
	imported := made(func(_ chtest.Server, o ingest.Options) {
		if _, err := ingest.Import(t.Context(), o, []ingest.File{{Path: filepath.Join("defender", "fixtures", "envelope", "in", "hub.json")}}); err != nil {
			t.Fatal(err)
		}
	})
	streamed := made(func(server chtest.Server, o ingest.Options) {
		if _, err := ingest.Make(t.Context(), o); err != nil { // it creates the landing tables
			t.Fatal(err)
		}
		server.Exec(t, "CREATE TABLE "+server.Database+".defender_hub (message String) ENGINE = Null")
		server.Exec(t, strings.ReplaceAll(string(found[1]), "soc.", server.Database+"."))
		for range 2 { // a message may come twice
			server.Exec(t, "INSERT INTO "+server.Database+".defender_hub FORMAT JSONAsString\n"+string(messages))
		}
		if _, err := ingest.Make(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	})
	if len(imported) == 0 {
		t.Fatal("the import comes to no events")
	}
	if diff := cmp.Diff(imported, streamed); diff != "" {
		t.Errorf("-imported +streamed:\n%s", diff)
	}
}
