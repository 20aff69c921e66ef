package catalog_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// Each part of the union brings the source's text. Ten detectors still are one statement that ClickHouse takes at its defaults
// (max_query_size is 256 KiB), with an allowlist, which is where the texts are longest.
func TestTenDetectorsFitIntoOneStatement(t *testing.T) {
	bench := detecttest.Start(t)
	table := bench.Events(t, join(beacon(t, "WS-1", "203.0.113.7", "c2.example.com"), name(detecttest.At(t, "10:30:00"), "203.0.113.9", "a.ddns.net"), flux(detecttest.At(t, "10:00:00"), "WS-2")))
	allowed := []allowlist.Entry{{Domain: "example.net", Reason: "ours"}}
	ten := catalog.Union{Of: slices.Repeat(catalog.DetectorsAt(detect.Site{Allowlist: allowed}), 4)[:10]}
	day := detecttest.Days(1)
	for _, format := range []query.Format{query.Table, query.Numeric, query.TimeSeries, query.Summary} {
		q := query.Query{Type: "alerts", Format: format, Limit: 1000, Interval: time.Hour, Window: query.Window{From: day.From, To: day.To}, Params: query.Values{}}
		for _, p := range ten.Spec().Params {
			q.Params[p.Name] = p.Default
		}
		s, err := ten.Statement(q, table.Resolve(t))
		if err != nil {
			t.Fatal(err)
		}
		if len(s.SQL) > 200<<10 {
			t.Errorf("%s: %d bytes", format, len(s.SQL))
		}
		if rows := bench.Run(t, s).Rows; rows < 3 {
			t.Errorf("%s: %d rows", format, rows)
		}
		t.Logf("%s: %d KiB", format, len(s.SQL)>>10)
	}
}
