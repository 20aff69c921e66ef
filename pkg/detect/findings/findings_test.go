package findings_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/findings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Viewers share the answer to the same statement: it must not hold the millisecond at which each asks.
func TestViewersOfOneMinuteAskTheSame(t *testing.T) {
	d, noon := findings.Detector{}, time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	params := query.Values{}
	for _, p := range d.Spec().Params {
		params[p.Name] = p.Default
	}
	asked := func(now time.Time, format query.Format) any {
		s, err := d.Statement(query.Query{Type: findings.Name, Format: format, Params: params, Limit: 10, Interval: time.Hour, Now: now, Window: query.Window{From: noon.Add(-time.Hour), To: noon}}, schema.Table{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, format := range d.Spec().Formats {
		first := asked(noon.Add(time.Second+time.Millisecond), format)
		if diff := cmp.Diff(first, asked(noon.Add(31*time.Second), format)); diff != "" {
			t.Errorf("%s (-first viewer +second):\n%s", format, diff)
		}
		if cmp.Equal(first, asked(noon.Add(time.Hour), format)) {
			t.Errorf("%s: an hour later the same runs would count as new", format)
		}
	}
}
