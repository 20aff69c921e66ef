package ingest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// logKind writes lines from..to of a log whose last field, as far as its format lets, is an address.
type logKind struct {
	name        string // of the file
	header      string
	line        func(i int) string
	mayGoOn     bool // a line that was cut within its last field can be read
	occurrences bool // lines of one file that are alike are several events
}

func logKinds() map[string]logKind {
	second := func(i int) string { return fmt.Sprintf("2025-11-29T%02d:%02d:%02dZ", i/3600, i/60%60, i%60) }
	return map[string]logKind{
		"Squid": {"access.log", "", func(i int) string {
			return fmt.Sprintf("%d.123    150 10.0.0.5 TCP_MISS/200 5000 GET http://c2.example.org/ - HIER_DIRECT/203.0.113.9 text/html", 1764410400+60*i)
		}, true, true},
		"a proxy's CSV": {"proxy.csv", "timestamp,client_ip,url,server_ip", func(i int) string {
			return fmt.Sprintf("%d,10.0.0.5,https://c2.example.org/,203.0.113.190", 1764410400+60*i)
		}, true, true},
		"Defender's CSV": {"New query.csv", "Timestamp,DeviceId,DeviceName,ActionType,RemotePort,RemoteIP", func(i int) string {
			return second(i) + ",d1,ws-1,ConnectionSuccess,443,203.0.113.190"
		}, true, true},
		"Defender's CSV with ReportId": {"New query.csv", "Timestamp,DeviceId,DeviceName,ActionType,RemotePort,ReportId,RemoteIP", func(i int) string {
			return fmt.Sprintf("%s,d1,ws-1,ConnectionSuccess,443,%d,203.0.113.190", second(i), i+1)
		}, true, false},
		"Zeek's TSV": {"conn.log", "#separator \\x09\n#unset_field\t-\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_p\tproto\tconn_state\tid.resp_h", func(i int) string {
			return fmt.Sprintf("%d.5\tC%d\t10.0.0.5\t5000\t443\ttcp\tSF\t203.0.113.190", 1764410400+60*i, i)
		}, true, false},
		"Zeek's JSON": {"conn.json", "", func(i int) string {
			return fmt.Sprintf(`{"ts":%d,"uid":"C%d","id.orig_h":"10.0.0.5","id.orig_p":1,"id.resp_p":443,"proto":"tcp","conn_state":"SF","id.resp_h":"203.0.113.190"}`, 1764410400+60*i, i)
		}, false, false},
		"Sysmon": {"sysmon.json", "", func(i int) string {
			return fmt.Sprintf(`{"EventID":3,"Hostname":"WS-1","UtcTime":"%s","ProcessGuid":"{1}","Image":"C:\\a.exe","Protocol":"tcp","Initiated":"true","SourceIp":"10.0.0.5","SourcePort":"1000","DestinationPort":"443","DestinationIp":"203.0.113.190"}`, strings.NewReplacer("T", " ", "Z", ".123").Replace(second(i)))
		}, false, true},
		"ECS": {"ecs.json", "", func(i int) string {
			return fmt.Sprintf(`{"@timestamp":"%s","source":{"ip":"10.0.0.5","port":1000},"destination":{"port":443,"ip":"203.0.113.190"}}`, second(i))
		}, false, true},
		"OCSF": {"ocsf.json", "", func(i int) string {
			return fmt.Sprintf(`{"class_uid":4001,"activity_id":6,"time":%d,"src_endpoint":{"ip":"10.0.0.5","port":5000},"dst_endpoint":{"port":443,"ip":"203.0.113.190"}}`, 1764410400000+1000*i)
		}, false, true},
	}
}

func (k logKind) lines(from, to int) string {
	var b strings.Builder
	if k.header != "" {
		b.WriteString(k.header + "\n")
	}
	for i := from; i < to; i++ {
		b.WriteString(k.line(i) + "\n")
	}
	return b.String()
}

// events are how many events there are, how many at different times, and how many of a wrong address.
func (b *bench) events() string {
	b.Helper()
	return b.count("SELECT concat(toString(count()), ' ', toString(uniqExact(Timestamp)), ' ', toString(countIf(RemoteIP NOT IN ('203.0.113.9', '203.0.113.190')))) FROM DB.network_events")
}

// A log that is read while its last line is written: the rest is read when it is there, and nothing twice.
func TestALineThatIsWrittenYetIsReadWhenItHasItsEnd(t *testing.T) {
	for name, k := range logKinds() {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			folder, whole := t.TempDir(), k.lines(0, 100)
			path := write(t, folder, k.name, []byte(whole[:len(whole)-4]))
			f := b.load(path).Files[0]
			if k.mayGoOn != (f.Unfinished > 0) || f.Fault != "" {
				t.Errorf("the unfinished line is told as %d, fault %q", f.Unfinished, f.Fault)
			}
			if got := b.events(); got != "99 99 0" {
				t.Errorf("with half a line: events, times and wrong addresses are %s, want 99 99 0", got)
			}
			write(t, folder, k.name, []byte(whole+strings.TrimPrefix(k.lines(100, 110), k.header+"\n")))
			f = b.load(path).Files[0]
			if f.Known != f.Records-11 || f.Unfinished > 0 {
				t.Errorf("of %d records %d were known, want all but 11", f.Records, f.Known)
			}
			if got := b.events(); got != "110 110 0" {
				t.Errorf("when it has grown: events, times and wrong addresses are %s, want 110 110 0", got)
			}
		})
	}
}

// A file that is whole may lack the end of its last line. It is read where nothing is written to it any more, and once.
func TestALastLineWithoutAnEndIsReadOfAFileThatIsOver(t *testing.T) {
	long := time.Now().Add(-time.Hour)
	for _, name := range []string{"Squid", "Zeek's TSV", "Zeek's JSON"} {
		k := logKinds()[name]
		whole := k.lines(0, 20)
		text := []byte(strings.TrimSuffix(whole, "\n"))
		for how, files := range map[string]func(t *testing.T, folder string) []string{
			"quiet": func(t *testing.T, folder string) []string {
				path := write(t, folder, k.name, text)
				if err := os.Chtimes(path, long, long); err != nil {
					t.Fatal(err)
				}
				return []string{path}
			},
			"packed": func(t *testing.T, folder string) []string {
				return []string{write(t, folder, k.name+".gz", packed(text))}
			},
			"after it with one": func(t *testing.T, folder string) []string {
				return []string{write(t, folder, "a", []byte(whole)), write(t, folder, "b.gz", packed(text))}
			},
			"before it with one": func(t *testing.T, folder string) []string {
				return []string{write(t, folder, "b.gz", packed(text)), write(t, folder, "a", []byte(whole))}
			},
			"known, and not over": func(t *testing.T, folder string) []string {
				return []string{write(t, folder, "a", []byte(whole)), write(t, folder, "b", text)}
			},
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				b := newBench(t)
				for i, path := range files(t, t.TempDir()) {
					f := b.load(path).Files[0]
					if f.Unfinished > 0 || i > 0 && f.Known != f.Records {
						t.Errorf("%s: %d records, %d known, line %d unfinished", path, f.Records, f.Known, f.Unfinished)
					}
				}
				if got := b.events(); got != "20 20 0" {
					t.Errorf("events, times and wrong addresses are %s, want 20 20 0", got)
				}
			})
		}
	}
}

// What one file held before and holds now counts once, as what two files hold: it was rotated by copying, or came by the standard input.
func TestWhatTwoReadingsShareCountsOnce(t *testing.T) {
	for name, k := range logKinds() {
		// Of the other logs the first two: all are numbered in the same way.
		for how, c := range map[string]struct {
			readings []string
			want     string
		}{
			"the end of one is the beginning of the next": {[]string{k.lines(0, 100), k.lines(50, 150)}, "150 150 0"},
			"the next lacks a middle":                     {[]string{k.lines(0, 100), k.lines(0, 30) + strings.TrimPrefix(k.lines(60, 150), k.header+"\n")}, "150 150 0"},
			"the next begins later":                       {[]string{k.lines(50, 150), k.lines(0, 100)}, "150 150 0"},
			"grown, and then another":                     {[]string{k.lines(0, 50), k.lines(0, 100), k.lines(80, 120), k.lines(80, 150)}, "150 150 0"},
		} {
			for _, stdin := range []bool{false, true} {
				if name != "Squid" && (stdin || len(c.readings) > 2 || c.readings[0] != k.lines(0, 100)) {
					continue
				}
				t.Run(fmt.Sprintf("%s, %s, by the standard input: %v", name, how, stdin), func(t *testing.T) {
					b := newBench(t)
					folder := t.TempDir()
					for _, text := range c.readings {
						if stdin {
							b.pipe(text)
						} else {
							b.load(write(t, folder, k.name, []byte(text)))
						}
					}
					if got := b.events(); got != c.want {
						t.Errorf("events, times and wrong addresses are %s, want %s", got, c.want)
					}
				})
			}
		}
		if !k.occurrences {
			continue
		}
		t.Run(name+", lines of one file that are alike", func(t *testing.T) {
			b := newBench(t)
			folder := t.TempDir()
			text := k.lines(0, 10) + k.line(9) + "\n"
			b.load(write(t, folder, k.name, []byte(text)))
			b.load(write(t, folder, k.name, []byte(text+k.line(9)+"\n")))
			b.load(write(t, folder, filepath.Join("other", k.name), []byte(text+k.line(9)+"\n"+k.line(10)+"\n")))
			if got := b.events(); got != "13 11 0" {
				t.Errorf("events, times and wrong addresses are %s, want 13 11 0", got)
			}
		})
	}
}

// pipe imports a text by the standard input.
func (b *bench) pipe(text string) ingest.Summary {
	b.Helper()
	files, err := ingest.Find([]string{ingest.Stdin})
	if err != nil {
		b.Fatal(err)
	}
	summary, err := ingest.Import(b.Context(), ingest.Options{
		Client: b.client, Database: b.server.Database, Table: settings.DefaultTable, Sources: b.sources, Internal: b.internal, Stdin: strings.NewReader(text),
	}, files)
	if err != nil {
		b.Fatal(err)
	}
	return summary
}
