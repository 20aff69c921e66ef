package runs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// kept is a bench that keeps beaconing's findings.
func kept(t *testing.T) (*bench, runs.Keeper, runs.Asked) {
	t.Helper()
	b := newBench(t)
	d := named(t, "beaconing", detect.Site{})
	q := b.asking(d)
	for p, value := range variants["beaconing"][1] {
		q.Params[p] = value
	}
	asked := b.ask(t, d, q)
	keeper := runs.New(b.client, b.table, []runs.Asked{asked})
	if err := keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b, keeper, asked
}

func (b *bench) newest(t *testing.T, k runs.Keeper, a runs.Asked) runs.Run {
	t.Helper()
	runs, err := k.Newest(t.Context(), b.now)
	if err != nil {
		t.Fatal(err)
	}
	return runs[a.Key]
}

func (b *bench) exec(t *testing.T, text string) {
	t.Helper()
	name := func(table string) string {
		return statement.Qualified(b.server.Database, table)
	}
	text = strings.NewReplacer("RUNS", name(schema.FindingsRunsName(eventsName)), "JOB", name(schema.FindingsJobPrefix(eventsName)+"01")).Replace(text)
	if err := b.client.Exec(t.Context(), text); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// A run of which a row is missing is not believed: the run before it is.
func TestARunIsBelievedWhereAllOfItIsThere(t *testing.T) {
	for name, c := range map[string]struct {
		then   string // after the second run
		before bool
	}{
		"nothing happens":                    {},
		"a finding is lost":                  {then: "DELETE FROM RUNS WHERE Run = '%s' AND Place = 2", before: true},
		"all of it is lost":                  {then: "DELETE FROM RUNS WHERE Run = '%s'", before: true},
		"a row is there twice":               {then: "INSERT INTO RUNS SELECT * FROM RUNS WHERE Run = '%s' AND Place = 1", before: true},
		"another run writes nothing but one": {then: "INSERT INTO RUNS SELECT * REPLACE (Build + 1 AS Build) FROM RUNS WHERE Run = '%s' AND Place = 1"},
	} {
		t.Run(name, func(t *testing.T) {
			b, keeper, asked := kept(t)
			b.insert(t, 500, -lookback, -time.Hour)
			if err := errorOf(keeper.At(t.Context(), b.now.Add(-5*time.Minute)), keeper.At(t.Context(), b.now)); err != nil {
				t.Fatal(err)
			}
			if c.then != "" {
				b.exec(t, strings.ReplaceAll(c.then, "%s", b.now.Format(time.DateTime)))
			}
			want := b.now
			if c.before {
				want = want.Add(-5 * time.Minute)
			}
			if run := b.newest(t, keeper, asked); !run.Run.Equal(want) || run.Findings < 3 {
				t.Errorf("the newest run is of %s with %d findings, want %s", run.Run, run.Findings, want)
			}
		})
	}
}

// A run that fails leaves the one before it standing, and does not keep the others from being asked.
func TestARunThatFailsLeavesTheOneBeforeIt(t *testing.T) {
	b, keeper, asked := kept(t)
	b.insert(t, 500, -lookback, -time.Hour)
	before := b.now.Add(-5 * time.Minute)
	if err := keeper.At(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	poor := b.server.Settings(settings.Native)
	poor.Custom = map[string]string{"max_memory_usage": "1000000"}
	client, err := clickhouse.New(poor, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	again := asked
	again.Name = "again"
	if err := runs.New(client, b.table, []runs.Asked{asked, again}).At(t.Context(), b.now); err == nil || !strings.Contains(err.Error(), "[limit]") || !strings.Contains(err.Error(), "again: ") {
		t.Fatalf("with a megabyte of memory: %v", err)
	}
	if run := b.newest(t, keeper, asked); !run.Run.Equal(before) || run.Findings < 3 {
		t.Errorf("after it the newest run is %+v", run)
	}
}

// Two jobs at once, and a run that finds nothing, are as good as any.
func TestRunsOfOneTimeAreToldApart(t *testing.T) {
	b, keeper, asked := kept(t)
	if err := keeper.At(t.Context(), b.now.Add(-5*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if run := b.newest(t, keeper, asked); !run.Run.Equal(b.now.Add(-5*time.Minute)) || run.Findings != 0 {
		t.Errorf("of a run that finds nothing we know: %+v", run)
	}
	b.insert(t, 500, -lookback, -time.Hour)
	if err := errorOf(keeper.At(t.Context(), b.now), keeper.At(t.Context(), b.now)); err != nil {
		t.Fatal(err)
	}
	d := named(t, "beaconing", detect.Site{})
	q := b.asking(d)
	for p, value := range variants["beaconing"][1] {
		q.Params[p] = value
	}
	runs, err := keeper.Newest(t.Context(), b.now)
	if err != nil {
		t.Fatal(err)
	}
	if rows := b.same(t, d, q, runs); rows != int(runs[asked.Key].Findings) {
		t.Errorf("%d rows of a run of %d findings", rows, runs[asked.Key].Findings)
	}
}

// What was found is remembered with its first and last time and as it was at its worst, however often the same run is written.
func TestAFindingIsRemembered(t *testing.T) {
	b, keeper, _ := kept(t)
	b.insert(t, 300, -lookback, -10*time.Hour)
	b.server.Insert(t, eventsName)
	first, last := b.now.Add(-20*time.Minute), b.now.Add(-5*time.Minute)
	for _, at := range []time.Time{first, last, last, b.now.Add(-10 * time.Minute)} {
		if err := keeper.At(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	remembered := statement.Statement{
		SQL: "SELECT FindingKey AS Key, toDateTime64(min(FirstDetected), 3, 'UTC') AS First, toDateTime64(max(LastDetected), 3, 'UTC') AS Last, JSONExtractString(argMaxMerge(Latest), 'DeviceName') AS Device, JSONExtractFloat(argMaxMerge(Worst), 'BeaconRate') AS Rate FROM " +
			statement.Qualified(b.server.Database, schema.FindingsName(eventsName)) + " GROUP BY FindingKey ORDER BY FindingKey",
		Columns: []statement.Column{{Name: "Key", Kind: statement.Text}, {Name: "First", Kind: statement.Time}, {Name: "Last", Kind: statement.Time}, {Name: "Device", Kind: statement.Text}, {Name: "Rate", Kind: statement.Number}},
	}
	got := b.run(t, remembered)
	if got.Rows < 3 {
		t.Fatalf("%d findings are remembered", got.Rows)
	}
	for i := range got.Rows {
		if at := got.Data[1].([]time.Time)[i]; !at.Equal(first) {
			t.Errorf("found first at %s, want %s", at, first)
		}
		if at := got.Data[2].([]time.Time)[i]; !at.Equal(last) {
			t.Errorf("found last at %s, want %s", at, last)
		}
		if got.Data[3].([]string)[i] == "" || got.Data[4].([]float64)[i] <= 0 {
			t.Errorf("device %q, rate %v", got.Data[3].([]string)[i], got.Data[4].([]float64)[i])
		}
	}
}

// ClickHouse asks the questions by itself, under the settings that statements have, and what was scheduled before ends.
func TestClickHouseRunsTheJob(t *testing.T) {
	b, keeper, asked := kept(t)
	b.insert(t, 500, -lookback, -time.Hour)
	if err := errorOf(keeper.Schedule(t.Context()), keeper.Schedule(t.Context())); err != nil {
		t.Fatal(err)
	}
	b.exec(t, "SYSTEM REFRESH VIEW JOB")
	b.exec(t, "SYSTEM WAIT VIEW JOB")
	run := b.newest(t, keeper, asked)
	if run.Findings < 3 || run.Every != runs.Every || run.Stale(time.Now()) {
		t.Errorf("ClickHouse's own run: %+v", run)
	}
	if err := keeper.Unschedule(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := b.client.Present(t.Context(), b.server.Database, []string{schema.FindingsJobPrefix(eventsName) + "01"})
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left of the job, and %v", left, err)
	}
}

// Every question that ships can be asked of a real table, by hand and by ClickHouse, and stands once.
func TestEveryShippedQuestionIsKept(t *testing.T) {
	b := newBench(t)
	b.insert(t, 2000, -lookback, 0)
	asked, err := runs.Questions(detect.Site{}, settings.Settings{RowLimit: 100_000, KeptQuestions: []settings.KeptQuestion{
		{Name: "Own", QueryType: "beaconing", Params: []byte(`{"minConnections": 2}`), Lookback: 24 * time.Hour, Every: time.Minute},
		{Name: "Shipped already", QueryType: "cases", Lookback: 24 * time.Hour, Every: time.Hour},
	}}, b.table)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range asked {
		names = append(names, a.Name+" "+a.Every.String())
	}
	want := []string{
		"Own 1m0s", "Shipped already 5m0s", "Beaconing 5m0s", "Dynamic DNS 5m0s", "Fast flux 5m0s", "High-risk slow case 15m0s", "Suspicious dynamic DNS 5m0s",
		"Regular beaconing 5m0s", "Beaconing to dynamic DNS 5m0s", "Fast flux of a host 5m0s",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the questions (-want +got):\n%s", diff)
	}
	listed, err := runs.Questions(detect.Site{Indicators: detect.Indicators{Table: "indicators"}}, settings.Settings{RowLimit: 100_000}, b.table)
	if err != nil {
		t.Fatal(err)
	}
	names = nil
	for _, a := range listed[len(listed)-2:] {
		names = append(names, a.Name+" "+a.Every.String())
	}
	if diff := cmp.Diff([]string{"Threat intelligence match 5m0s", "Threat intelligence, looking back 1h0m0s"}, names); diff != "" {
		t.Errorf("the questions where there are indicators (-want +got):\n%s", diff)
	}
	keeper := runs.New(b.client, b.hourly(t), asked)
	if err := errorOf(keeper.Apply(t.Context()), keeper.Apply(t.Context()), keeper.Once(t.Context()), keeper.Schedule(t.Context()), keeper.Unschedule(t.Context())); err != nil {
		t.Fatal(err)
	}
	runs, err := keeper.Newest(t.Context(), time.Now())
	if err != nil || len(runs) != len(asked) {
		t.Errorf("%d of %d questions were asked, and %v", len(runs), len(asked), err)
	}
}
