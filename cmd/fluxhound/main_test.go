package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// result is what a run of the command line came to.
type result struct {
	code           int
	stdout, stderr string
}

// noon is the time of every test.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func run(t *testing.T, arguments ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := program{stdout: &stdout, stderr: &stderr, now: func() time.Time { return noon }}
	code := p.run(t.Context(), arguments)
	return result{code, stdout.String(), stderr.String()}
}

// file writes a file for a flag. A text is written as it is, everything else as JSON.
func file(t *testing.T, name string, content any) string {
	t.Helper()
	text, ok := content.(string)
	if !ok {
		encoded, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		text = string(encoded)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAMistakeInTheCommandLineExitsWith2AndSaysWhatMayBe(t *testing.T) {
	settings := file(t, "settings.json", `{"jsonData": {"host": "localhost"}}`)
	query := file(t, "query.json", `{"queryType": "beaconing"}`)
	for name, c := range map[string]struct {
		arguments []string
		says      string
	}{
		"no command":                 {nil, "Usage: fluxhound COMMAND"},
		"unknown command":            {[]string{"stalk"}, `no command "stalk"`},
		"unknown flag":               {[]string{"health", "--setting", "x"}, "flag provided but not defined: -setting"},
		"something behind":           {[]string{"health", "--settings", settings, "now"}, `argument "now"`},
		"no settings":                {[]string{"health"}, "--settings is missing"},
		"no such settings":           {[]string{"health", "--settings", "nowhere.json"}, "nowhere.json"},
		"settings are no JSON":       {[]string{"health", "--settings", file(t, "s", "host: x")}, "invalid character"},
		"unknown part of settings":   {[]string{"health", "--settings", file(t, "s", `{"jsonData": {}, "secrets": {}}`)}, `unknown field "secrets"`},
		"settings without jsonData":  {[]string{"health", "--settings", file(t, "s", `{}`)}, "jsonData is missing"},
		"no query":                   {[]string{"query", "--settings", settings}, "--query is missing"},
		"query is no JSON":           {[]string{"query", "--settings", settings, "--query", file(t, "q", `[{]`)}, "read the query file"},
		"query is no object":         {[]string{"query", "--settings", settings, "--query", file(t, "q", `"beaconing"`)}, "read query 1"},
		"no query in the list":       {[]string{"query", "--settings", settings, "--query", file(t, "q", `[]`)}, "no query to ask"},
		"all queries hidden":         {[]string{"query", "--settings", settings, "--query", file(t, "q", `{"hide": true}`)}, "no query to ask"},
		"the same refId twice":       {[]string{"query", "--settings", settings, "--query", file(t, "q", `[{"refId": "A"}, {"refId": "A"}]`)}, `refId "A"`},
		"a setting that is nobody's": {[]string{"health", "--settings", file(t, "s", `{"jsonData": {"host": "x", "rowLimt": 7}}`)}, `"rowLimt": there is no such setting; did you mean rowLimit?`},
		"a field that is nobody's":   {[]string{"query", "--settings", settings, "--query", file(t, "q", `{"queryType": "beaconing", "rawSql": "SELECT 1"}`)}, `query A: query field "rawSql": it belongs to another data source`},
		"from is no time":            {[]string{"query", "--settings", settings, "--query", query, "--from", "yesterday"}, `--from "yesterday" is no time`},
		"to is no time":              {[]string{"query", "--settings", settings, "--query", query, "--to", "now-"}, `--to "now-" is no time`},
		"schema of what":             {[]string{"schema"}, "print, apply or upgrade"},
		"schema, unknown verb":       {[]string{"schema", "drop"}, "print, apply or upgrade"},
		"schema without a table":     {[]string{"schema", "print", "--table", ""}, "must not be empty"},
		"schema, bad settings":       {[]string{"schema", "apply", "--settings", file(t, "s", `{"jsonData": {"host": "x", "port": 0}}`)}, `"port"`},
		"nothing to import":          {[]string{"import", "--settings", settings}, "nothing to import"},
		"unknown source":             {[]string{"import", "--settings", settings, "--source", "snort", "."}, "it may be auto, "},
		"import into own columns":    {[]string{"import", "--settings", file(t, "s", `{"jsonData": {"host": "x", "columns": {"DeviceId": "id"}}}`), "."}, "the settings map columns"},
		"derive into own columns":    {[]string{"derive", "--settings", file(t, "s", `{"jsonData": {"host": "x", "columns": {"DeviceId": "id"}}}`)}, "the settings map columns"},
		"no network":                 {[]string{"import", "--settings", settings, "--internal", "10.0.0", "."}, `"10.0.0" is no network`},
		"a network that is none":     {[]string{"import", "--settings", file(t, "s", `{"jsonData": {"host": "x", "internalNetworks": ["office"]}}`), "."}, `"office" is no network`},
		"networks of landing tables": {[]string{"schema", "print", "--source", "zeek", "--internal", "10.0.0.0/8"}, "fluxhound import or derive"},
		"networks of such a view":    {[]string{"schema", "print", "--source", "rita", "--internal", "10.0.0.0/8"}, "asks for no networks"},
		"networks of no source":      {[]string{"schema", "print", "--internal", "10.0.0.0/8"}, "for the view of a --source"},
		"networks applied alone":     {[]string{"schema", "apply", "--settings", settings, "--internal", "10.0.0.0/8"}, "for the view of a --source"},
		"networks applied to tables": {[]string{"schema", "apply", "--settings", settings, "--source", "zeek", "--internal", "10.0.0.0/8"}, "fluxhound import or derive"},
		"apply an unknown source":    {[]string{"schema", "apply", "--settings", settings, "--source", "snort"}, "it may be akvorado, defender"},
		"hours of a view":            {[]string{"schema", "apply", "--settings", settings, "--source", "akvorado", "--hours"}, "the view of akvorado is fluxhound_events"},
		"columns are mapped":         {[]string{"import", "--settings", file(t, "s", `{"jsonData": {"host": "x", "columns": {"DeviceId": "host_id"}}}`), "."}, "canonical names"},
		"nothing to look through":    {[]string{"hunt"}, "nothing to look through"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, c.arguments...)
			if got.code != exitUsage || !strings.Contains(got.stderr, c.says) || got.stdout != "" {
				t.Errorf("exit code %d, stderr %q, stdout %q; want %d and %q on stderr alone", got.code, got.stderr, got.stdout, exitUsage, c.says)
			}
		})
	}
}

func TestHelpIsNoMistake(t *testing.T) {
	for _, arguments := range [][]string{
		{"help"}, {"--help"}, {"query", "--help"}, {"health", "-h"}, {"schema", "--help"}, {"schema", "print", "--help"}, {"schema", "apply", "-h"}, {"demo", "--help"}, {"import", "--help"}, {"hunt", "--help"}, {"derive", "--help"},
	} {
		if got := run(t, arguments...); got.code != exitOK || !strings.HasPrefix(got.stdout, "Usage: fluxhound ") || got.stderr != "" {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q; want 0 and the usage", arguments, got.code, got.stdout, got.stderr)
		}
	}
}

func TestAMissingPluginExitsWith1AndSaysHowToBuildIt(t *testing.T) {
	t.Chdir(t.TempDir())
	got := run(t, "health", "--settings", file(t, "settings.json", `{"jsonData": {"host": "localhost"}}`))
	if got.code != exitFailed || !strings.Contains(got.stderr, "go tool mage build:tools") {
		t.Errorf("exit code %d, stderr %q; want 1 and the command that builds it", got.code, got.stderr)
	}
}
