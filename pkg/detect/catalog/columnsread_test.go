package catalog_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// What ClickHouse reads, by its own plan. A number or a series needs less than a table.
func TestNoDetectorReadsAColumnThatItDoesNotNeed(t *testing.T) {
	bench := detecttest.Start(t)
	table := bench.Events(t, plenty(t)).Resolve(t)
	window := detecttest.Days(1)
	beacons := []string{"ActionType", "DeviceId", "DeviceName", "RemoteIP", "RemotePort", "RemoteUrl", "SentBytes", "Timestamp"}
	hours := []string{"ActionType", "DeviceId", "DeviceName", "InitiatingProcessFileName", "RemoteIP", "Timestamp"}
	names := []string{"ActionType", "RemoteUrl", "Timestamp"}
	for _, d := range append(catalog.Detectors(), catalog.Alerts()) {
		for format, want := range map[string]map[query.Format][]string{
			"beaconing": {
				query.Table: with(beacons, "InitiatingProcessFileName", "ReceivedBytes"), query.Numeric: beacons, query.TimeSeries: beacons,
			},
			"dynamicDns": {
				// whether a device beacons to the name needs the port and the bytes
				query.Table: with(names, "DeviceId", "DeviceName", "InitiatingProcessFileName", "RemoteIP", "RemotePort", "SentBytes"),
				// and which findings are one device's, the device
				query.Numeric: with(names, "DeviceId", "DeviceName"), query.TimeSeries: with(names, "DeviceId", "DeviceName"),
			},
			"fastFlux": {
				query.Table: with(hours, "RemoteUrl"), query.Numeric: hours, query.TimeSeries: hours,
			},
			"alerts": {
				query.Table: with(beacons, "InitiatingProcessFileName", "ReceivedBytes"), query.Numeric: with(beacons, "InitiatingProcessFileName"), query.TimeSeries: with(beacons, "InitiatingProcessFileName"),
			},
		}[d.Spec().Name] {
			t.Run(d.Spec().Name+" as "+string(format), func(t *testing.T) {
				s, err := d.Statement(query.Query{
					Type: d.Spec().Name, Format: format, Params: defaults(d.Spec()), Limit: 100, Window: query.Window(window), Interval: time.Hour,
				}, table)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, columnsRead(t, bench, s)); diff != "" {
					t.Errorf("columns read (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func with(columns []string, more ...string) []string {
	all := append(slices.Clone(columns), more...)
	slices.Sort(all)
	return all
}

func defaults(spec detect.Spec) query.Values {
	values := query.Values{}
	for _, p := range spec.Params {
		values[p.Name] = p.Default
	}
	return values
}

// columnsRead returns the columns that the reads of a statement's plan name, in what they hand on and in their filters.
func columnsRead(t *testing.T, bench *detecttest.Bench, s statement.Statement) []string {
	t.Helper()
	s.SQL = "SELECT explain FROM (EXPLAIN PLAN header = 1 " + s.SQL + ")"
	s.Columns = []statement.Column{{Name: "explain", Kind: statement.Text}}
	s.RowLimit = 0
	plan := bench.Run(t, s).Data[0].([]string)
	seen := map[string]bool{}
	reads, depth := 0, -1 // of the read that the line belongs to
	for _, line := range plan {
		indent := len([]rune(line)) - len([]rune(strings.TrimLeft(line, " │└├─")))
		switch {
		case strings.Contains(line, "ReadFromMergeTree"):
			reads, depth = reads+1, indent
		case indent <= depth:
			depth = -1
		case depth >= 0:
			for _, word := range regexp.MustCompile(`\w+`).FindAllString(line, -1) {
				if _, known := schema.Lookup(word); known {
					seen[word] = true
				}
			}
		}
	}
	if reads == 0 {
		t.Fatalf("the plan reads nothing:\n%s", strings.Join(plan, "\n"))
	}
	return slices.Sorted(maps.Keys(seen))
}
