package alertrules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/grafana/dataplane/sdata/numeric"
	"github.com/grafana/dataplane/sdata/reader"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// evaluator sends rules' queries to the plugin as Grafana's alerting does.
type evaluator struct {
	engine chtest.Server
	plugin *host.Host
}

func newEvaluator(t *testing.T) evaluator {
	t.Helper()
	e := evaluator{engine: chtest.Database(t), plugin: planted.Plugin(t)}
	e.engine.CreateTable(t, settings.DefaultTable)
	return e
}

func (e evaluator) insert(t *testing.T, events ...chtest.Event) {
	t.Helper()
	e.engine.Insert(t, settings.DefaultTable, events...)
}

// answer runs one query of a rule, evaluated at now. No user asks.
func (e evaluator) answer(t *testing.T, q alertrules.Query, now time.Time) backend.DataResponse {
	t.Helper()
	text, err := q.JSON()
	if err != nil {
		t.Fatal(err)
	}
	source := host.DataSource{UID: q.DatasourceUID, Name: "Fluxhound", JSONData: e.engine.JSON(settings.Native)}
	response, err := e.plugin.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: source.PluginContext(nil),
		Headers:       map[string]string{"FromAlert": "true"},
		Queries: []backend.DataQuery{{
			RefID: q.RefID, QueryType: q.QueryType, JSON: text, Interval: time.Hour, MaxDataPoints: 43200,
			TimeRange: backend.TimeRange{From: now.Add(-time.Duration(q.Range.From) * time.Second), To: now.Add(-time.Duration(q.Range.To) * time.Second)},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return response.Responses[q.RefID]
}

// numbers reads a numeric answer as sdata, which is what Grafana's expressions read it with.
func numbers(t *testing.T, answer backend.DataResponse) map[string]float64 {
	t.Helper()
	if answer.Error != nil {
		t.Fatalf("status %d: %v", answer.Status, answer.Error)
	}
	if kind, err := reader.CanReadBasedOnMeta(answer.Frames); err != nil || kind != data.FrameTypeNumericMulti {
		t.Fatalf("sdata reads %q: %v", kind, err)
	}
	frames, err := numeric.CollectionReaderFromFrames(answer.Frames)
	if err != nil {
		t.Fatal(err)
	}
	collection, err := frames.GetCollection(false)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, ref := range collection.Refs {
		n, _, err := ref.NullableFloat64Value()
		if err != nil || n == nil {
			t.Fatalf("%v: %v", ref, err)
		}
		found[ref.GetLabels().String()] = *n
	}
	return found
}

func TestEveryRuleSeesThePlantedAttackAndNothingElse(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now()
	e.insert(t, planted.Attack(now)...)
	want := map[string]map[string]float64{
		// 48 connections over 47 hours
		"fluxhound-beaconing":   {"confidence=medium, detector=beaconing, device=WS-VICTIM, device_id=id-0000, finding_key=f44f69436cac8425, mitre_technique=T1584, remote_ip=203.0.113.9, remote_url=c2.example, severity=high": 48.0 / 47},
		"fluxhound-dynamic-dns": {"confidence=medium, detector=dynamicDns, finding_key=072b3c64a6dd2a3a, mitre_technique=T1584, remote_url=dropzone.duckdns.org, severity=high": planted.FluxAddresses},
		"fluxhound-fast-flux":   {"confidence=medium, detector=fastFlux, device=WS-VICTIM, device_id=id-0000, finding_key=c8afa4db7d45e3c6, mitre_technique=T1584, severity=high": planted.FluxAddresses},
		// 24 connections over 23 hours of the last day, at even intervals. Twelve connections in a week are no beacon.
		"fluxhound-regular-beaconing":     {"confidence=medium, detector=beaconing, device=WS-VICTIM, device_id=id-0000, finding_key=c21b9258f27c99ca, mitre_technique=T1584, remote_url=c2.example, severity=high": 24.0 / 23},
		"fluxhound-dynamic-dns-beaconing": {},
		"fluxhound-fast-flux-host":        {"confidence=medium, detector=fastFlux, finding_key=69a45588a3f2b6f7, mitre_technique=T1584, remote_url=flux.example, severity=high": planted.FluxHostFluxiness},
	}
	for uid, findings := range want {
		t.Run(uid, func(t *testing.T) {
			got := numbers(t, e.answer(t, rule(t, uid).Data[0], now))
			if diff := cmp.Diff(findings, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// An hour later the same finding has the same labels.
			later := numbers(t, e.answer(t, rule(t, uid).Data[0], now.Add(time.Hour)))
			if diff := cmp.Diff(keys(findings), keys(later)); diff != "" {
				t.Errorf("an hour later (-want +got):\n%s", diff)
			}
		})
	}
}

func keys(of map[string]float64) map[string]bool {
	set := map[string]bool{}
	for k := range of {
		set[k] = true
	}
	return set
}

// Grafana takes one typed frame without fields as no data, which is OK for these rules.
func TestARuleWithoutFindingsGetsNoData(t *testing.T) {
	e := newEvaluator(t)
	e.insert(t, planted.Heartbeat(time.Now()))
	for _, r := range rules(t) {
		for _, q := range r.Data {
			if q.IsExpression() || q.QueryType == "events" {
				continue
			}
			answer := e.answer(t, q, time.Now())
			if got := numbers(t, answer); len(got) != 0 || len(answer.Frames) != 1 || len(answer.Frames[0].Fields) != 0 {
				t.Errorf("%s: %d frames, findings %v", r.UID, len(answer.Frames), got)
			}
		}
	}
}

func TestARuleHasAtMostItsLimitOfInstancesAndFailsAboveIt(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now()
	query := rule(t, "fluxhound-beaconing").Data[0]
	e.insert(t, planted.Beacons(now, 500)...)
	if got := numbers(t, e.answer(t, query, now)); len(got) != 500 {
		t.Errorf("%d instances, want 500", len(got))
	}
	e.insert(t, planted.Beacons(now, 501)[500*20:]...)
	answer := e.answer(t, query, now)
	if answer.Error == nil || !strings.HasPrefix(answer.Error.Error(), "[limit] ") {
		t.Errorf("with one finding more: %d frames, error %v", len(answer.Frames), answer.Error)
	}
}

func TestDataStoppedSeesTheNewestEventsAge(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	query := rule(t, "fluxhound-data-stopped").Data[0]
	for _, c := range []struct {
		name string
		add  []chtest.Event
		want float64
	}{
		{"no event in the last hour is an hour", []chtest.Event{planted.Heartbeat(now.Add(-2 * time.Hour))}, 3600},
		{"an event dated in the future is not fresh", []chtest.Event{planted.Heartbeat(now.Add(time.Hour))}, 3600},
		{"the newest event counts", []chtest.Event{planted.Heartbeat(now.Add(-901 * time.Second)), planted.Heartbeat(now.Add(-1800 * time.Second))}, 901},
	} {
		t.Run(c.name, func(t *testing.T) {
			e.insert(t, c.add...)
			if diff := cmp.Diff(map[string]float64{"": c.want}, numbers(t, e.answer(t, query, now))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheRecordingRuleCountsFindingsByDetector(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now()
	e.insert(t, planted.Attack(now)...)
	answer := e.answer(t, read(t, "recording")[0].Rules[0].Data[0], now)
	if answer.Error != nil {
		t.Fatal(answer.Error)
	}
	if kind, err := reader.CanReadBasedOnMeta(answer.Frames); err != nil || kind != data.FrameTypeTimeSeriesMulti {
		t.Fatalf("sdata reads %q: %v", kind, err)
	}
	got := map[string]float64{}
	for _, f := range answer.Frames {
		values := f.Fields[1]
		for i := range values.Len() {
			if n, ok := values.At(i).(*float64); ok && n != nil {
				got[values.Labels["detector"]] += *n
			}
		}
	}
	want := map[string]float64{"beaconing": 1, "dynamicDns": 1, "fastFlux": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
