package plugin

import (
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// Save & test looks for the tables of the source that the settings name, and says which command makes those that are missing.
func TestTheTablesOfTheSourceAreLookedFor(t *testing.T) {
	const ok, warning = "ok", "warning"
	for rule, c := range map[string]struct {
		source          string
		tables          bool   // those of zeek are there
		without         string // one of them; empty for none
		want, says, fix string
	}{
		"none is named":               {"", false, "", "", "", ""},
		"all are there":               {"zeek", true, "", ok, "The source zeek has its tables: zeek_conn, zeek_dns, zeek_http, zeek_ssl, dns_events, import_parts", ""},
		"none but the events is":      {"zeek", false, "", warning, "zeek_conn, zeek_dns, zeek_http, zeek_ssl, dns_events, import_parts, import_rejects, derived_hours, derived_claims cannot be seen", "`fluxhound schema apply --settings FILE --source zeek` creates"},
		"a landing table is missing":  {"zeek", true, "zeek_ssl", warning, ": zeek_ssl cannot be seen", "--source zeek"},
		"DNS is missing":              {"zeek", true, "dns_events", warning, ": dns_events cannot be seen", "GRANT SHOW TABLES ON"},
		"those of another are there":  {"suricata", true, "", warning, ": suricata_eve cannot be seen", "--source suricata"},
		"a view needs no more tables": {"akvorado", false, "", ok, "The events of akvorado are read from its own tables", ""},
		"there is no such source":     {"zeke", false, "", warning, `there is no source "zeke"; it may be akvorado, defender`, "Choose a source"},
	} {
		t.Run(rule, func(t *testing.T) {
			server := chtest.Database(t)
			server.CreateTable(t, "network_events")
			if c.tables {
				createZeek(t, server)
			}
			if c.without != "" {
				server.Exec(t, "DROP TABLE "+server.Database+"."+c.without+" SYNC")
			}
			checks := instance(t, server, newClock(), map[string]any{"source": c.source}).checkSource(t.Context())
			if c.want == "" {
				if len(checks) > 0 {
					t.Errorf("got %+v, want nothing", checks)
				}
				return
			}
			if len(checks) != 1 || checks[0].OK != (c.want == ok) || checks[0].Warning != (c.want == warning) || !strings.Contains(checks[0].Message, c.says) || !strings.Contains(checks[0].Hint, c.fix) {
				t.Errorf("got %+v, want %s that says %q and %q", checks, c.want, c.says, c.fix)
			}
		})
	}
}

func createZeek(t *testing.T, server chtest.Server) {
	t.Helper()
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	quoted := func(table string) string {
		return statement.Qualified(server.Database, table)
	}
	statements, err := schema.ImportDDL("", quoted)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range known {
		if source.Name != "zeek" {
			continue
		}
		landing, err := source.Landing(ingest.Names{Database: server.Database})
		if err != nil {
			t.Fatal(err)
		}
		statements = append(statements, landing...)
	}
	for _, text := range statements {
		server.Exec(t, text)
	}
}
