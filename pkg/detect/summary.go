package detect

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed summary.sql
var summarySQL string

var summaryTemplate = statement.Parse("summary.sql", summarySQL)

// Summarized is a detector that also answers in the format summary: its findings counted by ClickHouse, in one row that is
// there wherever it can find something. A panel that shows 0 has read it; one without a number has no answer.
type Summarized struct{ Detector }

// Spec implements Detector.
func (d Summarized) Spec() Spec {
	spec := d.Detector.Spec()
	spec.Formats = append(slices.Clip(spec.Formats), query.Summary)
	return spec
}

// Statement implements Detector.
func (d Summarized) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	if q.Format != query.Summary {
		return d.Detector.Statement(q, table)
	}
	spec := d.Detector.Spec()
	if q.Peaks = !q.CommonOnly; !q.Peaks {
		spec.Peaks = nil // the union shows none
	}
	q.Format, q.Limit, q.CommonOnly = query.Table, math.MaxInt32, true
	s, err := d.Detector.Statement(q, table)
	if err != nil {
		return statement.Statement{}, err
	}
	return summarized(spec, s)
}

// summarized counts the rows of a statement that lists findings.
func summarized(spec Spec, s statement.Statement) (statement.Statement, error) {
	counts, columns := "1", append(SummaryColumns(), spec.highest()...)
	if s.Hides {
		counts, columns = "f.OnlyHidden = 0", append(columns, HiddenColumns()...)
	}
	text, err := statement.Render(summaryTemplate, map[string]any{
		"Spec": spec, "Counts": counts, "Hides": s.Hides, "Blind": s.Blind, "Severities": SeverityColumns(), "Findings": strings.ReplaceAll(s.SQL, "\n", "\n    "),
	})
	if err != nil {
		return statement.Statement{}, err
	}
	values := map[string]any{}
	for _, p := range s.Params {
		values[p.Name] = p.Value
	}
	counted, err := statement.New(strings.TrimSpace(text), values, columns)
	if err != nil {
		return statement.Statement{}, fmt.Errorf("%s: %w", spec.Name, err)
	}
	s.SQL, s.Params, s.Columns, s.RowLimit = counted.SQL, counted.Params, counted.Columns, 0
	return s, nil
}

// SeverityColumn is the column that counts the findings of a severity.
type SeverityColumn struct{ Name, Value string }

// SeverityColumns returns them, the highest severity first.
func SeverityColumns() []SeverityColumn {
	var columns []SeverityColumn
	for _, s := range slices.Backward(Severities()) {
		columns = append(columns, SeverityColumn{strings.ToUpper(s[:1]) + s[1:], s})
	}
	return columns
}

// SummaryColumns returns the columns of the format summary: one row a detector.
func SummaryColumns() []statement.Column {
	columns := []statement.Column{
		{Name: "Detector", Kind: statement.Text, Help: "The detector's name, as queries have it."},
		{Name: "AlertType", Kind: statement.Text, Help: "The analytic's name for the kind of finding."},
		{Name: "Findings", Kind: statement.Integer, Help: "All findings, however many a list of them shows; 0 where there are none."},
	}
	for _, s := range SeverityColumns() {
		columns = append(columns, statement.Column{Name: s.Name, Kind: statement.Integer, Help: "Findings of severity " + s.Value + "."})
	}
	return append(columns,
		statement.Column{Name: "Devices", Kind: statement.Integer, Help: "Devices that findings name."},
		statement.Column{Name: "Addresses", Kind: statement.Integer, Help: "Addresses that findings name; of a finding with several, the first."},
		statement.Column{Name: "Connections", Kind: statement.Integer, Help: "Connections of all findings together."},
		statement.Column{Name: "MostConnections", Kind: statement.Integer, Help: "Connections of the finding with most of them."},
		statement.Column{Name: "BytesSent", Kind: statement.Maybe, Unit: "bytes", Help: "Bytes sent of all findings together, as far as sensors counted them; empty where none did."},
	)
}

// peaks are the columns whose highest value a summary tells.
func (s Spec) peaks() []statement.Column {
	var of []statement.Column
	for _, c := range s.Columns {
		if slices.Contains(s.Peaks, c.Name) {
			of = append(of, c)
		}
	}
	return of
}

// highest are the columns in which it tells them: empty where nothing is found.
func (s Spec) highest() []statement.Column {
	var of []statement.Column
	for _, name := range s.Peaks {
		of = append(of, statement.Column{Name: "Highest" + name, Kind: statement.Part, Help: "The highest " + name + " of all findings."})
	}
	return of
}
