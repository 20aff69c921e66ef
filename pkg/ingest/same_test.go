package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// made is what an import comes to, but for where it came from.
func (b *bench) made() string {
	b.Helper()
	return b.content("network_events") + ", " + b.content("dns_events")
}

const connections = 600

func TestTheSameLogsComeToTheSameRows(t *testing.T) {
	logs := makeLogs(connections)
	want := func() string {
		b := newBench(t)
		b.load(logs.whole(t))
		if n := b.count("SELECT count() FROM DB.network_events"); n != fmt.Sprint(connections) {
			t.Fatalf("%s events, want %d", n, connections)
		}
		return b.made()
	}()
	pieces := func(t *testing.T, write1 func(folder, name string, log *zeekLog, path string, rows [][]string)) string {
		folder := t.TempDir()
		for name, log := range logs {
			for i := 0; i < len(log.rows); i += 150 {
				write1(folder, fmt.Sprintf("2026-01-05/%s.%02d.log", name, i/150), log, name, log.rows[i:min(i+150, len(log.rows))])
			}
		}
		return folder
	}
	for name, paths := range map[string]func(t *testing.T) []string{
		"twice": func(t *testing.T) []string { f := logs.whole(t); return []string{f, f} },
		"as JSON": func(t *testing.T) []string {
			folder := t.TempDir()
			for name, log := range logs {
				write(t, folder, name+".json", log.jsonOf(log.rows))
			}
			return []string{folder}
		},
		"as one JSON list a log": func(t *testing.T) []string {
			folder := t.TempDir()
			for name, log := range logs {
				text := bytes.TrimSpace(log.jsonOf(log.rows))
				write(t, folder, name+".json", append(append([]byte("[\n"), bytes.ReplaceAll(text, []byte("\n"), []byte(",\n"))...), ']'))
			}
			return []string{folder}
		},
		"rotated": func(t *testing.T) []string {
			return []string{pieces(t, func(folder, name string, log *zeekLog, path string, rows [][]string) {
				write(t, folder, name, log.tsvOf(path, rows))
			})}
		},
		"rotated and packed": func(t *testing.T) []string {
			return []string{pieces(t, func(folder, name string, log *zeekLog, path string, rows [][]string) {
				write(t, folder, name+".gz", packed(log.tsvOf(path, rows)))
			})}
		},
		"whole, and in pieces, and as JSON": func(t *testing.T) []string {
			return []string{logs.whole(t), pieces(t, func(folder, name string, log *zeekLog, path string, rows [][]string) {
				write(t, folder, name, log.tsvOf(path, rows))
			}), pieces(t, func(folder, name string, log *zeekLog, path string, rows [][]string) {
				write(t, folder, name, log.jsonOf(rows))
			})}
		},
		"without ends of lines at the end, and with two": func(t *testing.T) []string {
			folder := t.TempDir()
			for name, log := range logs {
				text := log.jsonOf(log.rows)
				write(t, folder, name+".json", bytes.ReplaceAll(bytes.TrimSpace(text), []byte("\n"), []byte("\r\n\r\n")))
			}
			return []string{folder}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if summary := b.load(paths(t)...); summary.Rejected() > 0 || summary.Failed() {
				t.Errorf("not all was read: %+v", summary)
			}
			if got := b.made(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	t.Run("over HTTP", func(t *testing.T) {
		b := benchOver(t, settings.HTTP)
		b.load(logs.whole(t))
		if got := b.made(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("one file at a time, names last, and each again under another name", func(t *testing.T) {
		b := newBench(t)
		folder := logs.whole(t)
		for _, log := range []string{"conn", "http", "ssl", "dns"} {
			b.load(filepath.Join(folder, log+".log"))
			text, err := os.ReadFile(filepath.Join(folder, log+".log"))
			if err != nil {
				t.Fatal(err)
			}
			summary := b.load(write(t, t.TempDir(), "other.gz", packed(text)))
			if f := summary.Files[0]; f.Known != f.Records || len(f.Rows) > 0 {
				t.Errorf("%s was not known again: %+v", log, f)
			}
		}
		if got := b.made(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("while the files grow", func(t *testing.T) {
		b := newBench(t)
		folder := logs.whole(t)
		growing := t.TempDir()
		for _, share := range []int{1, 4, 10} {
			for name := range logs {
				text, err := os.ReadFile(filepath.Join(folder, name+".log"))
				if err != nil {
					t.Fatal(err)
				}
				write(t, growing, name+".log", text[:len(text)*share/10])
			}
			b.load(growing)
		}
		if got := b.made(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if n := b.count("SELECT count() FROM DB.zeek_conn"); n != fmt.Sprint(connections) {
			t.Errorf("%s rows landed, want %d", n, connections)
		}
	})
	// Cut wherever the import tells how far it is: between parts, before the hours and between them.
	for _, size := range []int{0, 4 << 10} {
		t.Run(fmt.Sprintf("cut again and again, in parts of %d", size), func(t *testing.T) {
			b := newBench(t)
			folder := logs.whole(t)
			files, err := ingest.Find([]string{folder})
			if err != nil {
				t.Fatal(err)
			}
			for cutAt := 1; ; cutAt += 1 + cutAt/2 {
				ctx, cancel := context.WithCancel(t.Context())
				told := 0
				_, err := ingest.Import(ctx, ingest.Options{
					Client: b.client, Database: b.server.Database, Table: settings.DefaultTable, Sources: b.sources, Internal: b.internal, PartSize: size,
					Progress: func(ingest.Progress) {
						if told++; told == cutAt {
							cancel()
						}
					},
				}, files)
				cancel()
				if err == nil {
					break
				}
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
			}
			if got := b.made(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if n := b.count("SELECT count() FROM DB.zeek_conn"); n != fmt.Sprint(connections) {
				t.Errorf("%s rows landed, want %d", n, connections)
			}
		})
	}
	t.Run("known again in parts of another size", func(t *testing.T) {
		b := newBench(t)
		folder := logs.whole(t)
		files, err := ingest.Find([]string{folder})
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{32 << 10, 2 << 10, 1 << 20} {
			summary, err := ingest.Import(t.Context(), ingest.Options{
				Client: b.client, Database: b.server.Database, Table: settings.DefaultTable, Sources: b.sources, Internal: b.internal, PartSize: size,
			}, files)
			if err != nil {
				t.Fatal(err)
			}
			if size != 32<<10 && slices.ContainsFunc(summary.Files, func(f ingest.FileSummary) bool { return f.Known != f.Records }) {
				t.Errorf("in parts of %d bytes not all was known again: %+v", size, summary.Files)
			}
		}
		if got := b.made(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
