package ingest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Summary is what came of an import.
type Summary struct {
	Files  []FileSummary // that a source reads, and those named that none does
	Unread []string      // files in the folders that no source reads
	Made   []Made
}

// FileSummary is what came of one file.
type FileSummary struct {
	Path, Source, Format string
	Fault                string         // why it was not read, or not to its end; empty for none
	Records              int64          // that it holds, headers included
	Known                int64          // of them, that were imported before
	Rows                 map[string]int // written, by log
	Others               int64          // records that the source does not read
	Unfinished           int64          // the last line, where it has no end yet and was left; 0 for none
	Rejected             int64
	Rejects              []Reject // the first of them
}

// Made is what was made of one source's landing tables.
type Made struct {
	Source string
	Kind   Kind
	Hours  int // made anew
	// Rows, devices, and the first and last time of what is there now of the hours.
	Rows, Devices int64
	First, Last   time.Time
	Undated       int64 // landing rows whose time cannot be read
	Kept          int   // hours that were left, since their landing rows are gone
}

func (s *Summary) add(f FileSummary) { s.Files = append(s.Files, f) }

// Rejected is how many records could not be read.
func (s Summary) Rejected() int64 {
	n := int64(0)
	for _, f := range s.Files {
		n += f.Rejected
	}
	return n
}

// shownRejects is how many rejects of a file the summary holds.
const shownRejects = 5

func (f *FileSummary) reject(list []Reject) {
	f.Rejected += int64(len(list))
	for _, r := range list[:min(len(list), shownRejects-len(f.Rejects))] {
		r.Text = strings.Clone(r.Text) // which is a piece of a large one
		f.Rejects = append(f.Rejects, r)
	}
}

func (f *FileSummary) count(log string, rows int) {
	if f.Rows == nil {
		f.Rows = map[string]int{}
	}
	f.Rows[log] += rows
}

// hopeless says that nothing of a file can be read, so far: it is not what its beginning looked like.
func (f *FileSummary) hopeless() bool {
	return len(f.Rows) == 0 && f.Known == 0 && f.Rejected > hopelessAfter
}

const hopelessAfter = 1000

// String is the reject in one line.
func (r Reject) String() string { return fmt.Sprintf("%s:%d: %s", r.File, r.Line, r.Reason) }

// Failed says that a file could not be read, or not to its end; or that there are files, and nothing of them could be used.
func (s Summary) Failed() bool {
	useless := len(s.Unread) > 0 || slices.ContainsFunc(s.Files, func(f FileSummary) bool { return f.Others > 0 })
	return slices.ContainsFunc(s.Files, func(f FileSummary) bool { return f.Fault != "" }) ||
		useless && !slices.ContainsFunc(s.Files, FileSummary.used)
}

// used says that the source reads something of the file.
func (f FileSummary) used() bool { return len(f.Rows) > 0 || f.Known > 0 }
