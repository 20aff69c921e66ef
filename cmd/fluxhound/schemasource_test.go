package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// Of every source: the landing tables, and the five tables beside them. With a cluster the engine of the tests reads each statement
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
				server.Exec(t, fmt.Sprintf("SELECT throwIf(countIf(%s) != %d) FROM system.tables WHERE database = '%s' FORMAT Null", engine, len(source.Logs)+5, server.Database))
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
		"hours":                  {[]string{"--source", "zeek", "--cluster", "c", "--hours"}, "not with --hours"},
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

// Of every source: the events table and what the source needs beside it, so that derive finds all; of a view: the view, with the
// networks of the settings or the flag.
func TestSchemaApplyCreatesWhatASourceNeeds(t *testing.T) {
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range known {
		t.Run(source.Name, func(t *testing.T) {
			server := chtest.Database(t)
			settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
			want := ""
			for _, table := range append([]string{settings.DefaultTable}, source.Tables()...) {
				want += server.Database + "." + table + " is there.\n"
			}
			for range 2 {
				if got := run(t, "schema", "apply", "--settings", settingsFile, "--source", source.Name); got.code != exitOK || got.stdout != want {
					t.Fatalf("exit code %d, stdout %q, stderr %q; want 0 and %q", got.code, got.stdout, got.stderr, want)
				}
			}
			server.Exec(t, fmt.Sprintf("SELECT throwIf(count() != %d) FROM system.tables WHERE database = '%s' FORMAT Null", len(source.Tables())+1, server.Database))
		})
	}
}

// The fixtures of akvorado have flows whose interfaces do not tell what is inside.
func TestTheNetworksInsideAreTheFlagsOrTheSettingsOnes(t *testing.T) {
	for name, c := range map[string]struct {
		inSettings, flag []string
		inbound          string // how many of the flows from 203.0.113.9 to 198.51.100.5 are
	}{
		"private ones":          {nil, nil, "0"},
		"the settings'":         {[]string{"198.51.100.0/24"}, nil, "1"},
		"the flag's":            {nil, []string{"--internal", "10.0.0.0/8,198.51.100.0/24"}, "1"},
		"the flag's go first":   {[]string{"198.51.100.0/24"}, []string{"--internal", "10.0.0.0/8"}, "0"},
		"both sides are inside": {[]string{"198.51.100.0/24", "203.0.113.0/24"}, nil, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			server := chtest.Database(t)
			var jsonData map[string]any
			if err := json.Unmarshal([]byte(server.JSON(settings.Native)), &jsonData); err != nil {
				t.Fatal(err)
			}
			if c.inSettings != nil {
				jsonData["internalNetworks"] = c.inSettings
			}
			settingsFile := file(t, "settings.json", map[string]any{"jsonData": jsonData})
			tables, err := os.ReadFile(filepath.Join("..", "..", "sources", "akvorado", "fixtures", "table.sql"))
			if err != nil {
				t.Fatal(err)
			}
			server.Exec(t, strings.TrimSuffix(strings.TrimSpace(strings.Split(string(tables), ";\n")[0]), ";"))
			server.Exec(t, "INSERT INTO "+server.Database+".flows (TimeReceived, SamplingRate, SrcAddr, DstAddr, SrcPort, DstPort, Proto, Bytes, Packets, InIfBoundary, OutIfBoundary)"+
				" VALUES ('2026-01-05 00:00:00', 1, '::ffff:203.0.113.9', '::ffff:198.51.100.5', 50000, 443, 6, 9000, 10, 'undefined', 'undefined')")
			got := run(t, append([]string{"schema", "apply", "--settings", settingsFile, "--source", "akvorado"}, c.flag...)...)
			if want := server.Database + ".fluxhound_events is there.\nChoose it as the events table of the data source: \"table\": \"fluxhound_events\"."; got.code != exitOK || strings.TrimSpace(got.stdout) != want {
				t.Fatalf("exit code %d, stdout %q, stderr %q; want 0 and %q", got.code, got.stdout, got.stderr, want)
			}
			server.Exec(t, "SELECT throwIf(countIf(startsWith(ActionType, 'Inbound')) != "+c.inbound+" OR count() != 1) FROM "+server.Database+".fluxhound_events FORMAT Null")
		})
	}
}

// A view of an earlier version is made anew with the networks that it has; one that is as it should be is left alone.
func TestSchemaApplyBringsAViewUp(t *testing.T) {
	server := chtest.Database(t)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	tables, err := os.ReadFile(filepath.Join("..", "..", "sources", "akvorado", "fixtures", "table.sql"))
	if err != nil {
		t.Fatal(err)
	}
	server.Exec(t, strings.TrimSuffix(strings.TrimSpace(strings.Split(string(tables), ";\n")[0]), ";"))
	apply := func(want string, flags ...string) {
		t.Helper()
		got := run(t, append([]string{"schema", "apply", "--settings", settingsFile, "--source", "akvorado"}, flags...)...)
		if (got.code == exitOK) != (want == "") || !strings.Contains(got.stderr, want) {
			t.Fatalf("exit code %d, stdout %q, stderr %q; want %q", got.code, got.stdout, got.stderr, want)
		}
	}
	is := func(condition string) {
		t.Helper()
		server.Exec(t, "SELECT throwIf(countIf("+condition+") != 1) FROM system.tables WHERE database = '"+server.Database+"' AND name = 'fluxhound_events' FORMAT Null")
	}
	server.Exec(t, "CREATE VIEW "+server.Database+".fluxhound_events AS WITH ['198.51.100.0/24'] AS Internal, 1 AS One SELECT Internal, One AS Old")
	apply("")
	const kept = "position(as_select, '[''198.51.100.0/24''] AS Internal,') > 0 AND position(as_select, 'RemoteIP') > 0"
	is(kept)
	server.Exec(t, "CREATE TABLE "+server.Database+".was ENGINE = MergeTree ORDER BY () AS SELECT uuid FROM system.tables WHERE database = '"+server.Database+"' AND name = 'fluxhound_events'")
	apply("")
	is(kept + " AND uuid = (SELECT uuid FROM " + server.Database + ".was)")
	apply("", "--internal", "192.0.2.0/24")
	is("position(as_select, '[''192.0.2.0/24''] AS Internal,') > 0")
	server.Exec(t, "DROP VIEW "+server.Database+".fluxhound_events")
	server.Exec(t, "CREATE TABLE "+server.Database+".fluxhound_events (N UInt8) ENGINE = MergeTree ORDER BY N")
	apply("the engine MergeTree has that name")
}

// Landing tables that an earlier version created get what they lack.
func TestSchemaApplyBringsLandingTablesUp(t *testing.T) {
	server := chtest.Database(t)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	apply := func() {
		t.Helper()
		if got := run(t, "schema", "apply", "--settings", settingsFile, "--source", "zeek"); got.code != exitOK {
			t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
		}
	}
	apply()
	server.Exec(t, "ALTER TABLE "+server.Database+".zeek_conn DROP COLUMN id, DROP COLUMN history")
	apply()
	server.Exec(t, "SELECT throwIf(count() != 2) FROM system.columns WHERE database = '"+server.Database+"' AND table = 'zeek_conn' AND name IN ('id', 'history') FORMAT Null")
}

func TestSchemaApplyOnAClusterIsForASource(t *testing.T) {
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": map[string]any{"host": "127.0.0.1:1"}})
	for says, arguments := range map[string][]string{
		"schema print --cluster soc": {"--cluster", "soc"},
		"must name a cluster":        {"--source", "zeek", "--cluster", ""},
		"not with --hours":           {"--source", "zeek", "--cluster", "soc", "--hours"},
	} {
		got := run(t, append([]string{"schema", "apply", "--settings", settingsFile}, arguments...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, says) {
			t.Errorf("exit code %d, stderr %q; want %d and %q", got.code, got.stderr, exitUsage, says)
		}
	}
}

// An import asks the settings, and the flag before them.
func TestAnImportTakesTheNetworksOfItsSettings(t *testing.T) {
	const connection = `{"ts":1767571200,"uid":"C","id.orig_h":"203.0.113.9","id.orig_p":50000,"id.resp_h":"198.51.100.5","id.resp_p":443,"proto":"tcp","conn_state":"SF"}` + "\n"
	for name, c := range map[string]struct {
		flag []string
		want string
	}{
		"the settings'":       {nil, "InboundConnectionAccepted"},
		"the flag goes first": {[]string{"--internal", "10.0.0.0/8"}, "ConnectionSuccess"},
	} {
		t.Run(name, func(t *testing.T) {
			server := chtest.Database(t)
			server.CreateTable(t, settings.DefaultTable)
			var jsonData map[string]any
			if err := json.Unmarshal([]byte(server.JSON(settings.Native)), &jsonData); err != nil {
				t.Fatal(err)
			}
			jsonData["internalNetworks"] = "198.51.100.0/24"
			settingsFile := file(t, "settings.json", map[string]any{"jsonData": jsonData})
			got := run(t, append([]string{"import", "--settings", settingsFile, file(t, "conn.json", connection)}, c.flag...)...)
			if got.code != exitOK {
				t.Fatalf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
			}
			server.Exec(t, "SELECT throwIf(any(ActionType) != '"+c.want+"') FROM "+server.Database+".network_events FORMAT Null")
		})
	}
}
