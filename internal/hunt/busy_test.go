package hunt

import (
	"strings"
	"testing"
	"time"
)

// reported is a report of logs that have events in each step of the stretches; the last one ends at noon.
func reported(stretches ...[2]time.Duration) *Report {
	r := &Report{}
	for _, s := range stretches {
		for at := noon.Add(-s[0]).Truncate(step); !at.After(noon.Add(-s[1])); at = at.Add(step) {
			r.Facts.busy, r.Facts.Events = append(r.Facts.busy, busy{at, 1000}), r.Facts.Events+1000
		}
	}
	r.Facts.First, r.Facts.Last = r.Facts.busy[0].start, noon
	return r
}

func TestAWindowEndsWhereverEventsComeOrGo(t *testing.T) {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	// every window of logs without gaps, a step apart, until one reaches the oldest event
	whole := reported([2]time.Duration{10 * day, 0})
	if got, want := len(whole.ends(day)), 1+int((whole.end().Sub(whole.Facts.First)-day+step-1)/step); got != want {
		t.Errorf("ten days: %d windows, want %d", got, want)
	}
	if got := len(reported([2]time.Duration{2 * day, 0}).ends(7 * day)); got != 1 {
		t.Errorf("shorter than the window: %d windows, want 1", got)
	}
	for name, r := range map[string]*Report{
		"a record of the last century": reported([2]time.Duration{46 * year, 46 * year}, [2]time.Duration{2 * day, 0}),
		"one of the year before":       reported([2]time.Duration{year, year}, [2]time.Duration{2 * day, 0}),
		"one to come":                  reported([2]time.Duration{70*year + 2*day, 70 * year}, [2]time.Duration{0, 0}),
	} {
		got := r.ends(day)
		if len(got) > 40 {
			t.Errorf("%s: %d windows", name, len(got))
		}
		// each event is in a window, and so is each pair that one window can hold
		for _, b := range r.Facts.busy {
			in := 0
			for _, to := range got {
				if !b.start.Before(to.Add(-day)) && b.start.Before(to) {
					in++
				}
			}
			if in == 0 {
				t.Errorf("%s: no window holds the events of %s", name, b.start)
			}
		}
	}
}

func TestEventsFarFromAllOthersMayBeMisdated(t *testing.T) {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	for name, c := range map[string]struct {
		stray int64
		away  time.Duration
		says  string
	}{
		"one of long ago":             {1, 40 * year, "1 event lies months away from all the others, such as on 1986-"},
		"some of the year before":     {20, year, "20 events lie months away"},
		"a week's pause is no reason": {1, 9 * day, ""},
		"nor are logs of two years":   {5000, year, ""},
	} {
		r := reported([2]time.Duration{c.away, c.away}, [2]time.Duration{2 * day, 0})
		r.Facts.busy[0].events = c.stray
		r.Facts.Events += c.stray - 1000
		if got := r.Facts.strays(); (got != "") != (c.says != "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}
