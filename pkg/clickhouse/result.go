package clickhouse

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Result is a statement's whole result, column by column.
type Result struct {
	Columns []statement.Column
	// Data holds one slice for each column, all of length Rows, in the statement's order: []time.Time (UTC) for Time,
	// []string for Text, []int64 for Integer, []*int64 for Maybe, []float64 for Number, []*float64 for Part, []bool for Boolean, [][]string for List, [][]int64 for Series.
	Data    []any
	Rows    int
	Elapsed time.Duration // from asking to the last row, connecting included
	// RowsRead and BytesRead are what ClickHouse read to answer. Over HTTP they are too low for a result of more than
	// about a megabyte, since they come before it.
	RowsRead, BytesRead uint64
}

// read reads every row. It refuses columns other than these, unless they come after them and more is true; and more
// than most rows.
func read(rows driver.Rows, columns []statement.Column, more bool, most int) (*Result, error) {
	result := &Result{Columns: columns, Data: make([]any, len(columns))}
	readers := make([]reader, len(columns))
	for i, c := range columns {
		readers[i] = newReader(c.Kind)
	}
	types := rows.ColumnTypes()
	if more {
		types = types[:min(len(types), len(columns))]
	}
	// A server that has no rows to send may leave out the columns too.
	if len(types) > 0 {
		if err := match(types, columns); err != nil {
			return nil, err
		}
	}
	targets := make([]any, len(rows.ColumnTypes()))
	for i := len(types); i < len(targets); i++ {
		targets[i] = reflect.New(rows.ColumnTypes()[i].ScanType()).Interface()
	}
	for rows.Next() {
		if result.Rows++; result.Rows > most {
			return nil, &tooManyRows{most}
		}
		for i, r := range readers {
			targets[i] = r.next()
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, fmt.Errorf("read row %d: %w", result.Rows, err)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i, r := range readers {
		result.Data[i] = r.data()
	}
	return result, nil
}

// accepted are the types that a kind is read from: its own, and the dictionary-encoded form, which holds the same values.
func accepted(kind statement.Kind) []string {
	types := []string{kind.ClickHouse()}
	switch kind {
	case statement.Text:
		types = append(types, "LowCardinality(String)")
	case statement.List:
		types = append(types, "Array(LowCardinality(String))")
	}
	return types
}

// match compares what came with what the statement promised.
func match(types []driver.ColumnType, columns []statement.Column) error {
	if len(types) != len(columns) {
		return &mismatch{fmt.Sprintf("%d columns came, %d were expected", len(types), len(columns))}
	}
	for i, t := range types {
		c := columns[i]
		if t.Name() != c.Name {
			return &mismatch{fmt.Sprintf("column %d is %s, expected %s", i+1, t.Name(), c.Name)}
		}
		if !slices.Contains(accepted(c.Kind), t.DatabaseTypeName()) {
			return &mismatch{fmt.Sprintf("column %s has type %s, expected %s", c.Name, t.DatabaseTypeName(), c.Kind.ClickHouse())}
		}
	}
	return nil
}

// mismatch is a result whose columns are not the statement's.
type mismatch struct{ what string }

func (e *mismatch) Error() string { return "the result is not as the statement declares it: " + e.what }

// tooManyRows is a result with more rows than may be.
type tooManyRows struct{ most int }

func (e *tooManyRows) Error() string { return fmt.Sprintf("the result has more than %d rows", e.most) }

// reader collects one column's values.
type reader interface {
	next() any // where to put the next value
	data() any
}

func newReader(kind statement.Kind) reader {
	switch kind {
	case statement.Time:
		return &typed[time.Time]{}
	case statement.Integer:
		return &typed[int64]{}
	case statement.Maybe:
		return &typed[*int64]{}
	case statement.Number:
		return &typed[float64]{}
	case statement.Part:
		return &typed[*float64]{}
	case statement.Boolean:
		return &typed[bool]{}
	case statement.List:
		return &typed[[]string]{}
	case statement.Series:
		return &typed[[]int64]{}
	default:
		return &typed[string]{}
	}
}

type typed[T any] struct{ values []T }

func (t *typed[T]) next() any {
	var zero T
	t.values = append(t.values, zero)
	return &t.values[len(t.values)-1]
}

func (t *typed[T]) data() any { return t.values }
