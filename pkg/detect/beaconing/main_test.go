package beaconing_test

import (
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// one is a connection that every rule about single events lets pass.
func one() referee.Event {
	return referee.Event{
		DeviceID: "id-1", DeviceName: "WS-1", ActionType: "ConnectionSuccess", RemoteIP: "203.0.113.7", RemotePort: 443,
		RemoteURL: "c2.example.com", InitiatingProcessFileName: "agent.exe", SentBytes: detecttest.Bytes(100), ReceivedBytes: detecttest.Bytes(10),
	}
}

// beacon is twenty connections from one instant to another, 2,000 bytes sent in all: enough for a finding when the
// instants lie 2 to 40 hour boundaries apart.
func beacon(from, to time.Time, changes ...func(i int, e *referee.Event)) []referee.Event {
	events := detecttest.Spread(20, from, to, one())
	for _, change := range changes {
		events = detecttest.Each(events, change)
	}
	return events
}

// usual is a beacon that crosses eight hour boundaries: 2.5 connections an hour.
func usual(t *testing.T, changes ...func(i int, e *referee.Event)) []referee.Event {
	return beacon(detecttest.At(t, "01:00:00"), detecttest.At(t, "09:30:00"), changes...)
}

// with returns the default parameters, changed.
func with(change func(*referee.Beaconing)) referee.Beaconing {
	p := referee.DefaultBeaconing()
	change(&p)
	return p
}

// found is the one row of a finding in the column DeviceName.
func found() [][]any { return [][]any{{"WS-1"}} }

// name is the column of rules that are only about whether there is a finding.
func name() []string { return []string{"DeviceName"} }
