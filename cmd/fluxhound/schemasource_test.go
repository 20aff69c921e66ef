package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// Of every source: the landing tables, and the four tables beside them. With a cluster the engine of the tests reads each statement
// as it stands, and runs it without ON CLUSTER.
func TestSchemaPrintDefinesEverySourcesTables(t *testing.T) {
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, source := range known {
		for _, cluster := range []string{"", "two_shards"} {
			t.Run(source.Name+" "+cluster, func(t *testing.T) {
				server := chtest.Database(t)
				arguments := []string{"schema", "print", "--source", source.Name, "--database", server.Database}
				if cluster != "" {
					arguments = append(arguments, "--cluster", cluster)
				}
				got := run(t, arguments...)
				if got.code != exitOK || got.stderr != "" {
					t.Fatalf("exit code %d, stderr %q; want 0 and silence", got.code, got.stderr)
				}
				statements := printed(got.stdout)
				for _, text := range statements {
					server.Exec(t, "SELECT formatQuery("+statement.Quoted(text)+") FORMAT Null")
					if cluster != "" && strings.Count(text, ` ON CLUSTER "two_shards"`) != 1 {
						t.Errorf("not on the cluster: %s", text)
					}
					tables++ // {uuid} is the initiator's on a cluster
					text = strings.Replace(text, ` ON CLUSTER "two_shards"`, fmt.Sprintf(" UUID '%08d-0000-4000-8000-000000000001'", tables), 1)
					server.Exec(t, text)
				}
				engine := map[string]string{"": "NOT startsWith(engine, 'Replicated')", "two_shards": "startsWith(engine, 'Replicated')"}[cluster]
				server.Exec(t, fmt.Sprintf("SELECT throwIf(countIf(%s) != %d) FROM system.tables WHERE database = '%s' FORMAT Null", engine, len(source.Logs)+4, server.Database))
			})
		}
	}
}

func TestSchemaPrintGivesTheViewOfAnotherProductsTables(t *testing.T) {
	views, err := ingest.LoadViews(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	if len(views) == 0 {
		t.Fatal("there are no views")
	}
	for _, view := range views {
		t.Run(view.Name, func(t *testing.T) {
			server := chtest.Database(t)
			tables, err := os.ReadFile(filepath.Join("..", "..", "sources", view.Name, "fixtures", "table.sql"))
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range append(strings.Split(string(tables), ";\n"), run(t, "schema", "print", "--source", view.Name).stdout) {
				if text = strings.TrimSuffix(strings.TrimSpace(text), ";"); text != "" {
					server.Exec(t, text)
				}
			}
			server.Exec(t, "SELECT throwIf(count() = 0) FROM "+server.Database+".fluxhound_events FORMAT Null")
			got := run(t, "schema", "print", "--source", view.Name, "--cluster", "soc").stdout
			if !strings.Contains(got, `fluxhound_events ON CLUSTER "soc" AS`) {
				t.Errorf("not on the cluster:\n%s", got)
			}
			server.Exec(t, "SELECT formatQuery("+statement.Quoted(strings.TrimSuffix(strings.TrimSpace(got), ";"))+") FORMAT Null")
		})
	}
}

func TestSchemaPrintOfASourceRefusesWhatDoesNotBelongThere(t *testing.T) {
	for name, c := range map[string]struct {
		arguments []string
		says      string
	}{
		"no such source":         {[]string{"--source", "snort"}, "it may be akvorado, defender"},
		"no name":                {[]string{"--source", ""}, "it may be akvorado, defender"},
		"a table's name":         {[]string{"--source", "zeek", "--table", "t"}, "not with --table"},
		"roll-ups":               {[]string{"--source", "zeek", "--cluster", "c", "--rollups"}, "not with --rollups"},
		"another list":           {[]string{"--source", "zeek", "--asn"}, "not with --asn"},
		"no cluster":             {[]string{"--source", "zeek", "--cluster", ""}, "must name a cluster"},
		"a view's own database":  {[]string{"--source", "rita", "--database", "d"}, "without --database"},
		"a database of no name":  {[]string{"--source", "zeek", "--database", ""}, "must not be empty"},
		"something that follows": {[]string{"--source", "zeek", "now"}, `argument "now"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, append([]string{"schema", "print"}, c.arguments...)...)
			if got.code != exitUsage || !strings.Contains(got.stderr, c.says) || got.stdout != "" {
				t.Errorf("exit code %d, stderr %q, stdout %q; want %d and %q", got.code, got.stderr, got.stdout, exitUsage, c.says)
			}
		})
	}
}
