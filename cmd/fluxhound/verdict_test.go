package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// judges starts ClickHouse with a user who writes verdicts, and tables for them. The files hold the settings of a data source without that user, and
// with it.
func judges(t *testing.T) (server chtest.Server, off, on string) {
	t.Helper()
	server = chtest.Start(t, chtest.WithUsers(chtest.User{Name: "judge", Password: "y", Grants: []string{"INSERT ON default.network_events_verdicts"}}))
	stored := map[string]any{}
	if err := json.Unmarshal(server.JSON(settings.Native), &stored); err != nil {
		t.Fatal(err)
	}
	off = file(t, "off.json", map[string]any{"jsonData": maps.Clone(stored)})
	stored["verdictsUsername"] = "judge"
	on = file(t, "on.json", map[string]any{"jsonData": stored, "secureJsonData": map[string]string{"verdictsPassword": "y"}})
	if got := run(t, "schema", "apply", "--settings", on, "--findings"); got.code != exitOK {
		t.Fatal(got.stderr)
	}
	return server, off, on
}

func TestVerdictIsWrittenByTheUserWhoMayDoNothingElse(t *testing.T) {
	server, off, on := judges(t)
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

var (
	codeOfGuide = regexp.MustCompile("(?s)```\n(fluxhound verdict .*?)\n```|`([^`]*--verdict [^`]*)`")
	wordOfShell = regexp.MustCompile(`"[^"]*"|\S+`)
)

// What the guides say at three in the morning is what the command takes.
func TestVerdictsOfTheGuidesAreWritten(t *testing.T) {
	server, _, on := judges(t)
	var guides []string
	for _, pattern := range []string{"*.md", "*/*.md"} {
		paths, err := filepath.Glob(filepath.Join("..", "..", "docs", pattern))
		if err != nil {
			t.Fatal(err)
		}
		guides = append(guides, paths...)
	}
	commands := 0
	for _, path := range guides {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range codeOfGuide.FindAllStringSubmatch(string(text), -1) {
			written := strings.ReplaceAll(found[1]+found[2], "\\\n", " ")
			words := wordOfShell.FindAllString(strings.TrimPrefix(written, "fluxhound verdict"), -1)
			for i, word := range words {
				words[i] = strings.Trim(word, `"`)
				switch word {
				case "settings.json":
					words[i] = on
				case "KEY":
					words[i] = "0123456789abcdef"
				}
			}
			if words[0] == "--verdict" { // the rest of a command that the guide has given before
				words = append([]string{"--settings", on, "--finding", "0123456789abcdef"}, words...)
			}
			commands++
			if got := run(t, append([]string{"verdict"}, words...)...); got.code != exitOK {
				t.Errorf("%s: %s: exit code %d, %s", path, written, got.code, got.stderr)
			}
		}
	}
	if commands < 15 {
		t.Errorf("%d commands were run", commands)
	}
	server.Exec(t, "SELECT throwIf(count() != "+strconv.Itoa(commands)+") FROM default.network_events_verdicts FORMAT Null")
}
