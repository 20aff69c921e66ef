package ingest_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
)

const goodLine = `{"ts":1767571200.5,"uid":"C1","id.orig_h":"10.0.0.1","id.orig_p":1,"id.resp_h":"203.0.113.1","id.resp_p":443,"proto":"tcp","conn_state":"SF"}` + "\n"

const goodTSV = "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state\n" +
	"1767571200.5\tC1\t10.0.0.1\t1\t203.0.113.1\t443\ttcp\tSF\n"

// What cannot be read is told with its line, is kept, and takes nothing else with it.
func TestGarbageIsToldAndHarmsNothingElse(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	utf16Text := func(text string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(text)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	second := strings.Replace(goodLine, "C1", "C2", 1)
	for name, c := range map[string]struct {
		text           string
		events         string // of this file; the good file beside it has one
		rejected       int64
		line           int64 // of the first reject
		reason, faults string
	}{
		"half a line at the end":    {text: goodLine + second[:40], events: "1", rejected: 1, line: 2, reason: "ends within"},
		"half a line within":        {text: goodLine + second[:40] + "\n" + second, events: "2", rejected: 1, line: 2, reason: "no JSON"},
		"half a line at the start":  {text: goodLine[40:] + second, events: "1", rejected: 1, line: 1, reason: "no JSON object"},
		"two objects on a line":     {text: goodLine + strings.TrimSpace(second) + "{}\n", events: "1", rejected: 1, line: 2, reason: "behind the JSON object"},
		"binary within":             {text: goodLine + "\x00\x01\xfe\xff{\n" + second, events: "2", rejected: 1, line: 2, reason: "no JSON"},
		"a line of 10 MB":           {text: goodLine + `{"ts":"` + long + `","uid` + "\n" + second, events: "2", rejected: 1, line: 2, reason: "no JSON"},
		"a line of 40 MB":           {text: goodLine + strings.Repeat(long, 4) + "\n" + second, events: "2", rejected: 1, line: 2, reason: "longer than 16 MiB"},
		"a good line of 10 MB":      {text: goodLine + strings.Replace(second, `"proto"`, `"other":"`+long+`","proto"`, 1), events: "2"},
		"bytes of another encoding": {text: strings.Replace(goodLine, `"proto"`, `"history":"`+"\xe4\xff"+`","proto"`, 1), events: "1"},
		"UTF-16":                    {text: utf16Text(goodLine + second), events: "2"},
		"a mark of UTF-8":           {text: "\xef\xbb\xbf" + goodLine, events: "1"},
		"a time that is none":       {text: goodLine + strings.Replace(second, "1767571200.5", `"yesterday"`, 1), events: "1"},
		"times that are none":       {text: goodLine + otherTimes(), events: "1"},
		"blank lines":               {text: "\n\n" + goodLine + "\r\n \n" + second + "\n\n", events: "2"},
		"fields too many and too few": {
			text: goodTSV + "1767571200.5\tC2\t10.0.0.1\t1\n" + strings.TrimSpace(goodTSV[strings.Index(goodTSV, "17675"):]) + "\tx\n", events: "1",
			rejected: 2, line: 5, reason: "4 fields, and the header 8",
		},
		"a header that lies within": {text: goodTSV + "#fields\tts\tuid\n" + "1767571200.5\tC2\t10.0.0.1\n", events: "1", rejected: 1, line: 6, reason: "3 fields, and the header 2"},
		"no separator":              {text: strings.Replace(goodTSV, "\\x09", "", 1), events: "1"},
		"a list that ends early":    {text: "[" + strings.TrimSpace(goodLine) + ",\n" + strings.TrimSpace(second)[:50], events: "1", rejected: 1, line: 2, reason: "ends within"},
		"a list with a stray text":  {text: "[" + strings.TrimSpace(goodLine) + ",\nnonsense\n" + strings.TrimSpace(second) + "]", events: "2", rejected: 1, line: 2, reason: "no JSON object"},
		"a text over lines":         {text: "[" + strings.TrimSpace(goodLine) + ",\n{\"uid\":\"C\n" + strings.TrimSpace(second) + "]", events: "2", rejected: 1, line: 2, reason: "does not end"},
		"deeply nested":             {text: goodLine + strings.Repeat(`{"a":`, 5000) + "\n" + strings.Repeat(`{"ä":`, 5000) + "x\n", events: "1", rejected: 2, line: 2, reason: "no JSON"},
		"nothing but bytes":         {text: strings.Repeat("\x00\xff\x13\n", 5000), events: "0", faults: "no source"},
		"nothing":                   {text: "", events: "0", faults: "no source"},
		"another log":               {text: strings.Replace(goodTSV, "\tconn\n", "\tweird\n", 1), events: "0", faults: "no source"},
		"a broken archive":          {text: string(packed([]byte(strings.Repeat(goodLine, 2000))))[:300], events: "1", faults: "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			folder := t.TempDir()
			bad := write(t, folder, "bad.log", []byte(c.text))
			good := write(t, folder, "good.log", []byte(strings.NewReplacer("C1", "C9", "203.0.113.1", "203.0.113.9").Replace(goodLine)))
			summary := b.load(bad, good)
			if n := b.count("SELECT count() FROM DB.network_events WHERE RemoteIP != '203.0.113.9'"); n != c.events && c.faults != "EOF" {
				t.Errorf("%s events, want %s", n, c.events)
			}
			if n := b.count("SELECT count() FROM DB.network_events WHERE RemoteIP = '203.0.113.9'"); n != "1" {
				t.Errorf("the good file beside it has %s events, want 1", n)
			}
			f := summary.Files[slicesIndex(summary.Files, bad)]
			if f.Rejected != c.rejected || c.rejected > 0 && (f.Rejects[0].Line != c.line || !strings.Contains(f.Rejects[0].Reason, c.reason)) {
				t.Errorf("%d rejected, %v; want %d, the first on line %d with %q", f.Rejected, f.Rejects, c.rejected, c.line, c.reason)
			}
			for _, r := range f.Rejects {
				if len(r.Reason) > 200 || !utf8.ValidString(r.Reason) {
					t.Errorf("a reason has %d bytes: %q", len(r.Reason), r.Reason)
				}
			}
			if (c.faults != "") != (f.Fault != "") || !strings.Contains(f.Fault, c.faults) {
				t.Errorf("fault %q, want one with %q", f.Fault, c.faults)
			}
			kept := b.ask("SELECT toString(count()) AS N, toString(ifNull(any(Line), 0)) AS L FROM DB.import_rejects WHERE File = '"+bad+"'", "N", "L")
			if want := string('0' + rune(c.rejected)); kept[0][:1] != want {
				t.Errorf("%s rejects are kept, want %s", kept[0][:1], want)
			}
		})
	}
}

// otherTimes are lines whose time cannot be read; each must land, and be no event.
func otherTimes() string {
	var b strings.Builder
	for _, at := range []string{"1e400", "-1", "0", `"nan"`, `"inf"`, "99999999999999999999", `"2026-13-45T99:00:00Z"`, `"9999-99-99"`, "null", "[]", "{}", `""`, "true", "4102444800e9"} {
		b.WriteString(strings.Replace(goodLine, "1767571200.5", at, 1))
	}
	return b.String()
}

func slicesIndex(files []ingest.FileSummary, path string) int {
	for i, f := range files {
		if f.Path == path {
			return i
		}
	}
	return 0
}

// A file may unpack to a thousand times its size, in one line or in many.
func TestABombTakesBoundedMemory(t *testing.T) {
	for name, piece := range map[string]string{"one line": strings.Repeat("\x00", 1<<20), "many lines": strings.Repeat(strings.Repeat("{", 1023)+"\n", 1024)} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			var bomb bytes.Buffer
			w, _ := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
			_, _ = io.WriteString(w, goodLine)
			for range 300 {
				_, _ = io.WriteString(w, piece)
			}
			_ = w.Close()
			path := write(t, t.TempDir(), "bomb.gz", bomb.Bytes())
			bomb.Reset()
			most := mostMemory(t)
			summary := b.load(path)
			if f := summary.Files[0]; f.Rejected == 0 || len(f.Rejects) == 0 {
				t.Errorf("nothing was told: %+v", f)
			}
			if got := most() >> 20; got > 256 {
				t.Errorf("%d MiB, want at most 256", got)
			}
		})
	}
}

// mostMemory watches how much memory this process has in use.
func mostMemory(t *testing.T) func() uint64 {
	t.Helper()
	runtime.GC()
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		var n uint64
		for {
			select {
			case <-done:
				most <- n
				return
			case <-time.After(5 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				n = max(n, m.HeapInuse)
			}
		}
	}()
	return func() uint64 { close(done); return <-most }
}

func TestWhatIsFoundInFolders(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "2026-01-05/conn.log", nil)
	write(t, folder, "conn.log", nil)
	write(t, folder, ".hidden/conn.log", nil)
	write(t, folder, ".state", nil)
	files, err := ingest.Find([]string{folder, filepath.Join(folder, "conn.log")})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		rel, _ := filepath.Rel(folder, f.Path)
		names = append(names, filepath.ToSlash(rel))
	}
	if got := strings.Join(names, " "); got != "2026-01-05/conn.log conn.log conn.log" {
		t.Errorf("found %s", got)
	}
	if _, err := ingest.Find([]string{filepath.Join(folder, "nowhere")}); err == nil {
		t.Error("a path that is not there is no error")
	}
}
