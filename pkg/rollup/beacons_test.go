package rollup_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// asked is the question of an alert rule over three days.
func (b *bench) asked() query.Query {
	spec := beaconing.Detector{}.Spec()
	q := query.Query{Type: spec.Name, Format: query.Numeric, Limit: 100_000, Params: query.Values{}, Window: query.Window{From: b.now.Add(-75 * time.Hour), To: b.now}}
	for _, p := range spec.Params {
		q.Params[p.Name] = p.Default
	}
	return q
}

// A hash preselects and never decides: where it does not stand for exactly one group the statement says so instead of an
// answer, and its other way of reading decides.
func TestAHashThatDoesNotStandForOneGroupDecidesNothing(t *testing.T) {
	for name, harm := range map[string]string{
		"two groups share a hash":      "INSERT INTO %s SELECT * REPLACE (concat(DeviceName, ' too') AS DeviceName) FROM %[1]s LIMIT 1 BY Week",
		"a group has no name":          "ALTER TABLE %s DELETE WHERE DeviceName = 'WS-1' SETTINGS mutations_sync = 2",
		"one that fails shares a hash": "INSERT INTO %s SELECT * REPLACE ('9.9.9.10' AS RemoteIP) FROM %[1]s ORDER BY GroupHash DESC LIMIT 1",
	} {
		t.Run(name, func(t *testing.T) {
			b := filled(t, 4000)
			rolled := b.table.WithRollups(b.find(t).Rollups)
			q := b.asked()
			q.Params["minConnections"], q.Params["minBeaconRate"] = int64(5), 0.0
			s, err := beaconing.Detector{}.Statement(q, rolled)
			if err != nil {
				t.Fatal(err)
			}
			if s.Otherwise == nil {
				t.Fatalf("it has no other way of reading:\n%s", s.SQL)
			}
			want, err := b.client.Query(t.Context(), s, clickhouse.Origin{})
			if err != nil || want.Rows == 0 {
				t.Fatalf("got %v and %v, want findings", want, err)
			}
			b.server.Exec(t, fmt.Sprintf(harm, b.quoted(schema.BeaconNames.Suffix)))
			if result, err := b.client.Query(t.Context(), s, clickhouse.Origin{}); !errors.Is(err, clickhouse.ErrUndecided) {
				t.Fatalf("got %v and %v, want ErrUndecided", result, err)
			}
			got, err := b.client.Query(t.Context(), *s.Otherwise, clickhouse.Origin{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Data, got.Data); diff != "" {
				t.Errorf("the other way answers something else (-want +got):\n%s", diff)
			}
		})
	}
}

// 0.0.0.0, where names lead that a resolver blocks, is a public address to the analytic and has a name like others.
func TestABeaconToNoHostIsDecidedByItsName(t *testing.T) {
	b := newBench(t)
	sent := uint64(100)
	var events []chtest.Event
	for i := range 200 {
		events = append(events, chtest.Event{
			Timestamp: b.now.Add(-70*time.Hour + time.Duration(i)*20*time.Minute), DeviceID: "d1", DeviceName: "WS-1", ActionType: "ConnectionAttempt",
			RemoteIP: "0.0.0.0", RemotePort: 443, RemoteURL: "blocked.example.com", SentBytes: &sent,
		})
	}
	b.server.Insert(t, eventsName, events...)
	b.apply(t)
	b.fill(t)
	s, err := beaconing.Detector{}.Statement(b.asked(), b.table.WithRollups(b.find(t).Rollups))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.client.Query(t.Context(), s, clickhouse.Origin{}); err != nil || s.Otherwise == nil || got.Rows != 1 {
		t.Fatalf("got %v and %v, want one finding from beacon roll-ups", got, err)
	}
}

// Groups that do not fit into memory go to disk, and come back as they were. (A state of ClickHouse's singleValueOrNull does
// not.)
func TestGroupsThatGoToDiskStillHaveTheirNames(t *testing.T) {
	b := filled(t, 4000)
	q := b.asked()
	q.Params["minConnections"], q.Params["minBeaconRate"] = int64(5), 0.0
	s, err := beaconing.Detector{}.Statement(q, b.table.WithRollups(b.find(t).Rollups))
	if err != nil {
		t.Fatal(err)
	}
	want, err := b.client.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil || want.Rows == 0 {
		t.Fatalf("got %v and %v, want findings", want, err)
	}
	tight := b.server.Settings(settings.Native)
	tight.Custom = map[string]string{"group_by_two_level_threshold": "1", "max_bytes_before_external_group_by": "1", "max_block_size": "1"}
	client, err := clickhouse.New(tight, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	got, err := client.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Data, got.Data); diff != "" {
		t.Errorf("-in memory +on disk:\n%s", diff)
	}
}

// What chooses connections must be as the beacon roll-ups were filled; the query says what keeps it from them.
func TestWhatBeaconRollupsCannotAnswerIsReadElsewhereAndSaysSo(t *testing.T) {
	b := filled(t, 300)
	rolled := b.table.WithRollups(b.find(t).Rollups)
	for name, c := range map[string]struct {
		change func(q *query.Query)
		quick  bool
		notice string
	}{
		"the analytic":           {change: func(*query.Query) {}, quick: true},
		"other thresholds":       {change: func(q *query.Query) { q.Params["minConnections"], q.Params["maxBeaconRate"] = int64(2), 7.5 }, quick: true},
		"ports in another order": {change: func(q *query.Query) { q.Params["ports"] = []int64{3128, 1080, 4444, 4443, 8443, 8080, 443, 80} }, quick: true},
		"other ports": {change: func(q *query.Query) { q.Params["ports"] = []int64{443} },
			notice: "ports has another value than its default"},
		"by host": {change: func(q *query.Query) { q.Params["groupBy"] = "host" }, notice: "groupBy has another value than its default"},
		"a filter": {change: func(q *query.Query) {
			q.Filters = []query.Filter{{Column: "DeviceName", Operator: query.Equal, Values: []string{"WS-1"}}}
		}, notice: "filters choose among connections"},
		"a window without a whole hour": {change: func(q *query.Query) {
			q.Window.From = q.Window.To.Truncate(time.Hour).Add(-50 * time.Minute)
			q.Window.To = q.Window.From.Add(20 * time.Minute)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			q := b.asked()
			c.change(&q)
			s, err := beaconing.Detector{}.Statement(q, rolled)
			if err != nil {
				t.Fatal(err)
			}
			if (s.Otherwise != nil) != c.quick {
				t.Errorf("it reads beacon roll-ups: %t, want %t", s.Otherwise != nil, c.quick)
			}
			var want []string
			if c.notice != "" {
				want = []string{"Read from the roll-ups of every column rather than from the beacon roll-ups, which is slower: " + c.notice + "."}
			}
			if diff := cmp.Diff(want, s.Notices); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
			answer, err := b.client.Query(t.Context(), s, clickhouse.Origin{})
			if err != nil {
				t.Fatal(err)
			}
			exact, err := beaconing.Detector{}.Statement(q, b.table)
			if err != nil {
				t.Fatal(err)
			}
			events, err := b.client.Query(t.Context(), exact, clickhouse.Origin{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(events.Data, answer.Data); diff != "" {
				t.Errorf("-events +roll-ups:\n%s", diff)
			}
		})
	}
}
