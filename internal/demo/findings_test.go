package demo

import (
	"errors"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

var hour = time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)

func table(rows int) *data.Frame {
	times, devices, addresses, names := make([]time.Time, rows), make([]string, rows), make([]string, rows), make([]string, rows)
	for i := range rows {
		times[i], devices[i], addresses[i], names[i] = hour, "WS-1", "203.0.113.1", "x.example"
	}
	return data.NewFrame("", data.NewField("Timestamp", nil, times), data.NewField("DeviceName", nil, devices),
		data.NewField("RemoteIP", nil, addresses), data.NewField("RemoteUrl", nil, names))
}

func TestEachDetectorsFindingsAreReadByWhatIdentifiesThem(t *testing.T) {
	for detector, want := range map[string]scenario.Finding{
		scenario.Beaconing:  {Detector: scenario.Beaconing, DeviceName: "WS-1", RemoteIP: "203.0.113.1", RemoteURL: "x.example"},
		scenario.DynamicDNS: {Detector: scenario.DynamicDNS, RemoteURL: "x.example"},
		scenario.FastFlux:   {Detector: scenario.FastFlux, DeviceName: "WS-1", Hour: hour},
	} {
		got, err := read(detector, table(1))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]scenario.Finding{want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", detector, diff)
		}
	}
}

func TestAFrameOfAnotherShapeIsAnError(t *testing.T) {
	if _, err := read(scenario.Beaconing, data.NewFrame("", data.NewField("DeviceName", nil, []string{"WS-1"}))); err == nil {
		t.Error("a missing field is no error")
	}
	if _, err := read(scenario.DynamicDNS, data.NewFrame("", data.NewField("RemoteUrl", nil, []int64{1}))); err == nil {
		t.Error("a field of another type is no error")
	}
}

func TestAMissedAttackAndAUnionThatIsNoneFailTheDemo(t *testing.T) {
	s := scenario.New(scenario.DefaultSeed, hour)
	var all []scenario.Finding
	for _, a := range s.Attacks() {
		all = append(all, a.Expect...)
	}
	strict, none := strictFindings{seen: everyHost()}, strictFindings{}
	other := strictFindings{seen: everyHost()}
	delete(other.seen[scenario.FastFlux], strictFinding{host: "play.salt-comet.example"})
	other.seen[scenario.Beaconing][strictFinding{host: "play.salt-comet.example"}] = true
	for name, c := range map[string]struct {
		list   []scenario.Finding
		union  int
		strict strictFindings
		fails  bool
	}{
		"all found":                                        {all, len(all), strict, false},
		"one finding of one attack missing":                {all[1:], len(all) - 1, strict, true},
		"nothing found":                                    {nil, 0, strict, true},
		"a union with a finding less":                      {all, len(all) - 1, strict, true},
		"a union with a finding more":                      {all, len(all) + 1, strict, true},
		"no stricter rule fires":                           {all, len(all), none, true},
		"an attack's stricter rule does not, another does": {all, len(all), other, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := findings{list: c.list, answers: map[string]answer{union: {frame: table(c.union)}}, strict: c.strict}
			if err := f.judge(s); errors.Is(err, ErrMissed) != c.fails {
				t.Errorf("judge = %v; want ErrMissed: %v", err, c.fails)
			}
		})
	}
}

// everyHost is one host of each attack, by its detector.
func everyHost() map[string]map[strictFinding]bool {
	seen := map[string]map[strictFinding]bool{}
	for detector, hosts := range map[string][]string{
		scenario.Beaconing: {
			"cdn.lumen-metrics.example", "static.paper-kite.example", "api.tin-lantern.example", "news.willow-relay.example",
			"sync.glass-heron.example", "c2.rusty-anvil.example", "198.51.100.200", "status.moth-signal.example",
		},
		scenario.DynamicDNS: {"acct-sync-7f3.duckdns.org", "invoice-portal-eu.hopto.org", "rpt-c.redirectme.net", "payload-depot.sytes.net"},
		scenario.FastFlux:   {"img.drift-petal.example", "play.salt-comet.example", "k4.fog-orchid.example"},
	} {
		seen[detector] = map[strictFinding]bool{}
		for _, host := range hosts {
			seen[detector][strictFinding{host: host}] = true
		}
	}
	return seen
}

func TestStricterFindingsAreCountedByWhoseTheyAre(t *testing.T) {
	s := scenario.New(scenario.DefaultSeed, hour)
	seen := everyHost()
	for _, f := range []strictFinding{{"WS-1", "agents.fleetrmm.example"}, {"WS-2", "agents.fleetrmm.example"}, {"WS-1", "updates.quillpress.example"}, {"WS-1", "unheard-of.example"}} {
		seen[scenario.Beaconing][f] = true
	}
	delete(seen[scenario.Beaconing], strictFinding{host: "198.51.100.200"})
	f := findings{
		list:   []scenario.Finding{{Detector: scenario.DynamicDNS, RemoteURL: "hq-gateway.ddns.net"}},
		strict: strictFindings{seen: seen},
	}
	want := []fidelity{
		{detector: scenario.Beaconing, benign: 3, nobodys: 1, programs: []string{"FleetRmm agent", "QuillPress printer updates"}, kept: 7, attacks: 8, lost: []string{"Nameless"}},
		{detector: scenario.DynamicDNS, analytic: 1, kept: 4, attacks: 4},
		{detector: scenario.FastFlux, kept: 3, attacks: 3},
	}
	if diff := cmp.Diff(want, f.compare(s), cmp.AllowUnexported(fidelity{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
