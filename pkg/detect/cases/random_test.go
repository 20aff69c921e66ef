package cases_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// random makes connections of so many devices: some are timers with jitter, some come in bursts, and all else about them is drawn
// from what a piece of evidence looks at.
func random(seed uint64, devices int) []referee.Event {
	r := rand.New(rand.NewPCG(seed, seed))
	hosts := []string{"", "", "c2.example.com", "www.example.org", "a.duckdns.org", "www.duckdns.org", "ecs.office.com", "x.ecs.office.com", "srv.corp", "203.0.113.99", "-", "A.Example.com."}
	addresses := []string{"203.0.113.7", "203.0.113.8", "198.51.100.1", "198.51.100.200", "192.0.2.1", "10.1.2.3", "2001:db8::1", "fe80::1", "127.0.0.1", ""}
	programs := []string{"agent.exe", "chrome.exe", `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, "Firefox", "curl.exe", "", "/usr/bin/perl"}
	folders := []string{"", `C:\Users\a\Downloads`, `C:\Program Files\x`, "/tmp/x", "/usr/bin"}
	flux := rand.New(rand.NewPCG(seed, 1)) // some names move
	ports := []int64{443, 80, 123, 6789, 0, 53}
	protocols := []string{"tcp", "udp", "Tcp", ""}
	var events []referee.Event
	for d := range devices {
		device := fmt.Sprintf("ws-%02d", d)
		for range 1 + r.IntN(6) {
			host, address, process, folder := pick(r, hosts), pick(r, addresses), pick(r, programs), pick(r, folders)
			port, protocol, jitter := pick(r, ports), pick(r, protocols), r.Float64()
			moves := flux.IntN(4) == 0
			second, sleep := r.IntN(40_000), 1+r.IntN(1500)
			for range 1 + r.IntN(120) {
				second += 1 + int(float64(sleep)*(1-jitter*r.Float64()))
				if second >= 86_400 {
					break
				}
				e := on(device, second, to(host, address), by(process), in(folder), at(port, protocol))
				e.Timestamp = e.Timestamp.Add(time.Duration(r.IntN(1000)) * time.Millisecond)
				if moves {
					e.RemoteIP = fmt.Sprintf("%d.%d.3.4", 11+flux.IntN(60), flux.IntN(3))
				}
				if r.IntN(10) > 0 {
					carrying(int64(r.IntN(60_000)), int64(r.IntN(3<<20)))(&e)
				}
				if r.IntN(3) > 0 {
					open(int64(r.IntN(100_000)))(&e)
				}
				if r.IntN(400) == 0 {
					open(int64(r.IntN(30_000_000)))(&e)
				}
				if r.IntN(2000) == 0 {
					e.NameSource = "unknown"
				}
				events = append(events, e)
			}
		}
	}
	return events
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// Risk and Why are worked out a second time, in plain Go.
func TestRiskAndWhyAreWhatTheRefereeSays(t *testing.T) {
	table := detecttest.Start(t).Events(t, nil).WithSystems(t, systems())
	second, compared, moving := judge(), 0, 0
	for seed, devices := range []int{3, 8, 15, 25, 60} {
		events := random(uint64(seed), devices)
		table.Replace(t, events)
		want := map[string]found{}
		for _, c := range second.Find(events, referee.Question{Window: day(), Systems: systems()}) {
			want[c.Device+" "+c.Host] = found{c.Risk, c.Why}
		}
		if diff := cmp.Diff(want, asked(t, table, map[string]any{"minRisk": 0})); diff != "" {
			t.Errorf("%d devices (-referee +plugin):\n%s", devices, diff)
		}
		compared += len(want)
		for _, c := range want {
			if slices.ContainsFunc(c.Why, func(why string) bool { return strings.HasPrefix(why, "moves between") }) {
				moving++
			}
		}
	}
	if moving < 5 {
		t.Errorf("%d names moved", moving)
	}
	if compared < 150 {
		t.Errorf("%d cases were compared", compared)
	}
}

func TestMoreEvidenceNeverLowersAndEvidenceAgainstNeverRaises(t *testing.T) {
	table := detecttest.Start(t).Events(t, nil).WithSystems(t, systems())
	base := random(7, 12)
	table.Replace(t, base)
	before := asked(t, table, map[string]any{"minRisk": 0})
	for name, c := range map[string]struct {
		change func(*referee.Event)
		up     bool
	}{
		"a script host":                  {by("powershell.exe"), true},
		"a user's folder":                {in("/tmp/x"), true},
		"an odd port":                    {at(6789, "tcp"), true},
		"an upload":                      {carrying(200_000, 0), true},
		"a connection of hours":          {open(20_000_000), true},
		"a browser alone":                {by("chrome.exe"), false},
		"downloads":                      {carrying(0, 3<<20), false},
		"time":                           {at(123, "udp"), false},
		"names that nobody may have had": {func(e *referee.Event) { e.NameSource = "unknown" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			table.Replace(t, detecttest.Each(append([]referee.Event{}, base...), func(_ int, e *referee.Event) { c.change(e) }))
			moved := 0
			for key, now := range asked(t, table, map[string]any{"minRisk": 0}) {
				old, ok := before[key]
				if !ok { // was not looked at
					continue
				}
				if c.up && now.Risk < old.Risk || !c.up && now.Risk > old.Risk {
					t.Errorf("%s: risk %d becomes %d:\n%q\n%q", key, old.Risk, now.Risk, old.Why, now.Why)
				}
				if now.Risk != old.Risk {
					moved++
				}
			}
			if moved == 0 {
				t.Error("no risk changed")
			}
		})
	}
}

// Weights are parameters: more for what speaks for never lowers a risk, and more against never raises one.
func TestWeightsMoveRiskTheirWay(t *testing.T) {
	table := detecttest.Start(t).Events(t, append(random(11, 12), fleet()...)).WithSystems(t, systems())
	before := asked(t, table, map[string]any{"minRisk": 0})
	for name, points := range judge().Points {
		more := points + points/2
		for key, now := range asked(t, table, map[string]any{"minRisk": 0, name: more}) {
			if old := before[key]; points > 0 && now.Risk < old.Risk || points < 0 && now.Risk > old.Risk {
				t.Errorf("%s at %d in place of %d: the risk of %s was %d and is %d", name, more, points, key, old.Risk, now.Risk)
			}
		}
	}
}
