package rollup_test

import (
	"context"
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

var questions = flag.Int("questions", 40, "how many random questions to ask of the events and of their roll-ups")

// The answer from roll-ups is the answer from events: whatever the window, the parameters and the filters, with events that
// were there before, came late, came twice, or came while the roll-ups were filled in several goes.
func TestRollupsAnswerAsTheEventsDo(t *testing.T) {
	b := newBench(t)
	b.insert(t, 6000, -80*time.Hour, 0)
	b.apply(t)
	b.insert(t, 500, -80*time.Hour, 0)
	b.interruptedFill(t)
	b.insert(t, 500, -80*time.Hour, 0)
	b.fill(t)
	b.insert(t, 500, -80*time.Hour, 0)
	b.insert(t, 4000, time.Minute, 30*time.Hour)
	rolled := b.table.WithRollups(b.find(t).Rollups)
	used, found := map[string]int{}, map[string]int{}
	for round := range *questions {
		if round == *questions*3/4 { // an address comes to be written in several ways
			b.odd = true
			b.insert(t, 500, -80*time.Hour, 30*time.Hour)
		}
		for _, d := range append(catalog.Detectors(), catalog.Alerts()) {
			q := b.question(d.Spec())
			want, _ := b.answer(t, d, q, b.table)
			got, sql := b.answer(t, d, q, rolled)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s as %s in %v, filters %v, parameters %v (-events +roll-ups):\n%s\n%s", d.Spec().Name, q.Format, q.Window, q.Filters, q.Params, diff, sql)
			}
			for use, text := range map[string]string{"_1h": `\"_1h"`, "_1d": `\"_1d"`, "_beacons_1h": "Hours = 1 AND", "_beacons_1d": "Hours = 24 AND"} {
				if strings.Contains(sql, text) { // a table's name ends with a quotation mark
					used[d.Spec().Name+use]++
				}
			}
			if want.Rows > 0 {
				found[d.Spec().Name]++
			}
		}
	}
	t.Logf("questions with findings: %v; that read roll-ups: %v", found, used)
	for _, d := range catalog.Detectors() {
		name := d.Spec().Name
		if found[name] < *questions/10 || used[name+"_1h"] < *questions/20 || name != "fastFlux" && used[name+"_1d"] < *questions/40 {
			t.Errorf("%s: too few findings or uses of roll-ups to prove anything", name)
		}
	}
	if used["beaconing_beacons_1h"] < *questions/8 || used["beaconing_beacons_1d"] < *questions/10 {
		t.Error("beaconing: too few uses of beacon roll-ups to prove anything")
	}
}

// interruptedFill fills the newest day and is then cancelled.
func (b *bench) interruptedFill(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := b.keeper.Fill(ctx, func(time.Time) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want a cancellation", err)
	}
}

func (b *bench) answer(t *testing.T, d detect.Detector, q query.Query, table schema.Table) (*clickhouse.Result, string) {
	t.Helper()
	s, err := d.Statement(q, table)
	if err != nil {
		t.Fatal(err)
	}
	result, err := b.client.Query(t.Context(), s, clickhouse.Origin{})
	if errors.Is(err, clickhouse.ErrUndecided) && s.Otherwise != nil { // as the plugin does
		s = *s.Otherwise
		result, err = b.client.Query(t.Context(), s, clickhouse.Origin{})
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	return &clickhouse.Result{Columns: result.Columns, Data: result.Data, Rows: result.Rows}, s.SQL
}

func (b *bench) question(spec detect.Spec) query.Query {
	q := query.Query{
		Type: spec.Name, Format: pick(b, query.Table, query.Numeric, query.TimeSeries), Limit: 100_000,
		Interval: pick(b, time.Minute, time.Hour, time.Hour, 3*time.Hour, 24*time.Hour), Params: query.Values{}, Window: b.window(),
	}
	if spec.Name == "beaconing" { // its table has the score, which reads events
		q.Format = pick(b, query.Table, query.Numeric, query.Numeric, query.Numeric, query.TimeSeries)
		if b.IntN(2) == 0 { // and few short windows have findings
			q.Window.From, q.Window.To = q.Window.From.Add(-24*time.Hour), q.Window.To.Add(24*time.Hour)
		}
	}
	// An alert rule's, which beacon roll-ups can answer: all but thresholds are as they come.
	rule := spec.Name == "beaconing" && b.IntN(3) == 0
	if rule {
		q.Format = query.Numeric
	}
	for _, p := range spec.Params {
		q.Params[p.Name] = p.Default
		if rule && !strings.Contains("minConnections bytesSentOver durationHoursOver minBeaconRate maxBeaconRate", p.Name) {
			continue
		}
		if change, ok := changes[p.Name[strings.Index(p.Name, ".")+1:]]; ok && b.IntN(3) == 0 {
			q.Params[p.Name] = change[b.IntN(len(change))]
		}
	}
	if !rule && b.IntN(2) == 0 {
		q.Filters = []query.Filter{pick(b,
			query.Filter{Column: "DeviceName", Operator: query.Equal, Values: []string{"WS-1"}},
			query.Filter{Column: "DeviceId", Operator: query.NotIn, Values: []string{"d1", "d3"}},
			query.Filter{Column: "RemoteIP", Operator: query.InSubnet, Values: []string{"8.8.0.0/16", "2001:db8::/32"}},
			query.Filter{Column: "RemoteUrl", Operator: query.Contains, Values: []string{"duck"}},
			query.Filter{Column: "RemotePort", Operator: query.NotEqual, Values: []string{"80"}},
			query.Filter{Column: "ActionType", Operator: query.StartsWith, Values: []string{"ConnectionS"}},
			query.Filter{Column: "InitiatingProcessFileName", Operator: query.EndsWith, Values: []string{".exe"}},
			query.Filter{Column: "InitiatingProcessAccountName", Operator: query.Equal, Values: []string{"bob"}},
			query.Filter{Column: "SentBytes", Operator: query.NotEqual, Values: []string{"100"}},
		)}
	}
	return q
}

// changes are values of parameters other than their defaults.
var changes = map[string][]any{
	"minConnections":    {int64(1), int64(2), int64(60)},
	"bytesSentOver":     {int64(-1), int64(20_000)},
	"durationHoursOver": {int64(0), int64(30)},
	"minBeaconRate":     {0.0, 1.0, 20.0 / 7},
	"maxBeaconRate":     {1.0, 10.0 / 3},
	"ports":             {[]int64{443}, []int64{}, []int64{22, 80}},
	"actionTypes":       {[]string{"ConnectionFailed"}, []string{"ConnectionSuccess", "ConnectionAttempt"}},
	"samples":           {int64(1), int64(100)},
	"includeIPv6":       {true},
	"privateNetworks":   {[]string{}, []string{"8.8.0.0/16"}},
	"match":             {"suffix"},
	"minUniqueIPs":      {int64(1), int64(3)},
	"excludeProcesses":  {[]string{}, []string{"A.exe"}},
	"domainSamples":     {int64(1)},
	"groupBy":           {"host"},
	"minFluxiness":      {0.0, 30.0},
	"churnOver":         {0.0},
	"minScore":          {0.3},
	"maxDevices":        {int64(1), int64(2)},
	"onlyBeacons":       {true},
	"internalDomains":   {[]string{}},
}

// window is any, often with an end on, or a millisecond beside, an hour or a day.
func (b *bench) window() query.Window {
	instant := func() time.Time {
		at := b.now.Add(time.Duration(b.Int64N(int64(115*time.Hour))) - 82*time.Hour).Truncate(time.Millisecond)
		if b.IntN(2) == 0 {
			at = at.Truncate(pick(b, time.Hour, 24*time.Hour)).Add(time.Duration(b.IntN(3)-1) * time.Millisecond)
		}
		return at
	}
	from, to := instant(), instant()
	if to.Before(from) {
		from, to = to, from
	}
	return query.Window{From: from, To: to}
}
