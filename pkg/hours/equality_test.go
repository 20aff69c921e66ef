package hours_test

import (
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

var questions = flag.Int("questions", 16, "how many random questions to ask of the events and of their hours")

// The answer from hours is the answer from events: whatever the window, the parameters and the filters, with events that come
// before and after the job.
func TestHoursAnswerAsTheEventsDo(t *testing.T) {
	b := newBench(t)
	b.insert(t, 6000, -80*time.Hour, 0)
	b.apply(t)
	b.run(t)
	b.insert(t, 30, -80*time.Hour, -60*time.Hour) // into some hours of the oldest days
	b.insert(t, 2000, -3*time.Hour, 0)
	used, found := map[string]int{}, map[string]int{}
	for round := range *questions {
		if round == *questions*3/4 { // an address comes to be written in several ways
			b.odd = true
			b.insert(t, 500, -80*time.Hour, -70*time.Hour)
			b.run(t)
		}
		hourly, _ := b.valid(t)
		for _, d := range detectors() {
			q := b.question(d.Spec())
			if rows, sql := b.same(t, d, q, hourly); strings.Contains(sql, "_hours\"") {
				used[d.Spec().Name]++
				found[d.Spec().Name] += min(rows, 1)
			}
			if round%5 == 0 { // a statement that asks for itself which hours stand, as that of a job does
				b.same(t, d, q, b.asked(t, b.table))
			}
		}
	}
	t.Logf("questions that read hours: %v; with findings: %v", used, found)
	for _, d := range detectors() {
		if name := d.Spec().Name; used[name] < *questions/4 || found[name] < *questions/10 {
			t.Errorf("%s: too few findings or uses of hours to prove anything", name)
		}
	}
}

// asked is a table whose hours are asked for when it is read.
func (b *bench) asked(t *testing.T, table schema.Table) schema.Table {
	t.Helper()
	by, err := hours.Asked(table)
	if err != nil {
		t.Fatal(err)
	}
	return table.WithHoursAsked(by)
}

func detectors() []detect.Detector {
	return append(catalog.Detectors(), cases.Detector{}, catalog.Alerts())
}

// same asks the events and their hours, and compares.
func (b *bench) same(t *testing.T, d detect.Detector, q query.Query, hourly schema.Table) (rows int, sql string) {
	t.Helper()
	want, _ := b.answer(t, d, q, b.table)
	got, sql := b.answer(t, d, q, hourly)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s as %s in %v, filters %v, parameters %v (-events +hours):\n%s\n%s", d.Spec().Name, q.Format, q.Window, q.Filters, q.Params, diff, sql)
	}
	return want.Rows, sql
}

func (b *bench) answer(t *testing.T, d detect.Detector, q query.Query, table schema.Table) (*clickhouse.Result, string) {
	t.Helper()
	s, err := d.Statement(q, table)
	if err != nil {
		t.Fatal(err)
	}
	result, err := b.client.Query(t.Context(), s, clickhouse.Origin{})
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
	if b.IntN(2) == 0 { // few short windows have findings
		q.Window.From, q.Window.To = q.Window.From.Add(-24*time.Hour), q.Window.To.Add(24*time.Hour)
	}
	for _, p := range spec.Params {
		q.Params[p.Name] = p.Default
		if change, ok := changes[p.Name[strings.Index(p.Name, ".")+1:]]; ok && b.IntN(3) == 0 {
			q.Params[p.Name] = change[b.IntN(len(change))]
		}
	}
	if b.IntN(2) == 0 {
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
	"minRisk":           {int64(0), int64(20)},
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
