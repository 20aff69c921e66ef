// Package scenario makes the demo's events: a week of a fictional company's network traffic, with planted attacks that
// the detectors must find and with the analytic's known false positives. It is seeded: the same seed and window give
// the same events, and another window gives the same week, turned to its own weekdays and hours.
//
// Every name is fictional. Benign names end in .example, benign public addresses lie in 198.18.0.0/15 (benchmarking,
// RFC 2544), attackers' addresses in the documentation ranges 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24
// (RFC 5737) or, where they need many networks, in 240.0.0.0/4 (reserved, RFC 1112), IPv6 in 2001:db8::/32 (RFC 3849).
package scenario

import (
	"iter"
	"slices"
	"time"
)

// Version changes with the events that a seed makes, so that data loaded earlier is known to be of another kind.
const Version = 4

// DefaultSeed is the seed of the demo.
const DefaultSeed = 1584

// Length is the length of the window: the analytic's lookback.
const Length = 7 * 24 * time.Hour

// Scenario is the traffic of one window [Start, End).
type Scenario struct {
	Seed    uint64
	Start   time.Time // UTC, a full hour
	End     time.Time // UTC, a full hour
	fleet   []device
	web     web
	known   []agent
	attacks []Attack
	planted [][]Event // the attacks' events, by the hour of the window
	traces  traces
}

// New prepares the scenario whose window ends with the last full hour at or before end.
func New(seed uint64, end time.Time) *Scenario {
	end = end.UTC().Truncate(time.Hour)
	s := &Scenario{Seed: seed, Start: end.Add(-Length), End: end}
	s.fleet = newFleet(s.random("fleet"))
	s.web = newWeb(s.random("web"))
	s.known = knownAgents()
	s.plant()
	return s
}

// Events yields every event, in the order of time.
func (s *Scenario) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		var events []Event // of one hour; its memory serves the next
		for i := range int(Length / time.Hour) {
			events = s.hour(events[:0], i)
			for _, n := range byTime(events, s.Start.Add(time.Duration(i)*time.Hour)) {
				if !yield(events[n]) {
					return
				}
			}
		}
	}
}

// Between yields what the company's devices do in [from, to), at or after the window's end, in the order of time. The attacks ended with the
// window.
func (s *Scenario) Between(from, to time.Time) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for start := from.UTC().Truncate(time.Hour); start.Before(to); start = start.Add(time.Hour) {
			events := s.ordinary(nil, start)
			for _, n := range byTime(events, start) {
				e := events[n]
				if e.Timestamp.Before(from) || !e.Timestamp.Before(to) {
					continue
				}
				if !yield(e) {
					return
				}
			}
		}
	}
}

// hour is one hour of the scenario.
type hour struct {
	start  time.Time
	ofWeek int // 0 is Monday 00:00 UTC
}

// hour appends the events of hour i of the window.
func (s *Scenario) hour(events []Event, i int) []Event {
	return s.ordinary(append(events, s.planted[i]...), s.Start.Add(time.Duration(i)*time.Hour))
}

// ordinary appends what the company's devices do in the hour that begins at start.
func (s *Scenario) ordinary(events []Event, start time.Time) []Event {
	h := hour{start: start, ofWeek: (int(start.Weekday())+6)%7*24 + start.Hour()}
	for n, d := range s.fleet {
		// The seed is the hour of the week and not of the window: so each window holds the same week.
		t := &traffic{device: d, hour: h, random: s.random("traffic", uint64(n), uint64(h.ofWeek)), events: events}
		t.browse(s.web)
		t.applications()
		t.system()
		t.internal()
		t.scanned()
		for _, a := range s.known {
			a.run(t)
		}
		events = t.events
	}
	return events
}

// byTime returns the places of the events of one hour in the order of time; events of the same millisecond stay in order.
func byTime(events []Event, start time.Time) []int {
	const bits = 32 // for the place; the milliseconds of an hour stand above
	sorted := make([]int64, len(events))
	for i, e := range events {
		sorted[i] = e.Timestamp.Sub(start).Milliseconds()<<bits | int64(i)
	}
	slices.Sort(sorted)
	places := make([]int, len(events))
	for i, place := range sorted {
		places[i] = int(place & (1<<bits - 1))
	}
	return places
}
