package alertrules_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
)

// Every rule about findings that have reasons tells them: query W asks what A asks, and why beside it. Grafana takes for an alert's W
// the number that has all of the alert's labels.
func TestARuleTellsWhyWhereFindingsHaveReasons(t *testing.T) {
	explained := map[string]bool{}
	for _, spec := range querytypes.Detectors() {
		explained[spec.Name] = len(spec.Details) > 0
	}
	words := map[string]bool{}
	for _, r := range detections(t) {
		if text, ok := r.Annotations["why"]; ok {
			words[text] = true
		}
		t.Run(r.UID, func(t *testing.T) {
			_, told := r.Annotations["why"]
			if !explained[r.Data[0].QueryType] {
				if told || len(r.Data) != 2 {
					t.Errorf("%d queries, and it tells why: %v", len(r.Data), told)
				}
				return
			}
			if !told || len(r.Data) != 3 {
				t.Fatalf("%d queries, and it tells why: %v", len(r.Data), told)
			}
			a, w := decode(t, r.Data[0]), decode(t, r.Data[2])
			if !w.Details || r.Data[2].RefID != "W" || r.Data[2].Range != r.Data[0].Range || r.Data[2].DatasourceUID != r.Data[0].DatasourceUID {
				t.Errorf("%s asks for details: %v, over %+v", r.Data[2].RefID, w.Details, r.Data[2].Range)
			}
			w.Details, w.Window, w.Now = false, a.Window, a.Now // decoded a moment later
			if diff := cmp.Diff(a, w); diff != "" {
				t.Errorf("(-A +W):\n%s", diff)
			}
		})
	}
	if len(words) != 1 {
		t.Errorf("it is told in %d ways", len(words))
	}
}

func TestANotificationOfTheVictimTellsWhy(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now()
	e.insert(t, planted.Attack(now)...)
	r := rule(t, highRisk)
	a, w := e.answer(t, r.Data[0], now), e.answer(t, r.Data[2], now)
	if len(a.Frames) != 1 || len(w.Frames) != 1 {
		t.Fatalf("%d numbers, %d with reasons", len(a.Frames), len(w.Frames))
	}
	labels := func(of data.Labels) map[string]string { return of }
	alerts, whys := a.Frames[0].Fields[0].Labels, w.Frames[0].Fields[0].Labels
	if !whys.Contains(alerts) {
		t.Errorf("the labels %v are not all in %v", alerts, whys)
	}
	got := expand(t, r.Annotations["why"], labels(alerts), map[string]value{"A": {Value: 60}, "W": {Value: 60, Labels: labels(whys)}})
	want := "checks in every 60 min: 100 % of its 23 intervals are alike; at it for 100 % of the time, in 24 of 24 parts of the window; connected by wscript[.]exe, which runs scripts"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
