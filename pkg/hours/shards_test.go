package hours_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

const (
	clusterName  = "two_shards" // of the test server, whose shards are both this one server
	shardedTable = `the 'sharded'`
)

// sharded is the bench's events on two shards: each shard's tables are views that show the rows of its own devices, and the
// Distributed tables over them are those that the schema defines.
type sharded struct {
	*bench
	keeper hours.Keeper
	table  schema.Table
}

// onlyItsOwn is the part of the events that the sharding key gives to a shard.
const onlyItsOwn = "cityHash64(DeviceId) % 2 + 1 = shardNum()"

func newSharded(t *testing.T, b *bench) *sharded {
	t.Helper()
	local := schema.LocalName(shardedTable)
	show := func(name, selected string) {
		b.server.Exec(t, "CREATE OR REPLACE VIEW "+b.named(name)+" AS "+selected)
	}
	show(local, "SELECT * FROM "+b.quoted("")+" WHERE "+onlyItsOwn)
	show(schema.HoursName(local), "SELECT * FROM "+b.quoted("_hours")+" WHERE "+onlyItsOwn)
	show(schema.HoursValidName(local), "SELECT * FROM "+b.quoted("_hours_valid"))
	c := schema.Cluster{Name: clusterName, Database: b.server.Database, Table: shardedTable, Identifier: statement.Identifier, Text: statement.Quoted}
	statements, err := c.DDL()
	if err != nil {
		t.Fatal(err)
	}
	more, err := c.HoursDDL(hours.ValidRows)
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
	if made != 3 {
		t.Fatalf("the schema defines %d Distributed tables, want 3", made)
	}
	described, err := b.client.Describe(t.Context(), b.server.Database, shardedTable)
	if err != nil {
		t.Fatal(err)
	}
	s := &sharded{bench: b}
	if s.table, err = schema.Resolve(b.server.Database, shardedTable, nil, described); err != nil {
		t.Fatal(err)
	}
	s.keeper = hours.New(b.client, s.table)
	return s
}

func (b *bench) named(name string) string {
	return statement.Qualified(b.server.Database, name)
}

func (s *sharded) valid(t *testing.T) (valid []schema.Hour, others []time.Time) {
	t.Helper()
	state, err := s.keeper.Look(t.Context())
	if err != nil || !state.There || !state.Sharded {
		t.Fatalf("got %v and %v", state, err)
	}
	valid, others, err = s.keeper.Valid(t.Context(), query.Window{From: s.now.Add(-80 * time.Hour), To: s.now}, state)
	if err != nil {
		t.Fatal(err)
	}
	return valid, others
}

// way is a table that can answer.
type way struct {
	name  string
	table schema.Table
}

// The answer over shards is that of one table, from events and from hours.
func TestDetectorsAnswerOverShardsAsOverOneTable(t *testing.T) {
	b := newBench(t)
	b.insert(t, 3000, -80*time.Hour, 0)
	b.apply(t)
	b.run(t)
	s := newSharded(t, b)
	valid, _ := s.valid(t)
	hourly, used, findings := s.table.WithHours(valid), 0, 0
	// Over shards planning is dear: the ways take turns in answering.
	ways := []way{{"events", s.table}, {"hours", hourly}, {"hours that it asks for", b.asked(t, s.table)}}
	for round := range *questions / 4 {
		for i, d := range detectors() {
			q, by := b.question(d.Spec()), ways[(round+i)%len(ways)]
			want, _ := b.answer(t, d, q, b.table)
			got, sql := b.answer(t, d, q, by.table)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s as %s over the shards' %s in %v, filters %v, parameters %v (-one table +shards):\n%s\n%s", d.Spec().Name, q.Format, by.name, q.Window, q.Filters, q.Params, diff, sql)
			}
			if strings.Contains(sql, shardedTable+"_hours") {
				used++
			}
			findings += min(want.Rows, 1)
		}
	}
	if used < *questions/4 || findings < *questions/4 {
		t.Errorf("%d uses of hours and %d questions with findings: too few to prove anything", used, findings)
	}
}

func TestAnHourIsReadOnceItIsValidOnEveryShard(t *testing.T) {
	b := newBench(t)
	b.insert(t, 300, -60*time.Hour, -20*time.Hour)
	b.apply(t)
	b.run(t)
	s := newSharded(t, b)
	all, _ := s.valid(t)
	b.server.Exec(t, "CREATE OR REPLACE VIEW "+b.named(schema.HoursValidName(schema.LocalName(shardedTable)))+
		fmt.Sprintf(" AS SELECT Hour, if(shardNum() = 2 AND Hour = toDateTime(%d, 'UTC'), toInt64(0), Build) AS Build, Rules FROM ", all[0].Start.Unix())+b.quoted("_hours_valid"))
	valid, others := s.valid(t)
	if len(others) != 1 || !others[0].Equal(all[0].Start) || len(valid) >= len(all) {
		t.Errorf("of %d hours %d are valid, and %v are not", len(all), len(valid), others)
	}
}

func TestHoursThatAreNotTheShardsOwnAreNotUsed(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(t *testing.T, s *sharded)
		why  string
	}{
		"the view over all is gone": {func(t *testing.T, s *sharded) {
			s.server.Exec(t, "DROP TABLE "+s.named(schema.HoursValidName(shardedTable)))
		}, "_hours_valid is not there"},
		"the events are those of another table": {func(t *testing.T, s *sharded) {
			s.server.Exec(t, "DROP TABLE "+s.named(shardedTable))
			s.server.Exec(t, "CREATE TABLE "+s.named(shardedTable)+" AS "+s.quoted("")+" ENGINE = Distributed("+clusterName+", "+statement.Quoted(s.server.Database)+", "+statement.Quoted(eventsName)+")")
		}, "is not Distributed over"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.apply(t)
			s := newSharded(t, b)
			c.harm(t, s)
			if state, err := s.keeper.Look(t.Context()); err != nil || state.There || !strings.Contains(state.Why, c.why) {
				t.Errorf("got %v and %v, want a word on %q", state, err, c.why)
			}
		})
	}
}
