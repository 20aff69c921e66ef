package referee_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// A block is events that lie at the borders of one detector's rules, under the set's own parameters.

// beacon adds one device that connects to one address: a finding by all rules, but for one, at whose border it lies.
func (g *generator) beacon() {
	p := g.params.Beaconing
	hours := p.DurationHoursOver + 1 + g.Int64N(50)
	count := max(p.MinConnections, int64(math.Ceil(p.MinBeaconRate*float64(hours)))) + g.Int64N(3)
	sent := max(p.BytesSentOver, 0) + 1 + g.Int64N(3)
	switch g.IntN(5) {
	case 0:
		count = g.around(p.MinConnections, "connections of a beacon")
	case 1:
		sent = g.around(max(p.BytesSentOver, 0), "bytes of a beacon")
	case 2:
		hours = g.around(p.DurationHoursOver+1, "hours of a beacon")
	case 3:
		hours, count = g.beaconRate(hours, count)
	}
	first, last := g.beaconSpan(hours)
	like := g.beaconEvent()
	parts := g.split(sent, int(count))
	uncounted := g.chance(5) // by a sensor that counts no bytes
	spelled := spellings(like.RemoteIP)
	for i := range count {
		e := like
		if g.chance(3) {
			e.RemoteIP = pick(g, spelled)
		}
		e.ActionType, e.RemotePort = g.orAny(p.ActionTypes, "ConnectionSuccess"), g.port(p.Ports)
		e.SentBytes, e.ReceivedBytes = parts[i], g.bytes()
		if uncounted {
			g.edges["no bytes counted"] = true
			e.SentBytes, e.ReceivedBytes = nil, nil
		}
		e.InitiatingProcessFileName = pick(g, processes())
		switch i {
		case 0:
			e.Timestamp = first
		case 1:
			e.Timestamp = last
		default:
			e.Timestamp = first.Add(g.duration(last.Sub(first)))
		}
		g.add(e)
	}
}

// spellings writes an IPv4 address in several ways.
func spellings(address string) []string {
	if !strings.Contains(address, ".") || strings.Contains(address, ":") {
		return []string{address}
	}
	return []string{address, address + ":443", " " + address, "::ffff:" + address, "[::ffff:" + address + "]:443"}
}

// beaconRate returns hours and a count that make one end of the allowed rates exactly, or with one connection more or
// less, if whole numbers can.
func (g *generator) beaconRate(hours, count int64) (int64, int64) {
	p := g.params.Beaconing
	rate := pick(g, []float64{p.MinBeaconRate, p.MaxBeaconRate})
	skip := g.Int64N(50)
	for i := range int64(50) {
		exact := p.DurationHoursOver + 1 + (skip+i)%50
		if n := math.Round(rate * float64(exact)); n >= 1 && n <= 450 && n/float64(exact) == rate {
			count = g.around(int64(n), "rate of a beacon")
			if count == int64(n) {
				g.edges["rate exactly "+rateName(rate)] = true
			}
			return exact, count
		}
	}
	return hours, count
}

func rateName(rate float64) string {
	if rate*8 != math.Trunc(rate*8) {
		return "a periodic fraction"
	}
	return fmt.Sprint(rate)
}

// beaconSpan returns two instants that cross a number of hour boundaries, in the shortest or the longest time.
func (g *generator) beaconSpan(hours int64) (first, last time.Time) {
	start := g.hours(int(hours) + 1)
	if g.chance(2) {
		g.edges["shortest hours"] = true
		return start.Add(time.Hour - time.Millisecond), start.Add(time.Duration(hours) * time.Hour)
	}
	g.edges["longest hours"] = true
	return start, start.Add(time.Duration(hours+1)*time.Hour - time.Millisecond)
}

func (g *generator) beaconEvent() referee.Event {
	e := g.noise()
	d := g.owner()
	e.DeviceID, e.DeviceName = d.id, d.name
	if !g.chance(4) {
		e.RemoteIP = pick(g, publicIPv4())
	}
	return e
}

// split returns n numbers that sum to the total, the most of them 0 or null.
func (g *generator) split(total int64, n int) []*int64 {
	parts := make([]*int64, n)
	for i := range parts {
		if g.chance(2) {
			parts[i] = new(int64)
		}
	}
	half, rest := total/2, total-total/2
	parts[0], parts[n-1] = &half, &rest
	if n == 1 {
		parts[0] = &total
	}
	return parts
}

func (g *generator) port(of []int64) int64 {
	if len(of) == 0 || g.chance(100) {
		return pick(g, ports())
	}
	return pick(g, of)
}

func (g *generator) orAny(of []string, otherwise string) string {
	if len(of) == 0 || g.chance(100) {
		return otherwise
	}
	return pick(g, of)
}

// names adds connections to one name, about as many as the threshold asks.
func (g *generator) names() {
	p := g.params.DynamicDNS
	url := pick(g, urls())
	if len(p.Domains) > 0 && g.chance(2) {
		url = fmt.Sprintf("N%d.%s", g.IntN(3), pick(g, p.Domains))
	}
	if g.chance(3) {
		g.namedBeacon(url)
	}
	for range g.around(p.MinConnections, "connections of a name") {
		e := g.noise()
		e.RemoteURL, e.ActionType = url, g.orAny(p.ActionTypes, "ConnectionSuccess")
		g.add(e)
	}
}

// namedBeacon adds one device's connections to one address of a name, about as many as a beacon has by default.
func (g *generator) namedBeacon(url string) {
	g.edges["a beacon to a dynamic name"] = true
	like := g.beaconEvent()
	like.RemoteURL, like.RemotePort = url, 443
	count := g.around(20, "connections of a named beacon")
	first, last := g.beaconSpan(2 + g.Int64N(3))
	for i := range count {
		e := like
		e.ActionType = g.orAny(g.params.DynamicDNS.ActionTypes, "ConnectionSuccess")
		e.SentBytes = pick(g, []*int64{like.SentBytes, g.bytes()})
		switch i {
		case 0:
			e.Timestamp = first
		case 1:
			e.Timestamp = last
		default:
			e.Timestamp = first.Add(g.duration(last.Sub(first)))
		}
		g.add(e)
	}
}

// flux adds one device and hour: a finding, but for one of its rules, at whose border it lies.
func (g *generator) flux() {
	p := g.params.FastFlux
	unique, count := p.MinUniqueIPs+g.Int64N(3), p.MinConnections+g.Int64N(3)
	if g.chance(2) {
		unique = g.around(p.MinUniqueIPs, "addresses of a flux")
	} else {
		count = g.around(p.MinConnections, "connections of a flux")
	}
	start, like := g.hours(1), g.noise()
	d := g.owner()
	v6 := p.IncludeIPv6 && g.chance(2) || g.chance(8)
	for i := range max(count, unique) {
		e := like
		e.Timestamp = pick(g, []time.Time{start, start.Add(time.Hour - time.Millisecond), start.Add(g.duration(time.Hour))})
		e.DeviceID, e.DeviceName = d.id, d.name
		e.RemoteIP = g.fluxAddress(i%unique, v6)
		e.ActionType = g.orAny(p.ActionTypes, "ConnectionSuccess")
		e.RemoteURL = pick(g, urls())
		e.InitiatingProcessFileName = g.fluxProcess()
		e.SentBytes = g.bytes()
		g.add(e)
	}
}

// fluxAddress writes the same address in several ways.
func (g *generator) fluxAddress(i int64, v6 bool) string {
	if !v6 || i%3 == 0 {
		if g.params.FastFlux.IncludeIPv6 && g.chance(4) {
			g.edges["mapped beside IPv4"] = true
			return fmt.Sprintf("::ffff:198.51.100.%d", i%256)
		}
		return fmt.Sprintf("198.51.100.%d", i%256)
	}
	g.edges["IPv6 flux"] = true
	return fmt.Sprintf(pick(g, []string{"2001:db8::%x", "2001:DB8::%X", "2001:0db8:0::0:%04x"}), i+1)
}

func (g *generator) fluxProcess() string {
	if g.chance(30) {
		return pick(g, processes())
	}
	allowed := slices.DeleteFunc(processes(), func(name string) bool {
		return slices.Contains(g.params.FastFlux.ExcludeProcesses, name)
	})
	return pick(g, allowed[:min(len(allowed), 11)])
}
