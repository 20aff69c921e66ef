package ingest_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
)

// of leaves one source, as --source does.
func (b *bench) of(source string) *bench {
	b.sources = slices.DeleteFunc(slices.Clone(b.sources), func(s ingest.Source) bool { return s.Name != source })
	return b
}

// zeekLines are connections, about 170 bytes each.
func zeekLines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `{"ts":%d,"uid":"C%d","id.orig_h":"10.0.0.5","id.orig_p":5000,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","duration":1.5,"conn_state":"SF"}`+"\n", 1764410400+i, i)
	}
	return b.String()
}

func suricataFlows(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"timestamp":"2025-11-29T10:05:%02d.1+0000","flow_id":%d,"event_type":"flow","src_ip":"10.0.0.5","src_port":5000,"dest_ip":"203.0.113.9","dest_port":443,"proto":"TCP","flow":{"pkts_toserver":5,"pkts_toclient":5,"start":"2025-11-29T10:00:%02d.1+0000"}}`+"\n", i, 1000+i, i)
	}
	return b.String()
}

func defenderHub(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,{"time":"2025-11-29T10:00:00Z","category":"AdvancedHunting-DeviceNetworkEvents","properties":{"Timestamp":"2025-11-29T10:%02d:%02dZ","DeviceId":"d1","DeviceName":"ws-1","ActionType":"ConnectionSuccess","RemoteIP":"203.0.113.9","RemotePort":443,"ReportId":%d,"Note":"%s"}}`, i/60, i%60, i+1, strings.Repeat("x", 500))
	}
	return `{"records":[` + b.String()[1:] + "]}\n"
}

// What a source reads may stand far behind a file's beginning.
func TestAFileIsToldByMoreThanItsBeginning(t *testing.T) {
	stats := func(size int) string {
		one := `{"timestamp":"2025-11-29T10:00:00.0+0000","event_type":"stats","stats":{"x":"` + strings.Repeat("y", 9000) + `"}}` + "\n"
		return strings.Repeat(one, size/len(one)+1)
	}
	process := strings.Repeat(`{"EventID":1,"Hostname":"WS-1","UtcTime":"2025-11-29 10:00:00.123","Image":"C:\\a.exe","CommandLine":"a"}`+"\n", 6000)
	sysmon := `{"EventID":3,"Hostname":"WS-1","UtcTime":"2025-11-29 10:00:00.123","ProcessGuid":"{1}","Image":"C:\\a.exe","Protocol":"tcp","Initiated":"true","SourceIp":"10.0.0.5","SourcePort":"1000","DestinationIp":"203.0.113.9","DestinationPort":"443"}` + "\n"
	long := strings.Replace(zeekLines(0, 1), `"proto"`, `"note":"`+strings.Repeat("x", 5<<20)+`","proto"`, 1)
	for name, c := range map[string]struct {
		text, source string // one that is given; empty for auto
		folder       bool   // it is not named, but its folder
		events       string
		failed       bool
		fault        string
	}{
		"statistics first":                              {text: stats(100<<10) + suricataFlows(50), events: "50"},
		"other events first":                            {text: process + sysmon, events: "1"},
		"a first line of 100 kB":                        {text: strings.Replace(long, strings.Repeat("x", 5<<20), strings.Repeat("x", 100<<10), 1) + zeekLines(1, 10), events: "10"},
		"a first line of 5 MB":                          {text: long + zeekLines(1, 10), events: "10"},
		"one line that is all":                          {text: defenderHub(150), events: "150"},
		"far too many first":                            {text: stats(5<<20) + suricataFlows(50), events: "0", failed: true, fault: "no source reads"},
		"far too many first, in a folder":               {text: stats(5<<20) + suricataFlows(50), folder: true, events: "0", failed: true},
		"far too many first, but it is said whose":      {text: stats(5<<20) + suricataFlows(50), source: "suricata", events: "50"},
		"far too many first, said, in a folder":         {text: stats(5<<20) + suricataFlows(50), source: "suricata", folder: true, events: "50"},
		"it is said whose, and they are another's":      {text: zeekLines(0, 10), source: "suricata", events: "0", failed: true, fault: "none of its 10 records"},
		"another's, said, in a folder":                  {text: zeekLines(0, 10), source: "suricata", folder: true, events: "0", failed: true},
		"it is said whose, and they are no records":     {text: "nothing\nof\ninterest\n", source: "suricata", events: "0", failed: true, fault: "no source reads"},
		"no records, said, in a folder":                 {text: "[nothing]\nof=interest\n", source: "suricata", folder: true, events: "0", failed: true},
		"no path":                                       {text: strings.Replace(goodTSV, "#path\tconn\n", "", 1), events: "1"},
		"another header first":                          {text: "#set_separator\t,\n" + goodTSV, events: "1"},
		"a comment first":                               {text: "# from the sensor\n#\n" + goodTSV, events: "1"},
		"the separator of a header is the last":         {text: "#unset_field\tnone\n#path\tconn\n" + strings.Replace(strings.Replace(goodTSV, "#path\tconn\n", "", 1), "203.0.113.1", "203.0.113.1", 1), events: "1"},
		"a header without a path of a log that is none": {text: "#separator \\x09\n#fields\tts\tuid\tnote\n1767571200.5\tC1\tx\n", events: "0", failed: true, fault: "no source reads"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if c.source != "" {
				b.of(c.source)
			}
			folder := t.TempDir()
			path := write(t, folder, "a.log", []byte(c.text))
			if c.folder {
				path = folder
			}
			summary := b.load(path)
			if n := b.count("SELECT count() FROM DB.network_events"); n != c.events {
				t.Errorf("%s events, want %s", n, c.events)
			}
			fault := ""
			if len(summary.Files) > 0 {
				fault = summary.Files[0].Fault
			}
			if summary.Failed() != c.failed || (fault != "") != (c.fault != "") || !strings.Contains(fault, c.fault) {
				t.Errorf("failed is %v with %q, want %v with %q", summary.Failed(), fault, c.failed, c.fault)
			}
		})
	}
}

// What can be read once only is read whole.
func TestAPipeIsReadFromItsBeginning(t *testing.T) {
	for name, text := range map[string][]byte{"lines": []byte(zeekLines(0, 3000)), "packed": packed([]byte(zeekLines(0, 3000))), "few lines": []byte(zeekLines(0, 3))} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			out, in, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			path := fmt.Sprintf("/dev/fd/%d", out.Fd())
			if _, err := os.Stat(path); err != nil {
				t.Skipf("a pipe has no name here: %v", err)
			}
			go func() {
				_, _ = in.Write(text) // what did not arrive is missed below
				_ = in.Close()
			}()
			summary := b.load(path)
			want := "3"
			if name != "few lines" {
				want = "3000"
			}
			if n := b.count("SELECT count() FROM DB.network_events"); n != want || summary.Failed() {
				t.Errorf("%s events of a pipe, want %s: %+v", n, want, summary.Files)
			}
		})
	}
	t.Run("standard input", func(t *testing.T) {
		b := newBench(t)
		b.pipe(zeekLines(0, 3000))
		if n := b.count("SELECT count() FROM DB.network_events"); n != "3000" {
			t.Errorf("%s events, want 3000", n)
		}
	})
}

// What was read before a file's fault stands, and what stands behind it is told.
func TestABrokenArchiveIsReadToItsFault(t *testing.T) {
	text := []byte(zeekLines(0, 2000))
	gz := packed(text)
	for name, c := range map[string]struct {
		packed []byte
		least  int // events
		fault  bool
	}{
		"cut":                      {gz[:len(gz)*3/4], 500, true},
		"cut in the checksum":      {gz[:len(gz)-3], 2000, true},
		"a wrong checksum":         {append(bytes.Clone(gz[:len(gz)-8]), "wrongsum"...), 2000, true},
		"zeros behind it":          {append(bytes.Clone(gz), make([]byte, 512)...), 2000, false},
		"members":                  {append(bytes.Clone(gz), packed([]byte(zeekLines(2000, 2500)))...), 2500, false},
		"members with zeros":       {append(append(bytes.Clone(gz), make([]byte, 512)...), packed([]byte(zeekLines(2000, 2500)))...), 2500, false},
		"something else behind it": {append(bytes.Clone(gz), "something else"...), 2000, true},
		"one byte of a member":     {append(bytes.Clone(gz), 0x1f), 2000, true},
		"no line at all":           {gz[:15], 0, true},
	} {
		for _, stdin := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, by the standard input: %v", name, stdin), func(t *testing.T) {
				b := newBench(t)
				var f ingest.FileSummary
				if stdin {
					f = b.pipe(string(c.packed)).Files[0]
				} else {
					f = b.load(write(t, t.TempDir(), "a.gz", c.packed)).Files[0]
				}
				if (f.Fault != "") != c.fault {
					t.Errorf("the fault is %q, want one: %v", f.Fault, c.fault)
				}
				n := 0
				if c.least > 0 { // otherwise there is no table
					_, _ = fmt.Sscan(b.count("SELECT count() FROM DB.network_events"), &n)
				}
				if n < c.least || n > c.least && c.least >= 2000 {
					t.Errorf("%d events, want %d", n, c.least)
				}
				if n > 0 && c.fault {
					b.load(write(t, t.TempDir(), "whole.gz", gz))
					if n := b.count("SELECT count() FROM DB.network_events"); n != "2000" {
						t.Errorf("when the whole file came, there are %s events, want 2000", n)
					}
				}
			})
		}
	}
}

// What cannot be looked at is told, and the others are read.
func TestWhatCannotBeLookedAtEndsNothing(t *testing.T) {
	b := newBench(t)
	folder := t.TempDir()
	write(t, folder, "a/conn.json", []byte(zeekLines(0, 10)))
	write(t, folder, "z/conn.json", []byte(zeekLines(10, 20)))
	loop := filepath.Join(folder, "m", "loop")
	if err := os.MkdirAll(filepath.Dir(loop), 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{loop: loop, filepath.Join(folder, "nowhere"): filepath.Join(folder, "gone")} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	faults := 1
	if os.Geteuid() != 0 { // who may read everything
		for _, name := range []string{"n", "b"} {
			closed := filepath.Dir(write(t, folder, name+"/conn.json", []byte(zeekLines(20, 30))))
			if err := os.Chmod(closed, 0); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(closed, 0o700) })
		}
		faults = 3
	}
	summary := b.load(folder, loop)
	told := 0
	for _, f := range summary.Files {
		if f.Fault != "" {
			told++
		}
	}
	if told != faults+1 || !summary.Failed() {
		t.Errorf("%d faults, failed is %v; want %d: %+v", told, summary.Failed(), faults+1, summary.Files)
	}
	if n := b.count("SELECT count() FROM DB.network_events"); n != "20" {
		t.Errorf("%s events, want 20", n)
	}
}
