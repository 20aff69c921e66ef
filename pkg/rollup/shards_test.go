package rollup_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/rollup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

const (
	clusterName  = "two_shards" // of the test server, whose shards are both this one server
	shardedTable = `the 'sharded'`
)

// sharded is the bench's events on two shards: each shard's tables are views that show the rows of its own devices,
// and the Distributed tables over them are those that the schema defines.
type sharded struct {
	*bench
	keeper rollup.Keeper
	table  schema.Table
}

// onlyItsOwn is the part of the events that the sharding key gives to a shard.
const onlyItsOwn = "cityHash64(DeviceId) % 2 + 1 = shardNum()"

func newSharded(t *testing.T, b *bench) *sharded {
	t.Helper()
	local := schema.LocalName(shardedTable)
	show := func(name, selected string) {
		b.server.Exec(t, "CREATE VIEW "+b.named(name)+" AS "+selected)
	}
	show(local, "SELECT *, GroupHash FROM "+b.quoted("")+" WHERE "+onlyItsOwn)
	for _, g := range schema.RollupTables() {
		own := onlyItsOwn
		if g == schema.BeaconsDaily || g == schema.BeaconsHourly {
			own = "GroupHash IN (SELECT GroupHash FROM " + b.quoted(schema.BeaconNames.Suffix) + " WHERE " + onlyItsOwn + ")"
		}
		show(g.Table(local), "SELECT * FROM "+b.quoted(g.Table(""))+" WHERE "+own)
	}
	for _, g := range schema.RollupViews() {
		show(g.View(local), "SELECT 1") // only its name counts
	}
	s := &sharded{bench: b}
	s.cover(t, "1 = 1")
	c := schema.Cluster{Name: clusterName, Database: b.server.Database, Table: shardedTable, Identifier: statement.Identifier, Text: statement.Quoted}
	statements, err := c.DDL()
	if err != nil {
		t.Fatal(err)
	}
	more, err := c.RollupDDL(rollup.Rows)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, text := range append(statements, more...) {
		if strings.Contains(text, "ENGINE = Distributed(") {
			b.server.Exec(t, strings.Replace(text, ` ON CLUSTER "`+clusterName+`"`, "", 1))
			made++
		}
	}
	if made != 7 {
		t.Fatalf("the schema defines %d Distributed tables, want 7", made)
	}
	described, err := b.client.Describe(t.Context(), b.server.Database, shardedTable)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range described { // through a view it is a column like others
		if d.Name == schema.GroupHash {
			described[i].Materialized = b.table.Column(schema.GroupHash).Materialized
		}
	}
	if s.table, err = schema.Resolve(b.server.Database, shardedTable, nil, described); err != nil {
		t.Fatal(err)
	}
	s.keeper = rollup.New(b.client, s.table, func() time.Time { return b.now })
	return s
}

func (b *bench) named(name string) string {
	return statement.Identifier(b.server.Database) + "." + statement.Identifier(name)
}

// cover makes the shards' coverage: that of the bench's events where the condition holds, written for the local table.
func (s *sharded) cover(t *testing.T, condition string) {
	t.Helper()
	local := schema.LocalName(shardedTable)
	id := func(table string) string {
		return "assumeNotNull((SELECT toString(uuid) FROM system.tables WHERE database = " + statement.Quoted(s.server.Database) + " AND name = " + statement.Quoted(table) + "))"
	}
	s.server.Exec(t, "CREATE OR REPLACE VIEW "+s.named(schema.CoverageName(local))+" AS SELECT Grain, From, To, replaceAll(Source, "+id(eventsName)+", "+id(local)+") AS Source FROM "+
		s.quoted("_rollup_coverage")+" WHERE "+condition)
}

func (s *sharded) find(t *testing.T) rollup.Found {
	t.Helper()
	found, err := s.keeper.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// filled is a bench whose roll-ups are complete.
func filled(t *testing.T, events int) *bench {
	b := newBench(t)
	b.insert(t, events, -80*time.Hour, 0)
	b.apply(t)
	b.fill(t)
	return b
}

// The answer over shards is that of one table, from events and from roll-ups.
func TestDetectorsAnswerOverShardsAsOverOneTable(t *testing.T) {
	b, rounds := filled(t, 4000), *questions/2
	s := newSharded(t, b)
	for shard := range int64(2) {
		if b.number(t, "SELECT toInt64(count()) AS N FROM "+s.named(shardedTable)+" WHERE _shard_num = "+fmt.Sprint(shard+1)) == 0 {
			t.Fatalf("shard %d is empty", shard+1)
		}
	}
	found := s.find(t)
	if diff := cmp.Diff(b.find(t).Rollups, found.Rollups); diff != "" {
		t.Fatalf("roll-ups over shards, %q (-one table +shards):\n%s", found.Why, diff)
	}
	rolled, used, findings := s.table.WithRollups(found.Rollups), map[string]int{}, map[string]int{}
	for range rounds {
		for _, d := range append(catalog.Detectors(), catalog.Alerts()) {
			q := b.question(d.Spec())
			want, _ := b.answer(t, d, q, b.table)
			for name, table := range map[string]schema.Table{"events": s.table, "roll-ups": rolled} {
				got, sql := b.answer(t, d, q, table)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s as %s over the shards' %s in %v, filters %v, parameters %v (-one table +shards):\n%s\n%s", d.Spec().Name, q.Format, name, q.Window, q.Filters, q.Params, diff, sql)
				}
				if strings.Contains(sql, shardedTable+"_1") {
					used[d.Spec().Name]++
				}
			}
			if want.Rows > 0 {
				findings[d.Spec().Name]++
			}
		}
	}
	t.Logf("questions with findings: %v; that read roll-ups: %v", findings, used)
	for _, d := range catalog.Detectors() {
		if name := d.Spec().Name; findings[name] < rounds/10 || used[name] < rounds/10 {
			t.Errorf("%s: too few findings or uses of roll-ups to prove anything", name)
		}
	}
}

func TestABucketIsCompleteOnceItIsOnEveryShard(t *testing.T) {
	b := filled(t, 300)
	s := newSharded(t, b)
	// the second shard has only what came in since its roll-ups were there
	s.cover(t, "shardNum() = 1 OR To > '2299-01-01'")
	want := schema.Rollups{}
	for _, g := range schema.AllGrains() {
		since := b.number(t, "SELECT toUnixTimestamp64Milli(min(From)) AS N FROM "+b.quoted("_rollup_coverage")+" WHERE To > '2299-01-01' AND Grain = "+statement.Quoted(g.Suffix))
		want[g] = []schema.Span{{From: time.UnixMilli(since).UTC(), To: time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC)}}
	}
	if diff := cmp.Diff(want, s.find(t).Rollups); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRollupsThatOneShardLacksAreNotUsed(t *testing.T) {
	local := schema.LocalName(shardedTable)
	for name, c := range map[string]struct {
		harm func(t *testing.T, s *sharded)
		why  string
	}{
		"one shard was never filled": {func(t *testing.T, s *sharded) { s.cover(t, "shardNum() = 1") }, "no bucket of shard 2 is complete"},
		"coverage is of another table": {func(t *testing.T, s *sharded) {
			s.server.Exec(t, "CREATE OR REPLACE VIEW "+s.named(schema.CoverageName(local))+" AS SELECT * FROM "+s.quoted("_rollup_coverage"))
		}, "is complete for this table"},
		"a view is gone": {func(t *testing.T, s *sharded) { s.server.Exec(t, "DROP TABLE "+s.named(schema.Daily.View(local))) }, "_local_1d_mv is not there"},
		"the list of tables is gone": {func(t *testing.T, s *sharded) {
			s.server.Exec(t, "DROP TABLE "+s.named(schema.RollupTablesName(shardedTable)))
		}, "_rollup_tables is not there"},
		"the events are those of another table": {func(t *testing.T, s *sharded) {
			s.server.Exec(t, "DROP TABLE "+s.named(shardedTable))
			s.server.Exec(t, "CREATE TABLE "+s.named(shardedTable)+" AS "+s.quoted("")+" ENGINE = Distributed("+clusterName+", "+statement.Quoted(s.server.Database)+", "+statement.Quoted(eventsName)+")")
		}, "is not Distributed over"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSharded(t, filled(t, 50))
			if found := s.find(t); len(found.Rollups) == 0 {
				t.Fatalf("roll-ups are not used before either: %q", found.Why)
			}
			c.harm(t, s)
			if found := s.find(t); len(found.Rollups) > 0 || !strings.Contains(found.Why, c.why) {
				t.Errorf("got %v and %q, want no roll-ups and a word on %q", found.Rollups, found.Why, c.why)
			}
		})
	}
}

func TestADistributedTableWithoutRollupsHasNone(t *testing.T) {
	s := newSharded(t, filled(t, 50))
	s.server.Exec(t, "DROP TABLE "+s.named(schema.CoverageName(shardedTable)))
	if diff := cmp.Diff(rollup.Found{}, s.find(t)); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
}
