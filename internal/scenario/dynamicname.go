package scenario

import (
	"math/rand/v2"
	"slices"
	"time"
)

// dynamicName is malware whose server sits behind names of dynamic DNS providers.
type dynamicName struct {
	name, how string
	process   string
	urls      []string
	ips       []string
	// A few calls are made by many, which the malware leaves at once; where it stays, it checks in.
	visited  []int
	calls    int // connections of each and name
	infected []int
	every    time.Duration // a check-in, at each name in turn
	from, to float64       // hours of the window
}

func dynamicNames() []planter {
	var list []planter
	for _, d := range []dynamicName{
		{
			name: "Lone duck", how: "one device, checks in every 40 min", infected: []int{9}, every: 40 * time.Minute, process: "regsvr32.exe",
			urls: []string{"acct-sync-7f3.duckdns.org"}, ips: []string{"203.0.113.201"}, from: 120, to: 164,
		},
		{
			name: "Loader", how: "one name, 23 devices, two of which stay infected",
			visited: slices.Concat(numbers(95, 5), numbers(105, 13), numbers(140, 3)), calls: 3, infected: numbers(103, 2), every: 15 * time.Minute,
			process: "mshta.exe", urls: []string{"invoice-portal-eu.hopto.org"}, ips: []string{"192.0.2.18", "192.0.2.19"}, from: 96, to: 112,
		},
		{
			name: "Collector", how: "one device, four providers in turn", infected: []int{66}, every: 30 * time.Minute, process: "java.exe",
			urls: []string{"rpt-a.zapto.org", "rpt-b.serveftp.com", "rpt-c.redirectme.net", "rpt-d.myftp.biz"},
			ips:  []string{"198.51.100.90", "198.51.100.91"}, from: 24, to: 150,
		},
		{
			name: "Shouting", how: "upper case, as a URL", infected: []int{126}, every: 20 * time.Minute, process: "cscript.exe",
			urls: []string{"HTTPS://Payload-Depot.SYTES.NET/x"}, ips: []string{"192.0.2.222"}, from: 145, to: 166,
		},
	} {
		list = append(list, d.plant)
	}
	return list
}

func (d dynamicName) plant(s *Scenario) (Attack, []Event) {
	r := s.random(d.name)
	attack := Attack{Name: d.name, Detector: DynamicDNS, How: d.how}
	var events []Event
	for i, url := range d.urls {
		attack.Expect = append(attack.Expect, Finding{Detector: DynamicDNS, RemoteURL: url})
		for _, number := range d.visited {
			for range d.calls {
				at := s.at(d.from + (d.to-d.from)*r.Float64())
				events = append(events, d.call(s, r, number, at, url, pick(r, d.ips)))
			}
		}
		for _, number := range d.infected {
			// Each name is asked once a round, and a name's address changes in the middle of the attack.
			checkIn := beacon{interval: d.every, jitter: 0.05}
			for at := s.at(d.from).Add(d.every * time.Duration(i) / time.Duration(len(d.urls))); at.Before(s.at(d.to)); at = at.Add(checkIn.pause(r)) {
				half := int(float64(len(d.ips)) * float64(at.Sub(s.at(d.from))) / float64(s.at(d.to).Sub(s.at(d.from))))
				events = append(events, d.call(s, r, number, at, url, d.ips[half]))
			}
		}
	}
	return attack, events
}

// call is one connection of a device.
func (d dynamicName) call(s *Scenario, r *rand.Rand, device int, at time.Time, url, ip string) Event {
	e := s.fleet[device].event(at, ip, 443, url, d.process)
	e.Sent, e.Received = int64(between(r, 300, 4000)), int64(between(r, 500, 120_000))
	return e
}

// numbers returns count numbers of the fleet, from first on.
func numbers(first, count int) []int {
	list := make([]int, count)
	for i := range list {
		list[i] = first + i
	}
	return list
}
