package runs_test

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// variants are parameters other than the defaults, by the query type: each is a question of its own.
var variants = map[string][]map[string]any{
	"beaconing":  {{}, {"minConnections": int64(1), "durationHoursOver": int64(0), "bytesSentOver": int64(-1), "minBeaconRate": 0.0}, {"groupBy": "host", "minConnections": int64(2), "maxDevices": int64(1)}},
	"dynamicDns": {{}, {"match": "suffix"}, {"groupBy": "tenant"}, {"onlyBeacons": true}},
	"fastFlux":   {{"minUniqueIPs": int64(2), "minConnections": int64(2)}, {"groupBy": "host", "minFluxiness": 0.0}},
	"cases":      {{"minRisk": int64(0)}},
}

// What a run keeps answers as the detector does at its time, in each format, with an allowlist that is newer than the run, and whether
// the run read events or hours.
func TestARunAnswersAsTheDetectorDoes(t *testing.T) {
	b := newBench(t)
	b.insert(t, 6000, -lookback-5*time.Hour, 0)
	at := b.now.Add(time.Minute)
	some := detect.Site{Allowlist: []allowlist.Entry{{Network: netip.MustParsePrefix("8.8.0.0/16"), Reason: "resolvers", Owner: "net"}, {Domain: "duckdns.org", Device: "WS-1", Reason: "tests", Owner: "lab"}}}
	all := detect.Site{Allowlist: []allowlist.Entry{{Network: netip.MustParsePrefix("0.0.0.0/0")}, {Network: netip.MustParsePrefix("::/0")}, {Domain: "org"}, {Domain: "com"}}}
	every, table, applied := []query.Format{query.Table, query.TimeSeries, query.Numeric, query.Summary}, []query.Format{query.Table}, []query.Allowlist{query.ApplyAllowlist}
	var asked []runs.Asked
	for name, list := range variants {
		for _, params := range list {
			d := named(t, name, detect.Site{})
			q := b.asking(d)
			for p, value := range params {
				q.Params[p] = value
			}
			asked = append(asked, b.ask(t, d, q))
		}
	}
	for kind, from := range map[string]schema.Table{"events": b.table, "hours": b.hourly(t)} {
		t.Run("a run that reads "+kind, func(t *testing.T) {
			keeper := runs.New(b.client, from, asked)
			if err := errorOf(keeper.Apply(t.Context()), keeper.At(t.Context(), b.now)); err != nil {
				t.Fatal(err)
			}
			runs, err := keeper.Newest(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			compared := 0
			for name, list := range variants {
				for _, params := range list {
					if kind == "hours" {
						compared += b.compare(t, named(t, name, detect.Site{}), params, runs, table, applied)
						continue
					}
					compared += b.compare(t, named(t, name, detect.Site{}), params, runs, every, applied)
					b.compare(t, named(t, name, some), params, runs, table, []query.Allowlist{query.ApplyAllowlist, query.IgnoreAllowlist})
					b.compare(t, named(t, name, all), params, runs, []query.Format{query.Numeric}, applied)
				}
			}
			if compared < 100 {
				t.Errorf("%d rows were compared: too few to prove anything", compared)
			}
			b.compareUnion(t, runs, some)
		})
	}
}

// compare asks the events and the kept findings, and returns how many rows they had.
func (b *bench) compare(t *testing.T, d detect.Detector, params map[string]any, runs map[string]runs.Run, formats []query.Format, lists []query.Allowlist) (rows int) {
	t.Helper()
	q := b.asking(d)
	for p, value := range params {
		q.Params[p] = value
	}
	for _, format := range formats {
		for _, doing := range lists {
			if q.Format, q.Allowlist = format, doing; slices.Contains(d.Spec().Formats, format) {
				rows += b.same(t, d, q, runs)
			}
		}
	}
	return rows
}

// same compares one answer. Where a series has points of events, nothing that is kept answers it.
func (b *bench) same(t *testing.T, d detect.Detector, q query.Query, runs map[string]runs.Run) int {
	t.Helper()
	kept := map[string]schema.Kept{}
	for _, share := range detect.Shares(d, q) {
		question, ok, err := detect.Ask(share.Detector, share.Query, b.table)
		if err != nil || !ok {
			t.Fatalf("%s: ok is %v, and %v", d.Spec().Name, ok, err)
		}
		run, ok := runs[question.Key]
		if !ok {
			t.Fatalf("%s as %s with %v is no question that was asked", d.Spec().Name, q.Format, q.Params)
		}
		kept[question.QueryType] = run.Kept
	}
	want, err := d.Statement(q, b.table)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Statement(q, b.table.WithKept(kept))
	if err != nil {
		t.Fatal(err)
	}
	ofEvents := strings.Contains(got.SQL, `events" AS t`)
	if points := q.Format == query.TimeSeries && d.Spec().Name != "alerts"; ofEvents && !points {
		t.Errorf("%s as %s reads events:\n%s", d.Spec().Name, q.Format, got.SQL)
	}
	whole := shown(b.run(t, want))
	if diff := cmp.Diff(whole, shown(b.run(t, got))); diff != "" {
		t.Fatalf("%s as %s, allowlist %s, parameters %v (-events +kept):\n%s\n%s", d.Spec().Name, q.Format, q.Allowlist, q.Params, diff, got.SQL)
	}
	return whole.Rows
}

// shown leaves of an answer that shows nothing only how much is hidden: which hidden finding says so is no part of it.
func shown(r *clickhouse.Result) *clickhouse.Result {
	last := len(r.Data) - 1
	if r.Rows != 1 || r.Columns[last].Name != detect.OnlyHidden || r.Data[last].([]int64)[0] == 0 {
		return r
	}
	return &clickhouse.Result{Columns: r.Columns[last-1:], Data: r.Data[last-1:], Rows: r.Rows}
}

func (b *bench) compareUnion(t *testing.T, runs map[string]runs.Run, site detect.Site) {
	t.Helper()
	d := named(t, "alerts", site)
	q := b.asking(d)
	for p, value := range variants["fastFlux"][0] {
		q.Params["fastFlux."+p] = value
	}
	for _, format := range d.Spec().Formats {
		q.Format = format
		for _, q.Severities = range [][]string{nil, {detect.Medium, detect.Critical}} { // which are conditions on what is kept
			if rows := b.same(t, d, q, runs); rows == 0 {
				t.Errorf("the union as %s, of the severities %v, has no row, which proves nothing", format, q.Severities)
			}
		}
	}
}

// A higher threshold that only leaves findings out is answered by the run of a lower one, and a lower one is another question.
func TestARunAnswersWhatAsksForLess(t *testing.T) {
	b := newBench(t)
	b.insert(t, 3000, -lookback, 0)
	var channel []chtest.Event // graver than the others
	for i := range 800 {
		channel = append(channel, chtest.Event{
			Timestamp: b.now.Add(-lookback + time.Duration(i)*5*time.Minute), DeviceID: "d3", DeviceName: "WS-3", ActionType: "ConnectionSuccess",
			RemoteIP: "9.9.9.8", RemotePort: 4444, RemoteURL: "c9.example.net", Protocol: "Tcp",
		})
	}
	b.server.Insert(t, eventsName, channel...)
	for _, c := range []struct {
		name, param, column string
		params              map[string]any
		less                any // nil where nothing is less than the default
	}{
		{"cases", "minRisk", "Risk", map[string]any{"minConnections": int64(2), "frequent": int64(0), "dynamicDns": int64(35)}, int64(20)},
		{"beaconing", "minScore", "Score", variants["beaconing"][1], nil},
	} {
		t.Run(c.param, func(t *testing.T) {
			d := named(t, c.name, detect.Site{})
			q := b.asking(d)
			for p, value := range c.params {
				q.Params[p] = value
			}
			question := b.ask(t, d, q)
			keeper := runs.New(b.client, b.table, []runs.Asked{question})
			if err := errorOf(keeper.Apply(t.Context()), keeper.At(t.Context(), b.now)); err != nil {
				t.Fatal(err)
			}
			runs, err := keeper.Newest(t.Context(), b.now)
			if err != nil {
				t.Fatal(err)
			}
			all := b.same(t, d, q, runs)
			highest := statement.Statement{SQL: "SELECT toString(max(" + c.column + ")) AS Highest FROM " + statement.Qualified(b.server.Database, eventsName+"_findings_runs") + " WHERE Question = '" + question.Key + "'",
				Columns: []statement.Column{{Name: "Highest", Kind: statement.Text}}}
			text := b.run(t, highest).Data[0].([]string)[0]
			if _, integer := q.Params[c.param].(int64); integer {
				n, _ := strconv.ParseInt(text, 10, 64)
				q.Params[c.param] = n
			} else {
				q.Params[c.param], _ = strconv.ParseFloat(text, 64)
			}
			if some := b.same(t, d, q, runs); some == 0 || some >= all {
				t.Errorf("%d of %d findings have %s: it leaves none out, or all", some, all, text)
			}
			if c.less != nil {
				if q.Params[c.param] = c.less; b.ask(t, d, q).Key == question.Key {
					t.Error("what asks for more is the same question")
				}
			}
		})
	}
}

func errorOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
