package hunt

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed busy.sql
var busySQL string

var busyTemplate = statement.Parse("busy.sql", busySQL)

// busy is a step of time that holds events.
type busy struct {
	start  time.Time
	events int64
}

// mostSteps is more than logs of a thousand years have.
const mostSteps = 2_000_000

// askBusy returns the steps that hold events, the oldest first.
func askBusy(ctx context.Context, client *clickhouse.Client, s settings.Settings) ([]busy, error) {
	text, err := statement.Render(busyTemplate, map[string]any{"Table": statement.Qualified(s.Database, s.Table), "StepMillis": step.Milliseconds()})
	if err != nil {
		return nil, err
	}
	result, err := client.Query(ctx, statement.Statement{SQL: text, RowLimit: mostSteps, Columns: []statement.Column{{Name: "Start", Kind: statement.Time}, {Name: "Events", Kind: statement.Integer}}},
		clickhouse.Origin{User: "fluxhound hunt"})
	if err != nil {
		return nil, err
	}
	var list []busy
	for i, start := range result.Data[0].([]time.Time) {
		list = append(list, busy{start, result.Data[1].([]int64)[i]})
	}
	return list, nil
}

// ends are where windows of a length end, the newest first, a step apart: each where the events in it are others than in the one before
// and after. Where nothing happened for years, as with one record of a wrong date, there is none.
func (r *Report) ends(back time.Duration) []time.Time {
	end := r.end()
	last := int64(0) // the first window that reaches back to the oldest event, or beyond
	if left := end.Sub(r.Facts.First) - back; left > 0 {
		last = int64((left + step - 1) / step)
	}
	steps := []int64{0}
	for _, b := range r.Facts.busy {
		// of the steps that end at end, those that the busy one lies in
		for _, at := range []time.Time{b.start, b.start.Add(step - time.Millisecond)} {
			enters := int64(end.Sub(at) / step)
			gone := enters - int64(back/step)
			steps = append(steps, enters, gone+1, gone)
		}
	}
	slices.Sort(steps)
	var list []time.Time
	for _, n := range slices.Compact(steps) {
		if n >= 0 && n <= last {
			list = append(list, end.Add(-time.Duration(n)*step))
		}
	}
	return list
}

// apart is how long nothing must have happened for a few events beyond it to look misdated.
const apart = 60 * 24 * time.Hour

// strays says of events that lie far from all the others that their dates may be wrong; nothing where there are none.
func (f Facts) strays() string {
	type stretch struct {
		first, last time.Time
		events      int64
	}
	var all []stretch
	for _, b := range f.busy {
		if n := len(all); n == 0 || b.start.Sub(all[n-1].last) > apart {
			all = append(all, stretch{first: b.start})
		}
		s := &all[len(all)-1]
		s.last, s.events = b.start, s.events+b.events
	}
	var few int64
	var example stretch
	for _, s := range all {
		if s.events*100 <= f.Events {
			few, example = few+s.events, s
		}
	}
	if few == 0 {
		return ""
	}
	verb := "lie"
	if few == 1 {
		verb = "lies"
	}
	return fmt.Sprintf("%s %s months away from all the others, such as on %s: the dates may be wrong.", counted(few, "event"), verb, example.first.Format(time.DateOnly))
}
