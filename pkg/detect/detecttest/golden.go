package detecttest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before you commit it")

// The request that every golden query is part of.
const goldenInterval = 6 * time.Hour

func goldenWindow() referee.Window { return Days(3) }

// longAfter is when golden queries are asked: nothing of theirs lies in the future.
func longAfter() time.Time { return goldenWindow().To.AddDate(1, 0, 0) }

// Gallery is the golden cases of a package, testdata/<case>/, and the small events table that their statements run on:
//
//	query.json     the query as Grafana stores it
//	table.json     how the events table differs from the schema's; left out where it does not
//	statement.sql  the SQL that must come of it
//	params.json    the parameters that travel beside it
//	rows.csv       the rows that ClickHouse must return
type Gallery struct {
	bench  *Bench
	events Table
	hourly schema.Table // the same with its hours
	// fromHours counts the statements that read them.
	fromHours *int
}

// Open fills the events table from testdata/events.csv beside this file.
func Open(t testing.TB) Gallery {
	t.Helper()
	bench := &Bench{engine: chtest.Shared(t)}
	events := Table{bench: bench, name: "network_events"}
	bench.engine.CreateTable(t, events.name)
	events.Replace(t, goldenEvents(t))
	return Gallery{bench: bench, events: events, hourly: events.Hourly(t), fromHours: new(int)}
}

// Check compares every case of the query type: statement, parameters and rows. The referee confirms the rows of findings, and
// the hours must give the same.
func (g Gallery) Check(t *testing.T, d detect.Detector) {
	cases, err := filepath.Glob("testdata/*/query.json")
	if err != nil || len(cases) == 0 {
		t.Fatalf("there are no cases in testdata (%v)", err)
	}
	for _, file := range cases {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			model := read(t, file)
			table := g.table(t, folder)
			q, err := query.Decode(model, query.Options{
				Types: map[string]query.Type{d.Spec().Name: d.Spec().Type()},
				Range: query.Window(goldenWindow()), Now: longAfter, Interval: goldenInterval, RowLimit: 1000,
			})
			if err != nil {
				t.Fatal(err)
			}
			s, err := d.Statement(q, table.Resolve(t))
			if err != nil {
				t.Fatal(err)
			}
			result := g.CheckStatement(t, folder, s)
			if table.name == g.events.name && refereed(d.Spec()) && q.Format != query.TimeSeries {
				confirm(t, d.Spec(), q, model, result)
			}
			if table.name == g.events.name && readsEvents(d.Spec()) {
				g.onHours(t, folder, d, q)
			}
		})
	}
	if readsEvents(d.Spec()) && *g.fromHours == 0 {
		t.Error("no case reads hours")
	}
}

// readsEvents says that a detector reads events, and so their hours.
func readsEvents(s detect.Spec) bool { return s.Kind != detect.KindEvents && !s.Beside }

// refereed says that the golden rows of a detector are confirmed here. Of a case, which has a risk, its own package holds the
// referee against it.
func refereed(s detect.Spec) bool {
	return s.Kind != detect.KindEvents && s.AlertValue.Column != "Risk"
}

// CheckStatement compares one statement with the golden files of a folder, runs it, and compares its rows.
func (g Gallery) CheckStatement(t testing.TB, folder string, s statement.Statement) *clickhouse.Result {
	t.Helper()
	same(t, filepath.Join(folder, "statement.sql"), []byte(s.SQL+"\n"))
	same(t, filepath.Join(folder, "params.json"), parameters(t, s))
	result := g.bench.Run(t, s)
	same(t, filepath.Join(folder, "rows.csv"), written(t, result))
	return result
}

// Table is the events table as the plugin sees it.
func (g Gallery) Table() Table { return g.events }

// table is the events table of a case: the schema's, or one that lacks columns.
func (g Gallery) table(t testing.TB, folder string) Table {
	t.Helper()
	file := filepath.Join(folder, "table.json")
	if _, err := os.Stat(file); err != nil {
		return g.events
	}
	var own struct {
		Name    string `json:"name"`
		Without string `json:"without"` // column names, separated by commas
	}
	if err := json.Unmarshal(read(t, file), &own); err != nil {
		t.Fatal(err)
	}
	table := Table{bench: g.bench, name: own.Name}
	g.bench.engine.Exec(t, "CREATE OR REPLACE TABLE "+table.qualified()+" ENGINE = MergeTree ORDER BY Timestamp AS SELECT * EXCEPT ("+own.Without+") FROM "+g.events.qualified())
	return table
}

// same compares a golden file with what came; with -update it writes the file. A missing file is a failure.
func same(t testing.TB, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v; run the test with -update to write it", err)
		return
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func parameters(t testing.TB, s statement.Statement) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(shortened(s.Params)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// shortened leaves of a list that is longer than any query's own only its ends and its length: the provider table has a
// test of its own.
func shortened(params []statement.Param) []statement.Param {
	const most = 300
	params = slices.Clone(params)
	for i, p := range params {
		if list, ok := p.Value.([]string); ok && len(list) > most {
			params[i].Value = []string{list[0], fmt.Sprintf("… %d values …", len(list)), list[len(list)-1]}
		}
	}
	return params
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
