package scenario

import (
	"fmt"
	"time"
)

// flux is malware whose server hides behind ever new addresses.
type flux struct {
	name, how string
	device    int
	process   string
	urls      []string
	addresses int   // each in a /16 of its own, used in turn
	network   int   // the first octet
	hours     []int // of the window
	perHour   int   // connections
	perTurn   int   // addresses in an hour
}

// The first octets of the addresses that fluxes use.
const firstFlux, lastFlux = 241, 243

func fluxes() []planter {
	var list []planter
	for _, f := range []flux{
		{
			name: "Firefly", how: "one name, 24 addresses within an hour", device: 12, process: "rundll32.exe", urls: []string{"img.drift-petal.example"},
			network: firstFlux, addresses: 24, hours: []int{160}, perHour: 72, perTurn: 24,
		},
		{
			name: "Swarm", how: "one name, nine addresses an hour, six hours", device: 84, process: "flashplayer.exe", urls: []string{"play.salt-comet.example"},
			network: 242, addresses: 54, hours: []int{120, 121, 122, 123, 124, 125}, perHour: 40, perTurn: 9,
		},
		{
			name: "Hydra", how: "double flux: names and addresses change, two hours", device: 137, process: "msbuild.exe",
			urls:    []string{"a1.fog-orchid.example", "b7.fog-orchid.example", "k4.fog-orchid.example", "q2.fog-orchid.example", "z9.fog-orchid.example"},
			network: lastFlux, addresses: 60, hours: []int{164, 165}, perHour: 90, perTurn: 30,
		},
	} {
		list = append(list, f.plant)
	}
	return list
}

// address returns the flux's i-th address. Behind a flux stand hijacked computers all over the world, so that no two
// share a network.
func (f flux) address(i int) string {
	return fmt.Sprintf("%d.%d.%d.%d", f.network, (5+17*i)%256, 41*i%256, 10+7*i%200)
}

func (f flux) plant(s *Scenario) (Attack, []Event) {
	r, victim := s.random(f.name), s.fleet[f.device]
	attack := Attack{Name: f.name, Detector: FastFlux, How: f.how}
	var events []Event
	for turn, h := range f.hours {
		start := s.Start.Add(time.Duration(h) * time.Hour)
		attack.Expect = append(attack.Expect, Finding{Detector: FastFlux, DeviceName: victim.name, Hour: start})
		for i := range f.perHour {
			ip := f.address((turn*f.perTurn + i%f.perTurn) % f.addresses)
			e := victim.event(moment(r, start), ip, 443, f.urls[i%len(f.urls)], f.process)
			e.Sent, e.Received = int64(between(r, 200, 900)), int64(between(r, 200, 5000))
			events = append(events, e)
		}
	}
	return attack, events
}
