package alertrules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

const (
	highRisk = "fluxhound-high-risk-case"
	slowRisk = "fluxhound-high-risk-slow-case"
)

func TestHighRiskCaseSeesThePlantedBeaconAndNothingElse(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now()
	e.insert(t, planted.Attack(now)...)
	// 24 connections of wscript.exe, an hour apart: 30 points for the timer, 15 for the whole day, 15 for the script host
	key := referee.Key("cases", referee.Device("id-0000", planted.Device), planted.BeaconURL)
	want := map[string]float64{
		"confidence=medium, detector=cases, device=WS-VICTIM, device_id=id-0000, finding_key=" + key + ", mitre_technique=T1584, remote_url=c2.example, severity=high": 60,
	}
	if diff := cmp.Diff(want, numbers(t, e.answer(t, rule(t, highRisk).Data[0], now))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// An hour later the same case has the same labels.
	if diff := cmp.Diff(keys(want), keys(numbers(t, e.answer(t, rule(t, highRisk).Data[0], now.Add(time.Hour))))); diff != "" {
		t.Errorf("an hour later (-want +got):\n%s", diff)
	}
}

// A week shows the timer of what has too few connections in a day.
func TestHighRiskSlowCaseSeesWhatTheDayDoesNot(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now()
	e.insert(t, planted.SlowBeacon(now)...)
	if found := numbers(t, e.answer(t, rule(t, highRisk).Data[0], now)); len(found) > 0 {
		t.Errorf("within a day: %v", found)
	}
	key := referee.Key("cases", referee.Device("id-0000", planted.Device), "slow.example")
	want := map[string]float64{
		"confidence=medium, detector=cases, device=WS-VICTIM, device_id=id-0000, finding_key=" + key + ", mitre_technique=T1584, remote_url=slow.example, severity=high": 60,
	}
	if diff := cmp.Diff(want, numbers(t, e.answer(t, rule(t, slowRisk).Data[0], now))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A case is high from where the rules fire, and whatever else they ask is the detector's default.
func TestHighRiskCaseFiresWhereACaseIsHigh(t *testing.T) {
	for uid, c := range map[string]struct {
		most int64
		span time.Duration
	}{highRisk: {0, 24 * time.Hour}, slowRisk: {1000, 7 * 24 * time.Hour}} {
		r := rule(t, uid)
		q := decode(t, r.Data[0])
		want := query.Values{}
		for _, p := range (cases.Detector{}).Spec().Params {
			want[p.Name] = p.Default
		}
		want["minRisk"], want["maxConnections"] = int64(cases.High), c.most
		if diff := cmp.Diff(want, q.Params); diff != "" || q.Type != cases.Name || q.Format != query.Numeric {
			t.Errorf("%s: %s as %s, parameters (-want +got):\n%s", uid, q.Type, q.Format, diff)
		}
		if r.IsPaused || r.Labels["confidence"] != "high" || r.Data[0].Range.From != int(c.span.Seconds()) {
			t.Errorf("%s: paused: %v, labels %v, over %d s", uid, r.IsPaused, r.Labels, r.Data[0].Range.From)
		}
		firesOnEveryFinding(t, r)
	}
}

func TestHighRiskCaseTellsItsRisk(t *testing.T) {
	finding := map[string]string{"device": "WS 1", "device_id": "id-1", "remote_url": "c2.example", "finding_key": "84c6bebc9075486d"}
	for _, c := range []struct {
		annotation string
		risk       float64
		want       []string
	}{
		{"summary", 79, []string{"WS 1 at c2[.]example: risk 79 of 100"}},
		{"summary", 80, []string{"risk 80 of 100, critical"}},
		{"description", 79, []string{"WS 1", "id-1", "c2[.]example", "79 of 100 (high)", "last day"}},
		{"description", 100, []string{"100 of 100 (critical)"}},
		{"device_url", 79, []string{"https://grafana.example/d/fluxhound-device?orgId=1&var-datasource=fluxhound&var-device=WS+1&from=now-7d&to=now"}},
		{"finding_url", 79, []string{"84c6bebc9075486d", "%22queryType%22%3A%22cases%22"}},
	} {
		got := expand(t, rule(t, highRisk).Annotations[c.annotation], finding, map[string]value{"A": {Value: c.risk}, "B": {Value: 1}})
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s at %g: %q is not in %q", c.annotation, c.risk, want, got)
			}
		}
	}
}
