package scenario

import (
	"math/rand/v2"
	"time"
)

// beacon is malware that asks its server for orders.
type beacon struct {
	name, how string
	device    int
	process   string
	url       string
	ips       []string // in turn, an hour each
	port      uint16
	interval  time.Duration
	jitter    float64 // each interval is this part longer or shorter, at random
	from, to  float64 // hours of the window
}

func beacons() []planter {
	var list []planter
	for _, b := range []beacon{
		{
			name: "Metronome", how: "every 60 s, no jitter", device: 3, process: "update-helper.exe", url: "cdn.lumen-metrics.example",
			ips: []string{"203.0.113.10"}, port: 443, interval: time.Minute, from: 100, to: 168,
		},
		{
			name: "Tenth", how: "every 5 min, 10 % jitter", device: 17, process: "rundll32.exe", url: "https://static.paper-kite.example/a.gif",
			ips: []string{"203.0.113.24"}, port: 443, interval: 5 * time.Minute, jitter: 0.1, from: 40, to: 160,
		},
		{
			name: "Third", how: "every 10 min, 30 % jitter", device: 88, process: "powershell.exe", url: "api.tin-lantern.example",
			ips: []string{"198.51.100.7"}, port: 8443, interval: 10 * time.Minute, jitter: 0.3, from: 60, to: 156,
		},
		{
			name: "Slow drip", how: "every 100 min, 20 % jitter", device: 101, process: "taskhostw.exe", url: "news.willow-relay.example",
			ips: []string{"192.0.2.61"}, port: 443, interval: 100 * time.Minute, jitter: 0.2, from: 15, to: 167,
		},
		{
			name: "Carousel", how: "every 2 min, another of 6 addresses each hour", device: 119, process: "OneSync.exe", url: "sync.glass-heron.example",
			ips:  []string{"198.51.100.31", "198.51.100.32", "198.51.100.33", "198.51.100.34", "203.0.113.131", "203.0.113.132"},
			port: 443, interval: 2 * time.Minute, jitter: 0.1, from: 90, to: 140,
		},
		{
			name: "Old acquaintance", how: "port 4444, every 90 s", device: 133, process: "meter.exe", url: "c2.rusty-anvil.example",
			ips: []string{"192.0.2.144"}, port: 4444, interval: 90 * time.Second, jitter: 0.05, from: 150, to: 166,
		},
		{
			name: "Nameless", how: "no name, port 8080, every 3 min", device: workstations + 18, process: "wscript.exe", url: "",
			ips: []string{"198.51.100.200"}, port: 8080, interval: 3 * time.Minute, jitter: 0.15, from: 130, to: 168,
		},
		{
			name: "Server room", how: "a server, every 15 min, half of it attempts", device: workstations + laptops + 27, process: "w3wp.exe",
			url: "status.moth-signal.example", ips: []string{"203.0.113.77"}, port: 443, interval: 15 * time.Minute, jitter: 0.25, from: 30, to: 165,
		},
	} {
		list = append(list, b.plant)
	}
	return list
}

func (b beacon) plant(s *Scenario) (Attack, []Event) {
	r, victim := s.random(b.name), s.fleet[b.device]
	attack := Attack{Name: b.name, Detector: Beaconing, How: b.how}
	for _, ip := range b.ips {
		attack.Expect = append(attack.Expect, Finding{Detector: Beaconing, DeviceName: victim.name, RemoteIP: ip, RemoteURL: b.url})
	}
	var events []Event
	for at := s.at(b.from); at.Before(s.at(b.to)); at = at.Add(b.pause(r)) {
		ip := b.ips[int(at.Sub(s.Start)/time.Hour)%len(b.ips)]
		e := victim.event(at, ip, b.port, b.url, b.process)
		e.Sent, e.Received = int64(between(r, 180, 620)), int64(between(r, 90, 2400))
		if b.process == "w3wp.exe" && r.IntN(2) == 0 {
			e.ActionType, e.Sent, e.Received = attempt, Unknown, Unknown
		}
		events = append(events, e)
	}
	return attack, events
}

func (b beacon) pause(r *rand.Rand) time.Duration {
	return time.Duration(float64(b.interval) * (1 + b.jitter*(2*r.Float64()-1))).Truncate(time.Millisecond)
}
