package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestSchemaPrintIsWhatApplyRuns(t *testing.T) {
	server := chtest.Database(t)
	got := run(t, "schema", "print", "--database", server.Database, "--table", `my "events"`)
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit code %d, stderr %q; want 0 and silence", got.code, got.stderr)
	}
	for _, text := range strings.Split(strings.TrimSpace(got.stdout), ";\n\n") {
		server.Exec(t, strings.TrimSuffix(text, ";"))
	}
	server.Insert(t, `my "events"`, chtest.Event{Timestamp: noon})
}

func TestSchemaPrintTakesTheDefaultNames(t *testing.T) {
	got := run(t, "schema", "print")
	for _, c := range schema.Columns() {
		if !strings.Contains(got.stdout, "`"+c.Name+"`") {
			t.Errorf("the definition lacks %s:\n%s", c.Name, got.stdout)
		}
	}
	if !strings.Contains(got.stdout, `"default"."network_events"`) {
		t.Errorf("the definition does not name default.network_events:\n%s", got.stdout)
	}
}

// The engine of the tests has no cluster to run ON, and its replicated tables stay empty: it reads every statement as it
// stands, and runs it without ON CLUSTER.
func TestSchemaPrintDefinesACluster(t *testing.T) {
	got := run(t, "schema", "print", "--cluster", "two_shards", "--database", "soc")
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit code %d, stderr %q; want 0 and silence", got.code, got.stderr)
	}
	golden(t, "cluster.sql", got.stdout)

	server := chtest.Database(t)
	got = run(t, "schema", "print", "--cluster", "two_shards", "--database", server.Database, "--table", `my "events"`)
	statements := printed(got.stdout)
	for i, text := range statements {
		server.Exec(t, "SELECT formatQuery("+statement.Quoted(text)+") FORMAT Null")
		here := ""
		if strings.Contains(text, "ENGINE = Replicated") { // {uuid} is the initiator's on a cluster
			here = fmt.Sprintf(" UUID '%08d-0000-4000-8000-000000000000'", i+1)
		}
		server.Exec(t, strings.Replace(text, ` ON CLUSTER "two_shards"`, here, 1))
	}
	if len(statements) != 7 {
		t.Errorf("%d statements, want 7", len(statements))
	}
	for engine, n := range map[string]int{"ReplicatedMergeTree": 2, "ReplicatedReplacingMergeTree": 1, "View": 1, "Distributed": 3} {
		server.Exec(t, fmt.Sprintf("SELECT throwIf(count() != %d) FROM system.tables WHERE database = '%s' AND engine = '%s' FORMAT Null", n, server.Database, engine))
	}
	server.Exec(t, "SELECT throwIf(count() != 0) FROM "+server.Database+`."my ""events""" WHERE DeviceId = 'd1' FORMAT Null`)
}

// printed are the statements of an output.
func printed(output string) []string {
	return strings.Split(strings.TrimSuffix(strings.TrimSpace(output), ";"), ";\n\n")
}

func TestANameInAClustersDefinitionStaysAName(t *testing.T) {
	const name = "a'b\"c\\d`e"
	server := chtest.Shared(t)
	output := run(t, "schema", "print", "--cluster", name, "--database", name, "--table", name).stdout
	for _, text := range printed(output) {
		server.Exec(t, "SELECT throwIf(position(formatQuerySingleLine("+statement.Quoted(text)+"), ' ON CLUSTER ') = 0) FORMAT Null")
	}
}

func TestAClustersHoursMayBeLeftOut(t *testing.T) {
	got := run(t, "schema", "print", "--cluster", "soc", "--hours=false")
	if n := len(printed(got.stdout)); got.code != exitOK || n != 2 {
		t.Errorf("exit code %d and %d statements, want 0 and the local table and the Distributed one:\n%s", got.code, n, got.stdout)
	}
	for _, arguments := range [][]string{{"--hours"}, {"--cluster", ""}, {"--cluster", "soc", "--asn"}} {
		if got := run(t, append([]string{"schema", "print"}, arguments...)...); got.code != exitUsage {
			t.Errorf("%v: exit code %d, want %d", arguments, got.code, exitUsage)
		}
	}
}

func TestSchemaApplyTwiceChangesNothing(t *testing.T) {
	server := chtest.Database(t)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	for range 2 {
		got := run(t, "schema", "apply", "--settings", settingsFile)
		if got.code != exitOK || got.stderr != "" || got.stdout != server.Database+".network_events is there.\n" {
			t.Fatalf("exit code %d, stdout %q, stderr %q; want 0 and a line", got.code, got.stdout, got.stderr)
		}
		server.Insert(t, settings.DefaultTable, chtest.Event{Timestamp: noon})
	}
	server.Exec(t, "SELECT throwIf(count() != 2) FROM "+server.Database+".network_events FORMAT Null")
}

func TestSchemaApplyCreatesTheDatabaseOnlyWhenAskedTo(t *testing.T) {
	server := chtest.Shared(t)
	jsonData := map[string]any{"host": server.Address(settings.HTTP), "protocol": "http", "database": `new "base"`}
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": jsonData})
	if got := run(t, "schema", "apply", "--settings", settingsFile); got.code != exitFailed || !strings.Contains(got.stderr, "base") {
		t.Errorf("without: exit code %d, stderr %q; want 1 and the database's name", got.code, got.stderr)
	}
	if got := run(t, "schema", "apply", "--settings", settingsFile, "--create-database"); got.code != exitOK {
		t.Errorf("with: exit code %d, stderr %q; want 0", got.code, got.stderr)
	}
	server.Exec(t, `DROP DATABASE "new ""base"""`)
}
