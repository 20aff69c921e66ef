package cases_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// day is the window that vectors are looked at over.
func day() referee.Window { return detecttest.Days(1) }

// on is a connection of a device in that window, so many seconds after its start.
func on(device string, second int, changes ...func(*referee.Event)) referee.Event {
	e := referee.Event{
		Timestamp: day().From.Add(time.Duration(second) * time.Second), DeviceID: device, DeviceName: device, ActionType: "ConnectionSuccess",
		RemoteIP: "203.0.113.7", RemotePort: 443, RemoteURL: "c2.example.com", Protocol: "tcp", InitiatingProcessFileName: "agent.exe",
	}
	for _, change := range changes {
		change(&e)
	}
	return e
}

// gaps is a connection at a second, and one after each gap.
func gaps(device string, from int, list []int, changes ...func(*referee.Event)) []referee.Event {
	events := []referee.Event{on(device, from, changes...)}
	for _, gap := range list {
		from += gap
		events = append(events, on(device, from, changes...))
	}
	return events
}

func times(n int, of ...int) []int { return slices.Repeat(of, n) }

func to(host, address string) func(*referee.Event) {
	return func(e *referee.Event) { e.RemoteURL, e.RemoteIP = host, address }
}

func by(process string) func(*referee.Event) {
	return func(e *referee.Event) { e.InitiatingProcessFileName = process }
}

func at(port int64, protocol string) func(*referee.Event) {
	return func(e *referee.Event) { e.RemotePort, e.Protocol = port, protocol }
}

func carrying(sent, received int64) func(*referee.Event) {
	return func(e *referee.Event) { e.SentBytes, e.ReceivedBytes = &sent, &received }
}

func open(ms int64) func(*referee.Event) { return func(e *referee.Event) { e.DurationMs = &ms } }

func in(folder string) func(*referee.Event) {
	return func(e *referee.Event) { e.InitiatingProcessFolderPath = folder }
}

// vector is a device of its own, with what it is worth worked out by hand.
type vector struct {
	rule   string
	events func(device string) []referee.Event
	risk   int64
	why    []string
}

// systems is the dictionary of the vectors.
func systems() []referee.AS {
	return []referee.AS{
		{Network: "198.51.100.0/25", Number: 14061, Name: "SUSPICIOUS"}, {Network: "198.51.100.128/25", Number: 63949, Name: "HOSTING"}, {Network: "192.0.2.0/24", Number: 64500, Name: "OTHER"},
	}
}

// timer is the base of vectors about one piece of evidence: 21 connections an hour apart less a second each. All 20 intervals
// are alike, which is 30 points; they fill 20 of 24 parts, 83 % of the time, which is more than 80 %: 15 points.
func timer(device string, changes ...func(*referee.Event)) []referee.Event {
	return gaps(device, 60, times(20, 3599), changes...)
}

const (
	evenly = "checks in every 60 min: 100 % of its 20 intervals are alike"
	always = "at it for 88 % of the time, in 21 of 24 parts of the window"
)

func vectors() []vector {
	one := func(rule string, risk int64, change func(*referee.Event), why ...string) vector {
		return vector{rule, func(d string) []referee.Event { return timer(d, change) }, risk, why}
	}
	return []vector{
		one("an even timer through the day", 45, func(*referee.Event) {}, evenly, always),
		{"ten intervals are worth half of twenty", func(d string) []referee.Event { return gaps(d, 0, times(10, 60)) }, 15,
			[]string{"checks in every 60 s: 100 % of its 10 intervals are alike"}},
		// 65 % alike is half of the way from 50 % to 80 %: 20 intervals, of which 5, 4 and 4 lie in the three most frequent steps
		{"what is half regular is worth a half", func(d string) []referee.Event {
			return gaps(d, 0, slices.Concat(times(5, 10), times(4, 20), times(4, 40), times(1, 60, 90, 130, 190, 280, 400, 600)))
		}, 15, []string{"checks in every 40 s: 65 % of its 20 intervals are alike"}},
		{"half alike is chance", func(d string) []referee.Event {
			return gaps(d, 0, slices.Concat(times(4, 10), times(3, 20), times(3, 40), times(2, 60), times(2, 90), times(2, 130), times(2, 190), times(2, 280)))
		}, 0, nil},
		// 100 s and 150 s by turns lie in two steps
		{"a sleep of two modes is regular", func(d string) []referee.Event { return gaps(d, 0, times(10, 100, 150)) }, 30,
			[]string{"checks in every 100 s: 100 % of its 20 intervals are alike"}},
		// a sleep of 98 s and up to a half more: steps begin at 95, 114, 137 and 165 s
		{"jitter of half a sleep is regular", func(d string) []referee.Event { return gaps(d, 0, times(4, 98, 100, 112, 130, 147)) }, 30,
			[]string{"checks in every 112 s: 100 % of its 20 intervals are alike"}},
		{"connections within three seconds are one check-in", func(d string) []referee.Event { return gaps(d, 0, times(10, 3, 57)) }, 15,
			[]string{"checks in every 57 s: 100 % of its 10 intervals are alike"}},
		// 300 check-ins are half of the way from 100 to 500; 299 · 10 s are 3 % of the day
		{"three hundred quick check-ins are half of an operator's", func(d string) []referee.Event { return gaps(d, 0, times(299, 10)) }, 40,
			[]string{"checks in every 10 s: 100 % of its 299 intervals are alike", "300 check-ins, as close as those of a waiting operator"}},
		{"slow check-ins are no operator's", func(d string) []referee.Event { return gaps(d, 0, times(299, 121)) }, 32,
			[]string{"checks in every 2 min: 100 % of its 299 intervals are alike", "at it for 46 % of the time, in 11 of 24 parts of the window"}},
		{"one connection of two hours", func(d string) []referee.Event { return []referee.Event{on(d, 0, open(7200_000))} }, 12, // half of 25, rounded to the even number
			[]string{"one connection was open for 2 h"}},
		{"one connection of eight hours, a third of the day, is worth no more than of four", func(d string) []referee.Event { return []referee.Event{on(d, 0, open(28800_000))} }, 25,
			[]string{"one connection was open for 8 h"}},
		{"a short connection is none", func(d string) []referee.Event { return []referee.Event{on(d, 0, open(3599_000))} }, -1, nil},
		{"nine connections are too few to look at", func(d string) []referee.Event { return gaps(d, 0, times(8, 3600)) }, -1, nil},
		{"what is open all day persists", func(d string) []referee.Event { return []referee.Event{on(d, 0, open(86400_000))} }, 40,
			[]string{"one connection was open for 24 h", "at it for 100 % of the time, in 1 of 24 parts of the window"}},
		{"an address without a name, where names are known", func(d string) []referee.Event {
			return append(timer(d, to("", "203.0.113.7")), on(d, 0, to("www.example.org", "203.0.113.8")))
		}, 65, []string{evenly, "no name leads to this address, while names are known of 50 % of the places that the device reaches", always}},
		{"an address without a name, where names are known of a third", func(d string) []referee.Event {
			return append(timer(d, to("", "203.0.113.7")), on(d, 0, to("www.example.org", "203.0.113.8")), on(d, 0, to("", "203.0.113.9")))
		}, 45, []string{evenly, always}},
		{"an address without a name, where nobody asked for some", func(d string) []referee.Event {
			return append(timer(d, to("", "203.0.113.7")), on(d, 0, to("www.example.org", "203.0.113.8"), func(e *referee.Event) { e.NameSource = "unknown" }))
		}, 45, []string{evenly, always}},
		one("a suspicious network", 60, to("c2.example.com", "198.51.100.1"), evenly, always, "in a network of the suspicious list, AS14061"),
		one("a network that rents servers", 53, to("c2.example.com", "198.51.100.200"), evenly, always, "in a network that rents servers by the hour, AS63949"),
		one("another network", 45, to("c2.example.com", "192.0.2.1"), evenly, always),
		one("an odd port", 55, at(6789, "tcp"), evenly, always, "only on ports that no common service uses: 6789"),
		{"a usual port beside an odd one", func(d string) []referee.Event { return append(timer(d), on(d, 60, at(6789, "tcp"))) }, 45, []string{evenly, always}},
		one("dynamic DNS", 60, to("c2.duckdns.org", "203.0.113.7"), evenly, "a name under duckdns.org, where anybody may take one", always),
		one("the provider's own host", 45, to("www.duckdns.org", "203.0.113.7"), evenly, always),
		one("a script host", 60, by("PowerShell.exe"), evenly, always, "connected by PowerShell.exe, which runs scripts"),
		one("a user's folder", 55, in(`C:\Users\a\AppData\Roaming\x`), evenly, always, "connected by a program in a folder that its user may write to"),
		one("a program's folder", 45, in(`C:\Program Files\x`), evenly, always),
		one("more sent than received", 50, carrying(100_000, 1000), evenly, always, "sends more than it receives: 2.00 MiB"),
		one("less than a mebibyte sent", 45, carrying(10_000, 0), evenly, always),
		one("a known service", 5, to("v10.events.data.microsoft.com", "203.0.113.7"), evenly, always, "a known service: Microsoft (v10.events.data.microsoft.com)"),
		one("a name below a known service", 5, to("x.ecs.office.com", "203.0.113.7"), evenly, always, "a known service: Microsoft (ecs.office.com)"),
		one("a name that only ends alike", 45, to("notecs.office.com", "203.0.113.7"), evenly, always),
		one("a browser alone", 30, by("chrome.exe"), evenly, always, "connected by a browser alone"),
		{"a browser among others", func(d string) []referee.Event { return append(timer(d, by("chrome.exe")), on(d, 60)) }, 45, []string{evenly, always}},
		one("a time server", 15, at(123, "udp"), evenly, always, "asks for the time (UDP port 123), which is even by design"),
		one("downloads", 30, carrying(1, 2<<20), evenly, always, "receives 2.00 MiB each time, as downloads and calls do"),
		one("inbound", -1, func(e *referee.Event) { e.ActionType = "InboundConnectionAccepted" }),
		one("a private address", -1, to("", "10.1.2.3")),
		one("a link-local address", -1, to("", "169.254.169.254")),
		one("an internal name", -1, to("srv.corp", "10.1.2.3")),
		// 10 addresses in 10 networks: 1.32 · 10 + 18.54 · 10 = 198.6, which is 56.22 of the 71.19 beyond the line: 39.5 points
		{"ten addresses in ten networks", func(d string) []referee.Event { return moving(d, 10, 10) }, 39, []string{"moves between 10 addresses in 10 networks"}},
		// 7 · (1.32 + 18.54) = 139.0
		{"seven addresses in seven networks are no flux", func(d string) []referee.Event { return moving(d, 7, 7) }, 0, nil},
		{"eleven in eleven are all of it", func(d string) []referee.Event { return moving(d, 11, 11) }, 50, []string{"moves between 11 addresses in 11 networks"}},
		// Flux adds 50 and 39 points to what rotates by design; 79 % of -40 are -32
		{"eleven in eleven of a service that rotates", func(d string) []referee.Event { return named("shop.example.edgekey.net", moving(d, 11, 11)) }, 10,
			[]string{"moves between 11 addresses in 11 networks", "rotates by design: Akamai (edgekey.net)"}},
		{"ten in ten of a service that rotates", func(d string) []referee.Event { return named("shop.example.edgekey.net", moving(d, 10, 10)) }, 7,
			[]string{"moves between 10 addresses in 10 networks", "rotates by design: Akamai (edgekey.net)"}},
		{"seven in seven of a service that rotates are no flux", func(d string) []referee.Event { return named("shop.example.edgekey.net", moving(d, 7, 7)) }, 0, nil},
		{"a name that only ends like such a service", func(d string) []referee.Event { return named("notedgekey.net", moving(d, 11, 11)) }, 50, []string{"moves between 11 addresses in 11 networks"}},
		// 12/36 · (1.32 · 36 + 18.54 · 12) = 90.0, as of a provider whose addresses lie in a dozen places
		{"thirty-six addresses in twelve networks are a provider's", func(d string) []referee.Event { return moving(d, 36, 12) }, 0, nil},
		{"twenty addresses of one autonomous system are one network", func(d string) []referee.Event {
			var events []referee.Event
			for i := range 20 {
				events = append(events, on(d, 40*i*i, to("c2.example.com", fmt.Sprintf("192.0.2.%d", i))))
			}
			return events
		}, 0, nil},
		{"twenty addresses without a name move nowhere", func(d string) []referee.Event {
			return detecttest.Each(moving(d, 20, 20), func(_ int, e *referee.Event) { e.RemoteURL = "" })
		}, -1, nil},
		{"several ports and addresses of a host are one channel", func(d string) []referee.Event {
			return slices.Concat(gaps(d, 0, times(10, 120), at(443, "tcp"), to("c2.example.com", "203.0.113.1")), gaps(d, 60, times(9, 120), at(8443, "tcp"), to("C2.example.com.", "203.0.113.2")))
		}, 30, []string{"checks in every 60 s: 100 % of its 20 intervals are alike"}},
	}
}

// moving is a name that leads to so many addresses, spread over so many networks, at moments that no timer has.
func moving(device string, addresses, networks int) []referee.Event {
	var events []referee.Event
	for i := range addresses {
		events = append(events, on(device, i*i*17%5000, to("c2.example.com", fmt.Sprintf("%d.9.%d.7", 20+i%networks, i))))
	}
	return append(events, on(device, 1, to("c2.example.com", "20.9.0.7")), on(device, 6000, to("c2.example.com", "20.9.0.7")), on(device, 9000, to("c2.example.com", "20.9.0.7")))
}

// named gives events another name.
func named(host string, events []referee.Event) []referee.Event {
	return detecttest.Each(events, func(_ int, e *referee.Event) { e.RemoteURL = host })
}

// fleet is 40 devices: one reaches rare, half reach common, two of them pair and three several.
func fleet() []referee.Event {
	var events []referee.Event
	for i := range 40 {
		device := fmt.Sprintf("fleet-%02d", i)
		if i == 0 {
			events = append(events, timer(device, to("rare.example.net", "203.0.113.20"))...)
		}
		if i < 2 {
			events = append(events, timer(device, to("pair.example.net", "203.0.113.21"))...)
		}
		if i < 20 {
			events = append(events, timer(device, to("common.example.net", "203.0.113.22"))...)
		}
		if i < 3 {
			events = append(events, timer(device, to("several.example.net", "203.0.113.24"))...)
		}
		events = append(events, on(device, 30, to("www.example.net", "203.0.113.23")))
	}
	return events
}

// found is a case as a test compares it.
type found struct {
	Risk int64
	Why  []string
}

func asked(t *testing.T, table detecttest.Table, params map[string]any, filters ...referee.Filter) map[string]found {
	t.Helper()
	frames := table.Frames(t, detecttest.Question{Type: "cases", Format: "table", Params: params, Window: day(), Filters: filters, Limit: 10_000})
	return answered(t, frames)
}

func TestVectors(t *testing.T) {
	list := vectors()
	table := detecttest.Start(t).Events(t, nil).WithSystems(t, systems())
	// Fewer devices than that say nothing about how common a destination is; the devices come in two halves.
	got := map[string]found{}
	second := judge()
	for from := 0; from < len(list); from += 15 {
		var events []referee.Event
		for i := from; i < min(from+15, len(list)); i++ {
			events = append(events, list[i].events(fmt.Sprintf("device-%02d", i))...)
		}
		table.Replace(t, events)
		maps.Copy(got, asked(t, table, map[string]any{"minRisk": 0}))
		for _, c := range second.Find(events, referee.Question{Window: day(), Systems: systems()}) {
			if diff := cmp.Diff(found{c.Risk, c.Why}, got[c.Device+" "+c.Host]); diff != "" {
				t.Errorf("%s %s (-referee +plugin):\n%s", c.Device, c.Host, diff)
			}
		}
	}
	for i, v := range list {
		t.Run(v.rule, func(t *testing.T) {
			want := found{v.risk, v.why}
			gravest := found{Risk: -1}
			for key, f := range got {
				if strings.HasPrefix(key, fmt.Sprintf("device-%02d ", i)) && f.Risk > gravest.Risk {
					gravest = f
				}
			}
			if diff := cmp.Diff(want, gravest); diff != "" {
				t.Errorf("(-by hand +plugin):\n%s", diff)
			}
		})
	}
}

// Over several days it shows which destinations are new, and which are slow.
func TestNewAndSlowDestinations(t *testing.T) {
	window := detecttest.Days(3)
	hours := func(device, host string, first, n, step int) []referee.Event {
		from := 3600*first - int(day().From.Sub(window.From).Seconds())
		return gaps(device, from, times(n-1, 3600*step), to(host, "203.0.113.7"))
	}
	events := slices.Concat(
		hours("a", "old.example.com", 0, 72, 1), hours("a", "new.example.com", 24, 24, 2), hours("a", "yesterday.example.com", 23, 12, 4),
		hours("b", "new.example.com", 30, 20, 2), // not the first
		hours("b", "b.example.com", 70, 2, 1),
		hours("c", "c.example.com", 40, 20, 1), // the device is as new
	)
	evenly := func(every string, n int) string {
		return fmt.Sprintf("checks in every %s: 100 %% of its %d intervals are alike", every, n)
	}
	const isNew = "new: no device of this window went there until 24 h after this one was first seen"
	want := map[string]found{
		"a old.example.com":       {45, []string{evenly("60 min", 71), "at it for 100 % of the time, in 24 of 24 parts of the window"}},
		"a new.example.com":       {50, []string{evenly("2 h", 23), "at it for 67 % of the time, in 16 of 24 parts of the window", isNew}},
		"a yesterday.example.com": {26, []string{evenly("4 h", 11), "at it for 67 % of the time, in 12 of 24 parts of the window"}},
		"b new.example.com":       {34, []string{evenly("2 h", 19), "at it for 56 % of the time, in 13 of 24 parts of the window"}},
		"c c.example.com":         {28, []string{evenly("60 min", 19)}},
	}
	table := detecttest.Start(t).Events(t, events)
	second := judge()
	for _, most := range []int64{0, 24, 23} {
		params := map[string]any{"minRisk": 0, "maxConnections": most}
		got := answered(t, table.Frames(t, detecttest.Question{Type: "cases", Format: "table", Params: params, Window: window, Limit: 100}))
		byHand := maps.Clone(want)
		if most > 0 {
			delete(byHand, "a old.example.com")
		}
		if most == 23 {
			delete(byHand, "a new.example.com")
		}
		if diff := cmp.Diff(byHand, got); diff != "" {
			t.Errorf("at most %d (-by hand +plugin):\n%s", most, diff)
		}
		second.MaxConnections = most
		again := map[string]found{}
		for _, c := range second.Find(events, referee.Question{Window: window}) {
			again[c.Device+" "+c.Host] = found{c.Risk, c.Why}
		}
		if diff := cmp.Diff(again, got); diff != "" {
			t.Errorf("at most %d (-referee +plugin):\n%s", most, diff)
		}
	}
}

func TestAFleet(t *testing.T) {
	table := detecttest.Start(t).Events(t, fleet())
	got := asked(t, table, map[string]any{"minRisk": 0})
	for key, want := range map[string]found{
		"fleet-00 rare.example.net": {55, []string{evenly, always, "only this device of 40 connects there"}},
		"fleet-01 pair.example.net": {55, []string{evenly, always, "only 2 devices or one in a hundred of 40 connects there"}},
		// 3 devices are a third of the way from 2 to 5
		"fleet-02 several.example.net": {37, []string{evenly, always, "3 of 40 devices connect there"}},
		"fleet-02 common.example.net":  {20, []string{evenly, always, "20 of 40 devices connect there"}},
	} {
		if diff := cmp.Diff(want, got[key]); diff != "" {
			t.Errorf("%s (-by hand +plugin):\n%s", key, diff)
		}
	}
}

// A list's confidence is a share of the points; what was flagged when it was imported, and what has expired, counts nothing.
func TestAListedPlaceIsGraver(t *testing.T) {
	listed := func(kind, value string, confidence int, flag, expires string) string {
		return fmt.Sprintf("('%s', '%s', 'feed', '', %d, now() + INTERVAL %s, '', '%s', now(), now())", kind, value, confidence, expires, flag)
	}
	events := slices.Concat(
		timer("a", to("c2.bad.example", "203.0.113.9")), timer("b", to("c3.example.com", "203.0.113.10")), timer("c", to("both.bad.example", "203.0.113.10")),
		timer("d", to("d.example.com", "203.0.114.1")), timer("e", to("gone.example", "203.0.113.11")),
	)
	table := detecttest.Start(t).Events(t, events).WithIndicators(t,
		listed("domain", "bad.example", 80, "", "1 DAY"), listed("network", "203.0.113.10/32", 100, "", "1 DAY"),
		listed("network", "203.0.114.0/23", 100, "it is a wide network", "1 DAY"), listed("domain", "gone.example", 100, "", "-1 HOUR"),
	)
	got := asked(t, table, map[string]any{"minRisk": 0})
	want := map[string]found{
		"a c2.bad.example":   {85, []string{"on a list of threat intelligence: bad.example, at a confidence of 80", evenly, always}},
		"b c3.example.com":   {95, []string{"on a list of threat intelligence: 203.0.113.10, at a confidence of 100", evenly, always}},
		"c both.bad.example": {95, []string{"on a list of threat intelligence: bad.example, at a confidence of 100", evenly, always}},
		"d d.example.com":    {45, []string{evenly, always}},
		"e gone.example":     {45, []string{evenly, always}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-by hand +plugin):\n%s", diff)
	}
	second := judge()
	second.Listed = map[string]int64{"bad.example": 80, "203.0.113.10": 100}
	again := map[string]found{}
	for _, c := range second.Find(events, referee.Question{Window: day()}) {
		again[c.Device+" "+c.Host] = found{c.Risk, c.Why}
	}
	if diff := cmp.Diff(again, got); diff != "" {
		t.Errorf("(-referee +plugin):\n%s", diff)
	}
}

// A name that moved within a week is graver; one that moved earlier, rotates, or is not known of is not.
func TestANameThatLeadsElsewhereIsGraver(t *testing.T) {
	events := slices.Concat(timer("a", to("moved.example", "203.0.113.9")), timer("b", to("rotates.example", "203.0.113.9")), timer("c", to("stayed.example", "203.0.113.9")),
		timer("d", to("earlier.example", "203.0.113.9")), timer("e", to("", "203.0.113.9")))
	table := detecttest.Start(t).Events(t, events).WithLedger(t, day())
	row := func(name, network string, first, last int) string {
		at := func(days int) string { return day().From.AddDate(0, 0, -days).Format("2006-01-02 15:04:05") }
		return fmt.Sprintf("('%s', '%s', '%s', '%s', '%s', '%s', range(20400, 20480))", name, network, strings.Split(network, "/")[0], strings.Split(network, "/")[0], at(first), at(last))
	}
	table.Exec(t, "INSERT INTO {database}.names (Name, Network, LowAddress, HighAddress, FirstSeen, LastSeen, Days) SELECT * FROM VALUES('a String, b String, c String, d String, e DateTime, f DateTime, g Array(UInt16)', "+strings.Join([]string{
		row("moved.example", "198.51.100.0/24", 30, 1), row("stayed.example", "203.0.113.0/24", 30, 1), row("earlier.example", "198.51.100.0/24", 60, 9), row("earlier.example", "203.0.113.0/24", 8, 1),
		row("rotates.example", "198.51.100.0/24", 30, 1), row("rotates.example", "192.0.2.0/24", 30, 1), row("rotates.example", "9.9.9.0/24", 30, 1), row("rotates.example", "8.8.8.0/24", 30, 1),
	}, ", ")+")")
	got := asked(t, table, map[string]any{"minRisk": 0})
	told := fmt.Sprintf("the name leads elsewhere since %s, after 30 days in one place", day().From.Format(time.DateOnly))
	want := map[string]found{
		"a moved.example": {65, []string{evenly, told, always}}, "b rotates.example": {45, []string{evenly, always}}, "c stayed.example": {45, []string{evenly, always}},
		"d earlier.example": {45, []string{evenly, always}}, "e 203.0.113.9": {45, []string{evenly, always}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-by hand +plugin):\n%s", diff)
	}
	second := judge()
	second.Moved = map[string]string{"moved.example": told}
	again := map[string]found{}
	for _, c := range second.Find(events, referee.Question{Window: day()}) {
		again[c.Device+" "+c.Host] = found{c.Risk, c.Why}
	}
	if diff := cmp.Diff(again, got); diff != "" {
		t.Errorf("(-referee +plugin):\n%s", diff)
	}
}

// Answers that hold for minutes make a name in many networks graver; they say nothing of one in few, and what is not known says nothing.
func TestShortAnswersSpeakForFlux(t *testing.T) {
	events := slices.Concat(
		named("quick.example", moving("a", 11, 11)), named("slow.example", moving("b", 11, 11)), named("untold.example", moving("c", 11, 11)),
		named("few.example", moving("d", 7, 7)), named("edge.example", moving("e", 11, 11)), named("over.example", moving("f", 11, 11)), named("once.example", moving("g", 11, 11)),
	)
	table := detecttest.Start(t).Events(t, events).WithLedger(t, day())
	row := func(name string, ttl, daysAgo int) string {
		at := day().From.AddDate(0, 0, -daysAgo).Format(time.DateTime)
		return fmt.Sprintf("('%s', '20.9.0.0/24', '20.9.0.7', '20.9.0.7', '%s', '%s', %d)", name, at, at, ttl)
	}
	table.Exec(t, "INSERT INTO {database}.names (Name, Network, LowAddress, HighAddress, FirstSeen, LastSeen, ShortestTTL) VALUES "+strings.Join([]string{
		row("quick.example", 60, 0), row("quick.example", 7200, 0), row("slow.example", 3600, 0), row("few.example", 60, 0), row("edge.example", 300, 0), row("over.example", 301, 0), row("once.example", 60, 30),
	}, ", "))
	const moves, short = "moves between 11 addresses in 11 networks", "an answer of DNS for it held for 5 minutes or less"
	want := map[string]found{
		"a quick.example": {60, []string{moves, short}}, "b slow.example": {50, []string{moves}}, "c untold.example": {50, []string{moves}}, "d few.example": {},
		"e edge.example": {60, []string{moves, short}}, "f over.example": {50, []string{moves}}, "g once.example": {60, []string{moves, short}},
	}
	if diff := cmp.Diff(want, asked(t, table, map[string]any{"minRisk": 0})); diff != "" {
		t.Errorf("(-by hand +plugin):\n%s", diff)
	}
	second := judge()
	second.ShortTTLs = map[string]bool{"quick.example": true, "few.example": true, "edge.example": true, "once.example": true}
	again := map[string]found{}
	for _, c := range second.Find(events, referee.Question{Window: day()}) {
		again[c.Device+" "+c.Host] = found{c.Risk, c.Why}
	}
	if diff := cmp.Diff(again, asked(t, table, map[string]any{"minRisk": 0})); diff != "" {
		t.Errorf("(-referee +plugin):\n%s", diff)
	}
}

// A summary counts all cases, whatever a list has room for, and tells the highest risk of them.
func TestASummaryCountsAllCases(t *testing.T) {
	table := detecttest.Start(t).Events(t, fleet())
	for lowest, none := range map[int]bool{0: false, 50: false, 100: true} {
		all, highest := asked(t, table, map[string]any{"minRisk": lowest}), int64(0)
		for _, c := range all {
			highest = max(highest, c.Risk)
		}
		summary := table.Frames(t, detecttest.Question{Type: "cases", Format: "summary", Window: day(), Params: map[string]any{"minRisk": lowest}, Limit: 1})[0]
		values := map[string]float64{}
		for _, f := range summary.Fields[2:] {
			if number, err := f.FloatAt(0); err == nil && !math.IsNaN(number) {
				values[f.Name] = number
			}
		}
		risk, told := values["HighestRisk"]
		if values["Findings"] != float64(len(all)) || risk != float64(highest) || told == none || (len(all) == 0) != none {
			t.Errorf("from a risk of %d the summary is %v; there are %d cases, the highest risk is %d", lowest, values, len(all), highest)
		}
	}
}

// A filter chooses among cases. What a case is worth does not depend on it: it once left the other devices out, whose number tells
// for or against.
func TestAFilterChangesNoRisk(t *testing.T) {
	table := detecttest.Start(t).Events(t, fleet())
	all := asked(t, table, map[string]any{"minRisk": 0})
	for name, c := range map[string]struct {
		filter referee.Filter
		want   func(key string) bool
	}{
		"a name":    {referee.Filter{Column: "RemoteUrl", Operator: "=", Values: []string{"pair.example.net"}}, func(key string) bool { return strings.HasSuffix(key, " pair.example.net") }},
		"a device":  {referee.Filter{Column: "DeviceName", Operator: "in", Values: []string{"fleet-02"}}, func(key string) bool { return strings.HasPrefix(key, "fleet-02 ") }},
		"no device": {referee.Filter{Column: "DeviceName", Operator: "=", Values: []string{"nobody"}}, func(string) bool { return false }},
		"a port":    {referee.Filter{Column: "RemotePort", Operator: "!=", Values: []string{"80"}}, func(string) bool { return true }},
	} {
		want := maps.Clone(all)
		maps.DeleteFunc(want, func(key string, _ found) bool { return !c.want(key) })
		if diff := cmp.Diff(want, asked(t, table, map[string]any{"minRisk": 0}, c.filter)); diff != "" {
			t.Errorf("%s (-of all +filtered):\n%s", name, diff)
		}
	}
}
