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
	for name, c := range map[string]struct {
		list  []scenario.Finding
		union int
		fails bool
	}{
		"all found":                         {all, len(all), false},
		"one finding of one attack missing": {all[1:], len(all) - 1, true},
		"nothing found":                     {nil, 0, true},
		"a union with a finding less":       {all, len(all) - 1, true},
		"a union with a finding more":       {all, len(all) + 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := findings{list: c.list, answers: map[string]answer{union: {frame: table(c.union)}}}
			if err := f.judge(s); errors.Is(err, ErrMissed) != c.fails {
				t.Errorf("judge = %v; want ErrMissed: %v", err, c.fails)
			}
		})
	}
}
