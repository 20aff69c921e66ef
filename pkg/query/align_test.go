package query_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

func TestOnlyAWindowThatEndsNowIsAligned(t *testing.T) {
	now := time.Date(2026, 3, 8, 12, 0, 7, 345e6, time.UTC)
	week := func(to time.Time) query.Window { return query.Window{From: to.Add(-7 * 24 * time.Hour), To: to} }
	for name, c := range map[string]struct {
		asked, want query.Window
		step        time.Duration
	}{
		"it moves back to a whole step":     {week(now), week(now.Add(-2345 * time.Millisecond)), 5 * time.Second},
		"the next viewer asks the same":     {week(now.Add(time.Second)), week(now.Add(-2345 * time.Millisecond)), 5 * time.Second},
		"one on a step stays":               {week(now.Add(-345 * time.Millisecond)), week(now.Add(-345 * time.Millisecond)), time.Second},
		"a clock that is a little ahead":    {week(now.Add(4 * time.Second)), week(now.Add(2655 * time.Millisecond)), 5 * time.Second},
		"one of the past stays":             {week(now.Add(-6 * time.Second)), week(now.Add(-6 * time.Second)), 5 * time.Second},
		"one of the future stays":           {week(now.Add(6 * time.Second)), week(now.Add(6 * time.Second)), 5 * time.Second},
		"without a step every window stays": {week(now), week(now), 0},
		"an empty window stays empty":       {query.Window{From: now, To: now}, query.Window{From: now.Add(-345 * time.Millisecond), To: now.Add(-345 * time.Millisecond)}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, query.Aligned(c.asked, now, c.step)); diff != "" {
				t.Errorf("window (-want +got):\n%s", diff)
			}
		})
	}
}
