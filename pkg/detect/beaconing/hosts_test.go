package beaconing_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestByHost(t *testing.T) {
	byHost := hosts(func(*referee.Beaconing) {})
	of := func(url, ip string) []referee.Event {
		return usual(t, func(_ int, e *referee.Event) { e.RemoteURL, e.RemoteIP = url, ip })
	}
	host := func(rule, url, ip string, want ...string) detecttest.Rule {
		r := detecttest.Rule{Rule: rule, Detector: byHost, Columns: []string{"RemoteUrl", "RemoteIP"}, Events: of(url, ip)}
		if want != nil {
			r.Want = [][]any{{want[0], want[1]}}
		}
		return r
	}
	in := func(rule string, p referee.Beaconing, events []referee.Event, want [][]any) detecttest.Rule {
		return detecttest.Rule{Rule: rule, Detector: p, Columns: name(), Events: events, Want: want}
	}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{
			Rule: "addresses and URLs of one host are one beacon, without a label for the address", Detector: byHost, Columns: []string{"RemoteUrl", "RemoteIP", "ConnectionCount"},
			Events: usual(t, func(i int, e *referee.Event) {
				e.RemoteIP = []string{"203.0.113.9", "10.1.1.1", "", "198.51.100.4"}[i%4]
				e.RemoteURL = []string{"https://C2.example.com/a", "c2.example.com:8443"}[i%2]
			}),
			Want:    [][]any{{"c2.example.com", "10.1.1.1", int64(20)}},
			Numbers: []referee.Number{{Labels: map[string]string{"device": "WS-1", "device_id": "id-1", "remote_url": "c2.example.com"}, Value: 2.5}},
		},
		host("a name behind a private proxy is public", "https://c2.example.com/", "10.0.0.8", "c2.example.com", "10.0.0.8"),
		host("a name without an address is public", "c2.example.com", "", "c2.example.com", ""),
		host("a host that is a public address is public, whatever the address of the connection", "http://203.0.113.9/x", "10.0.0.8", "203.0.113.9", "10.0.0.8"),
		host("a host that is a private address is not", "http://10.0.0.9/x", "203.0.113.9"),
		host("without a host the address stands for it", "", "203.0.113.9", "203.0.113.9", "203.0.113.9"),
		host("a private address alone is dropped", "", "10.0.0.8"),
		host("no address at all is dropped", "", ""),
		host("a name without a dot is none, and its private address is dropped", "http://proxy:3128/", "10.0.0.8"),
		host("of a name without a dot the address takes the place", "http://proxy:3128/", "203.0.113.9", "203.0.113.9", "203.0.113.9"),
		host("an internal name's address decides", "http://db.corp/", "203.0.113.9", "db.corp", "203.0.113.9"),
		host("a placeholder is no name", "(empty)", "203.0.113.9", "203.0.113.9", "203.0.113.9"),
		host("an IPv6 address stands for a host behind a proxy", "[2001:db8::9]:443", "10.0.0.8", "2001:db8::9", "10.0.0.8"),
		host("an IPv6 address that is not public does not", "[fe80::9]:443", "10.0.0.8"),
		host("an IPv4-mapped address is its IPv4", "[::ffff:203.0.113.9]:443", "10.0.0.8", "203.0.113.9", "10.0.0.8"),
		host("a private IPv4-mapped address is private", "[::ffff:10.0.0.9]:443", "203.0.113.9"),
		host("the address is shown as such", "", "[::ffff:203.0.113.9]:443", "203.0.113.9", "203.0.113.9"),
		host("a name under an internal domain is internal", "db.corp", "10.0.0.8"),
		host("what ends like an internal domain is not under it", "db.mycorp", "10.0.0.8", "db.mycorp", "10.0.0.8"),
		in("internalDomains names the company's own", hosts(func(p *referee.Beaconing) { p.InternalDomains = []string{"Example.com"} }), of("a.example.com", "10.0.0.8"), nil),
		in("internalDomains may be empty", hosts(func(p *referee.Beaconing) { p.InternalDomains = []string{} }), of("db.corp", "10.0.0.8"), found()),
		in("devices stay apart", byHost, usual(t, func(i int, e *referee.Event) { e.DeviceID = []string{"id-1", "id-2"}[i%2] }), nil),
	})
}

func TestTheScoreOfAFinding(t *testing.T) {
	at := func(p referee.Beaconing) detecttest.Rule {
		// 20 connections of one size from 01:00 to 09:30, every 26:50 of so long: intervals are equal to a second.
		return detecttest.Rule{Detector: p, Window: detecttest.Days(1), Events: usual(t)}
	}
	all := at(with(func(*referee.Beaconing) {}))
	all.Rule, all.Columns = "every part of the score", []string{"Score", "IntervalScore", "SizeScore", "HistogramScore", "DurationScore", "MedianInterval"}
	// 20 connections at distances of 1610 or 1611 s in nine of 24 hours: a run of 9 of 12, and too few bars for their heights
	all.Want = [][]any{{0.688, 1.0, 1.0, 0.0, 0.75, 1611.0}}
	enough := at(with(func(p *referee.Beaconing) { p.MinScore = 0.688 }))
	enough.Rule, enough.Columns, enough.Want = "minScore: this end is included", name(), found()
	enough.Numbers = []referee.Number{{Labels: map[string]string{"device": "WS-1", "device_id": "id-1", "remote_ip": "203.0.113.7", "remote_url": "c2.example.com"}, Value: 2.5}}
	few := at(with(func(p *referee.Beaconing) { p.MinScore = 0.689 }))
	few.Rule, few.Columns, few.Numbers = "minScore leaves out what scores less", name(), []referee.Number{}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{all, enough, few})
}

// How many devices share a destination is counted among what the query looks at, before the thresholds.
func TestMostDevicesOfADestination(t *testing.T) {
	few := func(rule string, p referee.Beaconing, others int, want [][]any, change func(e *referee.Event)) detecttest.Rule {
		events := usual(t, func(int, *referee.Event) {})
		for i := range others {
			other := events[0]
			other.DeviceID = "other-" + number(int64(i))
			change(&other)
			events = append(events, other)
		}
		return detecttest.Rule{Rule: rule, Detector: p, Events: events, Columns: name(), Want: want}
	}
	same := func(*referee.Event) {}
	anonymous := func(e *referee.Event) { e.DeviceID, e.DeviceName = "", "WS-"+e.DeviceID }
	byIP := with(func(p *referee.Beaconing) { p.MaxDevices = 3 })
	byHost := hosts(func(p *referee.Beaconing) { p.MaxDevices = 3 })
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		few("maxDevices 3 with 3, two of which connect once", byIP, 2, found(), same),
		few("maxDevices 3 with 4", byIP, 3, nil, same),
		few("maxDevices 0 is the analytic, which does not ask", referee.DefaultBeaconing(), 30, found(), same),
		few("of devices without an identifier the name counts", byIP, 3, nil, anonymous),
		few("and so does that of devices whose identifier is a placeholder", byHost, 3, nil, func(e *referee.Event) { anonymous(e); e.DeviceID = "-" }),
		few("devices that differ in case and domain are one", byIP, 30, found(), func(e *referee.Event) { e.DeviceID = "ID-1.corp.example" }),
		few("a port that is not looked at does not count", byIP, 30, found(), func(e *referee.Event) { e.RemotePort = 22 }),
		few("another address of the name is another destination", byIP, 30, found(), func(e *referee.Event) { e.RemoteIP = "203.0.113.99" }),
		few("by host the name's addresses are one destination", byHost, 3, nil, func(e *referee.Event) { e.RemoteIP = "203.0.113.99" }),
		few("by host with 3", byHost, 2, found(), func(e *referee.Event) { e.RemoteIP = "203.0.113.99" }),
	})
}

// hosts returns the default parameters by host, changed.
func hosts(change func(*referee.Beaconing)) referee.Beaconing {
	return with(func(p *referee.Beaconing) {
		p.GroupBy = "host"
		change(p)
	})
}
