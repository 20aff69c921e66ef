package dynamicdns_test

import (
	"fmt"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// A name beacons where a device's connections to its host pass beaconing's default rules by host.
func TestOnlyNamesThatBeacon(t *testing.T) {
	// beacon is connections of one device to one address over eight hours and a half, 100 bytes sent by each.
	beacon := func(n int, changes ...func(i int, e *referee.Event)) []referee.Event {
		events := detecttest.Spread(n, detecttest.At(t, "01:00:00"), detecttest.At(t, "09:30:00"), to(t, "c2.duckdns.org"))
		for _, change := range changes {
			events = detecttest.Each(events, change)
		}
		return events
	}
	only := with(func(p *referee.DynamicDNS) { p.OnlyBeacons = true })
	rule := func(rule string, p referee.DynamicDNS, events []referee.Event, want ...any) detecttest.Rule {
		var rows [][]any
		for _, url := range want {
			rows = append(rows, []any{url})
		}
		return detecttest.Rule{Rule: rule, Detector: p, Events: append(events, to(t, "once.duckdns.org")), Columns: []string{"RemoteUrl"}, Want: rows}
	}
	turn := func(of int, set func(e *referee.Event, text string)) func(int, *referee.Event) {
		return func(i int, e *referee.Event) { set(e, fmt.Sprint(i%of)) }
	}
	found := rule("20 connections of one device to one address", only, beacon(20), "c2.duckdns.org")
	found.Numbers = []referee.Number{{Labels: map[string]string{"remote_url": "c2.duckdns.org"}, Value: 20}}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		found,
		rule("the analytic does not ask", referee.DefaultDynamicDNS(), beacon(19), "once.duckdns.org", "c2.duckdns.org"),
		rule("19 connections are too few", only, beacon(19)),
		rule("two devices of ten connections each", only, beacon(20, turn(2, func(e *referee.Event, n string) { e.DeviceID = n }))),
		rule("two addresses of ten connections each", only, beacon(20, turn(2, func(e *referee.Event, n string) { e.RemoteIP = "203.0.113." + n })), "c2.duckdns.org"),
		rule("a proxy's address", only, beacon(20, func(_ int, e *referee.Event) { e.RemoteIP, e.RemotePort = "10.0.0.8", 3128 }), "c2.duckdns.org"),
		rule("no bytes counted", only, beacon(20, func(_ int, e *referee.Event) { e.SentBytes, e.ReceivedBytes = nil, nil }), "c2.duckdns.org"),
		rule("no bytes counted, by the letter", with(func(p *referee.DynamicDNS) { p.OnlyBeacons, p.UnknownBytes = true, "drop" }), beacon(20, func(_ int, e *referee.Event) { e.SentBytes = nil })),
		rule("bytes that are counted and too few", only, beacon(20, func(_ int, e *referee.Event) { e.SentBytes = detecttest.Bytes(50) })),
		rule("a name that is written in two ways is two findings and one host", only,
			beacon(20, func(i int, e *referee.Event) {
				e.RemoteURL = []string{"c2.duckdns.org", "https://C2.duckdns.org/x"}[i%2]
			}), "https://C2.duckdns.org/x", "c2.duckdns.org"),
		rule("attempts are connections, as beaconing has it", only, beacon(20, func(i int, e *referee.Event) {
			e.ActionType = []string{"ConnectionSuccess", "ConnectionAttempt"}[i%2]
		}), "c2.duckdns.org"),
		rule("a device under two spellings", only, beacon(20, turn(2, func(e *referee.Event, n string) { e.DeviceID = []string{"WS-9", "ws-9.corp.example"}[n[0]-'0'] })), "c2.duckdns.org"),
		rule("a port that beaconing does not look at", only, beacon(20, func(_ int, e *referee.Event) { e.RemotePort = 22 })),
		rule("other spellings of a host are one name by suffix", with(func(p *referee.DynamicDNS) { p.OnlyBeacons, p.Match = true, "suffix" }),
			beacon(20, func(i int, e *referee.Event) { e.RemoteURL = []string{"C2.duckdns.org", "c2.duckdns.org."}[i%2] }), "c2.duckdns.org"),
	})
}
