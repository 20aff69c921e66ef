// Package profile tells what a window's events can be used for: how many of them each detector can look at, why not the
// rest, and what they lack. It builds statements on a bounded sample and judges their rows; it runs none.
package profile

import (
	_ "embed"
	"maps"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed profile.sql
var profileSQL string

//go:embed rows.sql
var rowsSQL string

var (
	profileTemplate = statement.Parse("profile.sql", profileSQL)
	rowsTemplate    = statement.Parse("rows.sql", rowsSQL)
)

// Bounds on a sample.
const (
	Sample       = 10_000  // events of each sensor, in whole slices of time
	sampleRows   = 500_000 // events, where one slice holds more
	mostSensors  = 50      // those with most events
	examples     = 5       // values shown of each reason
	slicesOfSpan = 2000    // of which a sample takes the newest
)

// wholeWindow is an interval, in milliseconds, of which every window is a part: buckets are counted from the epoch, before
// which nothing is.
const wholeWindow = int64(1) << 62

// Ahead is how far in the future an event may be dated before its device's clock counts as wrong: clocks differ a little.
const Ahead = 5 * time.Minute

// Request asks for the profile of a window.
type Request struct {
	Window  query.Window
	Filters []query.Filter
	Rules   []Rule
	// Now tells what lies in the future; the zero value does not ask.
	Now time.Time
}

// Statement builds the statement whose rows Read takes. The error is a *query.Error: a filter names a column that the table
// does not have.
func Statement(r Request, table schema.Table) (statement.Statement, error) {
	relations, values, err := relations(r, table, wholeWindow, Sample)
	if err != nil {
		return statement.Statement{}, err
	}
	tail, err := statement.Render(rowsTemplate, nil)
	if err != nil {
		return statement.Statement{}, err
	}
	return statement.New(relations+"\n"+strings.TrimSpace(tail), values, []statement.Column{
		{Name: "Source", Kind: statement.Text}, {Name: "Detector", Kind: statement.Text}, {Name: "Reason", Kind: statement.Text},
		{Name: "Events", Kind: statement.Integer}, {Name: "Devices", Kind: statement.Integer},
		{Name: "Oldest", Kind: statement.Time}, {Name: "Newest", Kind: statement.Time},
		{Name: "Examples", Kind: statement.List}, {Name: "Total", Kind: statement.Integer},
	})
}

// relations renders profile.sql. interval is the width of the buckets in milliseconds, perSensor how many events of each sensor
// and bucket are enough.
func relations(r Request, table schema.Table, interval int64, perSensor int64) (string, map[string]any, error) {
	reach, clock := r.Window, !r.Now.IsZero()
	if clock {
		reach.To = latest
	}
	source, err := statement.NewSource(table, reach, r.Filters)
	if err != nil {
		return "", nil, err
	}
	values := source.Values()
	maps.Copy(values, map[string]any{
		"profile_to": r.Window.To, "profile_slice": slice(r.Window, interval),
		"profile_sample": perSensor, "profile_rows": int64(sampleRows), "profile_most": int64(mostSensors) * buckets(r.Window, interval),
		"profile_examples": int64(examples),
	})
	if clock {
		values["profile_ahead"] = AheadOf(r.Window, r.Now)
	}
	rules := make([]map[string]any, len(r.Rules))
	for i, rule := range r.Rules {
		rules[i] = map[string]any{"Detector": rule.Detector, "Label": rule.Label, "Conditions": rule.conditions(table)}
		maps.Copy(values, rule.values(table))
	}
	data := sampling{Source: source, Columns: present(table), SourceColumn: []string{}, SourceName: "''", Bucket: "toInt64(0)", Rules: rules, Clock: clock}
	if table.Has(schema.EventSource) {
		data.SourceColumn, data.SourceName = []string{schema.EventSource}, schema.EventSource
	}
	if interval < wholeWindow {
		values["profile_interval"], data.Bucket = interval, "intDiv(toUnixTimestamp64Milli(Timestamp), {profile_interval:Int64})"
	}
	text, err := statement.Render(profileTemplate, data)
	return strings.TrimSpace(text), values, err
}

// sampling is what profile.sql is made from.
type sampling struct {
	Source       statement.Source
	Columns      []string
	SourceColumn []string
	SourceName   string // an expression
	Bucket       string // an expression
	Rules        []map[string]any
	Clock        bool
}

// Has reports whether the table carries a column.
func (s sampling) Has(column string) bool { return s.Source.Has(column) }

func (s sampling) byBucket() bool { return strings.Contains(s.Bucket, "Timestamp") }

// GroupBy lists what a sample is taken of beside slices; what is the same for all costs time and tells nothing.
func (s sampling) GroupBy() string {
	keys := ""
	if len(s.SourceColumn) > 0 {
		keys = "Source, "
	}
	if s.byBucket() {
		keys += "Bucket, "
	}
	return keys
}

// Key is the value by which the first slice of a sensor and interval is looked up, and KeptKey the same of what was kept; both
// are empty where there is one for all.
func (s sampling) Key() string {
	switch {
	case len(s.SourceColumn) > 0 && s.byBucket():
		return "concat(toString(Bucket), ' ', Source)"
	case len(s.SourceColumn) > 0:
		return "Source"
	case s.byBucket():
		return "Bucket"
	}
	return ""
}

// KeptKey is Key for an element k of kept.
func (s sampling) KeptKey() string {
	return strings.NewReplacer("Bucket", "tupleElement(k, 2)", "Source", "tupleElement(k, 1)").Replace(s.Key())
}

// Never is a slice after all: what was not kept is in no sample.
func (s sampling) Never() string { return "toInt64(9223372036854775807)" }

// Nothing renders the condition that a text stands for no value.
func (s sampling) Nothing(column string) string { return statement.Nothing(column) }

// PortUnknown renders the condition that an event's port is not known.
func (s sampling) PortUnknown() string { return portUnknown(s.Has) }

// latest is an instant that a DateTime64 holds at any precision: one of nine digits ends in 2262, and cannot be compared with more.
var latest = time.Date(2262, 4, 10, 23, 59, 59, 0, time.UTC)

// AheadOf is the instant from which on an event is dated in the future: to the minute, so that queries a moment apart ask the
// same.
func AheadOf(w query.Window, now time.Time) time.Time {
	end := now.UTC().Truncate(time.Minute).Add(time.Minute)
	if w.To.After(end) {
		end = w.To
	}
	return end.Add(Ahead)
}

// slice is the width of the slices of time in which a sample is taken, in milliseconds.
func slice(w query.Window, interval int64) int64 {
	return max(min(w.To.Sub(w.From).Milliseconds(), interval)/slicesOfSpan, 1000)
}

// buckets is how many intervals a window touches, at most.
func buckets(w query.Window, interval int64) int64 {
	if interval == wholeWindow {
		return 1
	}
	return w.To.Sub(w.From).Milliseconds()/interval + 2
}

// present are the canonical columns that the table has, in their order, and the texts that it lacks: they are empty.
func present(table schema.Table) []string {
	var names []string
	for _, c := range schema.Columns() {
		if table.Has(c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

func indented(text string, by int) string {
	return strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", by))
}
