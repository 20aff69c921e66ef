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
	strict, none := everyHost(), strictFindings{}
	less, other := everyHost(), everyHost()
	delete(less.rules[1].seen, strictFinding{host: "play.salt-comet.example"})
	for _, host := range []string{"news.willow-relay.example", "cdn.lumen-metrics.example", "api.tin-lantern.example"} {
		delete(less.rules[0].seen, strictFinding{host: host})
	}
	delete(other.rules[1].seen, strictFinding{host: "play.salt-comet.example"})
	other.rules[0].seen[strictFinding{host: "play.salt-comet.example"}] = true
	for name, c := range map[string]struct {
		list   []scenario.Finding
		union  int
		strict strictFindings
		fails  bool
	}{
		"all found":                                {all, len(all), strict, false},
		"one finding of one attack missing":        {all[1:], len(all) - 1, strict, true},
		"nothing found":                            {nil, 0, strict, true},
		"a union with a finding less":              {all, len(all) - 1, strict, true},
		"a union with a finding more":              {all, len(all) + 1, strict, true},
		"no stricter rule fires":                   {all, len(all), none, true},
		"no stricter rule fires on two attacks":    {all, len(all), less, true},
		"one stricter rule does not, another does": {all, len(all), other, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := findings{list: c.list, answers: map[string]answer{union: {frame: table(c.union)}}, strict: c.strict}
			if err := f.judge(s); errors.Is(err, ErrMissed) != c.fails {
				t.Errorf("judge = %v; want ErrMissed: %v", err, c.fails)
			}
		})
	}
}

// everyHost is two rules that find every attack together.
func everyHost() strictFindings {
	var found strictFindings
	for _, hosts := range [][]string{
		{
			"cdn.lumen-metrics.example", "static.paper-kite.example", "api.tin-lantern.example", "news.willow-relay.example",
			"sync.glass-heron.example", "c2.rusty-anvil.example", "198.51.100.200", "status.moth-signal.example",
			"acct-sync-7f3.duckdns.org", "invoice-portal-eu.hopto.org", "rpt-c.redirectme.net", "payload-depot.sytes.net",
		},
		{"img.drift-petal.example", "play.salt-comet.example", "k4.fog-orchid.example", "c2.rusty-anvil.example"},
	} {
		rule := strictRule{title: hosts[0], seen: map[strictFinding]bool{}}
		for _, host := range hosts {
			rule.seen[strictFinding{host: host}] = true
		}
		found.rules = append(found.rules, rule)
	}
	return found
}

func TestStricterFindingsAreCountedByWhoseTheyAre(t *testing.T) {
	s := scenario.New(scenario.DefaultSeed, hour)
	found := everyHost()
	rmm := strictFinding{"WS-1", "agents.fleetrmm.example"}
	for i, list := range [][]strictFinding{
		{rmm, {"WS-2", "agents.fleetrmm.example"}, {"WS-1", "updates.quillpress.example"}, {"WS-1", "unheard-of.example"}}, {rmm},
	} {
		for _, f := range list {
			found.rules[i].seen[f] = true
		}
	}
	delete(found.rules[0].seen, strictFinding{host: "198.51.100.200"})
	beacons := []string{"Metronome", "Tenth", "Third", "Slow drip", "Carousel", "Nameless", "Server room", "Lone duck", "Loader", "Collector", "Shouting"}
	programs := []string{"FleetRmm agent", "QuillPress printer updates"}
	want := []fidelity{
		{rule: "cdn.lumen-metrics.example", benign: 3, nobodys: 1, programs: programs, kept: 11, attacks: 15, lost: []string{"Nameless", "Firefly", "Swarm", "Hydra"}},
		{rule: "img.drift-petal.example", benign: 1, programs: programs[:1], kept: 4, attacks: 15, lost: beacons},
		{rule: allRules, benign: 3, nobodys: 1, programs: programs, kept: 14, attacks: 15, lost: []string{"Nameless"}},
	}
	if diff := cmp.Diff(want, found.compare(s), cmp.AllowUnexported(fidelity{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
