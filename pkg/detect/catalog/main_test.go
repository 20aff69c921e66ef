package catalog_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// beacon is the least that is PotentialBeaconing: twenty connections over eight hour boundaries, the last one at 09:30.
func beacon(t *testing.T, device, ip, url string) []referee.Event {
	return detecttest.Spread(20, detecttest.At(t, "01:00:00"), detecttest.At(t, "09:30:00"), referee.Event{
		DeviceID: "id of " + device, DeviceName: device, ActionType: "ConnectionAttempt", RemoteIP: ip, RemotePort: 443, RemoteURL: url,
		InitiatingProcessFileName: "agent.exe", SentBytes: detecttest.Bytes(100), ReceivedBytes: detecttest.Bytes(7),
	})
}

// name is the least that is SuspiciousDynamicDNS: one connection.
func name(at time.Time, ip, url string) []referee.Event {
	return []referee.Event{{
		Timestamp: at, DeviceID: "id-3", DeviceName: "WS-3", ActionType: "ConnectionSuccess", RemoteIP: ip, RemotePort: 22, RemoteURL: url,
		InitiatingProcessFileName: "ssh.exe", SentBytes: detecttest.Bytes(5),
	}}
}

// flux is the least that is PotentialFastFluxActivity: ten connections to five addresses within an hour.
func flux(hour time.Time, device string) []referee.Event {
	events := detecttest.Spread(10, hour, hour.Add(50*time.Minute), referee.Event{
		DeviceID: "id of " + device, DeviceName: device, ActionType: "ConnectionSuccess", RemotePort: 22, RemoteURL: "flux.example.com",
		InitiatingProcessFileName: "loader.exe",
	})
	return detecttest.Each(events, func(i int, e *referee.Event) { e.RemoteIP = fmt.Sprintf("198.51.100.%d", i%5) })
}

func join(parts ...[]referee.Event) []referee.Event {
	var all []referee.Event
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}
