package referee_test

import (
	"reflect"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// A parameter that is always its default is compared with nothing.
func TestTheRandomEventSetsChangeEveryParameter(t *testing.T) {
	const sets = 100
	usual := referee.DefaultAlerts()
	changed := map[string]int{}
	for i := range sets {
		s := generate(uint64(1+i), start(i))
		for _, of := range [][2]any{{s.params.Beaconing, usual.Beaconing}, {s.params.DynamicDNS, usual.DynamicDNS}, {s.params.FastFlux, usual.FastFlux}} {
			got, plain := reflect.ValueOf(of[0]), reflect.ValueOf(of[1])
			for f := range got.NumField() {
				name := got.Type().Name() + "." + got.Type().Field(f).Name
				changed[name] += 0
				if !reflect.DeepEqual(got.Field(f).Interface(), plain.Field(f).Interface()) {
					changed[name]++
				}
			}
		}
	}
	for name, n := range changed {
		if n < sets/10 {
			t.Errorf("%s differs from its default in %d of %d sets", name, n, sets)
		}
	}
}
