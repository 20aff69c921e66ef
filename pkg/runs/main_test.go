package runs_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// bench is an events table of some days, whose last whole minute is now.
type bench struct {
	server chtest.Server
	client *clickhouse.Client
	table  schema.Table
	now    time.Time
	*rand.Rand
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{server: chtest.Database(t), now: time.Now().UTC().Truncate(time.Minute), Rand: rand.New(rand.NewPCG(1584, 22))}
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
	described, err := b.client.Describe(t.Context(), b.server.Database, eventsName)
	if err != nil {
		t.Fatal(err)
	}
	if b.table, err = schema.Resolve(b.server.Database, eventsName, nil, described); err != nil {
		t.Fatal(err)
	}
	return b
}

const eventsName = `the "events"`

// insert adds events between two offsets from now.
func (b *bench) insert(t *testing.T, n int, from, to time.Duration) {
	t.Helper()
	var events []chtest.Event
	for range n {
		events = append(events, chtest.Random(b.Rand, b.now.Add(from+time.Duration(b.Int64N((to-from).Milliseconds()))*time.Millisecond), true))
	}
	b.server.Insert(t, eventsName, events...)
}

// hourly makes the table's hours, and lets statements ask for them.
func (b *bench) hourly(t *testing.T) schema.Table {
	t.Helper()
	keeper := hours.New(b.client, b.table)
	if err := keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Run(t.Context(), func(int) {}); err != nil {
		t.Fatal(err)
	}
	by, err := hours.Asked(b.table)
	if err != nil {
		t.Fatal(err)
	}
	return b.table.WithHoursAsked(by)
}

// asking returns a query at its defaults over the last days before now.
func (b *bench) asking(d detect.Detector) query.Query {
	q := query.Query{Type: d.Spec().Name, Format: query.Table, Limit: 100_000, Params: query.Values{}, Interval: time.Hour, Allowlist: query.ApplyAllowlist,
		Window: query.Window{From: b.now.Add(-lookback), To: b.now}}
	for _, p := range d.Spec().Params {
		q.Params[p.Name] = p.Default
	}
	return q
}

const lookback = 75 * time.Hour

// ask returns the question of a query, as a question of the job.
func (b *bench) ask(t *testing.T, d detect.Detector, q query.Query) runs.Asked {
	t.Helper()
	question, ok, err := detect.Ask(d, q, b.table)
	if err != nil || !ok {
		t.Fatalf("%s: ok is %v, and %v", d.Spec().Name, ok, err)
	}
	return runs.Asked{Question: question, Name: d.Spec().Label, Every: runs.Every}
}

func (b *bench) run(t *testing.T, s statement.Statement) *clickhouse.Result {
	t.Helper()
	result, err := b.client.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	return &clickhouse.Result{Columns: result.Columns, Data: result.Data, Rows: result.Rows}
}

func named(t *testing.T, name string, site detect.Site) detect.Detector {
	t.Helper()
	d, ok := querytypes.Named(name, site)
	if !ok {
		t.Fatalf("there is no query type %s", name)
	}
	return d
}
