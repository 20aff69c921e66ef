package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
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
