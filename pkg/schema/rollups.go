package schema

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A roll-up is a table beside the events table in which events that differ in nothing but their time and bytes, within one
// bucket of time, are one row with their number, the sums of their bytes and their first and last time. Detectors look at
// nothing else, so that they answer from whole buckets as they would from the events.

// Grain is the width of a roll-up's buckets, which are counted from the epoch, in UTC.
type Grain struct {
	Suffix string // of the names of its view and in the coverage, after the events table's; and of its table's, see Table
	Width  time.Duration
}

// Table returns the name of the table that keeps the grain, beside an events table. The beacon roll-ups share one, so that a
// statement reads both of them in one go: ClickHouse makes a hash table for each stream of each source.
func (g Grain) Table(table string) string {
	if g == BeaconsDaily || g == BeaconsHourly {
		return table + "_beacons"
	}
	return table + g.Suffix
}

// Hours is the width in hours, as the column Hours of the beacon roll-ups has it.
func (g Grain) Hours() int { return int(g.Width.Hours()) }

// The grains.
var (
	Hourly = Grain{Suffix: "_1h", Width: time.Hour}
	Daily  = Grain{Suffix: "_1d", Width: 24 * time.Hour}
)

// Grains returns the grains that keep every column which detectors compare, the coarsest first.
func Grains() []Grain { return []Grain{Daily, Hourly} }

// The grains of the beacon roll-ups. They hold only the connections that beaconing looks at by default, and keep of their
// group no more than its hash: a row stands for all of a group's connections in the bucket. They are filled from the
// roll-ups of the same width.
var (
	BeaconsHourly = Grain{Suffix: "_beacons_1h", Width: Hourly.Width}
	BeaconsDaily  = Grain{Suffix: "_beacons_1d", Width: Daily.Width}
)

// BeaconGrains returns the grains of the beacon roll-ups, the coarsest first.
func BeaconGrains() []Grain { return []Grain{BeaconsDaily, BeaconsHourly} }

// AllGrains returns the grains of every roll-up, after those that they are filled from.
func AllGrains() []Grain { return append(Grains(), BeaconGrains()...) }

// Finer returns the grain whose rows fill a beacon roll-up or its names; ok is false for the others, which events fill.
func (g Grain) Finer() (from Grain, ok bool) {
	switch g {
	case BeaconsDaily:
		return Daily, true
	case BeaconsHourly, BeaconNames:
		return Hourly, true
	}
	return Grain{}, false
}

// RollupTables returns a grain of each table that roll-ups need beside their coverage, in an order in which their tables may be
// created. Of the beacon roll-ups, which share one, it is BeaconsDaily.
func RollupTables() []Grain { return append(Grains(), BeaconsDaily, BeaconNames) }

// RollupViews returns the grains of every view, in an order in which they may be created: what fills others comes after
// their views, so that they miss nothing.
func RollupViews() []Grain { return append(append(BeaconGrains(), BeaconNames), Grains()...) }

// BeaconNames is the grain of the table that holds the names of the beacon roll-ups' groups: one row a week, hash, DeviceId,
// DeviceName, RemoteIP and RemoteUrl. Weeks count from the epoch as all buckets do, and begin on Thursdays.
var BeaconNames = Grain{Suffix: "_beacons_names", Width: 7 * 24 * time.Hour}

// View returns the name of the materialized view that fills the roll-up of an events table.
func (g Grain) View(table string) string { return table + g.Suffix + "_mv" }

// RollupRetention is how long a roll-up keeps its buckets: a week's look-back, compared over a quarter.
const RollupRetention = 90 * 24 * time.Hour

// Columns of a roll-up beside the canonical ones.
const (
	Bucket      = "Bucket"      // the start of the bucket, which stands for Timestamp
	GroupHash   = "GroupHash"   // cityHash64 of DeviceId, DeviceName, RemoteIP and RemoteUrl; in roll-ups of the address in RemoteIP
	Connections = "Connections" // how many events the row stands for
	FirstSeen   = "FirstSeen"
	LastSeen    = "LastSeen"
	Hours       = "Hours"     // of beacon roll-ups: the bucket's width
	FirstHour   = "FirstHour" // of beacon roll-ups: hours from the epoch to the one of FirstSeen
	LastHour    = "LastHour"
)

// RollupKeys returns the canonical columns that a roll-up keeps as they are, and so can be filtered on.
func RollupKeys() []string {
	return []string{DeviceID, DeviceName, RemoteIP, RemoteURL, ActionType, RemotePort, InitiatingProcessFileName}
}

// CoverageName returns the name of the table that says which buckets are complete.
func CoverageName(table string) string { return table + "_rollup_coverage" }

// Span is the half-open time [From, To).
type Span struct{ From, To time.Time }

// Rollups says which buckets of an events table's roll-ups are complete: by grain, sorted spans that do not touch each
// other, of whole buckets.
type Rollups map[Grain][]Span

// WithRollups returns the table with its roll-ups.
func (t Table) WithRollups(r Rollups) Table {
	t.rollups = r
	return t
}

// Rollups returns the table's roll-ups; none where it has none, or where nothing is complete in them.
func (t Table) Rollups() Rollups { return t.rollups }

// CanRoll says why the table can have no roll-ups; an empty text when it can.
func (t Table) CanRoll() string {
	if missing := t.Missing(append(RollupKeys(), SentBytes, ReceivedBytes)...); len(missing) > 0 {
		return "it lacks " + strings.Join(missing, ", ")
	}
	for _, name := range []string{Timestamp, RemotePort} {
		if Nullable(t.Column(name).Type) {
			return fmt.Sprintf("its column %s may be NULL", t.Column(name).Name)
		}
	}
	return ""
}

// Rollup describes a roll-up of the table as if it were an events table.
func (t Table) Rollup(g Grain) Table {
	columns := map[string]Described{
		Timestamp:     {Name: Bucket, Type: "DateTime64(3, 'UTC')"},
		SentBytes:     {Name: SentBytes, Type: "Nullable(UInt64)"}, // a sum that is never negative
		ReceivedBytes: {Name: ReceivedBytes, Type: "Nullable(UInt64)"},
	}
	for _, name := range RollupKeys() {
		columns[name] = Described{Name: name, Type: t.RollupType(name)}
	}
	return Table{Database: t.Database, Name: g.Table(t.Name), columns: columns}
}

// RollupType returns the type of one of RollupKeys.
func (t Table) RollupType(key string) string {
	switch key {
	case RemoteIP, RemoteURL:
		return "String"
	case RemotePort:
		return t.Column(RemotePort).Type
	default:
		return "LowCardinality(String)"
	}
}

// CommonSpans returns what lies in spans of both, which are sorted and do not touch.
func CommonSpans(a, b []Span) []Span {
	var common []Span
	for _, one := range a {
		for _, other := range b {
			s := one
			if other.From.After(s.From) {
				s.From = other.From
			}
			if other.To.Before(s.To) {
				s.To = other.To
			}
			if s.From.Before(s.To) {
				common = append(common, s)
			}
		}
	}
	return common
}

// MergeSpans sorts spans and joins those that touch or overlap.
func MergeSpans(spans []Span) []Span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	var merged []Span
	for _, s := range spans {
		if last := len(merged) - 1; last >= 0 && !s.From.After(merged[last].To) {
			if s.To.After(merged[last].To) {
				merged[last].To = s.To
			}
			continue
		}
		merged = append(merged, s)
	}
	return merged
}
