package fastflux_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestBothEndsOfEachThreshold(t *testing.T) {
	analytic := referee.DefaultFastFlux()
	of := func(rule string, p referee.FastFlux, connections, addresses int, want [][]any) detecttest.Rule {
		return detecttest.Rule{
			Rule: rule, Detector: p, Columns: name(), Want: want,
			Events: flux(connections, addresses, detecttest.At(t, "10:00:00"), detecttest.At(t, "10:59:59.999")),
		}
	}
	lower := with(func(p *referee.FastFlux) { p.MinUniqueIPs, p.MinConnections = 1, 1 })
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		of("5 addresses in 10 connections are enough", analytic, 10, 5, found()),
		of("4 addresses are too few", analytic, 10, 4, nil),
		of("9 connections are too few", analytic, 9, 5, nil),
		of("many connections to 4 addresses are still too few", analytic, 100, 4, nil),
		of("minUniqueIPs 1 and minConnections 1 with one connection", lower, 1, 1, found()),
		of("minUniqueIPs 6 with 5", with(func(p *referee.FastFlux) { p.MinUniqueIPs = 6 }), 10, 5, nil),
		of("minConnections 11 with 10", with(func(p *referee.FastFlux) { p.MinConnections = 11 }), 10, 5, nil),
	})
}

func TestTheHourIsUTC(t *testing.T) {
	at := func(text string) time.Time { return detecttest.At(t, text) }
	analytic := referee.DefaultFastFlux()
	hour := []string{"Timestamp", "ConnectionCount"}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{
			Rule: "an hour is from its first to its last millisecond", Detector: analytic, Columns: hour,
			Events: flux(10, 5, at("10:00:00.000"), at("10:59:59.999")), Want: [][]any{{at("10:00:00"), int64(10)}},
		},
		{
			Rule: "what one hour would reach two hours do not", Detector: analytic, Columns: hour,
			Events: flux(10, 5, at("10:00:00.000"), at("11:00:00.000")),
		},
		{
			Rule: "every hour is a finding of its own, newest first", Detector: analytic, Columns: hour,
			Events: append(flux(10, 5, at("10:10:00"), at("10:20:00")), flux(12, 6, at("11:10:00"), at("11:20:00"))...),
			Want:   [][]any{{at("11:00:00"), int64(12)}, {at("10:00:00"), int64(10)}},
		},
		{
			Rule: "the window cuts the hour, whose start is shown all the same", Detector: analytic, Columns: hour,
			Window: referee.Window{From: at("10:30:00"), To: at("10:45:00")},
			Events: append(flux(10, 5, at("10:30:00"), at("10:44:59.999")), flux(10, 5, at("10:45:00"), at("10:59:00"))...),
			Want:   [][]any{{at("10:00:00"), int64(10)}},
		},
		{
			Rule: "an event a millisecond before the window does not count", Detector: analytic, Columns: hour,
			Window: referee.Window{From: at("10:30:00.001"), To: at("10:45:00")},
			Events: flux(10, 5, at("10:30:00"), at("10:44:59.999")),
		},
		{
			Rule: "an event at the window's end does not count", Detector: analytic, Columns: hour,
			Window: referee.Window{From: at("10:30:00"), To: at("10:45:00")},
			Events: flux(10, 5, at("10:30:00"), at("10:45:00")),
		},
		{
			Rule: "the alert value of a device is its highest hour", Detector: analytic, Columns: []string{"Timestamp", "UniqueIPs"},
			Events:  append(append(flux(10, 5, at("10:10:00"), at("10:20:00")), flux(12, 7, at("11:10:00"), at("11:20:00"))...), flux(12, 6, at("12:10:00"), at("12:20:00"))...),
			Want:    [][]any{{at("12:00:00"), int64(6)}, {at("11:00:00"), int64(7)}, {at("10:00:00"), int64(5)}},
			Numbers: []referee.Number{{Labels: map[string]string{"device": "WS-1", "device_id": "id-1"}, Value: 7}},
		},
	})
}

func TestFindingsOfFastFlux(t *testing.T) {
	analytic := referee.DefaultFastFlux()
	half := func(change func(e *referee.Event)) []referee.Event {
		return usual(t, func(i int, e *referee.Event) {
			if i >= 5 {
				change(e)
			}
		})
	}
	device := func(id, name string) []referee.Event {
		return usual(t, func(_ int, e *referee.Event) { e.DeviceID, e.DeviceName = id, name })
	}
	urls := func(named ...string) []referee.Event {
		return flux(15, 5, detecttest.At(t, "10:00:00"), detecttest.At(t, "10:30:00"), func(i int, e *referee.Event) { e.RemoteURL = named[i%len(named)] })
	}
	many := []string{"l", "k", "", "j", "i", "h", "g", "f", "e", "d", "c", "b", "a", "A", "é"}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{
			Rule: "every column of a finding", Detector: analytic, Columns: analytic.Columns(),
			Events: usual(t, func(i int, e *referee.Event) {
				e.RemoteURL = []string{"b.example.com", "", "a.example.com"}[i%3]
				e.InitiatingProcessFileName = []string{"z.exe", "agent.exe", ""}[i%3]
			}),
			Want: [][]any{{
				detecttest.At(t, "10:00:00"), "WS-1", "", "a.example.com", "PotentialFastFluxActivity", int64(10), int64(0), int64(0),
				[]string{"agent.exe", "z.exe"}, "id-1", int64(5), int64(2), []string{"a.example.com", "b.example.com"},
				"low", int64(0), "4d8695fbbd44143e", nil, "",
			}},
			Numbers: []referee.Number{{Labels: map[string]string{"device": "WS-1", "device_id": "id-1"}, Value: 5}},
		},
		{Rule: "another DeviceId is another group", Detector: analytic, Columns: name(), Events: half(func(e *referee.Event) { e.DeviceID = "id-2" })},
		{Rule: "another DeviceName is another group", Detector: analytic, Columns: name(), Events: half(func(e *referee.Event) { e.DeviceName = "ws-1" })},
		{
			Rule: "addresses count over all the domains of the device and hour", Detector: analytic, Columns: []string{"UniqueIPs", "UniqueDomains"}, Want: [][]any{{int64(5), int64(10)}},
			Events: usual(t, func(i int, e *referee.Event) { e.RemoteURL = fmt.Sprintf("%d.example.com", i) }),
		},
		{
			Rule: "DomainList is the first ten of the sorted distinct names, empty ones left out; RemoteUrl is the first of them", Detector: analytic,
			Columns: []string{"RemoteUrl", "DomainList", "UniqueDomains"}, Events: urls(many...),
			Want: [][]any{{"A", []string{"A", "a", "b", "c", "d", "e", "f", "g", "h", "i"}, int64(14)}},
		},
		{
			Rule: "domainSamples 2 shows two", Detector: with(func(p *referee.FastFlux) { p.DomainSamples = 2 }),
			Columns: []string{"RemoteUrl", "DomainList", "UniqueDomains"}, Events: urls(many...), Want: [][]any{{"A", []string{"A", "a"}, int64(14)}},
		},
		{
			Rule: "without a name RemoteUrl and DomainList are empty", Detector: analytic,
			Columns: []string{"RemoteUrl", "DomainList", "UniqueDomains"}, Events: urls(""), Want: [][]any{{"", []string{}, int64(0)}},
		},
		{
			Rule: "samples are the first five of the sorted distinct process names, empty ones left out", Detector: analytic, Columns: []string{"SampleProcesses"},
			Events: usual(t, func(i int, e *referee.Event) {
				e.InitiatingProcessFileName = []string{"z", "b", "", "a", "B", "é", "a", "c", "d", "z"}[i]
			}),
			Want: [][]any{{[]string{"B", "a", "b", "c", "d"}}},
		},
		{
			Rule: "samples 1 shows one", Detector: with(func(p *referee.FastFlux) { p.Samples = 1 }), Columns: []string{"SampleProcesses", "DomainList"},
			Events: usual(t, func(i int, e *referee.Event) { e.InitiatingProcessFileName = []string{"b", "a"}[i%2] }), Want: [][]any{{[]string{"a"}, []string{"flux.example.com"}}},
		},
		{
			Rule: "two ids under one name are two findings, told apart by their labels", Detector: analytic, Columns: []string{"DeviceName", "DeviceId"},
			Events: append(device("id-2", "WS-1"), later(device("id-1", "WS-1"))...), Want: [][]any{{"WS-1", "id-1"}, {"WS-1", "id-2"}},
			Numbers: []referee.Number{{Labels: map[string]string{"device": "WS-1", "device_id": "id-1"}, Value: 5}, {Labels: map[string]string{"device": "WS-1", "device_id": "id-2"}, Value: 5}},
		},
		{
			Rule: "empty device names and ids are values too", Detector: analytic, Columns: []string{"DeviceName", "DeviceId"}, Events: device("", ""), Want: [][]any{{"", ""}},
			Numbers: []referee.Number{{Labels: map[string]string{"device": "", "device_id": ""}, Value: 5}},
		},
	})
}

// later moves events into the next hour.
func later(events []referee.Event) []referee.Event {
	return detecttest.Each(events, func(_ int, e *referee.Event) { e.Timestamp = e.Timestamp.Add(time.Hour) })
}
