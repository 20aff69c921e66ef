package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/demo"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/devserver"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// demoAt runs the demo on a data folder at a time.
func demoAt(t *testing.T, folder string, now time.Time) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := program{stdout: &stdout, stderr: &stderr, now: func() time.Time { return now }}
	code := p.run(t.Context(), []string{"demo", "--data", folder, "--plugin", hosttest.Plugin(t), "--engine", engine(t), "--rules", shippedRules})
	return result{code, stdout.String(), stderr.String()}
}

var shippedRules = filepath.Join("..", "..", "provisioning", "alerting")

func engine(t *testing.T) string {
	t.Helper()
	return hosttest.Build(t, "clickhouse-devserver", filepath.Join("..", "..", "devenv", "clickhouse"), ".")
}

func TestTheDemo(t *testing.T) {
	folder := t.TempDir()
	first := demoAt(t, folder, noon)

	t.Run("finds every attack and prints it", func(t *testing.T) {
		if first.code != exitOK || first.stderr != "" {
			t.Fatalf("exit code %d, stderr %q; want 0 and silence", first.code, first.stderr)
		}
		golden(t, "demo.txt", steady(t, first.stdout))
	})
	t.Run("prints plain lines of at most 120 characters", func(t *testing.T) {
		for line := range strings.Lines(first.stdout) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 120 || strings.ContainsAny(line, "\x1b\r") {
				t.Errorf("%d characters, or colours: %q", n, line)
			}
		}
	})
	t.Run("finds the same in the loaded data the second time", func(t *testing.T) {
		second := demoAt(t, folder, noon.Add(11*time.Hour))
		if second.code != exitOK {
			t.Fatalf("exit code %d, stderr %q; want 0", second.code, second.stderr)
		}
		if !strings.Contains(second.stdout, "Events      1,065,228 in the table already") {
			t.Errorf("the data was not taken as it is:\n%s", second.stdout)
		}
		if diff := cmp.Diff(foundBy(t, first), foundBy(t, second)); diff != "" {
			t.Errorf("findings (-first +second):\n%s", diff)
		}
	})
	t.Run("exits with 1 when an attack is missed, and tells what is flagged for no known reason", func(t *testing.T) {
		// DeviceName is in the table's key, which ClickHouse does not update in place.
		change(t, folder, "INSERT INTO network_events SELECT * REPLACE ('WS-NEW' AS DeviceName) FROM network_events WHERE RemoteIP = '203.0.113.10'")
		change(t, folder, "ALTER TABLE network_events DELETE WHERE RemoteIP = '203.0.113.10' AND DeviceName != 'WS-NEW' SETTINGS mutations_sync = 1")
		got := demoAt(t, folder, noon)
		if got.code != exitFailed || !strings.Contains(got.stderr, "Metronome") {
			t.Errorf("exit code %d, stderr %q; want 1 and the attack's name", got.code, got.stderr)
		}
		for _, part := range []string{"MISSED", "14 of 15 found", "FLAGGED FOR NO KNOWN REASON: 1 findings", "beaconing  WS-NEW  203.0.113.10"} {
			if !strings.Contains(got.stdout, part) {
				t.Errorf("stdout lacks %q:\n%s", part, got.stdout)
			}
		}
	})
	t.Run("loads anew what does not hold all events", func(t *testing.T) {
		change(t, folder, "TRUNCATE TABLE network_events")
		loadsAnew(t, folder, noon)
	})
	t.Run("loads anew what is more than half a day old", func(t *testing.T) {
		loadsAnew(t, folder, noon.Add(13*time.Hour))
	})
}

func loadsAnew(t *testing.T, folder string, now time.Time) {
	t.Helper()
	said, end := loadAt(t, folder, now)
	if !strings.Contains(said, "Events      1,065,228 loaded in") || !end.Equal(now) {
		t.Errorf("want the events loaded for a window to %s, and not to %s:\n%s", now, end, said)
	}
}

func TestTheDemoGoesOnUntilItIsClosed(t *testing.T) {
	folder := t.TempDir()
	data, err := demo.OpenData(t.Context(), demo.DataOptions{
		Engine: engine(t), Root: filepath.Join("..", ".."), Folder: folder, Seed: scenario.DefaultSeed,
		Now: func() time.Time { return time.Now().Add(-time.Hour) }, Progress: func(string, ...any) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := data.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := data.Live(t.Context()); err != nil {
		t.Fatal(err)
	}
	question := url.Values{"query": {"SELECT count() > {had:UInt64}, max(Timestamp) > now() - INTERVAL 5 MINUTE, max(Timestamp) < now() + 1 FROM network_events"}, "param_had": {strconv.Itoa(data.Events)}}
	response, err := http.Get("http://" + data.Server.HTTP + "/?" + question.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if string(answer) != "1\t1\t1\n" {
		t.Errorf("more events, the newest of now, none of later: %s", answer)
	}
}

// loadAt does what the demo does before it asks anything: it makes sure that the events are in the data folder. It returns what is said of
// that, and the end of their window.
func loadAt(t *testing.T, folder string, now time.Time) (said string, end time.Time) {
	t.Helper()
	var lines strings.Builder
	data, err := demo.OpenData(t.Context(), demo.DataOptions{
		Engine: engine(t), Root: filepath.Join("..", ".."), Folder: folder, Seed: scenario.DefaultSeed, Now: func() time.Time { return now },
		Progress: func(format string, args ...any) { fmt.Fprintf(&lines, format+"\n", args...) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
	return lines.String(), data.Scenario.End
}

// foundBy is the part of the output that tells what was found.
func foundBy(t *testing.T, r result) string {
	t.Helper()
	_, text, ok := strings.Cut(steady(t, r.stdout), "\nBEACONING")
	if !ok {
		t.Fatalf("no findings in the output:\n%s", r.stdout)
	}
	return text
}

// steady replaces what differs from run to run: times taken, ports, paths, ClickHouse's version.
func steady(t *testing.T, text string) string {
	t.Helper()
	text = strings.ReplaceAll(text, hosttest.Plugin(t), "PLUGIN")
	for _, r := range []struct{ pattern, with string }{
		{`\d+\.\d\d s`, "0.00 s"}, {`127\.0\.0\.1:\d+`, "127.0.0.1:0"}, {`ClickHouse \d+(\.\d+)+`, "ClickHouse 0.0"},
	} {
		text = regexp.MustCompile(r.pattern).ReplaceAllString(text, r.with)
	}
	return text
}

// change runs a statement on the demo's data.
func change(t *testing.T, folder, sql string) {
	t.Helper()
	data, err := filepath.Abs(filepath.Join(folder, "demo-clickhouse"))
	if err != nil {
		t.Fatal(err)
	}
	server, err := devserver.Start(t.Context(), devserver.Options{Executable: engine(t), Root: ".", Data: data})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}()
	response, err := http.Post(fmt.Sprintf("http://%s/?query=%s", server.HTTP, url.QueryEscape(sql)), "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", sql, response.Status)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestTheDemosEventsCanBePrintedForAnotherClickHouse(t *testing.T) {
	got := run(t, "demo", "--print")
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit code %d, stderr %q; want 0 and silence", got.code, got.stderr)
	}
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	into := fmt.Sprintf("INSERT INTO %s.network_events FORMAT TabSeparatedWithNames", server.Database)
	response, err := http.Post(fmt.Sprintf("http://%s/?query=%s", server.Address(settings.HTTP), url.QueryEscape(into)), "text/plain", strings.NewReader(got.stdout))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", into, response.Status)
	}
	server.Exec(t, fmt.Sprintf("SELECT throwIf(count() != 1065228) FROM %s.network_events FORMAT Null", server.Database))
}
