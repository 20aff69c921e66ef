package beaconing_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// Which events a beacon is made of.
func TestRowsOfABeacon(t *testing.T) {
	var rules []detecttest.Rule
	single := func(rule string, want [][]any, change func(e *referee.Event)) {
		rules = append(rules, detecttest.Rule{
			Rule: rule, Detector: referee.DefaultBeaconing(), Columns: name(), Want: want,
			Events: usual(t, func(_ int, e *referee.Event) { change(e) }),
		})
	}
	for action, want := range map[string][][]any{
		"ConnectionSuccess": found(), "ConnectionAttempt": found(), "ConnectionFailed": nil, "connectionsuccess": nil, "": nil,
		"ConnectionSuccess ": nil,
	} {
		single("the action type "+quoted(action)+counts(want), want, func(e *referee.Event) { e.ActionType = action })
	}
	for _, port := range []int64{80, 443, 8080, 8443, 4443, 4444, 1080, 3128} {
		single("the port "+number(port)+" counts", found(), func(e *referee.Event) { e.RemotePort = port })
	}
	for _, port := range []int64{0, 22, 79, 81, 442, 444, 8081, 65535} {
		single("the port "+number(port)+" does not count", nil, func(e *referee.Event) { e.RemotePort = port })
	}
	for _, process := range []string{"", "chrome.exe", "svchost.exe"} {
		single("the process "+quoted(process)+" counts: beaconing looks at no process", found(), func(e *referee.Event) { e.InitiatingProcessFileName = process })
	}
	detecttest.CheckRules(t, detecttest.Start(t), rules)
}

func TestTheAddressOfABeaconIsPublicIPv4(t *testing.T) {
	var rules []detecttest.Rule
	for address, want := range map[string][][]any{
		// ipv4_is_private is these three networks, to their last address …
		"10.0.0.0": nil, "10.255.255.255": nil, "172.16.0.0": nil, "172.31.255.255": nil, "192.168.0.0": nil, "192.168.255.255": nil,
		"9.255.255.255": found(), "11.0.0.0": found(), "172.15.255.255": found(), "172.32.0.0": found(), "192.167.255.255": found(), "192.169.0.0": found(),
		// … and nothing else: loopback, link-local, carrier-grade NAT and multicast count as public
		"127.0.0.1": found(), "169.254.1.1": found(), "100.64.0.1": found(), "224.0.0.1": found(), "255.255.255.255": found(), "0.0.0.0": found(),
		// what does not parse as IPv4 gives null, and where not(null) drops the row
		"": nil, "n/a": nil, "203.0.113": nil, "203.0.113.256": nil, "203.0.113.7.1": nil, "203.0.113.07": nil, "0203.0.113.7": nil, "2001:db8::1": nil,
		// what stands around an address is no part of it, and an IPv4-mapped one is its IPv4
		" 203.0.113.7": found(), "203.0.113.7 ": found(), "203.0.113.7:443": found(), "[203.0.113.7]:443": found(), "::ffff:203.0.113.7": found(), "::ffff:cb00:7107": found(), "[::ffff:203.0.113.7]:443": found(), "::ffff:10.0.0.7": nil, "10.0.0.7:443": nil,
	} {
		rules = append(rules, detecttest.Rule{
			Rule: "the address " + quoted(address) + counts(want), Detector: referee.DefaultBeaconing(), Columns: name(), Want: want,
			Events: usual(t, func(_ int, e *referee.Event) { e.RemoteIP = address }),
		})
	}
	rules = append(rules,
		detecttest.Rule{
			Rule:     "privateNetworks names what is not public",
			Detector: with(func(p *referee.Beaconing) { p.PrivateNetworks = []string{"203.0.113.0/29"} }),
			Events: append(
				usual(t, func(_ int, e *referee.Event) { e.RemoteIP = "203.0.113.7" }),
				append(usual(t, func(_ int, e *referee.Event) { e.RemoteIP = "203.0.113.8" }), usual(t, func(_ int, e *referee.Event) { e.RemoteIP = "10.0.0.1" })...)...),
			Columns: []string{"RemoteIP"}, Want: [][]any{{"10.0.0.1"}, {"203.0.113.8"}},
		},
		detecttest.Rule{
			Rule:     "without privateNetworks every IPv4 is public",
			Detector: with(func(p *referee.Beaconing) { p.PrivateNetworks = []string{} }),
			Events:   usual(t, func(_ int, e *referee.Event) { e.RemoteIP = "10.0.0.1" }),
			Columns:  []string{"RemoteIP"}, Want: [][]any{{"10.0.0.1"}},
		},
	)
	detecttest.CheckRules(t, detecttest.Start(t), rules)
}

func TestIncludeIPv6AdmitsGlobalUnicast(t *testing.T) {
	var rules []detecttest.Rule
	ipv6 := with(func(p *referee.Beaconing) { p.IncludeIPv6 = true })
	for address, shown := range map[string]string{
		"2001:db8::1": "2001:db8::1", "2001:DB8:0:0:0:0:0:1": "2001:db8::1", "2606:4700:4700::1111": "2606:4700:4700::1111",
		"2001:db8::1%eth0": "2001:db8::1", "[2001:db8::1]": "2001:db8::1", "[2001:db8::1]:443": "2001:db8::1",
		"fbff::1": "fbff::1", "fe00::1": "fe00::1", "fec0::1": "fec0::1", "::2": "::2", "64:ff9b::8.8.8.8": "64:ff9b::808:808",
		"::ffff:0:8.8.8.8": "::ffff:0:808:808", "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
		// IPv4 goes on to count, and an IPv4-mapped address counts as its IPv4
		"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7", "::FFFF:cb00:7107": "203.0.113.7", "::ffff:127.0.0.1": "127.0.0.1",
	} {
		rules = append(rules, detecttest.Rule{
			Rule: "the address " + address + " counts, as " + shown, Detector: ipv6, Columns: []string{"RemoteIP"}, Want: [][]any{{shown}},
			Events: usual(t, func(_ int, e *referee.Event) { e.RemoteIP = address }),
		})
	}
	for _, address := range []string{
		"fc00::1", "fdff:ffff::1", "fe80::1", "febf::1", "ff02::1", "ffff::1", "::1", "::", "::ffff:10.0.0.1", "::ffff:172.16.0.1",
		"::ffff:c0a8:101", "10.0.0.1", "fe80::1%eth0", "2001:db8::g", "2001:db8::1/64", "1::2::3", "203.0.113.07",
		"::ffff:203.0.113.07", "",
	} {
		rules = append(rules, detecttest.Rule{
			Rule: "the address " + quoted(address) + " stays out", Detector: ipv6, Columns: []string{"RemoteIP"},
			Events: usual(t, func(_ int, e *referee.Event) { e.RemoteIP = address }),
		})
	}
	rules = append(rules, detecttest.Rule{
		Rule: "spellings of one address are one group", Detector: ipv6, Columns: []string{"RemoteIP", "ConnectionCount"},
		Want: [][]any{{"2001:db8::1", int64(20)}},
		Events: usual(t, func(i int, e *referee.Event) {
			e.RemoteIP = []string{"2001:db8::1", "2001:DB8::1", "2001:0db8:0000::0001", "2001:db8::0.0.0.1"}[i%4]
		}),
	}, detecttest.Rule{
		Rule: "an IPv4-mapped address and its IPv4 are one group", Detector: ipv6, Columns: []string{"RemoteIP", "ConnectionCount"},
		Want:   [][]any{{"203.0.113.7", int64(20)}},
		Events: usual(t, func(i int, e *referee.Event) { e.RemoteIP = []string{"203.0.113.7", "::ffff:203.0.113.7"}[i%2] }),
	})
	detecttest.CheckRules(t, detecttest.Start(t), rules)
}
