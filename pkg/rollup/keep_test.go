package rollup_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/rollup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// number runs a statement that answers one whole number.
func (b *bench) number(t *testing.T, sql string) int64 {
	t.Helper()
	s, err := statement.New(sql, nil, []statement.Column{{Name: "N", Kind: statement.Integer}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := b.client.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return result.Data[0].([]int64)[0]
}

func (b *bench) quoted(suffix string) string {
	return statement.Identifier(b.server.Database) + "." + statement.Identifier(eventsName+suffix)
}

// ofGrain is the condition that keeps the rows of one grain, where its table has several.
func ofGrain(g schema.Grain) string {
	if _, beacons := g.Finer(); beacons {
		return fmt.Sprintf(" WHERE Hours = %d", g.Hours())
	}
	return ""
}

// connections counts the events that a roll-up holds.
func (b *bench) connections(t *testing.T, g schema.Grain) int64 {
	t.Helper()
	return b.number(t, "SELECT toInt64(sum(Connections)) AS N FROM "+b.quoted(g.Table(""))+ofGrain(g))
}

func TestFillingAgainCountsNothingTwice(t *testing.T) {
	b := newBench(t)
	b.insert(t, 300, -50*time.Hour, -26*time.Hour)
	all := b.number(t, "SELECT toInt64(count()) AS N FROM "+b.quoted(""))
	b.apply(t)
	if days := b.fill(t); days == 0 {
		t.Fatal("no day was filled")
	}
	b.apply(t)
	if days := b.fill(t); days != 0 {
		t.Errorf("%d complete days were filled again", days)
	}
	for _, g := range schema.Grains() {
		if got := b.connections(t, g); got != all {
			t.Errorf("%s holds %d events, want %d", g.Suffix, got, all)
		}
	}
}

// A fill that dies between the insert and the note that the bucket is complete leaves the bucket as it is.
func TestAHalfFilledHourIsMadeWhole(t *testing.T) {
	b := newBench(t)
	b.insert(t, 300, -50*time.Hour, -26*time.Hour)
	all := b.number(t, "SELECT toInt64(count()) AS N FROM "+b.quoted(""))
	b.apply(t)
	b.fill(t)
	beacons, names := b.connections(t, schema.BeaconsDaily), b.names(t)
	if beacons == 0 || beacons == all || names == 0 {
		t.Fatalf("of %d connections, %d are a beacon's under %d names: too few or too many to prove anything", all, beacons, names)
	}
	b.server.Exec(t, "ALTER TABLE "+b.quoted("_rollup_coverage")+" DELETE WHERE To < '2299-01-01' SETTINGS mutations_sync = 2")
	// some rows are gone and some are there twice
	b.server.Exec(t, "ALTER TABLE "+b.quoted("_1h")+" DELETE WHERE RemotePort = 80 SETTINGS mutations_sync = 2")
	b.server.Exec(t, "INSERT INTO "+b.quoted("_1h")+" SELECT * FROM "+b.quoted("_1h")+" WHERE RemotePort = 443")
	b.server.Exec(t, "INSERT INTO "+b.quoted("_1d")+" SELECT * FROM "+b.quoted("_1d")+" WHERE RemotePort = 22")
	b.server.Exec(t, "ALTER TABLE "+b.quoted("_beacons")+" DELETE WHERE Hours = 1 AND GroupHash % 2 = 0 SETTINGS mutations_sync = 2")
	b.server.Exec(t, "INSERT INTO "+b.quoted("_beacons")+" SELECT * FROM "+b.quoted("_beacons")+" WHERE Hours = 24 AND GroupHash % 2 = 1")
	b.server.Exec(t, "ALTER TABLE "+b.quoted("_beacons_names")+" DELETE WHERE GroupHash % 3 = 0 SETTINGS mutations_sync = 2")
	b.fill(t)
	for _, g := range schema.Grains() {
		if got := b.connections(t, g); got != all {
			t.Errorf("%s holds %d events, want %d", g.Suffix, got, all)
		}
	}
	for _, g := range schema.BeaconGrains() {
		if got := b.connections(t, g); got != beacons {
			t.Errorf("%s holds %d connections, want %d", g.Suffix, got, beacons)
		}
	}
	if got := b.names(t); got != names {
		t.Errorf("%d groups have a name, want %d", got, names)
	}
}

// names counts the groups that have a name.
func (b *bench) names(t *testing.T) int64 {
	t.Helper()
	return b.number(t, "SELECT toInt64(uniqExact(Week, GroupHash, DeviceId, DeviceName, RemoteIP, RemoteUrl)) AS N FROM "+b.quoted(schema.BeaconNames.Suffix))
}

func TestOnlyCompleteBucketsAreCovered(t *testing.T) {
	b := newBench(t)
	b.insert(t, 300, -50*time.Hour, 0)
	newest := b.number(t, "SELECT toUnixTimestamp64Milli(max(Timestamp)) AS N FROM "+b.quoted(""))
	if ahead := b.now.Add(time.Minute).UnixMilli(); newest < ahead {
		newest = ahead
	}
	b.apply(t)
	day := func(n int) time.Time { return b.now.Truncate(24*time.Hour).AddDate(0, 0, n) }
	end := time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC)
	open := schema.Span{From: time.UnixMilli(newest).UTC().Truncate(time.Hour).Add(time.Hour), To: end}
	openDays := schema.Span{From: time.UnixMilli(newest).UTC().Truncate(24 * time.Hour).Add(24 * time.Hour), To: end}
	if diff := cmp.Diff(alike(schema.Rollups{schema.Hourly: {open}, schema.Daily: {openDays}}), b.find(t).Rollups); diff != "" {
		t.Errorf("before filling (-want +got):\n%s", diff)
	}
	b.fill(t)
	first := time.UnixMilli(b.number(t, "SELECT toUnixTimestamp64Milli(min(Timestamp)) AS N FROM "+b.quoted(""))).UTC().Truncate(24 * time.Hour)
	settled := b.now.Add(-time.Hour).Truncate(time.Hour)
	want := schema.Rollups{schema.Hourly: {{From: first, To: settled}, open}, schema.Daily: {{From: first, To: day(0)}, openDays}}
	if settled.Before(day(0)) { // the test runs in the first hour of a day
		want[schema.Daily][0].To = day(-1)
	}
	if openDays.From.Equal(want[schema.Daily][0].To) {
		want[schema.Daily] = []schema.Span{{From: first, To: end}}
	}
	if diff := cmp.Diff(alike(want), b.find(t).Rollups); diff != "" {
		t.Errorf("after filling (-want +got):\n%s", diff)
	}
}

// alike adds the beacon roll-ups, which are complete where those are that fill them.
func alike(r schema.Rollups) schema.Rollups {
	for _, g := range schema.BeaconGrains() {
		from, _ := g.Finer()
		r[g] = r[from]
	}
	return r
}

func TestRollupsThatCannotBeTrustedAreNotUsed(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(t *testing.T, b *bench)
		why  string
	}{
		"a view is gone": {func(t *testing.T, b *bench) { b.server.Exec(t, "DROP TABLE "+b.quoted("_1d_mv")) }, "_1d_mv is not there"},
		"a column has another type": {func(t *testing.T, b *bench) {
			b.server.Exec(t, "ALTER TABLE "+b.quoted("_1h")+" MODIFY COLUMN ReceivedBytes SimpleAggregateFunction(max, Nullable(Int64))")
		}, "no column ReceivedBytes"},
		"the mapping has changed": {func(t *testing.T, b *bench) { b.resolve(t, map[string]string{"DeviceName": "DeviceId"}) }, "no bucket is complete"},
		"the events table is another one": {func(t *testing.T, b *bench) {
			b.server.Exec(t, "DROP TABLE "+b.quoted(""))
			b.server.CreateTable(t, eventsName)
			b.resolve(t, nil)
		}, "no bucket is complete"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.insert(t, 50, -50*time.Hour, 0)
			b.apply(t)
			b.fill(t)
			c.harm(t, b)
			found := b.find(t)
			if len(found.Rollups) > 0 || !strings.Contains(found.Why, c.why) {
				t.Fatalf("got %v and %q, want no roll-ups and a word on %q", found.Rollups, found.Why, c.why)
			}
			b.apply(t)
			b.fill(t)
			if found := b.find(t); c.why != "no column ReceivedBytes" && len(found.Rollups) == 0 {
				t.Errorf("applying them again does not help: %q", found.Why)
			}
		})
	}
}

func TestATableWithoutRollupsHasNone(t *testing.T) {
	b := newBench(t)
	if diff := cmp.Diff(rollup.Found{}, b.find(t)); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
}

func TestATableThatCannotHaveRollupsIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ create, why string }{
		"without ports":   {"ENGINE = MergeTree ORDER BY Timestamp AS SELECT * EXCEPT RemotePort FROM %s", "RemotePort"},
		"a nullable port": {"ENGINE = MergeTree ORDER BY Timestamp AS SELECT * REPLACE (toNullable(RemotePort) AS RemotePort) FROM %s", "may be NULL"},
		"another engine":  {"ENGINE = ReplacingMergeTree ORDER BY Timestamp AS SELECT * FROM %s", "ReplacingMergeTree"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.server.Exec(t, "RENAME TABLE "+b.quoted("")+" TO "+b.quoted(" of old"))
			b.server.Exec(t, "CREATE TABLE "+b.quoted("")+" "+fmt.Sprintf(c.create, b.quoted(" of old")))
			b.resolve(t, nil)
			if err := b.keeper.Apply(t.Context()); !errors.Is(err, rollup.ErrUnfit) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("got %v, want ErrUnfit with %q", err, c.why)
			}
		})
	}
}

// Roll-ups of one replica lack what other replicas take in. The test server has a Keeper in memory: tables that replicate
// can be created, and not written to.
func TestATableOnSeveralServersGetsRollupsOnAllOfThem(t *testing.T) {
	const one = "ENGINE = ReplicatedMergeTree('/rollup/%s/{shard}', '{replica}') ORDER BY tuple() AS %s"
	create := func(t *testing.T, b *bench, suffix string) {
		b.server.Exec(t, "CREATE TABLE "+b.quoted(suffix)+" "+fmt.Sprintf(one, b.server.Database+suffix, "SELECT * FROM "+b.quoted(suffix+" of old")+" LIMIT 0"))
	}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, b *bench)
		why     string
	}{
		"Distributed": {func(t *testing.T, b *bench) {
			b.server.Exec(t, "CREATE TABLE "+b.quoted("")+" AS "+b.quoted(" of old")+" ENGINE = Distributed("+clusterName+", system, one)")
		}, eventsName + "_local"},
		"replicated": {func(t *testing.T, b *bench) { create(t, b, "") }, "created on all replicas at once"},
		"replicated, beside plain roll-ups": {func(t *testing.T, b *bench) {
			create(t, b, "")
			b.resolve(t, nil)
			for _, g := range schema.RollupViews() {
				rows, err := rollup.Rows(b.table, g)
				if err != nil {
					t.Fatal(err)
				}
				b.server.Exec(t, "CREATE MATERIALIZED VIEW "+b.quoted(g.Suffix+"_mv")+" TO "+b.quoted(g.Table(""))+" AS "+rows)
			}
		}, "_beacons and " + eventsName + "_beacons_names does not replicate"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.apply(t)
			for _, g := range schema.RollupViews() {
				b.server.Exec(t, "DROP TABLE "+b.quoted(g.Suffix+"_mv"))
			}
			b.server.Exec(t, "RENAME TABLE "+b.quoted("")+" TO "+b.quoted(" of old"))
			c.prepare(t, b)
			b.resolve(t, nil)
			if err := b.keeper.Apply(t.Context()); !errors.Is(err, rollup.ErrUnfit) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("got %v, want ErrUnfit with %q", err, c.why)
			}
			if found := b.find(t); len(found.Rollups) > 0 || found.Why == "" {
				t.Errorf("found %v and %q, want no roll-ups and why", found.Rollups, found.Why)
			}
		})
	}
}

func TestNewestIsTheNewestEventOfTheRollups(t *testing.T) {
	b := newBench(t)
	b.apply(t)
	if at, err := b.keeper.Newest(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("empty: got %v, %v", at, err)
	}
	b.server.Insert(t, eventsName, chtest.Event{Timestamp: b.now}, chtest.Event{Timestamp: b.now.Add(-48 * time.Hour)})
	if at, err := b.keeper.Newest(t.Context()); err != nil || !at.Equal(b.now.Truncate(time.Millisecond)) {
		t.Errorf("got %v, %v; want %v", at, err, b.now)
	}
}
