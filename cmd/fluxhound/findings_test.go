package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// The way of an administrator: findings are kept from one command on, dashboards and rules then read them, and Save & test tells.
func TestSchemaApplyWithFindingsKeepsThem(t *testing.T) {
	server := chtest.Database(t)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	if got := run(t, "watch", "--settings", settingsFile, "--once"); got.code != exitFailed {
		t.Errorf("exit code %d without a table", got.code)
	}
	run(t, "schema", "apply", "--settings", settingsFile)
	if got := run(t, "watch", "--settings", settingsFile, "--once"); got.code != exitFailed || !strings.Contains(got.stderr, "neither hours nor findings are kept") {
		t.Errorf("exit code %d, stderr %q with nothing to keep", got.code, got.stderr)
	}
	var channel []chtest.Event
	for i := range 400 {
		channel = append(channel, chtest.Event{
			Timestamp: time.Now().Add(-time.Duration(i+1) * 5 * time.Minute), DeviceID: "d1", DeviceName: "WS-1", ActionType: "ConnectionSuccess",
			RemoteIP: "203.0.113.7", RemotePort: 443, RemoteURL: "c2.example.com", Protocol: "Tcp",
		})
	}
	server.Insert(t, settings.DefaultTable, channel...)
	for range 2 { // also where they are kept already
		got := run(t, "schema", "apply", "--settings", settingsFile, "--hours", "--findings")
		if got.code != exitOK || got.stderr != "" || !strings.Contains(got.stdout, "What findings are kept in is there; 9 questions") || !strings.Contains(got.stdout, "ClickHouse asks them by itself") {
			t.Fatalf("exit code %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
		}
	}
	if got := run(t, "watch", "--settings", settingsFile, "--once"); got.code != exitOK || got.stderr != "" {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
	now := time.Now().UTC()
	for name, c := range map[string]struct {
		query string
		kept  bool
	}{
		"the analytic's rule":      {`{"queryType": "beaconing", "format": "numeric"}`, true},
		"the triage table":         {`{"queryType": "beaconing", "format": "table"}`, true},
		"the wall":                 {`{"queryType": "alerts", "format": "summary"}`, true},
		"changed parameters":       {`{"queryType": "beaconing", "format": "numeric", "params": {"minConnections": 7}}`, false},
		"a filter":                 {`{"queryType": "beaconing", "format": "numeric", "filters": [{"column": "DeviceName", "operator": "=", "values": ["WS-1"]}]}`, false},
		"the lines of connections": {`{"queryType": "beaconing", "format": "timeseries"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			query := file(t, "query.json", json.RawMessage(c.query))
			got := run(t, "query", "--settings", settingsFile, "--query", query, "--from", now.Add(-7*24*time.Hour).Format(time.RFC3339), "--to", now.Format(time.RFC3339), "--plugin", hosttest.Plugin(t))
			if got.code != exitOK || !strings.Contains(got.stdout, "203.0.113.7") && !strings.Contains(got.stdout, `PotentialBeaconing`) {
				t.Fatalf("exit code %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
			}
			if kept := strings.Contains(got.stdout, "found by the run of"); kept != c.kept {
				t.Errorf("read of what is kept: %v, want %v\n%s", kept, c.kept, got.stdout)
			}
		})
	}
	if got := run(t, "health", "--settings", settingsFile, "--plugin", hosttest.Plugin(t)); !strings.Contains(got.stdout, "Findings of 9 questions are kept") {
		t.Errorf("Save & test says %q", got.stdout)
	}
}
