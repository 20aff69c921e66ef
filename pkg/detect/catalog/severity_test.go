package catalog_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestSeverityIsTheHighestOfTheConditionsThatHold(t *testing.T) {
	p := referee.DefaultAlerts()
	all := detecttest.Bytes(100)
	// beaconTo is a beacon of successful connections, which dynamic DNS sees as well; changed is made of each event.
	beaconTo := func(url string, change func(i int, e *referee.Event)) []referee.Event {
		events := detecttest.Each(beacon(t, "WS-1", "203.0.113.7", url), func(_ int, e *referee.Event) { e.ActionType, e.SentBytes = "ConnectionSuccess", all })
		if change != nil {
			detecttest.Each(events, change)
		}
		return events
	}
	severity := []string{"AlertType", "Severity"}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{Rule: "beaconing alone is medium", Detector: p, Columns: severity, Events: beaconTo("c2.example.com", nil), Want: [][]any{{"PotentialBeaconing", "medium"}}},
		{Rule: "dynamic DNS alone is medium", Detector: p, Columns: severity, Events: name(detecttest.At(t, "09:00:00"), "203.0.113.7", "a.duckdns.org"), Want: [][]any{{"SuspiciousDynamicDNS", "medium"}}},
		{Rule: "fast flux alone is low", Detector: p, Columns: severity, Events: flux(detecttest.At(t, "09:00:00"), "WS-1"), Want: [][]any{{"PotentialFastFluxActivity", "low"}}},
		{
			Rule: "beaconing to a dynamic DNS name is critical on both sides", Detector: p, Columns: severity, Events: beaconTo("https://a.duckdns.org/x", nil),
			Want: [][]any{{"PotentialBeaconing", "critical"}, {"SuspiciousDynamicDNS", "critical"}},
		},
		{
			Rule: "a domain of the provider table that is not among the analytic's makes a beacon critical", Detector: p, Columns: severity, Events: beaconTo("x.mooo.com", nil),
			Want: [][]any{{"PotentialBeaconing", "critical"}},
		},
		{
			Rule: "what only contains a dynamic DNS domain raises no beacon", Detector: p.Beaconing, Columns: severity, Events: beaconTo("notduckdns.org", nil),
			Want: [][]any{{"PotentialBeaconing", "medium"}},
		},
		{
			Rule: "attempts make a beacon, but are no connections of a dynamic DNS finding", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(i int, e *referee.Event) {
				if i%2 == 1 {
					e.ActionType = "ConnectionAttempt"
				}
			}),
			Want: [][]any{{"SuspiciousDynamicDNS", "medium"}},
		},
		{
			Rule: "two devices that share the connections do not beacon", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(i int, e *referee.Event) { e.DeviceName = []string{"WS-1", "WS-2"}[i%2] }),
			Want:   [][]any{{"SuspiciousDynamicDNS", "medium"}},
		},
		{
			Rule: "nor does one to two addresses", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(i int, e *referee.Event) { e.RemoteIP = []string{"203.0.113.7", "203.0.113.8"}[i%2] }),
			Want:   [][]any{{"SuspiciousDynamicDNS", "medium"}},
		},
		{
			Rule: "nor one to a private address", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(_ int, e *referee.Event) { e.RemoteIP = "10.0.0.7" }), Want: [][]any{{"SuspiciousDynamicDNS", "medium"}},
		},
		{
			Rule: "nor one to a port that beaconing does not look at", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(_ int, e *referee.Event) { e.RemotePort = 22 }), Want: [][]any{{"SuspiciousDynamicDNS", "medium"}},
		},
	})
}

func TestTheKeyOfAFindingNeverChanges(t *testing.T) {
	p := referee.DefaultAlerts()
	at := func(text string) []referee.Event { return name(detecttest.At(t, text), "203.0.113.7", "a.duckdns.org") }
	device := func(id, name string) []referee.Event {
		return detecttest.Each(flux(detecttest.At(t, "09:00:00"), ""), func(_ int, e *referee.Event) { e.DeviceID, e.DeviceName = id, name })
	}
	key := []string{"FindingKey"}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{Rule: "the first 64 bits of the SHA-256 of 10:dynamicDns13:a.duckdns.org", Detector: p.DynamicDNS, Columns: key, Events: at("09:00:00"), Want: [][]any{{"5c52eb5d26e9ad9b"}}},
		{Rule: "neither time nor count is in it", Detector: p, Columns: key, Events: join(at("10:00:00"), at("11:00:00.001")), Want: [][]any{{"5c52eb5d26e9ad9b"}}},
		{Rule: "DeviceName and DeviceId do not run together", Detector: p.FastFlux, Columns: key, Events: device("b", "a"), Want: [][]any{{"b4286077171ad100"}}},
		{Rule: "wherever one ends and the other begins", Detector: p.FastFlux, Columns: key, Events: device("ab", ""), Want: [][]any{{"7b50890b17176d43"}}},
	})
}
