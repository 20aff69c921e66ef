package catalog_test

import (
	"testing"
	"time"

	"github.com/grafana/dataplane/sdata/numeric"
	"github.com/grafana/dataplane/sdata/timeseries"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// Grafana's own reader of the data plane contract takes every numeric and timeseries answer, with findings and without.
func TestFramesAreOfTheDataPlane(t *testing.T) {
	table := detecttest.Start(t).Events(t, plenty(t))
	nothing := []referee.Filter{{Column: "DeviceName", Operator: "=", Values: []string{"nobody"}}}
	types := map[string]struct{ numbers, series int }{
		"beaconing":  {2, 2}, // WS-1 and the device without a name; the other addresses are private, IPv6 or none
		"dynamicDns": {4, 4}, // four names
		"fastFlux":   {1, 1}, // WS-2 in two hours; WS-5 reaches three public IPv4
		"alerts":     {7, 3}, // all of these; a series a detector
		"events":     {1, 2}, // the age of the newest; a series an ActionType
	}
	for _, d := range catalog.Detectors() {
		if _, ok := types[d.Spec().Name]; !ok {
			t.Errorf("%s is not checked", d.Spec().Name)
		}
	}
	for queryType, found := range types {
		t.Run(queryType, func(t *testing.T) {
			for _, filters := range [][]referee.Filter{nil, nothing} {
				ask := func(format string) data.Frames {
					return table.Frames(t, detecttest.Question{Type: queryType, Format: format, Filters: filters, Window: detecttest.Days(1), Interval: time.Hour})
				}
				numbers, series := found.numbers, found.series
				if filters != nil {
					numbers, series = 0, 0
				}
				if filters != nil && queryType == "events" {
					numbers = 1 // at least the window's length
				}
				checkNumeric(t, ask("numeric"), numbers)
				checkTimeseries(t, ask("timeseries"), series)
			}
		})
	}
}

func checkNumeric(t *testing.T, frames data.Frames, want int) {
	t.Helper()
	reader, err := numeric.CollectionReaderFromFrames(frames)
	if err != nil {
		t.Fatal(err)
	}
	collection, err := reader.GetCollection(false) // the library has no validation of data for this kind
	if err != nil || collection.Warning != nil || len(collection.RemainderIndices) > 0 {
		t.Fatalf("numbers: error %v, warning %v, left out %v", err, collection.Warning, collection.RemainderIndices)
	}
	seen := map[string]bool{}
	for _, ref := range collection.Refs {
		if seen[ref.ValueField.Labels.String()] {
			t.Errorf("two numbers have the labels %v", ref.ValueField.Labels)
		}
		seen[ref.ValueField.Labels.String()] = true
		if value, empty, err := ref.NullableFloat64Value(); err != nil || empty || value == nil {
			t.Errorf("a number is %v (%v)", value, err)
		}
	}
	if len(collection.Refs) != want {
		t.Errorf("%d numbers, want %d", len(collection.Refs), want)
	}
}

func checkTimeseries(t *testing.T, frames data.Frames, want int) {
	t.Helper()
	reader, err := timeseries.CollectionReaderFromFrames(frames)
	if err != nil {
		t.Fatal(err)
	}
	collection, err := reader.GetCollection(true)
	if err != nil || collection.Warning != nil || len(collection.RemainderIndices) > 0 {
		t.Fatalf("series: error %v, warning %v, left out %v", err, collection.Warning, collection.RemainderIndices)
	}
	if len(collection.Refs) != want {
		t.Errorf("%d series, want %d", len(collection.Refs), want)
	}
	for _, ref := range collection.Refs {
		if n := ref.TimeField.Len(); n != 24 { // a day in hours, gaps and all
			t.Errorf("a series has %d points, want 24", n)
		}
	}
}
