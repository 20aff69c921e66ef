package beaconing_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestFindingsOfBeaconing(t *testing.T) {
	analytic := referee.DefaultBeaconing()
	// half makes the second half of a beacon differ in one column: two groups of ten.
	half := func(change func(e *referee.Event)) []referee.Event {
		return usual(t, func(i int, e *referee.Event) {
			if i >= 10 {
				change(e)
			}
		})
	}
	// both joins two whole beacons that differ in one column.
	both := func(change func(e *referee.Event)) []referee.Event {
		return append(usual(t), usual(t, func(_ int, e *referee.Event) { change(e) })...)
	}
	processes := func(names ...string) []referee.Event {
		return usual(t, func(i int, e *referee.Event) { e.InitiatingProcessFileName = names[i%len(names)] })
	}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{
			Rule: "every column of a finding", Detector: analytic, Columns: analytic.Columns(),
			Events: usual(t, func(i int, e *referee.Event) {
				e.RemotePort = []int64{443, 80, 8080}[i%3]
				e.ActionType = []string{"ConnectionSuccess", "ConnectionAttempt"}[i%2]
				if i >= 15 {
					e.SentBytes, e.ReceivedBytes = nil, nil
				}
			}),
			// 20 connections; 15 × 100 sent and 15 × 10 received; 01:00 to 09:30 crosses 8 hours; 20 / 8 = 2.5
			Want: [][]any{{
				detecttest.At(t, "09:30:00"), "WS-1", "203.0.113.7", "c2.example.com", "PotentialBeaconing", int64(20), int64(1500), int64(150),
				[]string{"agent.exe"}, "id-1", detecttest.At(t, "01:00:00"), detecttest.At(t, "09:30:00"), int64(8), 2.5, int64(3),
				// over a week all of it lies in two of 24 bins
				0.5, "medium", int64(0), 1.0, 1.0, 0.0, 0.0, 1611.0, 0.0, append([]int64{14, 6}, make([]int64, 22)...), true,
				"84c6bebc9075486d", nil, "",
			}},
			Numbers: []referee.Number{{Labels: labels("WS-1", "id-1", "203.0.113.7", "c2.example.com"), Value: 2.5}},
		},
		{Rule: "another DeviceId is another group", Detector: analytic, Columns: name(), Events: half(func(e *referee.Event) { e.DeviceID = "id-2" })},
		{Rule: "another DeviceName is another group", Detector: analytic, Columns: name(), Events: half(func(e *referee.Event) { e.DeviceName = "ws-1" })},
		{Rule: "another RemoteIP is another group", Detector: analytic, Columns: name(), Events: half(func(e *referee.Event) { e.RemoteIP = "203.0.113.8" })},
		{Rule: "another RemoteUrl is another group", Detector: analytic, Columns: name(), Events: half(func(e *referee.Event) { e.RemoteURL = "C2.example.com" })},
		{Rule: "another port is the same group", Detector: analytic, Columns: name(), Want: found(), Events: half(func(e *referee.Event) { e.RemotePort = 80 })},
		{
			Rule: "an empty RemoteUrl is a value of its own", Detector: analytic, Columns: []string{"RemoteUrl", "ConnectionCount"},
			Events: both(func(e *referee.Event) { e.RemoteURL = "" }), Want: [][]any{{"", int64(20)}, {"c2.example.com", int64(20)}},
		},
		{
			Rule: "empty device names and ids are values too", Detector: analytic, Columns: []string{"DeviceName", "DeviceId"},
			Events: usual(t, func(_ int, e *referee.Event) { e.DeviceName, e.DeviceID = "", "" }), Want: [][]any{{"", ""}},
			Numbers: []referee.Number{{Labels: labels("", "", "203.0.113.7", "c2.example.com"), Value: 2.5}},
		},
		{
			Rule: "two ids under one name are two findings, told apart by their labels", Detector: with(func(p *referee.Beaconing) { p.MinConnections = 19 }), Columns: []string{"DeviceId", "ConnectionCount"},
			Events:  append(usual(t), usual(t, func(_ int, e *referee.Event) { e.DeviceID = "id-2" })[:19]...),
			Want:    [][]any{{"id-1", int64(20)}, {"id-2", int64(19)}},
			Numbers: []referee.Number{{Labels: labels("WS-1", "id-1", "203.0.113.7", "c2.example.com"), Value: 2.5}, {Labels: labels("WS-1", "id-2", "203.0.113.7", "c2.example.com"), Value: 19.0 / 8}},
		},
		{
			Rule: "samples are the first five of the sorted distinct process names, empty ones left out", Detector: analytic, Columns: []string{"SampleProcesses"},
			Events: processes("z", "b", "", "a", "B", "é", "a", "c", "d"), Want: [][]any{{[]string{"B", "a", "b", "c", "d"}}},
		},
		{Rule: "without a process name the samples are empty", Detector: analytic, Columns: []string{"SampleProcesses"}, Events: processes(""), Want: [][]any{{[]string{}}}},
		{
			Rule: "samples 2 shows two", Detector: with(func(p *referee.Beaconing) { p.Samples = 2 }), Columns: []string{"SampleProcesses"},
			Events: processes("c", "b", "a"), Want: [][]any{{[]string{"a", "b"}}},
		},
		{
			Rule: "names with quotes, backslashes and other scripts come through", Detector: analytic, Columns: []string{"DeviceName", "RemoteUrl", "SampleProcesses"},
			Events: usual(t, func(_ int, e *referee.Event) {
				e.DeviceName, e.RemoteURL, e.InitiatingProcessFileName = `O'B "x" \ 机器`, "{a:String}'\\", "a'\"机b.exe"
			}),
			Want: [][]any{{`O'B "x" \ 机器`, "{a:String}'\\", []string{"a'\"机b.exe"}}},
		},
		{
			Rule: "newest first", Detector: analytic, Columns: []string{"DeviceName"},
			Events: append(append(usual(t), beacon(detecttest.At(t, "01:00:00"), detecttest.At(t, "09:30:00.001"), rename("b"))...), beacon(detecttest.At(t, "01:00:00"), detecttest.At(t, "09:29:59.999"), rename("a"))...),
			Want:   [][]any{{"b"}, {"WS-1"}, {"a"}},
		},
		{
			Rule: "ports and actionTypes replace the analytic's", Columns: []string{"DeviceName"}, Want: [][]any{{"b"}},
			Detector: with(func(p *referee.Beaconing) {
				p.Ports, p.ActionTypes = []int64{0, 65535}, []string{"ConnectionFailed", "o'\"\\"}
			}),
			Events: append(usual(t), usual(t, rename("b"), func(i int, e *referee.Event) {
				e.RemotePort, e.ActionType = []int64{0, 65535}[i%2], []string{"ConnectionFailed", "o'\"\\"}[i%2]
			})...),
		},
		{Rule: "an empty list of ports matches nothing", Detector: with(func(p *referee.Beaconing) { p.Ports = []int64{} }), Columns: name(), Events: usual(t), Numbers: []referee.Number{}},
		{
			Rule: "filters leave events out before they are counted", Detector: analytic, Columns: name(), Events: half(func(e *referee.Event) { e.InitiatingProcessAccountName = "bob" }),
			Filters: []referee.Filter{{Column: "InitiatingProcessAccountName", Operator: "!=", Values: []string{"bob"}}},
		},
	})
}

func labels(device, id, ip, url string) map[string]string {
	return map[string]string{"device": device, "device_id": id, "remote_ip": ip, "remote_url": url}
}

func rename(name string) func(int, *referee.Event) {
	return func(_ int, e *referee.Event) { e.DeviceName = name }
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

func number(n int64) string { return strconv.FormatInt(n, 10) }

func counts(want [][]any) string {
	if want == nil {
		return " does not count"
	}
	return " counts"
}
