package hours_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// bench is an events table, and a keeper of its hours.
type bench struct {
	server chtest.Server
	client *clickhouse.Client
	table  schema.Table
	keeper hours.Keeper
	now    time.Time // the server's clock decides, so that it is close to it
	odd    bool      // some events write an address in other ways
	*rand.Rand
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(1584, seed)) }

const eventsName = `the "events"`

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{server: chtest.Database(t), now: time.Now().UTC().Truncate(time.Hour).Add(12*time.Minute + 345*time.Millisecond), Rand: newRand(5)}
	var err error
	if b.client, err = clickhouse.New(b.server.Settings(settings.Native), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.client.Close(); err != nil {
			t.Error(err)
		}
	})
	b.server.CreateTable(t, eventsName)
	b.resolve(t, nil)
	return b
}

// resolve reads the events table with a column mapping.
func (b *bench) resolve(t *testing.T, mapping map[string]string) {
	t.Helper()
	described, err := b.client.Describe(t.Context(), b.server.Database, eventsName)
	if err != nil {
		t.Fatal(err)
	}
	if b.table, err = schema.Resolve(b.server.Database, eventsName, mapping, described); err != nil {
		t.Fatal(err)
	}
	b.keeper = hours.New(b.client, b.table)
}

func (b *bench) apply(t *testing.T) {
	t.Helper()
	if err := b.keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// run makes all hours that may be made.
func (b *bench) run(t *testing.T) (noted int) {
	t.Helper()
	if err := b.keeper.Run(t.Context(), func(hours int) { noted += hours }); err != nil {
		t.Fatal(err)
	}
	return noted
}

// valid returns the table with the hours of the last three days that stand for its events, and those that do not.
func (b *bench) valid(t *testing.T) (table schema.Table, others []time.Time) {
	t.Helper()
	list, others, err := b.keeper.Valid(t.Context(), query.Window{From: b.now.Add(-80 * time.Hour), To: b.now.Add(time.Hour)}, hours.State{})
	if err != nil {
		t.Fatal(err)
	}
	return b.table.WithHours(list), others
}

// insert adds events between two offsets from the bench's clock, every tenth of them twice.
func (b *bench) insert(t *testing.T, n int, from, to time.Duration) {
	t.Helper()
	var events []chtest.Event
	for range n {
		e := chtest.Random(b.Rand, b.now.Add(from+time.Duration(b.Int64N((to-from).Milliseconds()))*time.Millisecond), b.odd)
		events = append(events, e)
		if b.IntN(10) == 0 {
			events = append(events, e)
		}
	}
	b.server.Insert(t, eventsName, events...)
}

func pick[T any](b *bench, from ...T) T { return from[b.IntN(len(from))] }
