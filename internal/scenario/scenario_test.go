package scenario_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/google/go-cmp/cmp"
)

// ends are windows' ends: before and in a working week, in and out of office hours.
var ends = []time.Time{
	time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),  // Monday
	time.Date(2026, 3, 4, 13, 0, 0, 0, time.UTC), // Wednesday
}

func TestTheAnalyticFindsEveryAttackAndFlagsNobodyBenignButTheKnown(t *testing.T) {
	for name, c := range map[string]struct {
		end  time.Time
		from time.Duration // after the window's start
	}{
		"in its window": {ends[0], 0},
		"in the last seven days, half a day later": {ends[1], 12 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			s := scenario.New(scenario.DefaultSeed, c.end)
			v := s.Judge(findings(s, s.Start.Add(c.from)))
			for _, a := range v.Attacks {
				if !a.Found() {
					t.Errorf("%s is not found: missing %v", a.Name, a.Missing)
				}
			}
			for _, f := range v.FalsePositives {
				if f.Flagged() == 0 {
					t.Errorf("%s is a known false positive, but is not flagged", f.Name)
				}
			}
			for _, f := range v.Unexplained {
				t.Errorf("flagged without being an attack or a known false positive: %+v", f)
			}
		})
	}
}

func TestTheScenarioHasAboutAMillionEventsInItsWindowInTheOrderOfTime(t *testing.T) {
	for _, end := range ends {
		s := scenario.New(scenario.DefaultSeed, end.Add(59*time.Minute))
		if !s.End.Equal(end) || s.End.Sub(s.Start) != scenario.Length {
			t.Errorf("window [%v, %v), want the seven days to %v", s.Start, s.End, end)
		}
		count, last := 0, s.Start
		for e := range s.Events() {
			if e.Timestamp.Before(last) || !e.Timestamp.Before(s.End) {
				t.Fatalf("event %d at %v: after %v and in the window to %v", count, e.Timestamp, last, s.End)
			}
			if e.Timestamp.Nanosecond()%int(time.Millisecond) != 0 {
				t.Fatalf("event %d at %v: not a whole millisecond", count, e.Timestamp)
			}
			count, last = count+1, e.Timestamp
		}
		if count < 950_000 || count > 1_100_000 {
			t.Errorf("%d events, want about a million", count)
		}
		t.Log(count, "events")
	}
}

// Each address of a flux stands in a network of its own; no benign address is in one of theirs.
func TestSystemsAreThoseOfTheirAddresses(t *testing.T) {
	s := scenario.New(scenario.DefaultSeed, ends[0])
	of := func(address string) (found []uint32) {
		a := netip.MustParseAddr(address)
		for _, system := range s.Systems() {
			if system.First.Compare(a) <= 0 && a.Compare(system.Last) <= 0 {
				found = append(found, system.Number)
			}
		}
		return found
	}
	fluxes := map[uint32]string{}
	for e := range s.Events() {
		address, err := netip.ParseAddr(e.RemoteIP)
		if err != nil || !address.Is4() || address.IsPrivate() {
			continue
		}
		found := of(e.RemoteIP)
		if len(found) != 1 {
			t.Fatalf("%s lies in %v", e.RemoteIP, found)
		}
		if network := e.RemoteIP[:strings.LastIndex(e.RemoteIP[:strings.LastIndex(e.RemoteIP, ".")], ".")]; address.As4()[0] >= 240 {
			if other, known := fluxes[found[0]]; known && other != network {
				t.Fatalf("AS%d has %s and %s", found[0], other, network)
			}
			fluxes[found[0]] = network
		}
	}
	if len(fluxes) < 24+54+60 {
		t.Errorf("fluxes lie in %d systems", len(fluxes))
	}
}

func TestTheSameSeedAndWindowMakeTheSameEvents(t *testing.T) {
	first, second := scenario.New(7, ends[0]), scenario.New(7, ends[0])
	if diff := cmp.Diff(sample(first), sample(second)); diff != "" {
		t.Errorf("first and second (-first +second):\n%s", diff)
	}
	if cmp.Equal(sample(first), sample(scenario.New(8, ends[0]))) {
		t.Error("another seed makes the same events")
	}
}

func TestAnotherWindowHoldsTheSameWeek(t *testing.T) {
	if a, b := weekdays(scenario.New(7, ends[0])), weekdays(scenario.New(7, ends[1])); !cmp.Equal(a, b) {
		t.Errorf("benign connections by hour of the week differ:\n%s", cmp.Diff(a, b))
	}
}

func TestTheTrafficHasWhatDetectorsStumbleOver(t *testing.T) {
	missing := map[string]func(scenario.Event) bool{
		"private address":          func(e scenario.Event) bool { return e.RemoteIP == "172.31.255.7" },
		"IPv6":                     func(e scenario.Event) bool { return len(e.RemoteIP) > 8 && e.RemoteIP[:9] == "2001:db8:" },
		"IPv4-mapped IPv6":         func(e scenario.Event) bool { return e.RemoteIP == "::ffff:10.10.2.30" },
		"empty address":            func(e scenario.Event) bool { return e.RemoteIP == "" },
		"empty name":               func(e scenario.Event) bool { return e.RemoteURL == "" && e.RemotePort == 443 },
		"null bytes":               func(e scenario.Event) bool { return e.Sent == scenario.Unknown && e.Received == scenario.Unknown },
		"failed connection":        func(e scenario.Event) bool { return e.ActionType == "ConnectionFailed" },
		"inbound connection":       func(e scenario.Event) bool { return e.ActionType == "InboundConnectionAccepted" },
		"scan":                     func(e scenario.Event) bool { return e.ActionType == "InboundConnectionAccepted" && e.RemotePort == 445 },
		"even NTP":                 func(e scenario.Event) bool { return e.RemotePort == 123 && e.Process == "ntpd.exe" },
		"UDP":                      func(e scenario.Event) bool { return e.Protocol == "Udp" },
		"upper-case name":          func(e scenario.Event) bool { return e.RemoteURL == "HTTPS://Payload-Depot.SYTES.NET/x" },
		"the system's own account": func(e scenario.Event) bool { return e.Account == "system" },
	}
	for e := range scenario.New(scenario.DefaultSeed, ends[0]).Events() {
		for name, is := range missing {
			if is(e) {
				delete(missing, name)
			}
		}
	}
	for name := range missing {
		t.Errorf("no event with: %s", name)
	}
}

func sample(s *scenario.Scenario) []scenario.Event {
	var events []scenario.Event
	for e := range s.Events() {
		if events = append(events, e); len(events) == 20_000 {
			break
		}
	}
	return events
}

// weekdays counts what does not depend on the attacks' place in the window.
func weekdays(s *scenario.Scenario) map[string]int {
	counts := map[string]int{}
	for e := range s.Events() {
		if e.Process == "chrome.exe" || e.Process == "FleetRmmAgent.exe" {
			counts[e.Timestamp.Format("Mon 15h")]++
		}
	}
	return counts
}

// findings asks the referee, which knows nothing of the scenario.
func findings(s *scenario.Scenario, from time.Time) []scenario.Finding {
	var events []referee.Event
	for e := range s.Events() {
		events = append(events, referee.Event{
			Timestamp: e.Timestamp, DeviceID: e.DeviceID, DeviceName: e.DeviceName, ActionType: e.ActionType, RemoteIP: e.RemoteIP,
			RemotePort: int64(e.RemotePort), RemoteURL: e.RemoteURL, Protocol: e.Protocol, LocalIP: e.LocalIP,
			InitiatingProcessFileName: e.Process, InitiatingProcessAccountName: e.Account,
			SentBytes: bytes(e.Sent), ReceivedBytes: bytes(e.Received),
		})
	}
	question := referee.Question{Window: referee.Window{From: from, To: s.End}}
	analytic := referee.DefaultAlerts()
	var found []scenario.Finding
	for _, b := range analytic.Beaconing.Find(events, question) {
		found = append(found, scenario.Finding{Detector: scenario.Beaconing, DeviceName: b.DeviceName, RemoteIP: b.RemoteIP, RemoteURL: b.RemoteURL})
	}
	for _, d := range analytic.DynamicDNS.Find(events, question) {
		found = append(found, scenario.Finding{Detector: scenario.DynamicDNS, RemoteURL: d.RemoteURL})
	}
	for _, f := range analytic.FastFlux.Find(events, question) {
		found = append(found, scenario.Finding{Detector: scenario.FastFlux, DeviceName: f.DeviceName, Hour: f.Hour})
	}
	return slices.Clip(found)
}

func bytes(n int64) *int64 {
	if n == scenario.Unknown {
		return nil
	}
	return &n
}

func TestAfterTheWindowTheDevicesGoOnAsInAnyWeekWithoutAttacks(t *testing.T) {
	for _, end := range ends {
		s := scenario.New(scenario.DefaultSeed, end)
		until := end.Add(2*time.Hour + 17*time.Minute)
		var whole, parts []scenario.Event
		for e := range s.Between(end, until) {
			whole = append(whole, e)
		}
		for from := end; from.Before(until); from = from.Add(7 * time.Minute) {
			to := from.Add(7 * time.Minute)
			if to.After(until) {
				to = until
			}
			for e := range s.Between(from, to) {
				parts = append(parts, e)
			}
		}
		if diff := cmp.Diff(whole, parts); diff != "" || len(whole) < 500 {
			t.Fatalf("%d events at once, %d in parts (-once +parts):\n%s", len(whole), len(parts), diff)
		}
		if !slices.IsSortedFunc(whole, func(a, b scenario.Event) int { return a.Timestamp.Compare(b.Timestamp) }) {
			t.Error("they are not in the order of time")
		}
		if first, last := whole[0].Timestamp, whole[len(whole)-1].Timestamp; first.Before(end) || !last.Before(until) {
			t.Errorf("from %s to %s, want within [%s, %s)", first, last, end, until)
		}
		// A week later the same hours are in the window, with what was planted there beside them.
		later := scenario.New(scenario.DefaultSeed, end.Add(scenario.Length))
		inWindow := map[scenario.Event]int{}
		for e := range later.Events() {
			if e.Timestamp.Before(until) {
				inWindow[e]++
			}
		}
		for _, e := range whole {
			if inWindow[e]--; inWindow[e] < 0 {
				t.Fatalf("no window has the event %+v", e)
			}
		}
	}
}
