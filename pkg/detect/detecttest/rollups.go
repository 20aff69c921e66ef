package detecttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/rollup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Rolled makes the table's roll-ups, fills them at the given time from the events that are there, and returns the table with
// them. What they hold does not end, so that events of any time can be looked at.
func (tb Table) Rolled(t testing.TB, now time.Time) schema.Table {
	t.Helper()
	table := tb.Resolve(t)
	keeper := rollup.New(tb.bench.client(t), table, func() time.Time { return now })
	if err := keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, g := range schema.RollupTables() {
		tb.bench.engine.Exec(t, "ALTER TABLE "+statement.Identifier(tb.Database())+"."+statement.Identifier(g.Table(tb.name))+" REMOVE TTL")
	}
	if err := keeper.Fill(t.Context(), func(time.Time) {}); err != nil {
		t.Fatal(err)
	}
	found, err := keeper.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Rollups) == 0 {
		t.Fatalf("the roll-ups are not used: %s", found.Why)
	}
	return table.WithRollups(found.Rollups)
}

// onRollups runs a golden case on the roll-ups of the golden events as well, where they can answer it: the rows are the same.
func (g Gallery) onRollups(t *testing.T, folder string, d detect.Detector, q query.Query) {
	t.Helper()
	s, err := d.Statement(q, g.rolled)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(folder, "rows.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for way := &s; way != nil; way = way.Otherwise {
		if diff := cmp.Diff(string(want), string(written(t, g.bench.Run(t, *way)))); diff != "" {
			t.Errorf("%s on roll-ups (-want +got):\n%s\n%s", folder, diff, way.SQL)
		}
		if strings.Contains(way.SQL, `"network_events_`) {
			*g.fromRollups++
		}
	}
}
