package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// progressBar shows how far an import is: one line that is written over on a terminal, and otherwise a line now and then.
type progressBar struct {
	sync.Mutex
	out      io.Writer
	terminal bool
	started  time.Time
	shown    time.Time
	drawn    bool
}

func newProgressBar(out io.Writer) *progressBar {
	b := &progressBar{out: out, started: time.Now()}
	if file, ok := out.(interface{ Stat() (os.FileInfo, error) }); ok {
		info, err := file.Stat()
		b.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	b.shown = b.started
	return b
}

func (b *progressBar) took() time.Duration { return time.Since(b.started) }

// every is how often something is shown.
func (b *progressBar) every() time.Duration {
	if b.terminal {
		return 200 * time.Millisecond
	}
	return 10 * time.Second
}

func (b *progressBar) show(p ingest.Progress) {
	b.Lock()
	defer b.Unlock()
	if time.Since(b.shown) < b.every() {
		return
	}
	b.shown = time.Now()
	line := progressLine(p, time.Since(b.started))
	if b.terminal {
		fmt.Fprintf(b.out, "\r\x1b[K%s", line)
		b.drawn = true
		return
	}
	fmt.Fprintln(b.out, line)
}

func progressLine(p ingest.Progress, took time.Duration) string {
	if p.Making {
		return fmt.Sprintf("making events: %d of %d hours", p.Made, p.Hours)
	}
	rate := float64(p.Records) / took.Seconds()
	if p.Size == 0 {
		return fmt.Sprintf("%s records, %s a second", thousands.Apart(p.Records), thousands.Apart(int64(rate)))
	}
	share := min(float64(p.Taken)/float64(p.Size), 1)
	left := ""
	if share > 0 {
		left = fmt.Sprintf(", %s left", time.Duration(float64(took)*(1-share)/share).Round(time.Second))
	}
	const width = 24
	full := int(share * width)
	return fmt.Sprintf("[%s%s] %3.0f %%  %s records, %s a second%s", strings.Repeat("=", full), strings.Repeat(" ", width-full),
		share*100, thousands.Apart(p.Records), thousands.Apart(int64(rate)), left)
}

// end takes the line away.
func (b *progressBar) end() {
	b.Lock()
	defer b.Unlock()
	if b.drawn {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

// printImport tells what came of an import.
func (p program) printImport(s ingest.Summary, took time.Duration) {
	var records, known, others int64
	read := 0
	bySource := map[string]map[string]int{}
	for _, f := range s.Files {
		records, known, others = records+f.Records, known+f.Known, others+f.Others
		if f.Fault == "" {
			read++
		}
		if f.Source != "" && bySource[f.Source] == nil {
			bySource[f.Source] = map[string]int{}
		}
		for log, n := range f.Rows {
			bySource[f.Source][log] += n
		}
	}
	p.say("Files     %d read, %s records in %.1f s", read, thousands.Apart(records), took.Seconds())
	if known > 0 {
		p.say("          %s records were imported before", thousands.Apart(known))
	}
	if others > 0 {
		p.say("          %s records are of logs that are not read", thousands.Apart(others))
	}
	for _, source := range sortedKeys(bySource) {
		for _, log := range sortedKeys(bySource[source]) {
			p.say("Landed    %s rows in %s_%s", thousands.Apart(int64(bySource[source][log])), source, log)
		}
	}
	p.printMade(s.Made)
	p.printUnread(s)
}

// printMade tells what was made of landing tables.
func (p program) printMade(list []ingest.Made) {
	for _, m := range list {
		p.say("%-9s %s of %s, %s devices%s; %d hours made", map[ingest.Kind]string{ingest.Events: "Events", ingest.DNS: "DNS"}[m.Kind],
			thousands.Apart(m.Rows), m.Source, thousands.Apart(m.Devices), spanOf(m), m.Hours)
		if m.Undated > 0 {
			p.say("          %s rows have no time that can be read, and are no events", thousands.Apart(m.Undated))
		}
		if m.Kept > 0 {
			p.say("          %d hours were left as they are, since their landing rows are gone", m.Kept)
		}
	}
}

func spanOf(m ingest.Made) string {
	if m.Rows == 0 {
		return ""
	}
	const layout = "2006-01-02 15:04:05"
	return fmt.Sprintf(", %s to %s UTC", m.First.UTC().Format(layout), m.Last.UTC().Format(layout))
}

// shownFiles is how many of the files that no source reads are named.
const shownFiles = 5

func (p program) printUnread(s ingest.Summary) {
	if n := s.Rejected(); n > 0 {
		p.say("Rejected  %s records that cannot be read, kept in import_rejects:", thousands.Apart(n))
	}
	for _, f := range s.Files {
		for _, r := range f.Rejects {
			p.say("          %s", r)
		}
		if more := f.Rejected - int64(len(f.Rejects)); more > 0 {
			p.say("          … and %s more of %s", thousands.Apart(more), f.Path)
		}
	}
	for _, f := range s.Files {
		if f.Unfinished > 0 {
			p.say("Left      %s:%d: its last line has no end yet; it is read when it has one, or when nothing was written to the file for %.0f minutes", f.Path, f.Unfinished, ingest.Quiet.Minutes())
		}
	}
	for _, f := range s.Files {
		if f.Fault != "" {
			p.say("Fault     %s: %s", f.Path, f.Fault)
		}
	}
	if n := len(s.Unread); n > 0 {
		names := strings.Join(s.Unread[:min(n, shownFiles)], ", ")
		if n > shownFiles {
			names += " …"
		}
		p.say("Not read  %d files that no source knows: %s", n, names)
	}
}

// say prints a line. Where nobody can read it there is nobody to tell.
func (p program) say(format string, args ...any) { fmt.Fprintf(p.stdout, format+"\n", args...) }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
