package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/google/go-cmp/cmp"
)

// answers is the part of Grafana's response that the tests read.
type answers struct {
	Results map[string]struct {
		Status int
		Error  string
		Frames []struct {
			Schema struct {
				RefID  string
				Fields []struct{ Name string }
			}
			Data struct{ Values [][]any }
		}
	}
}

func TestQueryPrintsGrafanasResponseAndExitsWith1WhenARefIDFailed(t *testing.T) {
	settingsFile := beacon(t)
	query := file(t, "queries.json", `[
		{"refId": "good", "queryType": "beaconing", "format": "table"},
		{"refId": "bad", "queryType": "beaconing", "params": {"minConnections": -1}}
	]`)
	got := run(t, "query", "--settings", settingsFile, "--query", query, "--from", "now-7d", "--to", "now", "--plugin", hosttest.Plugin(t))
	if got.code != exitFailed {
		t.Errorf("exit code %d, want 1; stderr: %s", got.code, got.stderr)
	}
	if !strings.HasPrefix(got.stderr, "bad: ") || !strings.Contains(got.stderr, "minConnections") {
		t.Errorf("stderr = %q, want it to name the refId and the field", got.stderr)
	}
	response := decode(t, got.stdout)
	good, bad := response.Results["good"], response.Results["bad"]
	if good.Status != 200 || len(good.Frames) != 1 || good.Frames[0].Schema.RefID != "good" {
		t.Fatalf("good = %+v, want status 200 and its frame", good)
	}
	if bad.Status != 400 || !strings.Contains(bad.Error, "minConnections") {
		t.Errorf("bad = %+v, want status 400 and an error that names the field", bad)
	}
	row := map[string]any{}
	for i, field := range good.Frames[0].Schema.Fields {
		if values := good.Frames[0].Data.Values[i]; len(values) == 1 {
			row[field.Name] = values[0]
		}
	}
	want := map[string]any{"DeviceName": "WS-1", "RemoteIP": "203.0.113.9", "RemoteUrl": "c2.example", "ConnectionCount": 30.0, "BytesSent": 3000.0, "DurationHours": 5.0}
	for name, value := range want {
		if diff := cmp.Diff(value, row[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestQueryExitsWith0WhenNoRefIDFailed(t *testing.T) {
	settingsFile := beacon(t)
	query := file(t, "query.json", `{"queryType": "beaconing", "format": "table"}`)
	for name, c := range map[string]struct {
		from, to string
		rows     int
	}{
		"the window of the beacon":             {"2026-03-04T00:00:00Z", "2026-03-04T12:00:00Z", 1},
		"a window that ends before the beacon": {"2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, "query", "--settings", settingsFile, "--query", query, "--from", c.from, "--to", c.to, "--plugin", hosttest.Plugin(t))
			if got.code != exitOK || got.stderr != "" {
				t.Fatalf("exit code %d, stderr %q; want 0 and silence", got.code, got.stderr)
			}
			if rows := len(decode(t, got.stdout).Results["A"].Frames[0].Data.Values[0]); rows != c.rows {
				t.Errorf("%d rows, want %d", rows, c.rows)
			}
		})
	}
}

func TestTheLogIsShownWhenAskedFor(t *testing.T) {
	got := run(t, "query", "--settings", beacon(t), "--query", file(t, "q", `{"queryType": "beaconing"}`), "--plugin", hosttest.Plugin(t), "--verbose")
	if got.code != exitOK || !strings.Contains(got.stderr, `"@level"`) {
		t.Errorf("exit code %d, stderr %q; want 0 and the plugin's log", got.code, got.stderr)
	}
}

// beacon makes a table with one beacon in the morning of noon's day, and returns the settings file for it.
func beacon(t *testing.T) string {
	t.Helper()
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	var events []chtest.Event
	sent := uint64(100)
	for i := range 30 { // from 06:00 to 11:48: five hour boundaries
		events = append(events, chtest.Event{
			Timestamp: noon.Add(-6 * time.Hour).Add(time.Duration(i) * 12 * time.Minute), DeviceID: "1", DeviceName: "WS-1",
			ActionType: "ConnectionSuccess", RemoteIP: "203.0.113.9", RemotePort: 443, RemoteURL: "c2.example", SentBytes: &sent,
		})
	}
	server.Insert(t, settings.DefaultTable, events...)
	return file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
}

func decode(t *testing.T, stdout string) answers {
	t.Helper()
	var a answers
	if err := json.Unmarshal([]byte(stdout), &a); err != nil {
		t.Fatalf("stdout is no JSON: %v\n%s", err, stdout)
	}
	return a
}
