package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestSchemaApplyWithHoursMakesThemAndLeavesTheRestToClickHouse(t *testing.T) {
	server := chtest.Database(t)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	if got := run(t, "schema", "apply", "--settings", settingsFile); got.code != exitOK {
		t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
	}
	past := time.Now().UTC().Add(-36 * time.Hour)
	server.Insert(t, settings.DefaultTable, chtest.Event{Timestamp: past}, chtest.Event{Timestamp: past})
	for i := range 2 {
		got := run(t, "schema", "apply", "--settings", settingsFile, "--hours")
		if got.code != exitOK || got.stderr != "" || !strings.Contains(got.stdout, "Its hours are there") || !strings.Contains(got.stdout, "by itself, every 5 minutes") {
			t.Fatalf("exit code %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
		}
		if made := strings.Contains(got.stdout, "1 hours are made."); made != (i == 0) {
			t.Errorf("run %d: stdout %q; the hour is to be made by the first run alone", i+1, got.stdout)
		}
	}
	server.Exec(t, "SELECT throwIf(sum(Connections) != 2) FROM "+server.Database+".network_events_hours FORMAT Null")
	// what ClickHouse does by itself every five minutes
	server.Insert(t, settings.DefaultTable, chtest.Event{Timestamp: past.Add(-2 * time.Hour)})
	for _, step := range []string{"plan", "make", "prove"} {
		view := server.Database + ".network_events_hours_job_" + step
		server.Exec(t, "SYSTEM REFRESH VIEW "+view)
		server.Exec(t, "SYSTEM WAIT VIEW "+view)
	}
	server.Exec(t, "SELECT throwIf(count() != 2) FROM "+server.Database+".network_events_hours_valid WHERE Build > 0 FORMAT Null")
}

func TestWatchMakesHoursOnce(t *testing.T) {
	server := chtest.Database(t)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	run(t, "schema", "apply", "--settings", settingsFile)
	run(t, "schema", "apply", "--settings", settingsFile, "--hours")
	server.Insert(t, settings.DefaultTable, chtest.Event{Timestamp: time.Now().Add(-36 * time.Hour)})
	for _, want := range []string{": 1 hours are made.\n", ""} {
		if got := run(t, "watch", "--settings", settingsFile, "--once"); got.code != exitOK || !strings.HasSuffix(got.stdout, want) || want == "" && got.stdout != "" {
			t.Errorf("exit code %d, stdout %q, stderr %q; want %q", got.code, got.stdout, got.stderr, want)
		}
	}
}

func TestSchemaApplyRefusesHoursOfATableThatCanHaveNone(t *testing.T) {
	server := chtest.Database(t)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	run(t, "schema", "apply", "--settings", settingsFile)
	server.Exec(t, "CREATE TABLE "+server.Database+".monthly ENGINE = MergeTree PARTITION BY toYYYYMM(Timestamp) ORDER BY Timestamp AS SELECT * FROM "+server.Database+".network_events")
	server.Exec(t, "EXCHANGE TABLES "+server.Database+".monthly AND "+server.Database+".network_events")
	if got := run(t, "schema", "apply", "--settings", settingsFile, "--hours"); got.code != exitFailed || !strings.Contains(got.stderr, `partitioned by "toYYYYMM(Timestamp)"`) {
		t.Errorf("exit code %d, stderr %q; want 1 and the reason", got.code, got.stderr)
	}
}
