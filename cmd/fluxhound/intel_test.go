package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake/intaketest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// From an empty database to a finding, by the commands that the documentation names. What an import writes is what the detector compares
// with: each destination below is written otherwise than the indicator that names it.
func TestWhatIsImportedIsFound(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	config := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(intaketest.With(t, server.JSON(settings.Native)))})
	must := func(want string, arguments ...string) {
		t.Helper()
		if got := run(t, arguments...); got.code != exitOK || !strings.Contains(got.stdout, want) {
			t.Fatalf("%v: exit code %d, stdout %q, stderr %q; want %q", arguments[:2], got.code, got.stdout, got.stderr, want)
		}
	}
	must("with its dictionaries", "schema", "apply", "--settings", config, "--indicators")
	destinations := map[string][2]string{ // what a list says; what a sensor writes of it
		"203.0.113.7":                        {"", "::ffff:203.0.113.7"},
		"198.51.100.0/24":                    {"", "198.51.100.99"},
		"2001:DB8:0:7::/64":                  {"", "2001:db8:0:7:ffff::1"},
		"Evil.Example.":                      {"https://user@a.b.EVIL.example:8443/x", "192.0.2.1"},
		"bücher[.]example":                   {"xn--bcher-kva.example", "192.0.2.1"},
		"hxxp://files[.]example/A/b.exe?x=1": {"http://files.example/A/b.exe?x=1#y", "192.0.2.1"},
		"https://203.0.113.99:4443/gate.php": {"https://203.0.113.99/gate.php", "203.0.113.99"},
		"http://only.example/":               {"only.example", "192.0.2.1"},
	}
	var list []string
	var events []chtest.Event
	for said, seen := range destinations {
		list = append(list, said)
		events = append(events, chtest.Event{Timestamp: noon.Add(-time.Hour), DeviceID: said, DeviceName: said, ActionType: "ConnectionSuccess", RemoteURL: seen[0], RemoteIP: seen[1], RemotePort: 443})
	}
	server.Insert(t, settings.DefaultTable, events...)
	feed := file(t, "feed.txt", strings.Join(append(list, "10.0.0.1", "com", "nonsense"), "\n")+"\n")
	for range 2 { // again changes nothing
		must("feed: 11 entries read, 8 indicators written.", "intel", "import", "--settings", config, "--confidence", "90", "--days", "3650", feed)
	}
	server.Exec(t, "SELECT throwIf(count() != 8 OR countIf(Source = 'feed' AND Confidence = 90) != 8) FROM "+server.Database+".indicators FINAL FORMAT Null")
	query := file(t, "query.json", map[string]any{"queryType": "threatIntel", "format": "table"})
	got := run(t, "query", "--settings", config, "--query", query, "--from", noon.Add(-24*time.Hour).Format(time.RFC3339), "--to", noon.Format(time.RFC3339), "--plugin", hosttest.Plugin(t))
	if got.code != exitOK {
		t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
	}
	for said := range destinations {
		name, _ := json.Marshal(said) // a text
		if !strings.Contains(got.stdout, string(name)) {
			t.Errorf("%s was not found", said)
		}
	}
}

func TestIntelSaysWhatIsWrong(t *testing.T) {
	server := chtest.Database(t)
	stored := server.JSON(settings.Native)
	without := file(t, "without.json", map[string]any{"jsonData": json.RawMessage(stored)})
	with := file(t, "with.json", map[string]any{"jsonData": json.RawMessage(intaketest.With(t, stored))})
	intaketest.Make(t, server)
	feed := file(t, "feed.txt", "10.0.0.1\n192.168.0.1\ncom\n")
	for name, c := range map[string]struct {
		arguments []string
		code      int
		says      string
	}{
		"no verb":                      {[]string{"intel"}, exitUsage, "import or pull"},
		"another verb":                 {[]string{"intel", "push"}, exitUsage, "import or pull"},
		"no file":                      {[]string{"intel", "import", "--settings", with}, exitUsage, "name a file"},
		"a file that is not there":     {[]string{"intel", "import", "--settings", with, "nowhere.csv"}, exitFailed, "nowhere.csv"},
		"no table in the settings":     {[]string{"intel", "import", "--settings", without, feed}, exitUsage, "listTables"},
		"a format that is not there":   {[]string{"intel", "import", "--settings", with, "--format", "xml", feed}, exitUsage, `no format "xml"`},
		"a confidence beyond 100":      {[]string{"intel", "import", "--settings", with, "--confidence", "101", feed}, exitUsage, "0 to 100"},
		"no days":                      {[]string{"intel", "import", "--settings", with, "--days", "0", feed}, exitUsage, "1 to 3650"},
		"nothing that can be used":     {[]string{"intel", "import", "--settings", with, feed}, exitFailed, "none of its 3 entries"},
		"a feed that is cut off":       {[]string{"intel", "import", "--settings", with, file(t, "cut.json", `{"objects":[{"type":"indicator",`)}, exitFailed, "not written as it should be"},
		"the standard input unnamed":   {[]string{"intel", "import", "--settings", with, "-"}, exitUsage, "--source is missing"},
		"no feeds to pull":             {[]string{"intel", "pull", "--settings", with}, exitUsage, "--feeds is missing"},
		"feeds that are none":          {[]string{"intel", "pull", "--settings", with, "--feeds", file(t, "a.json", `{}`)}, exitUsage, "list of feeds"},
		"a feed without https":         {[]string{"intel", "pull", "--settings", with, "--feeds", file(t, "b.json", `[{"source":"a","url":"http://feeds.example/x"}]`)}, exitUsage, "https"},
		"a feed with a field too many": {[]string{"intel", "pull", "--settings", with, "--feeds", file(t, "c.json", `[{"source":"a","url":"https://feeds.example/x","key":"k"}]`)}, exitUsage, "key"},
		"asked too often":              {[]string{"intel", "pull", "--settings", with, "--feeds", feed, "--every", "1s"}, exitUsage, "a minute or more"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := run(t, c.arguments...); got.code != c.code || !strings.Contains(got.stderr, c.says) {
				t.Errorf("exit code %d, stderr %q; want %d and %q", got.code, got.stderr, c.code, c.says)
			}
		})
	}
}

// A feed is fetched when it has changed, a collection from where it was left; a key comes from the environment and stands nowhere.
func TestPullFetchesWhatIsNew(t *testing.T) {
	server := chtest.Database(t)
	intaketest.Make(t, server)
	config := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(intaketest.With(t, server.JSON(settings.Native)))})
	t.Setenv("FEED_KEY", "sesame")
	full, pages := 0, 0
	publisher := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/list":
			if r.Header.Get("Auth-Key") != "sesame" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			if r.Header.Get("If-None-Match") == `"1"` {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			full++
			w.Header().Set("ETag", `"1"`)
			fmt.Fprintln(w, "203.0.113.7")
		case "/moved":
			http.Redirect(w, r, "https://elsewhere.example/list?key=sesame", http.StatusFound)
		case "/taxii/":
			pages++
			w.Header().Set("Content-Type", "application/taxii+json;version=2.1")
			if r.URL.Query().Get("added_after") != "" {
				fmt.Fprint(w, `{"more":false,"objects":[]}`)
				return
			}
			object := func(n int) string {
				return fmt.Sprintf(`{"type":"indicator","id":"indicator--%d","pattern_type":"stix","pattern":"[domain-name:value = 'evil%d.example']","valid_from":"2026-01-01T00:00:00Z"}`, n, n)
			}
			w.Header().Set("X-TAXII-Date-Added-Last", "2026-01-02T00:00:00Z")
			if r.URL.Query().Get("next") == "" {
				fmt.Fprintf(w, `{"more":true,"next":"2","objects":[%s]}`, object(1))
				return
			}
			fmt.Fprintf(w, `{"more":false,"objects":[%s]}`, object(2))
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(publisher.Close)
	feeds := file(t, "feeds.json", []map[string]any{
		{"source": "list", "url": publisher.URL + "/list", "header": map[string]string{"Auth-Key": "$FEED_KEY"}, "confidence": 80, "days": 7},
		{"source": "collection", "url": publisher.URL + "/taxii/", "taxii": true},
	})
	first := run(t, "intel", "pull", "--settings", config, "--feeds", feeds)
	if first.code != exitOK || !strings.Contains(first.stdout, "list: 1 entries read, 1 indicators written") || full != 1 || pages != 2 {
		t.Fatalf("exit code %d, %d lists, %d pages, stdout %q, stderr %q", first.code, full, pages, first.stdout, first.stderr)
	}
	server.Exec(t, "SELECT throwIf(groupArray((Value, Confidence)) != [('evil1.example', 50), ('evil2.example', 50), ('203.0.113.7/32', 80)]) FROM (SELECT * FROM "+server.Database+".indicators FINAL ORDER BY Kind DESC, Value) FORMAT Null")
	again := run(t, "intel", "pull", "--settings", config, "--feeds", feeds)
	if again.code != exitOK || strings.Count(again.stdout, "nothing new") != 2 || full != 1 {
		t.Errorf("again: exit code %d, %d lists, stdout %q, stderr %q", again.code, full, again.stdout, again.stderr)
	}
	broken := file(t, "broken.json", []map[string]any{
		{"source": "moved", "url": publisher.URL + "/moved", "header": map[string]string{"Auth-Key": "$FEED_KEY"}},
		{"source": "refused", "url": publisher.URL + "/list"}, {"source": "down", "url": publisher.URL + "/down?key=sesame"},
		{"source": "keyless", "url": publisher.URL + "/list", "header": map[string]string{"Auth-Key": "$NO_SUCH_KEY"}},
	})
	got := run(t, "intel", "pull", "--settings", config, "--feeds", broken)
	if got.code != exitFailed {
		t.Errorf("exit code %d, want %d", got.code, exitFailed)
	}
	for _, says := range []string{"https://elsewhere.example/list: write that", "check the header", "it answers 500", "the environment has no NO_SUCH_KEY"} {
		if !strings.Contains(got.stderr, says) {
			t.Errorf("stderr %q does not say %q", got.stderr, says)
		}
	}
	state, err := os.ReadFile(filepath.Join(filepath.Dir(feeds), "feeds.json.state"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{got.stderr, got.stdout, string(state)} {
		if strings.Contains(text, "sesame") {
			t.Errorf("the key stands in %q", text)
		}
	}
}

// The rights that docs/threat-intelligence.md names are enough: who imports may insert and have the dictionaries read anew, who asks may read.
func TestTheRightsThatTheDocumentationNamesAreEnough(t *testing.T) {
	server := chtest.Start(t, chtest.WithUsers(
		chtest.User{Name: "importer", Password: "x", Grants: []string{"INSERT ON default.indicators", "SYSTEM RELOAD DICTIONARY ON *.*"}},
		chtest.User{Name: "reader", Password: "x", Grants: []string{"SELECT ON default.network_events", "SELECT ON default.indicators", "dictGet ON default.indicators_networks", "dictGet ON default.indicators_names"}},
	))
	server.CreateTable(t, settings.DefaultTable)
	server.Insert(t, settings.DefaultTable, chtest.Event{Timestamp: noon.Add(-time.Hour), DeviceID: "1", DeviceName: "WS-1", ActionType: "ConnectionSuccess", RemoteIP: "203.0.113.7"})
	intaketest.Make(t, server)
	as := func(user string) string {
		stored := map[string]any{}
		if err := json.Unmarshal(intaketest.With(t, server.JSON(settings.Native)), &stored); err != nil {
			t.Fatal(err)
		}
		stored["username"] = user
		return file(t, user+".json", map[string]any{"jsonData": stored, "secureJsonData": map[string]string{"password": "x"}})
	}
	imported := run(t, "intel", "import", "--settings", as("importer"), "--days", "3650", file(t, "feed.txt", "203.0.113.7\n"))
	if imported.code != exitOK {
		t.Fatalf("exit code %d, stderr %q", imported.code, imported.stderr)
	}
	query := file(t, "query.json", map[string]any{"queryType": "threatIntel", "format": "table"})
	got := run(t, "query", "--settings", as("reader"), "--query", query, "--from", noon.Add(-24*time.Hour).Format(time.RFC3339), "--to", noon.Format(time.RFC3339), "--plugin", hosttest.Plugin(t))
	if got.code != exitOK || !strings.Contains(got.stdout, "WS-1") {
		t.Errorf("exit code %d, stdout %.300q, stderr %q", got.code, got.stdout, got.stderr)
	}
}
