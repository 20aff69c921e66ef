package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestSchemaApplyWithRollupsFillsThemOnce(t *testing.T) {
	server := chtest.Database(t)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	if got := run(t, "schema", "apply", "--settings", settingsFile); got.code != exitOK {
		t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
	}
	// within the first hour of a day, the day before is not filled whole
	past := time.Now().UTC().Truncate(24 * time.Hour).Add(-36 * time.Hour)
	server.Insert(t, settings.DefaultTable, chtest.Event{Timestamp: past}, chtest.Event{Timestamp: past})
	for i := range 2 {
		got := run(t, "schema", "apply", "--settings", settingsFile, "--rollups")
		if got.code != exitOK || got.stderr != "" || !strings.Contains(got.stdout, "roll-ups are there") {
			t.Fatalf("exit code %d, stdout %q, stderr %q; want 0 and a line on roll-ups", got.code, got.stdout, got.stderr)
		}
		if filled := strings.Contains(got.stdout, past.Format(time.DateOnly)+" is filled."); filled != (i == 0) {
			t.Errorf("run %d: stdout %q; that day is to be filled by the first run alone", i+1, got.stdout)
		}
	}
	for _, suffix := range []string{"_1h", "_1d"} {
		server.Exec(t, "SELECT throwIf(sum(Connections) != 2) FROM "+server.Database+".network_events"+suffix+" FORMAT Null")
	}
}

func TestSchemaApplyRefusesRollupsOfATableThatCanHaveNone(t *testing.T) {
	server := chtest.Database(t)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	run(t, "schema", "apply", "--settings", settingsFile)
	server.Exec(t, "ALTER TABLE "+server.Database+".network_events DROP COLUMN SentBytes")
	if got := run(t, "schema", "apply", "--settings", settingsFile, "--rollups"); got.code != exitFailed || !strings.Contains(got.stderr, "lacks SentBytes") {
		t.Errorf("exit code %d, stderr %q; want 1 and the reason", got.code, got.stderr)
	}
}
