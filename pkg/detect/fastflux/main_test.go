package fastflux_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// flux is n connections to that many addresses in turn, evenly from one instant to another.
func flux(n, addresses int, from, to time.Time, changes ...func(i int, e *referee.Event)) []referee.Event {
	events := detecttest.Spread(n, from, to, referee.Event{
		DeviceID: "id-1", DeviceName: "WS-1", ActionType: "ConnectionSuccess", RemotePort: 443, RemoteURL: "flux.example.com",
		InitiatingProcessFileName: "agent.exe", SentBytes: detecttest.Bytes(100), ReceivedBytes: detecttest.Bytes(10),
	})
	events = detecttest.Each(events, func(i int, e *referee.Event) { e.RemoteIP = fmt.Sprintf("203.0.113.%d", i%addresses) })
	for _, change := range changes {
		events = detecttest.Each(events, change)
	}
	return events
}

// usual is the least that is a finding: ten connections to five addresses within the hour of 10:00.
func usual(t *testing.T, changes ...func(i int, e *referee.Event)) []referee.Event {
	return flux(10, 5, detecttest.At(t, "10:00:00"), detecttest.At(t, "10:59:59.999"), changes...)
}

// with returns the default parameters, changed.
func with(change func(*referee.FastFlux)) referee.FastFlux {
	p := referee.DefaultFastFlux()
	change(&p)
	return p
}

// found is the one row of a finding in the column DeviceName.
func found() [][]any { return [][]any{{"WS-1"}} }

// name is the column of rules that are only about whether there is a finding.
func name() []string { return []string{"DeviceName"} }

func counts(want [][]any) string {
	if want == nil {
		return "does not count"
	}
	return "counts"
}
