package detecttest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// Rule is a sentence of the analytic with events that show it. Want was worked out by hand.
type Rule struct {
	Rule     string // the sentence
	Detector referee.Detector
	Events   []referee.Event
	Window   referee.Window // the zero value for Days(7)
	Filters  []referee.Filter
	Columns  []string // of the table format that the rule is about
	Want     [][]any  // their values, row by row and in order
	// Numbers are the findings in the numeric format; nil where the rule is not about them.
	Numbers []referee.Number
}

// CheckRules holds each rule against the plugin's answer, and against the referee, which is so proven as well.
func CheckRules(t *testing.T, bench *Bench, rules []Rule) {
	table := bench.Events(t, nil)
	for _, r := range rules {
		t.Run(r.Rule, func(t *testing.T) {
			if r.Window == (referee.Window{}) {
				r.Window = Days(7)
			}
			q := About(t, r.Detector)
			q.Window, q.Filters = r.Window, r.Filters
			question := referee.Question{Window: r.Window, Filters: r.Filters}
			table.Replace(t, r.Events)
			judged, answered := r.Detector.Rows(r.Events, question), table.TableFormat(t, r.Detector, q)
			if diff := cmp.Diff(r.Want, only(t, r, judged)); diff != "" {
				t.Errorf("the referee (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(r.Want, only(t, r, answered)); diff != "" {
				t.Errorf("the plugin (-want +got):\n%s", diff)
			}
			if r.Numbers != nil {
				CompareNumbers(t, r.Numbers, r.Detector.Numbers(r.Events, question))
				CompareNumbers(t, r.Numbers, table.NumericFormat(t, q))
			}
		})
	}
}

// only returns the rule's columns of each row.
func only(t testing.TB, r Rule, rows []referee.Row) [][]any {
	t.Helper()
	var picked [][]any
	for _, row := range rows {
		var cells []any
		for _, name := range r.Columns {
			cells = append(cells, row[index(t, r.Detector.Columns(), name)])
		}
		picked = append(picked, cells)
	}
	return picked
}

func index(t testing.TB, columns []string, name string) int {
	t.Helper()
	for i, c := range columns {
		if c == name {
			return i
		}
	}
	t.Fatalf("there is no column %s", name)
	return -1
}
