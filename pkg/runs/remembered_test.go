package runs_test

import (
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
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// channel inserts a beacon of a device that ends so long ago.
func (b *bench) channel(t *testing.T, device, destination string, ended time.Duration) {
	t.Helper()
	var events []chtest.Event
	for i := range 120 {
		events = append(events, chtest.Event{
			Timestamp: b.now.Add(-ended - time.Duration(i+1)*10*time.Minute), DeviceID: device, DeviceName: device, ActionType: "ConnectionSuccess",
			RemoteIP: "203.0.113.7", RemotePort: 443, RemoteURL: destination, Protocol: "Tcp",
		})
	}
	b.server.Insert(t, eventsName, events...)
}

// story is a bench with three findings: one that was found two days ago and still is, one of today, and one that is gone.
func story(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	keeper := runs.New(b.client, b.table, []runs.Asked{b.ask(t, named(t, "beaconing", detect.Site{}), b.asking(named(t, "beaconing", detect.Site{})))})
	if err := keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := func(before time.Duration) {
		if err := keeper.At(t.Context(), b.now.Add(-before)); err != nil {
			t.Fatal(err)
		}
	}
	b.channel(t, "old", "c2.example.com", 49*time.Hour)
	b.channel(t, "gone", "gone.example.com", 65*time.Hour)
	at(48 * time.Hour)
	b.channel(t, "fresh", "new.example.com", 2*time.Hour)
	b.server.Exec(t, "DELETE FROM "+statement.Qualified(b.server.Database, eventsName)+" WHERE DeviceName = 'gone'")
	at(5 * time.Minute)
	at(0)
	return b
}

// remembered asks for kept findings, and returns device and column of each, in their order.
func (b *bench) remembered(t *testing.T, site detect.Site, column string, change func(*query.Query)) []string {
	t.Helper()
	d := named(t, "findings", site)
	q := b.asking(d)
	q.Now = time.Now()
	if change != nil {
		change(&q)
	}
	s, err := d.Statement(q, b.table)
	if err != nil {
		t.Fatal(err)
	}
	result, err := b.client.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	rows := make([]string, result.Rows)
	for i, c := range result.Columns {
		if c.Name == "DeviceName" || c.Name == column {
			for row, text := range result.Texts()[i] {
				rows[row] = strings.TrimSpace(rows[row] + " " + text)
			}
		}
	}
	return rows
}

func with(param string, value any) func(*query.Query) {
	return func(q *query.Query) { q.Params[param] = value }
}

func TestFindingsAreNewOpenOrGone(t *testing.T) {
	b := story(t)
	resolvers := detect.Site{Allowlist: []allowlist.Entry{{Domain: "c2.example.com"}}}
	for name, c := range map[string]struct {
		site   detect.Site
		column string
		change func(*query.Query)
		want   []string
	}{
		"by default what is there":   {column: "Status", want: []string{"fresh new", "old open"}},
		"what is gone":               {column: "Status", change: with("status", []string{"gone"}), want: []string{"gone gone"}},
		"all of it":                  {column: "Status", change: with("status", []string{"gone", "new", "open"}), want: []string{"fresh new", "old open", "gone gone"}},
		"new is what the query says": {column: "Status", change: with("newSince", int64(72)), want: []string{"fresh new", "old new"}},
		"of a rule":                  {column: "Rule", change: with("rules", []string{"Beaconing"}), want: []string{"fresh Beaconing", "old Beaconing"}},
		"of another rule":            {change: with("rules", []string{"High-risk case"}), want: []string{}},
		"of a device": {change: func(q *query.Query) {
			q.Filters = []query.Filter{{Column: "DeviceName", Operator: query.StartsWith, Values: []string{"fr"}}}
		}, want: []string{"fresh"}},
		"of a network": {change: func(q *query.Query) {
			q.Filters = []query.Filter{{Column: "RemoteIP", Operator: query.InSubnet, Values: []string{"10.0.0.0/8"}}}
		}, want: []string{}},
		"allowed after it was found":          {site: resolvers, column: "Severity", want: []string{"fresh medium"}},
		"allowed, and asked for all the same": {site: resolvers, column: "RemoteUrl", change: func(q *query.Query) { q.Allowlist = query.IgnoreAllowlist }, want: []string{"fresh new.example.com", "old c2.example.com"}},
		"found before the time range ends":    {change: func(q *query.Query) { q.Window.To = b.now.Add(-24 * time.Hour) }, want: []string{"old"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, b.remembered(t, c.site, c.column, c.change)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("as numbers", func(t *testing.T) {
		if diff := cmp.Diff([]string{"fresh", "old"}, b.remembered(t, detect.Site{}, "", func(q *query.Query) { q.Format = query.Numeric })); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("with hours in which they were open and found", func(t *testing.T) {
		d := named(t, "findings", detect.Site{})
		q := b.asking(d)
		q.Format, q.Interval, q.Now = query.TimeSeries, 24*time.Hour, time.Now()
		q.Params["status"] = []string{"new", "open", "gone"}
		s, err := d.Statement(q, b.table)
		if err != nil {
			t.Fatal(err)
		}
		sums := map[string]float64{}
		result := b.run(t, s)
		for i, count := range result.Data[3].([]string) {
			sums[count] += result.Data[4].([]float64)[i]
		}
		// old is open on the days of its runs, and between; gone on one day, fresh on one
		days := float64(b.now.Truncate(24*time.Hour).Sub(b.now.Add(-48*time.Hour).Truncate(24*time.Hour))/(24*time.Hour)) + 1
		fresh := 1.0
		if b.now.Truncate(24*time.Hour) != b.now.Add(-5*time.Minute).Truncate(24*time.Hour) {
			fresh++
		}
		if want := map[string]float64{"new": 3, "open": days + 1 + fresh}; !cmp.Equal(want, sums) {
			t.Errorf("got %v, want %v", sums, want)
		}
	})
	t.Run("counted by rule, also where nothing is found", func(t *testing.T) {
		d := named(t, "findings", detect.Site{})
		quiet := b.asking(named(t, "fastFlux", detect.Site{}))
		more := runs.New(b.client, b.table, []runs.Asked{b.ask(t, named(t, "fastFlux", detect.Site{}), quiet)})
		if err := errorOf(more.Apply(t.Context()), more.At(t.Context(), b.now)); err != nil { // with columns that were not there
			t.Fatal(err)
		}
		q := b.asking(d)
		q.Format, q.Now = query.Summary, time.Now()
		for label, site := range map[string]detect.Site{"all": {}, "but one": resolvers} {
			s, err := named(t, "findings", site).Statement(q, b.table)
			if err != nil {
				t.Fatal(err)
			}
			result := b.run(t, s)
			open := map[string]int64{"all": 2, "but one": 1}[label]
			if diff := cmp.Diff([]any{[]string{"Beaconing", "Fast flux"}, []int64{open, 0}, []int64{1, 0}, []int64{1, 0}}, []any{result.Data[0], result.Data[2], result.Data[3], result.Data[4]}); diff != "" {
				t.Errorf("%s: rules, open, new and gone (-want +got):\n%s", label, diff)
			}
		}
	})
}
