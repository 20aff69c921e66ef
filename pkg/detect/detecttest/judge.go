package detecttest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// CompareRows fails the test unless both hold the same rows, and the plugin's are in order: newest first, ties broken
// by AlertType, DeviceName, RemoteIP and RemoteUrl. The order of rows that are equal in all of these is free.
func CompareRows(t testing.TB, want, got []referee.Row) {
	t.Helper()
	if !slices.IsSortedFunc(got, referee.CompareAlerts) {
		t.Errorf("the rows are out of order:\n%v", got)
	}
	if diff := gocmp.Diff(settled(want), settled(got)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// settled puts rows in an order without ties.
func settled(rows []referee.Row) []referee.Row {
	rows = append([]referee.Row{}, rows...)
	for i, row := range rows {
		rows[i] = make(referee.Row, len(row))
		for j, value := range row {
			rows[i][j] = validText(value)
		}
	}
	slices.SortFunc(rows, func(a, b referee.Row) int {
		return cmp.Or(referee.CompareAlerts(a, b), cmp.Compare(fmt.Sprintf("%q", []any(a)), fmt.Sprintf("%q", []any(b))))
	})
	return rows
}

// validText is a text, or a list of them, as a frame carries it: in valid UTF-8.
func validText(value any) any {
	switch v := value.(type) {
	case string:
		return strings.ToValidUTF8(v, "\uFFFD")
	case []string:
		if v == nil {
			return v
		}
		texts := make([]string, len(v))
		for i, text := range v {
			texts[i] = strings.ToValidUTF8(text, "\uFFFD")
		}
		return texts
	}
	return value
}

// CompareNumbers fails the test unless both hold the same numbers with the same labels.
func CompareNumbers(t testing.TB, want, got []referee.Number) {
	t.Helper()
	if diff := gocmp.Diff(byLabels(want), byLabels(got)); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func byLabels(numbers []referee.Number) []referee.Number {
	numbers = append([]referee.Number{}, numbers...)
	for i, n := range numbers { // a label is valid UTF-8
		numbers[i].Labels = map[string]string{}
		for name, value := range n.Labels {
			numbers[i].Labels[name] = strings.ToValidUTF8(value, "\uFFFD")
		}
	}
	slices.SortFunc(numbers, func(a, b referee.Number) int {
		return cmp.Compare(fmt.Sprintf("%q", a.Labels), fmt.Sprintf("%q", b.Labels)) // maps print sorted
	})
	return numbers
}

// Judge asks about each detector in both formats that carry findings, all in one request, and holds the answers against
// the referee's. It returns how many findings there were.
func (tb Table) Judge(t testing.TB, events []referee.Event, q referee.Question, detectors ...referee.Detector) int {
	t.Helper()
	var asked []Question
	for _, d := range detectors {
		for _, format := range []string{"table", "numeric"} {
			about := About(t, d)
			about.Format, about.Window, about.Filters, about.Limit = format, q.Window, q.Filters, 100_000
			asked = append(asked, about)
		}
	}
	found := 0
	answers := tb.Ask(t, asked...)
	for i, d := range detectors {
		inTable, inNumbers := answers[2*i], answers[2*i+1]
		if err := errors.Join(inTable.Error, inNumbers.Error); err != nil {
			t.Fatalf("%s: %v", asked[2*i].Type, err)
		}
		rows := d.Rows(events, q)
		CompareRows(t, rows, Rows(t, inTable.Frames, d.Columns()))
		CompareNumbers(t, d.Numbers(events, q), Numbers(t, inNumbers.Frames, asked[2*i].Type))
		found += len(rows)
	}
	return found
}

// TableFormat asks for a detector's table and reads it.
func (tb Table) TableFormat(t testing.TB, d referee.Detector, q Question) []referee.Row {
	t.Helper()
	q.Format = "table"
	return Rows(t, tb.Frames(t, q), d.Columns())
}

// NumericFormat asks for a detector's numbers and reads them.
func (tb Table) NumericFormat(t testing.TB, q Question) []referee.Number {
	t.Helper()
	q.Format = "numeric"
	return Numbers(t, tb.Frames(t, q), q.Type)
}
