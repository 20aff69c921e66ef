package dynamicdns_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// to is a connection to a URL, enough for a finding when a provider's domain is in it.
func to(t *testing.T, url string, changes ...func(e *referee.Event)) referee.Event {
	e := referee.Event{
		Timestamp: detecttest.At(t, "10:00:00"), DeviceID: "id-1", DeviceName: "WS-1", ActionType: "ConnectionSuccess",
		RemoteIP: "203.0.113.7", RemotePort: 443, RemoteURL: url, InitiatingProcessFileName: "agent.exe",
		SentBytes: detecttest.Bytes(100), ReceivedBytes: detecttest.Bytes(10),
	}
	for _, change := range changes {
		change(&e)
	}
	return e
}

// with returns the default parameters, changed.
func with(change func(*referee.DynamicDNS)) referee.DynamicDNS {
	p := referee.DefaultDynamicDNS()
	change(&p)
	return p
}

func suffix() referee.DynamicDNS {
	return with(func(p *referee.DynamicDNS) { p.Match = "suffix" })
}
