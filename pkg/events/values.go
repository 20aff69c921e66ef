package events

import (
	_ "embed"
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed values.sql
var valuesSQL string

var valuesTemplate = statement.Parse("values.sql", valuesSQL)

// ValuesQuery asks for distinct values of one column, for a picker.
type ValuesQuery struct {
	Column  string // canonical; a time cannot be asked for
	Search  string // values that contain it, in any case; empty for all
	Window  query.Window
	Filters []query.Filter
	Limit   int // 1 … MaxValues
}

// MaxValues bounds a picker: more than any list that a person scrolls through, and low enough to be sent at once. A picker
// that has more says so, and searches.
const MaxValues = 10_000

// Values builds the statement: one row a distinct value, sorted. It returns a *query.Error for a column that is unknown,
// missing or no picker's.
func Values(v ValuesQuery, table schema.Table) (statement.Statement, error) {
	column, known := schema.Lookup(v.Column)
	switch {
	case !known || column.Kind == schema.Time:
		return statement.Statement{}, &query.Error{Field: "column", Reason: "it must be a column of the events table other than Timestamp"}
	case !table.Has(column.Name):
		return statement.Statement{}, &query.Error{Field: "column", Reason: "the events table has no column " + column.Name + "; map one to it in the data source's settings"}
	case v.Limit < 1 || v.Limit > MaxValues:
		return statement.Statement{}, &query.Error{Field: "limit", Reason: fmt.Sprintf("it may be 1 to %d", MaxValues)}
	case len(v.Search) > query.MaxValueBytes:
		return statement.Statement{}, &query.Error{Field: "search", Reason: "it is too long"}
	}
	source, err := statement.NewSource(table, v.Window, v.Filters)
	if err != nil {
		return statement.Statement{}, err
	}
	values := source.Values()
	values["limit"] = int64(v.Limit) + 1
	if v.Search != "" {
		values["search"] = v.Search
	}
	data := map[string]any{"Source": source, "Column": column.Name, "Search": v.Search != ""}
	s, err := build(valuesTemplate, data, values, []statement.Column{{Name: "Value", Kind: statement.Text}})
	s.RowLimit, s.Prefix = v.Limit, true
	return s, err
}
