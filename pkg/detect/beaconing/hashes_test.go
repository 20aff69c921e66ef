package beaconing_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// hashed is a database with an events table whose stored hash is made by an expression, and the table as the plugin sees it.
func hashed(t *testing.T, expression string) (chtest.Server, *clickhouse.Client, schema.Table) {
	t.Helper()
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	if expression != "" {
		server.Exec(t, "ALTER TABLE "+server.Database+".network_events DROP PROJECTION `Groups`")
		server.Exec(t, "ALTER TABLE "+server.Database+".network_events MODIFY COLUMN `GroupHash` UInt64 MATERIALIZED "+expression)
	}
	client, err := clickhouse.New(server.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	described, err := client.Describe(t.Context(), server.Database, settings.DefaultTable)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range described { // a wrong hash is told to be the right one
		if d.Name == schema.GroupHash {
			described[i].Materialized = "cityHash64(DeviceId, DeviceName, RemoteIP, RemoteUrl)"
		}
	}
	table, err := schema.Resolve(server.Database, settings.DefaultTable, nil, described)
	if err != nil {
		t.Fatal(err)
	}
	return server, client, table
}

var hashesStart = time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC)

// rule is the question of an alert rule over three days.
func rule() query.Query {
	spec := beaconing.Detector{}.Spec()
	q := query.Query{Type: spec.Name, Format: query.Numeric, Limit: 1000, Params: query.Values{}, Window: query.Window{From: hashesStart, To: hashesStart.Add(72 * time.Hour)}}
	for _, p := range spec.Params {
		q.Params[p.Name] = p.Default
	}
	return q
}

// tenMinutely is one connection every ten minutes for a day.
func tenMinutely(device, address string) []chtest.Event {
	var events []chtest.Event
	sent := uint64(100)
	for i := range 144 {
		events = append(events, chtest.Event{
			Timestamp: hashesStart.Add(time.Duration(i) * 10 * time.Minute), DeviceID: device, DeviceName: device, ActionType: "ConnectionSuccess",
			RemoteIP: address, RemotePort: 443, RemoteURL: "c2.example.com", SentBytes: &sent,
		})
	}
	return events
}

func TestAStoredHashIsAskedWhereItAnswersAlone(t *testing.T) {
	_, _, table := hashed(t, "")
	for name, c := range map[string]struct {
		change func(q *query.Query)
		site   detect.Site
		names  bool
	}{
		"the analytic":             {},
		"other ports":              {change: func(q *query.Query) { q.Params["ports"] = []int64{22} }},
		"an allowlist of hosts":    {site: detect.Site{Allowlist: []allowlist.Entry{{Domain: "example.com"}}}},
		"an allowlist of programs": {site: detect.Site{Allowlist: []allowlist.Entry{{Process: "a.exe"}}}, names: true},
		"a table":                  {change: func(q *query.Query) { q.Format = query.Table }, names: true},
		"a score":                  {change: func(q *query.Query) { q.Params["minScore"] = 0.5 }, names: true},
		"IPv6":                     {change: func(q *query.Query) { q.Params["includeIPv6"] = true }, names: true},
		"by host":                  {change: func(q *query.Query) { q.Params["groupBy"] = "host" }, names: true},
		"few devices":              {change: func(q *query.Query) { q.Params["maxDevices"] = int64(5) }, names: true},
		"an hour":                  {change: func(q *query.Query) { q.Window.To = q.Window.From.Add(time.Hour) }, names: true},
		"a filter": {change: func(q *query.Query) {
			q.Filters = []query.Filter{{Column: "DeviceName", Operator: query.Equal, Values: []string{"WS-1"}}}
		}, names: true},
	} {
		t.Run(name, func(t *testing.T) {
			q := rule()
			if c.change != nil {
				c.change(&q)
			}
			s, err := beaconing.Detector{Site: c.site}.Statement(q, table)
			if err != nil {
				t.Fatal(err)
			}
			if (s.Otherwise == nil) != c.names {
				t.Errorf("it decides by names at once: %t, want %t\n%s", s.Otherwise == nil, c.names, s.SQL)
			}
		})
	}
}

// A hash preselects and never decides: where it stands for two groups, their sums together are no answer, whatever the
// conditions make of them.
func TestAStoredHashOfTwoGroupsDecidesNothing(t *testing.T) {
	for name, second := range map[string]string{"both may pass": "8.8.4.4", "one is private": "10.0.0.1", "one is no address": ""} {
		t.Run(name, func(t *testing.T) {
			server, client, table := hashed(t, "cityHash64(`DeviceId`)")
			server.Insert(t, settings.DefaultTable, append(tenMinutely("WS-1", "8.8.8.8"), tenMinutely("WS-1", second)...)...)
			s, err := beaconing.Detector{}.Statement(rule(), table)
			if err != nil {
				t.Fatal(err)
			}
			if result, err := client.Query(t.Context(), s, clickhouse.Origin{}); !errors.Is(err, clickhouse.ErrUndecided) {
				t.Fatalf("got %v and %v, want ErrUndecided", result, err)
			}
			if s.Undecided == "" {
				t.Error("no notice says why the names are read")
			}
			if _, err := client.Query(t.Context(), *s.Otherwise, clickhouse.Origin{}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAStoredHashAnswersAsTheNamesDo(t *testing.T) {
	server, client, table := hashed(t, "")
	server.Insert(t, settings.DefaultTable, append(tenMinutely("WS-1", "8.8.8.8"), tenMinutely("WS-2", "10.0.0.1")...)...)
	// parts without the projection answer as well
	server.Exec(t, "ALTER TABLE "+server.Database+".network_events DROP PROJECTION `Groups`")
	server.Insert(t, settings.DefaultTable, append(tenMinutely("WS-1", "8.8.4.4"), tenMinutely("WS-3", "no address")...)...)
	s, err := beaconing.Detector{}.Statement(rule(), table)
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := client.Query(t.Context(), *s.Otherwise, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Data, got.Data); diff != "" || got.Rows != 2 {
		t.Errorf("%d rows, want 2 (-names +hash):\n%s", got.Rows, diff)
	}
}

// The days of a hash are those of the schema's own column: another zone has other days, and another column other times.
func TestAStoredHashIsNotAskedWhereTheDaysAreOthers(t *testing.T) {
	for name, own := range map[string]schema.Described{
		"another zone":   {Name: "Timestamp", Type: "DateTime64(3, 'Asia/Tokyo')"},
		"another column": {Name: "seen at", Type: "DateTime64(3, 'UTC')"},
	} {
		t.Run(name, func(t *testing.T) {
			_, client, table := hashed(t, "")
			described, err := client.Describe(t.Context(), table.Database, table.Name)
			if err != nil {
				t.Fatal(err)
			}
			for i := range described {
				if described[i].Name == schema.Timestamp {
					described[i] = own
				}
			}
			table, err = schema.Resolve(table.Database, table.Name, map[string]string{schema.Timestamp: own.Name}, described)
			if err != nil {
				t.Fatal(err)
			}
			s, err := beaconing.Detector{}.Statement(rule(), table)
			if err != nil {
				t.Fatal(err)
			}
			if s.Otherwise != nil {
				t.Errorf("it asks the hash:\n%s", s.SQL)
			}
		})
	}
}

// Events that were deleted are gone from the projection as well, and deleting is no error.
func TestEventsCanBeDeletedFromATableWithTheProjection(t *testing.T) {
	server, client, table := hashed(t, "")
	server.Insert(t, settings.DefaultTable, append(tenMinutely("WS-1", "8.8.8.8"), tenMinutely("WS-2", "8.8.4.4")...)...)
	server.Exec(t, "DELETE FROM "+server.Database+".network_events WHERE DeviceId = 'WS-2'")
	s, err := beaconing.Detector{}.Statement(rule(), table)
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil || got.Rows != 1 {
		t.Errorf("got %v and %v, want one finding", got, err)
	}
}

// Only a hash of these very names is asked: one that the table's owner made of something else says nothing.
func TestOnlyAHashOfTheGroupsNamesIsAsked(t *testing.T) {
	for name, change := range map[string]func(d *schema.Described){
		"of other columns":  func(d *schema.Described) { d.Materialized = "cityHash64(DeviceId)" },
		"not computed":      func(d *schema.Described) { d.Materialized = "" },
		"of another length": func(d *schema.Described) { d.Type = "UInt32" },
	} {
		t.Run(name, func(t *testing.T) {
			_, client, table := hashed(t, "")
			described, err := client.Describe(t.Context(), table.Database, table.Name)
			if err != nil {
				t.Fatal(err)
			}
			for i := range described {
				if described[i].Name == schema.GroupHash {
					change(&described[i])
				}
			}
			table, err = schema.Resolve(table.Database, table.Name, nil, described)
			if err != nil {
				t.Fatal(err)
			}
			s, err := beaconing.Detector{}.Statement(rule(), table)
			if err != nil {
				t.Fatal(err)
			}
			if s.Otherwise != nil {
				t.Errorf("it asks the hash:\n%s", s.SQL)
			}
		})
	}
}

// The names come from the projection and not from the events, and only days of the window are read.
func TestNamesOfAStoredHashComeFromTheProjection(t *testing.T) {
	server, client, table := hashed(t, "")
	for day := range 6 { // a part each
		events := tenMinutely("WS-1", "8.8.8.8")
		for i := range events {
			events[i].Timestamp = events[i].Timestamp.AddDate(0, 0, day-2)
		}
		server.Insert(t, settings.DefaultTable, events...)
	}
	q := rule()
	q.Window.To = q.Window.From.Add(24 * time.Hour)
	s, err := beaconing.Detector{}.Statement(q, table)
	if err != nil {
		t.Fatal(err)
	}
	s.SQL = "SELECT explain FROM (EXPLAIN indexes = 1 " + s.SQL + ")"
	s.Columns, s.RowLimit = []statement.Column{{Name: "explain", Kind: statement.Text}}, 10_000
	result, err := client.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	plan := strings.Join(result.Data[0].([]string), "\n")
	reads := strings.Split(plan, "ReadFromMergeTree")[1:]
	ofNames, ofParts := 0, regexp.MustCompile(`Parts: (\d+)/(\d+)`)
	for _, read := range reads {
		if strings.HasPrefix(read, " (Groups)") {
			ofNames++
			continue
		}
		found := ofParts.FindStringSubmatch(read)
		if found == nil || found[1] == found[2] {
			t.Errorf("events of other days are read:\n%s", read)
		}
	}
	if ofNames == 0 || len(reads) == ofNames {
		t.Errorf("%d of %d reads are of the projection:\n%s", ofNames, len(reads), plan)
	}
}
