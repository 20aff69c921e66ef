package schema

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hours are derived from events: a table beside the events table in which the events of one hour that differ in nothing but
// their time, bytes and duration are one row with all of their times. Whole hours are made at once, and made anew when their
// events have changed; until then the events are read. Detectors answer from hours as they do from events.

// HoursRetention is how long hours are kept: a week's look-back, compared over a quarter.
const HoursRetention = 90 * 24 * time.Hour

// Columns of an hour's row beside the canonical ones.
const (
	HourStart   = "Hour"        // the start of the hour
	Build       = "Build"       // the hour and the run that made the row
	GroupKey    = "GroupKey"    // sipHash128 of DeviceId, DeviceName, the address in RemoteIP, and RemoteUrl
	Connections = "Connections" // how many events the row stands for
	FirstSeen   = "FirstSeen"
	LastSeen    = "LastSeen"
	Seconds     = "Seconds" // the time of each event, in seconds from the epoch
	Sizes       = "Sizes"   // the bytes that each event sent, of those that have a count
	OpenMs      = "OpenMs"  // the sum of DurationMs
	LongestMs   = "LongestMs"
)

// HoursName returns the name of the table of hours beside an events table.
func HoursName(table string) string { return table + "_hours" }

// HoursMadeName returns the name of the table that notes what was made of which events.
func HoursMadeName(table string) string { return table + "_hours_made" }

// HoursValidName returns the name of the view that says which hours stand for the events as they are now.
func HoursValidName(table string) string { return table + "_hours_valid" }

// HoursJobNames returns the names of the refreshable views that make the hours, in the order of their steps.
func HoursJobNames(table string) []string {
	return []string{table + "_hours_job_plan", table + "_hours_job_make", table + "_hours_job_prove"}
}

// HourKeys returns the canonical columns that an hour keeps as they are, and so can be filtered on.
func HourKeys() []string {
	return []string{
		DeviceName, RemoteURL, RemoteIP, DeviceID, ActionType, RemotePort, Protocol, InitiatingProcessFileName, InitiatingProcessFolderPath, NameSource,
	}
}

// Hour is an hour that stands for the events as they are now.
type Hour struct {
	Start time.Time
	Build int64 // of its rows; of a Distributed table one of several
}

// Span is the half-open time [From, To).
type Span struct{ From, To time.Time }

// WithHours returns the table with the hours that stand for its events, by their start.
func (t Table) WithHours(hours []Hour) Table {
	t.hours = hours
	return t
}

// Hours returns the table's hours; none where it has none, or where none stands for its events.
func (t Table) Hours() []Hour { return t.hours }

// AskedHours names the view that says which hours stand for their events, and which of these are made as the table is mapped now.
type AskedHours struct {
	Database, Valid string
	Rules           uint64
}

// WithHoursAsked returns the table whose hours are asked for when it is read.
func (t Table) WithHoursAsked(by AskedHours) Table {
	t.asked = &by
	return t
}

// HoursAsked returns what to ask for the table's hours; false where that is known already, or there are none.
func (t Table) HoursAsked() (AskedHours, bool) {
	if t.asked == nil {
		return AskedHours{}, false
	}
	return *t.asked, true
}

// CanKeepHours says why hours of the table cannot be kept; an empty text when they can. partitionKey is the table's.
func (t Table) CanKeepHours(partitionKey string) string {
	own := t.Column(Timestamp)
	switch {
	case Nullable(own.Type):
		return fmt.Sprintf("its column %s may be NULL", own.Name)
	case !strings.Contains(own.Type, "'UTC'"):
		return fmt.Sprintf("its column %s is %s, and hours are those of UTC", own.Name, own.Type)
	case t.Has(RemotePort) && Nullable(t.Column(RemotePort).Type):
		return fmt.Sprintf("its column %s may be NULL", t.Column(RemotePort).Name)
	}
	byDay := []string{"toYYYYMMDD(" + own.Name + ")", "toDate(" + own.Name + ")"}
	if !slices.Contains(byDay, strings.ReplaceAll(partitionKey, "`", "")) {
		return fmt.Sprintf("it is partitioned by %q, and what has changed is told by partitions of a day: %s", partitionKey, byDay[0])
	}
	return ""
}

// HoursTable describes the hours of the table as if they were an events table.
func (t Table) HoursTable() Table {
	columns := map[string]Described{
		Timestamp: {Name: HourStart, Type: "DateTime('UTC')"},
	}
	for _, name := range []string{SentBytes, ReceivedBytes} {
		if t.Has(name) {
			columns[name] = Described{Name: name, Type: "Nullable(UInt64)"} // a sum that is never negative
		}
	}
	for _, name := range HourKeys() {
		if t.Has(name) {
			columns[name] = Described{Name: name, Type: t.HourType(name)}
		}
	}
	return Table{Database: t.Database, Name: HoursName(t.Name), columns: columns}
}

// HourType returns the type that one of HourKeys has in hours.
func (t Table) HourType(key string) string {
	switch key {
	case RemoteIP, RemoteURL:
		return "String"
	case RemotePort:
		return t.Column(RemotePort).Type
	default:
		return "LowCardinality(String)"
	}
}

// HourColumn is a column of the definition of hours.
type HourColumn struct{ Name, Type string }

// HourColumns are those of HourKeys that the table has.
func (t Table) HourColumns() []HourColumn {
	var columns []HourColumn
	for _, name := range HourKeys() {
		if t.Has(name) {
			columns = append(columns, HourColumn{name, t.HourType(name)})
		}
	}
	return columns
}

// HoursNames are the names in the definition of hours, quoted as identifiers with their database.
type HoursNames struct {
	Hours, Made string
	Cluster     string // where they replicate; empty for one server
	Keys        []HourColumn
	// RetentionDays is how many days hours are kept.
	RetentionDays int
}

// HoursDDL returns the statements that create the tables of hours and of what was made of them.
func HoursDDL(n HoursNames) ([]string, error) {
	var statements []string
	for _, file := range []string{"hours.sql", "hours_made.sql"} {
		text, err := render(file, n)
		if err != nil {
			return nil, err
		}
		statements = append(statements, text)
	}
	return statements, nil
}
