package referee_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// set is one random event set, and what is asked of it.
type set struct {
	seed    uint64
	window  referee.Window
	filters []referee.Filter
	// allowlist has entries that hide much and entries that hide nothing.
	allowlist []referee.AllowEntry
	ignore    bool // the query ignores it
	suffixes  []referee.Suffix
	systems   []referee.AS
	params    referee.Alerts
	plain     bool // the query names no parameter
	events    []referee.Event
	edges     map[string]bool // the edge cases that it holds
}

// room is the time that a set has for itself in the common table: its window and a margin on both sides.
const room = 7 * 24 * time.Hour

// generator makes one set.
type generator struct {
	*rand.Rand
	set
	private int // devices that only one block uses, so that its counts stay exact
}

// generate makes the set of a seed, with its window within [from, from+room).
func generate(seed uint64, from time.Time) set {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1584)), set: set{seed: seed, edges: map[string]bool{}}}
	g.window = g.someWindow(from)
	g.someParams()
	g.filters = g.someFilters()
	for range 2 + g.IntN(5) {
		g.beacon()
		g.names()
		g.flux()
	}
	for range g.IntN(120) {
		g.add(g.noise())
	}
	g.allowlist = g.someEntries()
	g.someLookups()
	g.Shuffle(len(g.events), func(i, j int) { g.events[i], g.events[j] = g.events[j], g.events[i] })
	return g.set
}

func (g *generator) someWindow(from time.Time) referee.Window {
	from = from.Add(time.Hour)
	w := referee.Window{From: from, To: from.Add(time.Duration(3+g.IntN(60)) * time.Hour)}
	switch g.IntN(4) {
	case 0: // both ends stand on the hour
	case 1:
		w.From, w.To = w.From.Add(time.Millisecond), w.To.Add(-time.Millisecond)
	case 2:
		w.From, w.To = w.From.Add(-time.Millisecond), w.To.Add(time.Millisecond)
	default:
		w.From, w.To = w.From.Add(g.duration(time.Hour)), w.To.Add(g.duration(time.Hour))
	}
	if g.chance(50) {
		g.edges["empty window"] = true
		w.To = w.From
	}
	return w
}

// instant returns a time of the set: mostly inside the window, often next to a border.
func (g *generator) instant() time.Time {
	near := time.Duration(g.IntN(3)-1) * time.Millisecond
	switch g.IntN(6) {
	case 0:
		g.edges[fmt.Sprintf("window's start %+d ms", near.Milliseconds())] = true
		return g.window.From.Add(near)
	case 1:
		g.edges[fmt.Sprintf("window's end %+d ms", near.Milliseconds())] = true
		return g.window.To.Add(near)
	case 2:
		g.edges[fmt.Sprintf("hour %+d ms", near.Milliseconds())] = true
		return g.hours(1).Add(near)
	default:
		return g.window.From.Add(g.duration(g.window.To.Sub(g.window.From)))
	}
}

// hours returns an hour's start within the window that has n whole hours after it, if the window is that long.
func (g *generator) hours(n int) time.Time {
	start := g.window.From.Add(time.Hour - time.Millisecond).Truncate(time.Hour)
	free := int(g.window.To.Sub(start)/time.Hour) - n
	return start.Add(time.Duration(g.IntN(max(free, 0)+1)) * time.Hour)
}

func (g *generator) duration(below time.Duration) time.Duration {
	if below < time.Millisecond {
		return 0
	}
	return time.Duration(g.Int64N(below.Milliseconds())) * time.Millisecond
}

// noise is an event of which every column is anything.
func (g *generator) noise() referee.Event {
	d := pick(g, devices())
	return referee.Event{
		Timestamp: g.instant(), DeviceID: d.id, DeviceName: d.name, ActionType: pick(g, actions()),
		RemoteIP: g.address(), RemotePort: pick(g, ports()), RemoteURL: pick(g, urls()),
		Protocol: pick(g, []string{"Tcp", "Udp", ""}), LocalIP: pick(g, []string{"10.0.0.5", "192.168.1.9", "2001:db8::9", ""}),
		InitiatingProcessFileName: pick(g, processes()), InitiatingProcessAccountName: pick(g, accounts()),
		SentBytes: g.bytes(), ReceivedBytes: g.bytes(),
	}
}

func (g *generator) address() string {
	if g.chance(10) {
		g.edges["empty address"] = true
		return ""
	}
	if g.chance(2) {
		return pick(g, publicIPv4())
	}
	return pick(g, otherAddresses())
}

func (g *generator) bytes() *int64 {
	if g.chance(3) {
		g.edges["null bytes"] = true
		return nil
	}
	n := pick(g, []int64{0, 1, 50, 999, 1000, 1001, 1 << 40})
	return &n
}

// owner is a device of the pool, or one that no other block uses.
func (g *generator) owner() device {
	if g.chance(3) {
		return pick(g, devices())
	}
	g.private++
	name := fmt.Sprintf("host-%d", g.private/2) // two ids share a name
	return device{fmt.Sprintf("own-%d", g.private), name}
}

func (g *generator) add(e referee.Event) { g.events = append(g.events, e) }

// chance holds once in n.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

// around returns n or a neighbour, at least 1, and notes which.
func (g *generator) around(n int64, what string) int64 {
	step := int64(g.IntN(3) - 1)
	g.edges[fmt.Sprintf("%s %+d", what, step)] = true
	return max(n+step, 1)
}

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

// some returns a few distinct values in any order.
func some[T any](g *generator, from []T, atMost int) []T {
	mixed := slices.Clone(from)
	g.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	return mixed[:g.IntN(min(atMost, len(mixed))+1)]
}
