package referee

import (
	"fmt"
	"slices"
	"time"
)

// Remembered is what a ledger of destinations knows.
type Remembered struct {
	Since, Until time.Time // without a gap
	Fleet        int64
	hosts        map[string]*place
}

// place is what is known of a host.
type place struct {
	first         time.Time
	days, devices map[string]bool
}

// Remember looks at the connections of some times, in their order, as a ledger does that is filled with these.
func (p Cases) Remember(events []Event, known ...Window) *Remembered {
	r := &Remembered{Since: known[0].From, Until: known[len(known)-1].To, hosts: map[string]*place{}}
	fleet := map[string]bool{}
	by := p.byHost()
	for i, w := range known {
		if i > 0 && day(w.From).Sub(day(known[i-1].To.Add(-time.Millisecond))) > 24*time.Hour {
			r.Since = day(w.From).AddDate(0, 0, 1)
		}
		rows := slices.DeleteFunc(Question{Window: w}.seen(events), func(e Event) bool { return !slices.Contains(p.ActionTypes, e.ActionType) || !by.publicHost(e) })
		for host, group := range groups(rows, by.host) {
			if r.hosts[host] == nil {
				r.hosts[host] = &place{first: group[0].Timestamp, days: map[string]bool{}, devices: map[string]bool{}}
			}
			at := r.hosts[host]
			for _, e := range group {
				if e.Timestamp.Before(at.first) {
					at.first = e.Timestamp
				}
				at.days[e.Timestamp.UTC().Format(time.DateOnly)], at.devices[device(e)], fleet[device(e)] = true, true, true
			}
		}
	}
	r.Fleet = int64(len(fleet))
	return r
}

func day(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// recall puts beside a channel what is known of the time before the window.
func (p Cases) recall(c *channel) {
	c.FirstSeenEver, c.DevicesEver, c.KnownSince, c.Prevalence = c.hostSince, c.UniqueDevices, c.window.From, float64(c.UniqueDevices)/float64(c.fleet)
	r := p.Remembered
	if r == nil {
		return
	}
	at := r.hosts[c.Host]
	if at != nil {
		c.known, c.daysEver = true, int64(len(at.days))
		c.DevicesEver = max(c.DevicesEver, int64(len(at.devices)))
		if at.first.Before(c.FirstSeenEver) {
			c.FirstSeenEver = at.first
		}
	}
	c.Prevalence = min(1, float64(c.DevicesEver)/float64(max(c.fleet, r.Fleet)))
	if r.Until.Before(c.window.From) {
		return
	}
	if r.Since.Before(c.KnownSince) {
		c.KnownSince = r.Since
	}
	c.recalls = !r.Since.After(c.window.To.AddDate(0, 0, -2*int(p.NewDays)))
}

// judgeAge looks at how long the place is known, by the window or by what is remembered.
func (p Cases) judgeAge(c *channel, add adder, when func(bool) float64) {
	late := c.hostSince.Unix() - c.deviceSince.Unix()
	add("newDestination", when(!c.recalls && late >= 86400), "new: no device of this window went there until %s after this one was first seen", spell(float64(late)))
	if p.Remembered == nil {
		return
	}
	to := c.window.To
	isNew := c.recalls && !c.FirstSeenEver.Before(to.AddDate(0, 0, -int(p.NewDays)))
	told := old(to.Unix() - c.FirstSeenEver.Unix())
	add("firstSeen", when(isNew), "first seen %s ago, by any device, and the ledger goes back %s", told, old(to.Unix()-p.Remembered.Since.Unix()))
	isOld := c.known && !c.FirstSeenEver.After(to.AddDate(0, 0, -int(p.KnownDays))) && c.daysEver >= 5 && c.DevicesEver >= 5
	add("longKnown", when(isOld && c.dynamic == "" && p.Moved[c.Host] == ""), "known for %s and to %d devices, which connected on %d dates", told, c.DevicesEver, c.daysEver)
}

// old tells how long something is known.
func old(seconds int64) string {
	if seconds < 2*86400 {
		return spell(float64(seconds))
	}
	return fmt.Sprintf("%d days", seconds/86400)
}
