package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// zeekLogs is a folder of logs whose rows its fixture tells.
var zeekLogs = filepath.Join("..", "..", "sources", "zeek", "fixtures", "tsv", "in")

func TestImportSaysWhatCameOfIt(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	bad := file(t, "bad.json", `{"ts":1,"uid":"C","id.orig_h":"10.0.0.1","id.resp_h":"192.0.2.1","conn_state":"SF"}`+"\n{half\n")
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "readme.txt"), []byte("nothing of interest\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, "import", "--settings", settingsFile, zeekLogs, "--source", "zeek", bad, folder)
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit code %d, stderr %q; want 0 and silence", got.code, got.stderr)
	}
	for _, part := range []string{
		"Landed    23 rows in zeek_conn", "Events    21 of zeek, 2 devices, 2026-01-05 00:00:00 to 2026-01-05 00:11:11 UTC; 1 hours made", "1 rows have no time that can be read",
		"DNS       3 of zeek", "Rejected  1 records that cannot be read, kept in import_rejects:", bad + ":2: it is no JSON", "Not read  1 files that no source knows: " + filepath.Join(folder, "readme.txt"),
	} {
		if !strings.Contains(got.stdout, part) {
			t.Errorf("stdout lacks %q:\n%s", part, got.stdout)
		}
	}
	got = run(t, "import", "--settings", settingsFile, zeekLogs)
	if got.code != exitOK || strings.Contains(got.stdout, "Landed") || !strings.Contains(got.stdout, "were imported before") {
		t.Errorf("the second time: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	got = run(t, "import", "--settings", settingsFile, filepath.Join(folder, "readme.txt"))
	if got.code != exitFailed || !strings.Contains(got.stdout, "no source reads what it holds") {
		t.Errorf("a file that was named and is no log: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

func TestDeriveMakesEventsOfWhatLanded(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.HTTP))})
	for _, rows := range []string{"0 of zeek", "1 of zeek"} {
		got := run(t, "derive", "--settings", settingsFile, "--source", "zeek")
		if got.code != exitOK || got.stderr != "" || !strings.Contains(got.stdout, "Events    "+rows) {
			t.Fatalf("exit code %d, stdout %q, stderr %q; want %q", got.code, got.stdout, got.stderr, rows)
		}
		server.Exec(t, "INSERT INTO "+server.Database+`.zeek_conn (ts, uid, "id.orig_h", "id.resp_h") VALUES ('1767571200', 'C', '10.0.0.1', '192.0.2.1')`)
	}
}

func TestHuntReportsOnAFolderOfLogs(t *testing.T) {
	data, page := t.TempDir(), filepath.Join(t.TempDir(), "report.html")
	got := run(t, "hunt", "--data", data, "--html", page, "--plugin", hosttest.Plugin(t), "--engine", engine(t), "--rules", shippedRules, zeekLogs)
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit code %d, stderr %q; want 0 and silence\n%s", got.code, got.stderr, got.stdout)
	}
	for _, part := range []string{"21 events of 2 devices", "LOOK AT THESE FIRST: 0 risk cases", "THE STRICTER RULES: 0 findings", "events of zeek (21 looked at)", "Beaconing can look at", "3 connections come from outside", "WHAT COULD NOT BE LOOKED AT"} {
		if !strings.Contains(got.stdout, part) {
			t.Errorf("stdout lacks %q:\n%s", part, got.stdout)
		}
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "http://") || strings.Contains(string(text), "https://") || !strings.Contains(string(text), "3 connections come from outside") || !strings.Contains(string(text), "Why not at the rest") {
		t.Errorf("the page needs a network, or lacks what the report says:\n%s", text)
	}
	got = run(t, "hunt", "--data", t.TempDir(), "--plugin", hosttest.Plugin(t), "--engine", engine(t), "--rules", shippedRules, file(t, "empty.log", ""))
	if got.code != exitFailed || !strings.Contains(got.stderr, "no events") || !strings.Contains(got.stdout, "no source reads") {
		t.Errorf("nothing to look at: exit code %d, stderr %q\n%s", got.code, got.stderr, got.stdout)
	}
}

// A detector that can find nothing in the logs is told, and the others look all the same.
func TestHuntLooksAtLogsThatBlindADetector(t *testing.T) {
	got := run(t, "hunt", "--data", t.TempDir(), "--plugin", hosttest.Plugin(t), "--engine", engine(t), "--rules", shippedRules, nameless(t))
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit code %d, stderr %q; want 0 and silence\n%s", got.code, got.stderr, got.stdout)
	}
	for _, part := range []string{"10.0.0.5 -> 203.0.113.10", "no name is known", "The table: Dynamic DNS can find nothing"} {
		if !strings.Contains(got.stdout, part) {
			t.Errorf("stdout lacks %q:\n%s", part, got.stdout)
		}
	}
}

// nameless is a log of ten hours in which a device calls an address every minute, and of nothing else.
func nameless(t *testing.T) string {
	t.Helper()
	var log strings.Builder
	for i := range 600 {
		fmt.Fprintf(&log, `{"_path":"conn","ts":%d,"uid":"C%d","id.orig_h":"10.0.0.5","id.orig_p":%d,"id.resp_h":"203.0.113.10","id.resp_p":443,"proto":"tcp","conn_state":"SF","orig_bytes":200,"resp_bytes":300}`+"\n", 1767571200+60*i, i, 40000+i)
	}
	return file(t, "conn.json", log.String())
}

// With a dictionary of autonomous systems the evidence names the network, and so does the page.
func TestHuntNamesTheNetworkWithAutonomousSystems(t *testing.T) {
	logs, page := nameless(t), filepath.Join(t.TempDir(), "report.html")
	hunt := func(more ...string) result {
		return run(t, append([]string{"hunt", "--plugin", hosttest.Plugin(t), "--engine", engine(t), "--rules", shippedRules, "--html", page, logs, "--data"}, more...)...)
	}
	data := t.TempDir()
	for _, number := range []string{"64500", "64501"} { // the second takes the place of the first
		got := hunt(data, "--asn", file(t, "asn.tsv", "203.0.113.0\t203.0.113.255\t"+number+"\tDE\tEXAMPLE & SONS\n"))
		if got.code != exitOK || got.stderr != "" {
			t.Fatalf("exit code %d, stderr %q; want 0 and silence\n%s", got.code, got.stderr, got.stdout)
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		network := "network AS" + number + " EXAMPLE "
		if n := strings.Count(got.stdout, network+"& SONS"); n != 1 || !strings.Contains(string(text), network+"&amp; SONS") {
			t.Errorf("the network is named %d times, want once, and on the page:\n%s", n, got.stdout)
		}
	}
	if got := hunt(data); got.code != exitOK || strings.Contains(got.stdout, "network AS") {
		t.Errorf("without a dictionary: exit code %d\n%s", got.code, got.stdout)
	}
	got := hunt(t.TempDir(), "--asn", file(t, "asn.tsv", "203.0.113.0/24\t64500\n"))
	if got.code != exitFailed || !strings.Contains(got.stderr, "line 1 has 2 fields") || strings.Contains(got.stdout, "Landed") {
		t.Errorf("no ranges: exit code %d, stderr %q; want the line, and nothing imported\n%s", got.code, got.stderr, got.stdout)
	}
}

func TestTheProgressLineTellsSpeedAndTimeLeft(t *testing.T) {
	for want, p := range map[string]ingest.Progress{
		"[============            ]  50 %  1,000 records, 100 a second, 10s left": {Size: 200, Taken: 100, Records: 1000},
		"[                        ]   0 %  0 records, 0 a second":                 {Size: 200},
		"1,000 records, 100 a second":                                             {Records: 1000},
		"making events: 3 of 24 hours":                                            {Making: true, Made: 3, Hours: 24},
	} {
		if got := progressLine(p, 10*time.Second); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
