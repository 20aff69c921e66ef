package main

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestVerdictIsWrittenByTheUserWhoMayDoNothingElse(t *testing.T) {
	server := chtest.Start(t, chtest.WithUsers(chtest.User{Name: "judge", Password: "y", Grants: []string{"INSERT ON default.network_events_verdicts"}}))
	stored := map[string]any{}
	if err := json.Unmarshal(server.JSON(settings.Native), &stored); err != nil {
		t.Fatal(err)
	}
	off := file(t, "off.json", map[string]any{"jsonData": maps.Clone(stored)})
	stored["verdictsUsername"] = "judge"
	on := file(t, "on.json", map[string]any{"jsonData": stored, "secureJsonData": map[string]string{"verdictsPassword": "y"}})
	if got := run(t, "schema", "apply", "--settings", on, "--findings"); got.code != exitOK {
		t.Fatal(got.stderr)
	}
	said := []string{"verdict", "--settings", on, "--finding", "0123456789abcdef", "--verdict", "benign", "--note", "an\nupdate", "--who", "eve", "--until", "30d", "--type", "beaconing", "--destination", "203.0.113.7", "--device", "WS-1"}
	got := run(t, said...)
	if got.code != exitOK || !strings.Contains(got.stdout, "eve says that 0123456789abcdef is: benign") || !strings.Contains(got.stdout, `"network":"203.0.113.7"`) {
		t.Fatalf("exit code %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
	}
	server.Exec(t, "SELECT throwIf(count() != 1) FROM default.network_events_verdicts WHERE Verdict = 'benign' AND Note = 'an update' AND Who = 'eve' AND Until > '2026-04-01' AND abs(dateDiff('second', At, now())) < 100 FORMAT Null")
	for name, c := range map[string]struct {
		arguments []string
		says      string
	}{
		"switched off":    {append([]string{"verdict", "--settings", off}, said[3:]...), "verdictsUsername"},
		"no such word":    {[]string{"verdict", "--settings", on, "--finding", "0123456789abcdef", "--verdict", "fine"}, "none, investigating, benign, malicious"},
		"no such finding": {[]string{"verdict", "--settings", on, "--finding", "WS-1", "--verdict", "benign"}, "16 hexadecimal digits"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := run(t, c.arguments...); got.code != exitUsage || !strings.Contains(got.stderr, c.says) {
				t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
			}
		})
	}
}
