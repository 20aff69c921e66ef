package dynamicdns_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestFindingsOfDynamicDNS(t *testing.T) {
	analytic := referee.DefaultDynamicDNS()
	at := func(text string) func(*referee.Event) {
		return func(e *referee.Event) { e.Timestamp = detecttest.At(t, text) }
	}
	by := func(process string) func(*referee.Event) {
		return func(e *referee.Event) { e.InitiatingProcessFileName = process }
	}
	from := func(id, name string) func(*referee.Event) {
		return func(e *referee.Event) { e.DeviceID, e.DeviceName = id, name }
	}
	action := func(name string) func(*referee.Event) { return func(e *referee.Event) { e.ActionType = name } }
	// address is what the address of a single event is shown as.
	address := func(ip string) referee.Event {
		return to(t, "a.duckdns.org", func(e *referee.Event) { e.RemoteIP = ip })
	}
	url := []string{"RemoteUrl"}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{
			Rule: "every column of a finding", Detector: analytic, Columns: analytic.Columns(),
			Events: []referee.Event{
				to(t, "a.duckdns.org", at("10:30:00"), from("id-2", "WS-2")),
				to(t, "a.duckdns.org", at("09:00:00.001"), from("id-1", "WS-1"), by("z.exe"), func(e *referee.Event) { e.RemoteIP = "198.51.100.9" }),
				to(t, "a.duckdns.org", at("11:59:59.999"), from("id-1", "ws-1"), func(e *referee.Event) { e.RemoteIP = "" }),
			},
			Want: [][]any{{
				detecttest.At(t, "11:59:59.999"), "Multiple", "198.51.100.9", "a.duckdns.org", "SuspiciousDynamicDNS", int64(3), int64(0), int64(0),
				[]string{"agent.exe", "z.exe"}, int64(2), []string{"WS-1", "WS-2", "ws-1"}, []string{"198.51.100.9", "203.0.113.7"},
				detecttest.At(t, "09:00:00.001"), detecttest.At(t, "11:59:59.999"),
				"medium", int64(0), "DuckDNS", "a.duckdns.org", "dynamicDns", "5c52eb5d26e9ad9b", nil, "",
			}},
			Numbers: []referee.Number{{Labels: map[string]string{"remote_url": "a.duckdns.org"}, Value: 3}},
		},
		{
			Rule: "only ConnectionSuccess counts, in this spelling", Detector: analytic, Columns: url, Want: [][]any{{"s.duckdns.org"}},
			Events: []referee.Event{
				to(t, "s.duckdns.org"), to(t, "a.duckdns.org", action("ConnectionAttempt")), to(t, "f.duckdns.org", action("ConnectionFailed")),
				to(t, "l.duckdns.org", action("connectionsuccess")), to(t, "e.duckdns.org", action("")),
			},
		},
		{
			Rule: "actionTypes replaces the analytic's", Columns: url, Want: [][]any{{"a.duckdns.org"}, {"e.duckdns.org"}},
			Detector: with(func(p *referee.DynamicDNS) { p.ActionTypes = []string{"ConnectionAttempt", "o'\"\\"} }),
			Events:   []referee.Event{to(t, "s.duckdns.org"), to(t, "a.duckdns.org", action("ConnectionAttempt")), to(t, "e.duckdns.org", action("o'\"\\"))},
		},
		{
			Rule: "contains groups by RemoteUrl as it is written", Detector: analytic, Columns: []string{"RemoteUrl", "ConnectionCount"},
			Events: []referee.Event{to(t, "a.duckdns.org"), to(t, "A.duckdns.org"), to(t, "a.duckdns.org/"), to(t, "a.duckdns.org")},
			Want:   [][]any{{"A.duckdns.org", int64(1)}, {"a.duckdns.org", int64(2)}, {"a.duckdns.org/", int64(1)}},
		},
		{
			Rule: "suffix groups by the host", Detector: suffix(), Columns: []string{"RemoteUrl", "ConnectionCount"},
			Events: []referee.Event{to(t, "a.duckdns.org"), to(t, "https://u@A.duckdns.org.:80/x"), to(t, "a.duckdns.org/"), to(t, "b.duckdns.org")},
			Want:   [][]any{{"a.duckdns.org", int64(3)}, {"b.duckdns.org", int64(1)}},
		},
		{
			Rule: "the devices and addresses of one name are one finding", Detector: analytic, Columns: []string{"DeviceName", "RemoteIP", "UniqueDevices", "ConnectionCount"},
			Events: []referee.Event{to(t, "a.duckdns.org"), to(t, "a.duckdns.org", from("id-2", "WS-1")), to(t, "a.duckdns.org", from("", ""))},
			Want:   [][]any{{"Multiple", "203.0.113.7", int64(3), int64(3)}},
		},
		{Rule: "minConnections 2 with 1", Detector: with(func(p *referee.DynamicDNS) { p.MinConnections = 2 }), Columns: url, Events: []referee.Event{to(t, "a.duckdns.org")}},
		{
			Rule: "minConnections 2 with 2", Detector: with(func(p *referee.DynamicDNS) { p.MinConnections = 2 }), Columns: url,
			Events: []referee.Event{to(t, "a.duckdns.org"), to(t, "a.duckdns.org")}, Want: [][]any{{"a.duckdns.org"}},
		},
		{Rule: "a private address counts: the analytic looks at the name alone", Detector: analytic, Columns: []string{"RemoteIP"}, Events: []referee.Event{address("10.0.0.1")}, Want: [][]any{{"10.0.0.1"}}},
		{Rule: "an IPv6 address counts, written canonically", Detector: analytic, Columns: []string{"RemoteIP"}, Events: []referee.Event{address("2001:DB8::1")}, Want: [][]any{{"2001:db8::1"}}},
		{Rule: "a connection to what is no address counts", Detector: analytic, Columns: []string{"RemoteIP"}, Events: []referee.Event{address("n/a")}, Want: [][]any{{""}}},
		{Rule: "without any address RemoteIP is empty", Detector: analytic, Columns: []string{"RemoteIP", "SampleIPs"}, Events: []referee.Event{address("")}, Want: [][]any{{"", []string{}}}},
		{
			Rule: "samples are the first five of the sorted distinct values, empty ones left out; addresses sort as texts", Detector: analytic,
			Columns: []string{"RemoteIP", "SampleProcesses", "SampleDevices", "SampleIPs", "UniqueDevices"}, Events: samples(t, "9.9.9.9", "80.0.0.1", "", "10.0.0.1", "8.8.8.8", "100.0.0.1", "9.9.9.9"),
			Want: [][]any{{
				"10.0.0.1", []string{"p0", "p1", "p2", "p3", "p4"}, []string{"d0", "d1", "d2", "d3", "d4"},
				[]string{"10.0.0.1", "100.0.0.1", "8.8.8.8", "80.0.0.1", "9.9.9.9"}, int64(7),
			}},
		},
		{
			Rule: "samples 1 shows one of each", Detector: with(func(p *referee.DynamicDNS) { p.Samples = 1 }), Columns: []string{"SampleProcesses", "SampleDevices", "SampleIPs", "UniqueDevices"},
			Events: samples(t, "9.9.9.9", "8.8.8.8"), Want: [][]any{{[]string{"p0"}, []string{"d0"}, []string{"8.8.8.8"}, int64(2)}},
		},
		{
			Rule: "newest first", Detector: analytic, Columns: url,
			Events: []referee.Event{to(t, "b.ddns.net", at("10:00:00.001")), to(t, "a.ddns.net", at("10:00:00.002")), to(t, "c.ddns.net", at("10:00:00"))},
			Want:   [][]any{{"a.ddns.net"}, {"b.ddns.net"}, {"c.ddns.net"}},
		},
		{
			Rule: "the window is half-open to the millisecond", Detector: analytic, Columns: url,
			Window: referee.Window{From: detecttest.At(t, "10:00:00"), To: detecttest.At(t, "11:00:00")},
			Events: []referee.Event{
				to(t, "before.ddns.net", at("09:59:59.999")), to(t, "start.ddns.net", at("10:00:00.000")), to(t, "last.ddns.net", at("10:59:59.999")), to(t, "end.ddns.net", at("11:00:00.000")),
			},
			Want: [][]any{{"last.ddns.net"}, {"start.ddns.net"}},
		},
		{
			Rule: "an empty window holds nothing", Detector: analytic, Columns: url, Events: []referee.Event{to(t, "a.ddns.net")},
			Window: referee.Window{From: detecttest.At(t, "10:00:00"), To: detecttest.At(t, "10:00:00")}, Numbers: []referee.Number{},
		},
	})
}

func TestWithoutAWindowTheLastSevenDaysAreAsked(t *testing.T) {
	now := time.Now().UTC()
	ago := func(name string, d time.Duration) referee.Event {
		return to(t, name+".ddns.net", func(e *referee.Event) { e.Timestamp = now.Add(-d).Truncate(time.Millisecond) })
	}
	// An hour on either side leaves room for the time that passes until the plugin looks at its clock.
	table := detecttest.Start(t).Events(t, []referee.Event{ago("older", 7*24*time.Hour+time.Hour), ago("old", 7*24*time.Hour-time.Hour), ago("new", time.Minute)})
	rows := table.TableFormat(t, referee.DefaultDynamicDNS(), detecttest.Question{Type: "dynamicDns"})
	var names []any
	for _, row := range rows {
		names = append(names, row[3])
	}
	if got, want := fmt.Sprint(names), "[new.ddns.net old.ddns.net]"; got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}

// samples is one connection to each address, each by a device and process of its own, and one without any names.
func samples(t *testing.T, addresses ...string) []referee.Event {
	var events []referee.Event
	for i, ip := range addresses {
		events = append(events, to(t, "a.duckdns.org", func(e *referee.Event) {
			e.RemoteIP, e.DeviceID = ip, fmt.Sprintf("id-%d", i)
			e.DeviceName, e.InitiatingProcessFileName = fmt.Sprintf("d%d", i), fmt.Sprintf("p%d", i)
		}))
	}
	return append(events, to(t, "a.duckdns.org", func(e *referee.Event) {
		e.DeviceID, e.DeviceName, e.InitiatingProcessFileName, e.RemoteIP = "id-0", "", "", ""
	}))
}
