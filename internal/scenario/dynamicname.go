package scenario

import "slices"

// dynamicName is malware whose server sits behind names of dynamic DNS providers.
type dynamicName struct {
	name, how string
	devices   []int
	process   string
	urls      []string
	ips       []string
	calls     int     // connections per device and name
	from, to  float64 // hours of the window
}

func dynamicNames() []planter {
	var list []planter
	for _, d := range []dynamicName{
		{
			name: "Lone duck", how: "one device, seven connections", devices: []int{9}, process: "regsvr32.exe",
			urls: []string{"acct-sync-7f3.duckdns.org"}, ips: []string{"203.0.113.201"}, calls: 7, from: 120, to: 164,
		},
		{
			name: "Loader", how: "one name, 23 devices", devices: slices.Concat(numbers(95, 5), numbers(103, 15), numbers(140, 3)), process: "mshta.exe",
			urls: []string{"invoice-portal-eu.hopto.org"}, ips: []string{"192.0.2.18", "192.0.2.19"}, calls: 3, from: 96, to: 112,
		},
		{
			name: "Collector", how: "one device, four providers", devices: []int{66}, process: "java.exe",
			urls: []string{"rpt-a.zapto.org", "rpt-b.serveftp.com", "rpt-c.redirectme.net", "rpt-d.myftp.biz"},
			ips:  []string{"198.51.100.90", "198.51.100.91"}, calls: 5, from: 24, to: 150,
		},
		{
			name: "Shouting", how: "upper case, as a URL", devices: []int{126}, process: "cscript.exe",
			urls: []string{"HTTPS://Payload-Depot.SYTES.NET/x"}, ips: []string{"192.0.2.222"}, calls: 4, from: 145, to: 166,
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
	for _, url := range d.urls {
		attack.Expect = append(attack.Expect, Finding{Detector: DynamicDNS, RemoteURL: url})
		for _, number := range d.devices {
			for range d.calls {
				e := s.fleet[number].event(s.at(d.from+(d.to-d.from)*r.Float64()), pick(r, d.ips), 443, url, d.process)
				e.Sent, e.Received = int64(between(r, 300, 4000)), int64(between(r, 500, 120_000))
				events = append(events, e)
			}
		}
	}
	return attack, events
}

// numbers returns count numbers of the fleet, from first on.
func numbers(first, count int) []int {
	list := make([]int, count)
	for i := range list {
		list[i] = first + i
	}
	return list
}
