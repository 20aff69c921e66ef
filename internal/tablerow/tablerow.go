// Package tablerow reads the rows of a table that the plugin answers with.
package tablerow

import (
	"encoding/json"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// Row is one row, by the names of its columns. What is null is not in it.
type Row map[string]any

// Of is row i of a table.
func Of(frame *data.Frame, i int) Row {
	r := Row{}
	for _, field := range frame.Fields {
		if value, ok := field.ConcreteAt(i); ok {
			r[field.Name] = value
		}
	}
	return r
}

// Text is a column's text, or nothing.
func (r Row) Text(name string) string {
	text, _ := r[name].(string)
	return text
}

// Time is a column's time in UTC, or the zero time.
func (r Row) Time(name string) time.Time {
	at, _ := r[name].(time.Time)
	return at.UTC()
}

// Number is a column's number, and whether it has one.
func (r Row) Number(name string) (float64, bool) {
	switch n := r[name].(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	}
	return 0, false
}

// List is the list in a column that holds it as JSON, or nil.
func List[T any](r Row, name string) []T {
	raw, _ := r[name].(json.RawMessage)
	var items []T
	if json.Unmarshal(raw, &items) != nil {
		return nil
	}
	return items
}
