package sources_test

import (
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
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// The file stands beside its README to be run as it is.
func TestAViewsFileTakesPrivateNetworksForInside(t *testing.T) {
	views, err := ingest.LoadViews(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	asking := 0
	for _, view := range views {
		text, err := os.ReadFile(filepath.Join(view.Name, "view.sql"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(text)), view.DDL("", settings.PrivateNetworks())); diff != "" {
			t.Errorf("%s (-file +with private networks):\n%s", view.Name, diff)
		}
		if view.AsksForNetworks() {
			asking++
		}
	}
	if asking == 0 {
		t.Error("no view asks for networks")
	}
}

// A folder with a view reads another product's tables where they are. Its fixtures hold those tables in their documented shape
// (table.sql), and every row that the view has of them (events.json).
func TestViewsComeToTheirRows(t *testing.T) {
	views, err := filepath.Glob(filepath.Join("*", "view.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if len(views) == 0 {
		t.Fatal("there are no views")
	}
	for _, view := range views {
		folder := filepath.Dir(view)
		t.Run(folder, func(t *testing.T) {
			server := chtest.Database(t)
			for _, file := range []string{filepath.Join(folder, "fixtures", "table.sql"), view} {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				for _, statement := range strings.Split(string(text), ";\n") {
					if strings.TrimSpace(statement) != "" {
						server.Exec(t, statement)
					}
				}
			}
			client, err := clickhouse.New(server.Settings(settings.Native), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := client.Close(); err != nil {
					t.Error(err)
				}
			}()
			if diff := cmp.Diff(wanted(t, filepath.Join(folder, "fixtures", "events.json")), rows(t, client, server.Database, "fluxhound_events")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			described, err := client.Describe(t.Context(), server.Database, "fluxhound_events")
			if err != nil {
				t.Fatal(err)
			}
			has := map[string]bool{}
			for _, column := range described {
				has[column.Name] = true
			}
			for _, column := range schema.Columns() {
				if !has[column.Name] {
					t.Errorf("the view has no %s", column.Name)
				}
			}
		})
	}
}
