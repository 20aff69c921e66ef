package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// systems are what the dictionary of these tests holds. Documentation prefixes, with one inside another.
func systems() []referee.AS {
	return []referee.AS{
		{Network: "203.0.112.0/23", Number: 64500, Name: "WIDE"}, {Network: "203.0.113.0/24", Number: 14061, Name: "DIGITALOCEAN-ASN"},
		{Network: "2001:db8::/32", Number: 9009, Name: "M247"},
	}
}

func TestAFindingHasTheAutonomousSystemOfItsAddress(t *testing.T) {
	events := join(
		beacon(t, "WS-1", "203.0.113.7", "https://a.duckdns.org/x"), beacon(t, "WS-2", "203.0.112.7", "c2.example.com"), beacon(t, "WS-3", "2001:db8::7", "c3.example.com"),
		beacon(t, "WS-4", "198.51.100.7", "c4.example.com"), beacon(t, "WS-5", "203.0.113.8", "c5.example.com"),
		name(detecttest.At(t, "09:00:00"), "203.0.113.9", "b.ddns.net"), name(detecttest.At(t, "09:00:01"), "", "c.ddns.net"), name(detecttest.At(t, "09:00:02"), "n/a", "d.ddns.net"),
		flux(detecttest.At(t, "11:00:00"), "WS-2"),
	)
	table := detecttest.Start(t).Events(t, events).WithSystems(t, systems())
	question := referee.Question{Window: detecttest.Days(1), Systems: systems()}
	custom := referee.DefaultAlerts()
	custom.Beaconing.SuspiciousASNs.Numbers = []int64{64500}
	custom.Beaconing.IncludeIPv6 = true
	custom.FastFlux.GroupBy, custom.FastFlux.MinFluxiness = "host", 0
	if found := table.Judge(t, events, question, append(detectors(), custom.Beaconing, custom.FastFlux, custom)...); found < 20 {
		t.Errorf("only %d findings", found)
	}
	severities := map[string]any{}
	for _, row := range table.TableFormat(t, referee.DefaultBeaconing(), detecttest.Question{Type: "beaconing", Window: detecttest.Days(1)}) {
		severities[row[1].(string)] = row[slices.Index(referee.DefaultBeaconing().Columns(), "Severity")]
	}
	for device, want := range map[string]string{"WS-1": "critical", "WS-2": "medium", "WS-4": "medium", "WS-5": "high"} {
		if severities[device] != want {
			t.Errorf("%s: severity %v, want %s", device, severities[device], want)
		}
	}
}

func TestADictionaryThatCannotBeReadIsToldAndHidesNothing(t *testing.T) {
	events := beacon(t, "WS-1", "203.0.113.7", "c2.example.com")
	table := detecttest.Start(t).Events(t, events).Setting("asnDictionary", "nowhere.asn")
	frames := table.Frames(t, detecttest.Question{Type: "beaconing", Window: detecttest.Days(1)})
	if rows := detecttest.Rows(t, frames, referee.DefaultBeaconing().Columns()); len(rows) != 1 {
		t.Errorf("%d findings, want 1", len(rows))
	}
	if notices := frames[0].Meta.Notices; len(notices) == 0 || !strings.Contains(notices[len(notices)-1].Text, "nowhere.asn cannot be read") {
		t.Errorf("notices %v, want one that the dictionary cannot be read", notices)
	}
}
