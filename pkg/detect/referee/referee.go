// Package referee evaluates the detectors a second time, in plain Go over a slice of events. It exists to judge the
// detectors' SQL: tests compare the plugin's answer with it, row for row. It is written from the analytic and shares no
// code with the detectors, not even their defaults; it aims at being obviously right and not at being fast.
package referee

import (
	"slices"
	"time"
)

// Event is one network event.
type Event struct {
	Timestamp                    time.Time // to the millisecond
	DeviceID                     string
	DeviceName                   string
	ActionType                   string
	RemoteIP                     string
	RemotePort                   int64
	RemoteURL                    string
	Protocol                     string
	LocalIP                      string
	InitiatingProcessFileName    string
	InitiatingProcessAccountName string
	SentBytes                    *int64 // nil where the sensor does not count them
	ReceivedBytes                *int64 // nil where the sensor does not count them
	DurationMs                   *int64 // nil where the sensor does not tell
	InitiatingProcessFolderPath  string
	NameSource                   string
}

// Window is the half-open span [From, To).
type Window struct {
	From, To time.Time
}

// Question is what every query asks: the events of a window that pass all filters.
type Question struct {
	Window  Window
	Filters []Filter
	// Allowlist is the data source's, of entries that are valid.
	Allowlist []AllowEntry
	// Suffixes are the data source's dynamic DNS domains, of which all are valid.
	Suffixes []Suffix
	// Systems is the data source's dictionary of autonomous systems; nil for none.
	Systems []AS
}

// The values of AlertType.
const (
	PotentialBeaconing        = "PotentialBeaconing"
	SuspiciousDynamicDNS      = "SuspiciousDynamicDNS"
	PotentialFastFluxActivity = "PotentialFastFluxActivity"
)

// Row is one row of the table format, in the order of the detector's columns: time.Time, string, int64, float64 or
// []string.
type Row []any

// Number is one finding of the numeric format: its labels, without those that are the same for every finding of the
// detector and without the key, and the alert value. A severity is among the labels where a suspicious network raises it.
type Number struct {
	Labels map[string]string
	Value  float64
}

// Detector is a detector, or the union of all, with its parameters.
type Detector interface {
	Columns() []string
	Rows([]Event, Question) []Row
	Numbers([]Event, Question) []Number
}

var (
	_ Detector = Beaconing{}
	_ Detector = DynamicDNS{}
	_ Detector = FastFlux{}
	_ Detector = Alerts{}
)

// seen returns the events that a query looks at.
func (q Question) seen(events []Event) []Event {
	var seen []Event
	for _, e := range events {
		inside := !e.Timestamp.Before(q.Window.From) && e.Timestamp.Before(q.Window.To)
		if inside && pass(q.Filters, e) {
			seen = append(seen, e)
		}
	}
	return seen
}

// groups gathers the events that share a key, in no order that matters.
func groups[K comparable](events []Event, key func(Event) K) map[K][]Event {
	groups := map[K][]Event{}
	for _, e := range events {
		of := key(e)
		groups[of] = append(groups[of], e)
	}
	return groups
}

// distinct returns the distinct values of a column, sorted by bytes.
func distinct[V int64 | string](events []Event, column func(Event) V) []V {
	var values []V
	for _, e := range events {
		values = append(values, column(e))
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// distinctTexts is distinct without the empty text.
func distinctTexts(events []Event, column func(Event) string) []string {
	return slices.DeleteFunc(distinct(events, column), func(s string) bool { return s == "" })
}

// samples returns the first n of the sorted distinct values, the empty text left out.
func samples(events []Event, n int, column func(Event) string) []string {
	values := distinctTexts(events, column)
	return append([]string{}, values[:min(n, len(values))]...)
}

// first is KQL's tostring(list[0]).
func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func span(events []Event) (firstSeen, lastSeen time.Time) {
	firstSeen, lastSeen = events[0].Timestamp, events[0].Timestamp
	for _, e := range events {
		if e.Timestamp.Before(firstSeen) {
			firstSeen = e.Timestamp
		}
		if e.Timestamp.After(lastSeen) {
			lastSeen = e.Timestamp
		}
	}
	return firstSeen.UTC(), lastSeen.UTC()
}

// hour numbers the UTC hours; hours before 1970 are negative.
func hour(t time.Time) int64 {
	seconds := t.Unix() // rounds towards the past
	number := seconds / 3600
	if seconds%3600 < 0 {
		number--
	}
	return number
}

// orZero is a number of bytes in a filter, where null counts as 0.
func orZero(bytes *int64) int64 {
	if bytes == nil {
		return 0
	}
	return *bytes
}

// total sums the bytes that are known: nil where none are. No group of connections sends more than 2^53 bytes.
func total(group []Event, column func(Event) *int64) *int64 {
	var sum *int64
	for _, e := range group {
		if bytes := column(e); bytes != nil {
			if sum == nil {
				sum = new(int64)
			}
			*sum = int64(min(uint64(*sum)+min(uint64(*bytes), 1<<53), 1<<53)) // the column is a UInt64
		}
	}
	return sum
}

// newest is the name that the newest event has, of several at once the last in order.
func newest(group []Event) string {
	last := group[0]
	for _, e := range group {
		if c := e.Timestamp.Compare(last.Timestamp); c > 0 || c == 0 && e.DeviceName > last.DeviceName {
			last = e
		}
	}
	return last.DeviceName
}

// foldASCII lowers A to Z and leaves every other byte alone.
func foldASCII(s string) string {
	folded := []byte(s)
	for i, b := range folded {
		if 'A' <= b && b <= 'Z' {
			folded[i] = b + 'a' - 'A'
		}
	}
	return string(folded)
}
