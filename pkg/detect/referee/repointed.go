package referee

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Repointed are names that lead elsewhere than they did for long. Points and lists are the query's, since they are data and no rule.
type Repointed struct {
	MinRisk      int64
	StableDays   int64
	MinDaysSeen  int64
	MaxNetworks  int
	HostingASNs  []int64
	DeliveryASNs []int64
	SuspiciousASNs
	Private  []string
	Points   map[string]int64
	Services map[string]string
}

// Move is one name that moved.
type Move struct {
	Name                       string
	MovedAt                    time.Time
	Risk                       int64
	Before, Now                []string
	StayedDays                 int64
	Devices, ConnectionCount   int64
	address                    string
	leftEmpty, delivered, rent bool
	suspicious                 bool
	spread                     int
	six                        bool
}

// stop is a name's stay in one place.
type stop struct {
	place         string
	system        AS
	arrived, left time.Time
	days          map[string]bool
	addresses     []string
	devices       map[string]bool
	connections   int64
}

// Find returns the names that moved within the window; all events are what the ledger knows of.
func (p Repointed) Find(events []Event, q Question) []Move {
	public := Addresses{IncludeIPv6: true, PrivateNetworks: p.Private}
	byName := groups(slices.DeleteFunc(slices.Clone(events), func(e Event) bool {
		_, ok := public.Public(e.RemoteIP)
		name := Host(e.RemoteURL)
		_, err := netip.ParseAddr(name)
		return !ok || !strings.Contains(name, ".") || err == nil || !e.Timestamp.Before(q.Window.To)
	}), func(e Event) string { return Host(e.RemoteURL) })
	var moves []Move
	for name, group := range byName {
		// each of the two kinds of addresses by itself
		for family, of := range groups(group, func(e Event) bool { text, _ := public.Public(e.RemoteIP); return strings.Contains(text, ":") }) {
			if m, ok := p.move(name, p.stops(of, public, q), q); ok {
				m.six = family
				moves = append(moves, m)
			}
		}
	}
	for i := range moves {
		p.weigh(&moves[i], moves)
	}
	return slices.DeleteFunc(moves, func(m Move) bool {
		return m.Risk < p.MinRisk || m.six && slices.ContainsFunc(moves, func(other Move) bool { return other.Name == m.Name && !other.six })
	})
}

func (p Repointed) stops(group []Event, public Addresses, q Question) []*stop {
	at := map[string]*stop{}
	byNetwork := groups(group, func(e Event) string {
		text, _ := public.Public(e.RemoteIP)
		return prefix(text, 24, 48)
	})
	for _, of := range byNetwork {
		addresses := distinct(of, func(e Event) string { text, _ := public.Public(e.RemoteIP); return text })
		low, high := addresses[0], addresses[len(addresses)-1]
		place := prefix(low, 16, 32)
		system := q.system(low, p.SuspiciousASNs)
		if system.Number > 0 {
			place = fmt.Sprint("AS", system.Number)
		}
		s := at[place]
		if s == nil {
			s = &stop{place: place, system: system, days: map[string]bool{}, devices: map[string]bool{}}
			at[place] = s
		}
		first, last := span(of)
		if s.arrived.IsZero() || first.Before(s.arrived) {
			s.arrived = first
		}
		if last.After(s.left) {
			s.left = last
		}
		s.addresses = append(s.addresses, low, high)
		s.connections += int64(len(distinct(of, func(e Event) string { return fmt.Sprint(device(e), e.Timestamp, e.RemotePort, Address(e.RemoteIP)) })))
		for _, e := range of {
			s.days[e.Timestamp.UTC().Format(time.DateOnly)] = true
			s.devices[device(e)] = true
		}
	}
	var list []*stop
	for _, s := range at {
		slices.Sort(s.addresses)
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *stop) int {
		if by := a.arrived.Compare(b.arrived); by != 0 {
			return by
		}
		return strings.Compare(a.place, b.place)
	})
	return list
}

func (p Repointed) move(name string, stops []*stop, q Question) (Move, bool) {
	i := slices.IndexFunc(stops, func(s *stop) bool { return !s.arrived.Before(q.Window.From) })
	if i <= 0 || i > p.MaxNetworks {
		return Move{}, false
	}
	m := Move{Name: name, MovedAt: stops[i].arrived, address: stops[i].addresses[0], spread: len(stops) - i}
	days, devices := map[string]bool{}, map[string]bool{}
	var lastBefore, lastNow time.Time
	for j, s := range stops {
		if slices.Contains(p.DeliveryASNs, s.system.Number) {
			m.delivered = true
		}
		if j < i {
			m.Before = append(m.Before, s.place)
			for day := range s.days {
				days[day] = true
			}
			lastBefore = latest(lastBefore, s.left)
			continue
		}
		m.Now = append(m.Now, s.place)
		lastNow = latest(lastNow, s.left)
		m.ConnectionCount += s.connections
		for d := range s.devices {
			devices[d] = true
		}
		m.suspicious = m.suspicious || s.system.suspicious
		m.rent = m.rent || slices.Contains(p.HostingASNs, s.system.Number)
	}
	m.StayedDays = int64(m.MovedAt.Sub(stops[i-1].arrived).Hours() / 24)
	m.Devices = int64(len(devices))
	aDay := m.MovedAt.Add(24 * time.Hour)
	m.leftEmpty = lastBefore.Before(aDay) && !lastNow.Before(aDay)
	return m, m.StayedDays >= p.StableDays && int64(len(days)) >= p.MinDaysSeen
}

func (p Repointed) weigh(m *Move, all []Move) {
	domain := func(name string) string {
		labels := strings.Split(name, ".")
		return strings.Join(labels[len(labels)-2:], ".")
	}
	together := map[string]bool{}
	for _, other := range all {
		if other.address == m.address && other.MovedAt.UTC().Format(time.DateOnly) == m.MovedAt.UTC().Format(time.DateOnly) {
			together[domain(other.Name)] = true
		}
	}
	service := false
	for suffix := range p.Services {
		service = service || m.Name == suffix || strings.HasSuffix(m.Name, "."+suffix)
	}
	for name, counts := range map[string]bool{
		"moved": true, "oldSilent": m.leftEmpty, "suspiciousNetwork": m.suspicious, "hostingNetwork": m.rent && !m.suspicious, "together": len(together) >= 3,
		"fewDevices": m.Devices <= 2, "knownService": service, "delivery": m.delivered, "spread": m.spread > 2,
	} {
		if counts {
			m.Risk += p.Points[name]
		}
	}
	m.Risk = max(0, min(100, m.Risk))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// prefix is the network of an address.
func prefix(text string, four, six int) string {
	address := netip.MustParseAddr(text)
	bits := four
	if address.Is6() {
		bits = six
	}
	network, _ := address.Prefix(bits)
	return network.String()
}
