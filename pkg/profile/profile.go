package profile

import (
	"cmp"
	"slices"
	"time"
)

// Row is one row of Statement's answer.
type Row struct {
	Source, Detector, Reason string
	Events, Devices          int64
	Oldest, Newest           time.Time
	Examples                 []string
	Total                    int64
}

// Profile is what a window's events can be used for.
type Profile struct {
	// From and To are the window's.
	From, To time.Time
	// Sensors, those with most events first; one without a name where the table has no column Source.
	Sensors []Sensor
	// Future are the events that are dated in the future, of all sensors; they are in no window that ends now.
	Future *Mark
	// Engine is the table's, where it is known: some keep an event's copies until they merge.
	Engine   string
	rules    []Rule
	filtered bool // the query has conditions on events
}

// Sensor is what one sensor's events can be used for.
type Sensor struct {
	Name    string
	Events  int64 // in the window
	Sampled int64 // of them
	// Oldest and Newest are the sample's ends.
	Oldest, Newest time.Time
	// Marks are the reasons of the sampled events: for each detector one of each event, and the gaps, which have no detector.
	Marks []Mark
}

// Mark counts the events of one reason.
type Mark struct {
	Detector string // empty for what concerns every detector
	Reason   string
	Events   int64 // of the sample
	Devices  int64
	Newest   time.Time
	Examples []string // the most frequent values that the reason is about
}

// Read makes a profile of the statement's rows.
func Read(r Request, rows []Row) Profile {
	p := Profile{From: r.Window.From, To: r.Window.To, rules: r.Rules, filtered: len(r.Filters) > 0}
	for _, row := range rows {
		mark := Mark{row.Detector, row.Reason, row.Events, row.Devices, row.Newest, row.Examples}
		if row.Reason == future {
			p.addFuture(mark)
			continue
		}
		i := slices.IndexFunc(p.Sensors, func(s Sensor) bool { return s.Name == row.Source })
		if i < 0 {
			i, p.Sensors = len(p.Sensors), append(p.Sensors, Sensor{Name: row.Source, Events: row.Total})
		}
		s := &p.Sensors[i]
		if row.Reason == sampled {
			s.Sampled, s.Oldest, s.Newest = row.Events, row.Oldest, row.Newest
			continue
		}
		s.Marks = append(s.Marks, mark)
	}
	slices.SortStableFunc(p.Sensors, func(a, b Sensor) int { return cmp.Compare(b.Events, a.Events) })
	return p
}

func (p *Profile) addFuture(m Mark) {
	if p.Future == nil {
		p.Future = &m
		return
	}
	p.Future.Events += m.Events
	p.Future.Devices += m.Devices
	p.Future.Examples = append(p.Future.Examples, m.Examples...)
	if m.Newest.After(p.Future.Newest) {
		p.Future.Newest = m.Newest
	}
}

// Events is how many events the window has, and how many of them were sampled.
func (p Profile) Events() (all, looked int64) {
	for _, s := range p.Sensors {
		all, looked = all+s.Events, looked+s.Sampled
	}
	return all, looked
}

// Span is the time from the oldest to the newest sampled event; both are zero where there is none.
func (p Profile) Span() (oldest, newest time.Time) {
	for _, s := range p.Sensors {
		if oldest.IsZero() || s.Oldest.Before(oldest) {
			oldest = s.Oldest
		}
		if s.Newest.After(newest) {
			newest = s.Newest
		}
	}
	return oldest, newest
}

// share is the part of the window's events that have a reason, 0 to 1: each sensor's sample stands for all its events.
func (p Profile) share(detector, reason string) float64 {
	all, has := 0.0, 0.0
	for _, s := range p.Sensors {
		all += float64(s.Events)
		has += s.share(detector, reason) * float64(s.Events)
	}
	if all == 0 {
		return 0
	}
	return has / all
}

func (s Sensor) share(detector, reason string) float64 {
	if s.Sampled == 0 {
		return 0
	}
	return float64(s.mark(detector, reason).Events) / float64(s.Sampled)
}

// mark is the zero value where no event has the reason.
func (s Sensor) mark(detector, reason string) Mark {
	for _, m := range s.Marks {
		if m.Detector == detector && m.Reason == reason {
			return m
		}
	}
	return Mark{Detector: detector, Reason: reason}
}

// sum joins the sensors' marks of one detector, most events first; match is left out.
func (p Profile) sum(detector string) []Mark {
	var all []Mark
	for _, s := range p.Sensors {
		for _, m := range s.Marks {
			if m.Detector != detector || m.Reason == match {
				continue
			}
			i := slices.IndexFunc(all, func(o Mark) bool { return o.Reason == m.Reason })
			if i < 0 {
				m.Examples = slices.Clone(m.Examples)
				all = append(all, m)
				continue
			}
			all[i].Events += m.Events
			for _, e := range m.Examples {
				if !slices.Contains(all[i].Examples, e) && len(all[i].Examples) < examples {
					all[i].Examples = append(all[i].Examples, e)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Mark) int { return cmp.Compare(b.Events, a.Events) })
	return all
}
