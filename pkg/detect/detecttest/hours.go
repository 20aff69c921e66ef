package detecttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Hourly makes the table's hours of the events that are there, of whatever time, and returns the table with them.
func (tb Table) Hourly(t testing.TB) schema.Table {
	t.Helper()
	table := tb.Resolve(t)
	keeper := hours.New(tb.bench.client(t), table).Keeping(30 * 365 * 24 * time.Hour)
	if err := keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Run(t.Context(), func(int) {}); err != nil {
		t.Fatal(err)
	}
	valid, others, err := keeper.Valid(t.Context(), query.Window{From: time.Unix(0, 0), To: time.Now().Add(-hours.Settle - time.Hour)}, hours.State{})
	if err != nil || len(valid) == 0 || len(others) > 0 {
		t.Fatalf("got %d hours, %v that are none, and %v", len(valid), others, err)
	}
	return table.WithHours(valid)
}

// onHours runs a golden case on the hours of the golden events as well, where they can answer it: the rows are the same.
func (g Gallery) onHours(t *testing.T, folder string, d detect.Detector, q query.Query) {
	t.Helper()
	s, err := d.Statement(q, g.hourly)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(folder, "rows.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(written(t, g.bench.Run(t, s)))); diff != "" {
		t.Errorf("%s on hours (-want +got):\n%s\n%s", folder, diff, s.SQL)
	}
	if strings.Contains(s.SQL, `"network_events_hours"`) {
		*g.fromHours++
	}
}
