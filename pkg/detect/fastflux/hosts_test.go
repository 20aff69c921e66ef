package fastflux_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestTheFluxinessOfAHost(t *testing.T) {
	// spread is one connection to each address, which lie in so many /16 networks in turn.
	spread := func(addresses, networks int) []referee.Event {
		return flux(addresses, 1, detecttest.At(t, "10:00:00"), detecttest.At(t, "10:30:00"), func(i int, e *referee.Event) {
			e.RemoteIP = fmt.Sprintf("203.%d.113.%d", i%networks, i)
		})
	}
	byHost := hosts(func(*referee.FastFlux) {})
	columns := []string{"RemoteUrl", "UniqueIPs", "UniqueNetworks", "Fluxiness"}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{
			Rule: "8 addresses in 8 networks fire", Detector: byHost, Columns: columns, Events: spread(8, 8),
			Want:    [][]any{{"flux.example.com", int64(8), int64(8), 158.88}},
			Numbers: []referee.Number{{Labels: map[string]string{"remote_url": "flux.example.com"}, Value: 158.88}},
		},
		{Rule: "7 addresses in 7 networks do not: 139.02", Detector: byHost, Columns: columns, Events: spread(7, 7)},
		{
			Rule: "minFluxiness 139 lets them", Detector: hosts(func(p *referee.FastFlux) { p.MinFluxiness = 139 }), Columns: columns, Events: spread(7, 7),
			Want: [][]any{{"flux.example.com", int64(7), int64(7), 139.02}},
		},
		{Rule: "100 addresses in one network do not: 1.5", Detector: byHost, Columns: columns, Events: spread(100, 1)},
		{
			Rule: "networks weigh by their share of the addresses: 0.5 × (21.12 + 148.32)", Detector: hosts(func(p *referee.FastFlux) { p.MinFluxiness = 80 }),
			Columns: columns, Events: spread(16, 8), Want: [][]any{{"flux.example.com", int64(16), int64(8), 84.72}},
		},
		{Rule: "minFluxiness is as much as is enough", Detector: hosts(func(p *referee.FastFlux) { p.MinFluxiness = 84.72 }), Columns: name(), Events: spread(16, 8), Want: found()},
		{Rule: "the device's own thresholds do not count", Detector: hosts(func(p *referee.FastFlux) { p.MinUniqueIPs, p.MinConnections = 1000, 1000 }), Columns: name(), Events: spread(8, 8), Want: found()},
		{
			Rule: "addresses of IPv6 lie in /32 networks", Detector: hosts(func(p *referee.FastFlux) { p.IncludeIPv6, p.MinFluxiness = true, 50 }), Columns: columns,
			Events: flux(6, 1, detecttest.At(t, "10:00:00"), detecttest.At(t, "10:30:00"), func(i int, e *referee.Event) {
				e.RemoteIP = []string{"2001:db8::1", "2001:db8:ffff::1", "2001:db9::1", "2400:1::1", "8.8.8.8", "::ffff:8.8.4.4"}[i]
			}),
			// 4/6 · (1.32·6 + 18.54·4)
			Want: [][]any{{"flux.example.com", int64(6), int64(4), 54.72}},
		},
	})
}

func TestWhatAHostsFluxIsMadeOf(t *testing.T) {
	byHost := hosts(func(p *referee.FastFlux) { p.MinFluxiness = 0 })
	urls := func(named ...string) []referee.Event {
		return usual(t, func(i int, e *referee.Event) { e.RemoteURL = named[i%len(named)] })
	}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{
			Rule: "URLs of one host are one", Detector: byHost, Columns: []string{"RemoteUrl", "ConnectionCount"},
			Events: urls("https://Flux.example.com/a?b", "flux.example.com.", "http://u:p@flux.example.com:8080#x"), Want: [][]any{{"flux.example.com", int64(10)}},
		},
		{Rule: "what has no host does not count", Detector: byHost, Columns: name(), Events: urls("", "https://", "-", "(empty)", "N/A", "null", "unknown")},
		{Rule: "a name without a dot means another host in each network", Detector: byHost, Columns: name(), Events: urls("intranet", "http://proxy:3128/", "localhost")},
		{Rule: "an address is a host", Detector: byHost, Columns: []string{"RemoteUrl"}, Events: urls("http://[2001:db8::1]/", "2001:db8::1"), Want: [][]any{{"2001:db8::1"}}},
		{
			Rule: "devices that differ in case and domain are one, under its newest name", Detector: byHost, Columns: []string{"DeviceName", "UniqueDevices"},
			Events: usual(t, func(i int, e *referee.Event) {
				e.DeviceID, e.DeviceName = "", []string{"WS-9", "ws-9.corp.example"}[i%2]
			}),
			Want: [][]any{{"ws-9.corp.example", int64(1)}},
		},
		{
			Rule: "devices count together", Detector: byHost, Columns: []string{"DeviceName", "UniqueDevices", "SampleDevices", "RemoteIP", "SampleIPs"},
			Events: usual(t, func(i int, e *referee.Event) {
				e.DeviceID, e.DeviceName = fmt.Sprint(i%3), []string{"b", "", "a"}[i%3]
			}),
			Want: [][]any{{"Multiple", int64(3), []string{"a", "b"}, "203.0.113.0", []string{"203.0.113.0", "203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"}}},
		},
		{
			Rule: "every column of a finding", Detector: byHost, Columns: byHost.Columns(), Events: usual(t),
			Want: [][]any{{
				detecttest.At(t, "10:59:59.999"), "WS-1", "203.0.113.0", "flux.example.com", "PotentialFastFluxActivity", int64(10), int64(0), int64(0),
				[]string{"agent.exe"}, int64(5), int64(1), 0.2 * (6.6000000000000005 + 18.54), 1.0, int64(1), int64(1), "low", int64(0), []string{"WS-1"},
				[]string{"203.0.113.0", "203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"}, detecttest.At(t, "10:00:00"), detecttest.At(t, "10:59:59.999"),
				"bf8c82bfe59df466", nil, "",
			}},
		},
	})
}

// A placeholder is no name under which a device's connections come together.
func TestPlaceholdersAreNoHosts(t *testing.T) {
	var rules []detecttest.Rule
	for _, text := range []string{"-", "--", "(empty)", "N/A", "n/a", "null", "NULL", "(null)", "none", "None", "<none>", "unknown", "[unknown]", "undefined", "nil", "NaN", "?", `\N`, " - ", "\t"} {
		rules = append(rules, detecttest.Rule{
			Rule: fmt.Sprintf("%q", text), Detector: hosts(func(*referee.FastFlux) {}), Columns: name(),
			Events: flux(12, 1, detecttest.At(t, "10:00:00"), detecttest.At(t, "10:30:00"), func(i int, e *referee.Event) {
				e.RemoteURL, e.RemoteIP = text, fmt.Sprintf("100.%d.0.1", i+1)
			}),
		})
	}
	detecttest.CheckRules(t, detecttest.Start(t), rules)
}

func TestTheChurnOfAHost(t *testing.T) {
	// hours is one connection to each of the named last octets in an hour, hour by hour from midnight; none skips an hour.
	hours := func(octets ...[]int) []referee.Event {
		var events []referee.Event
		for h, list := range octets {
			if len(list) == 0 {
				continue
			}
			at := detecttest.At(t, "00:00:00").Add(time.Duration(h) * time.Hour)
			events = append(events, flux(len(list), 1, at, at.Add(30*time.Minute), func(i int, e *referee.Event) {
				e.RemoteIP = fmt.Sprintf("203.0.113.%d", list[i])
			})...)
		}
		return events
	}
	of := func(rule string, over float64, churn float64, run int64, events []referee.Event) detecttest.Rule {
		return detecttest.Rule{
			Rule: rule, Detector: hosts(func(p *referee.FastFlux) { p.MinFluxiness, p.ChurnOver = 0, over }),
			Columns: []string{"Churn", "ChurnHours"}, Events: events, Want: [][]any{{churn, run}},
		}
	}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		of("ever new addresses churn in every hour", 0.5, 1, 3, hours([]int{1, 2}, []int{3, 4}, []int{5, 6})),
		of("the same addresses are new in the first hour only", 0.5, 0.25, 1, hours([]int{1, 2}, []int{1, 2}, []int{1, 2}, []int{1, 2})),
		of("what an earlier hour had is not new, however long ago", 0.5, 0.75, 2, hours([]int{1}, []int{2}, []int{1}, []int{3})),
		of("half is not over 0.5", 0.5, 0.75, 1, hours([]int{1, 2}, []int{2, 3})),
		of("half is over 0.4", 0.4, 0.75, 2, hours([]int{1, 2}, []int{2, 3})),
		of("nothing is over 1", 1, 1, 0, hours([]int{1}, []int{2})),
		of("an hour without connections ends a run", 0.5, 1, 2, hours([]int{1}, nil, []int{2}, []int{3})),
		of("an hour below ends a run", 0.5, 0.8, 2, hours([]int{1}, []int{1}, []int{2}, []int{3}, nil, []int{4})),
	})
}

// hosts returns the default parameters by host, changed.
func hosts(change func(*referee.FastFlux)) referee.FastFlux {
	return with(func(p *referee.FastFlux) {
		p.GroupBy = "host"
		change(p)
	})
}
