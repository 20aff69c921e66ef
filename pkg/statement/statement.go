// Package statement holds one SQL statement with its typed parameters and the columns it returns. It is the only
// place that renders identifiers and filters into SQL; values never become text, they travel as ClickHouse query
// parameters (https://clickhouse.com/docs/interfaces/cli#cli-queries-with-parameters).
package statement

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
)

// ErrMismatch says that a .sql file and the Go code beside it disagree on parameters: a programmer's error.
var ErrMismatch = errors.New("the statement's placeholders and parameters differ")

// Statement is one SELECT, ready to run.
type Statement struct {
	SQL     string
	Params  []Param  // sorted by name; each appears in SQL at least once
	Columns []Column // what each row holds, in order
	// RowLimit is the highest number of rows that count as a whole answer. The SQL asks for one row more, so that a
	// cut shows; zero means that the statement bounds itself.
	RowLimit int
	// SeriesLimit is the same for a time series, in series: each has a row an interval. The SQL asks for one series more.
	SeriesLimit int
	// Prefix says that the answer to a lower limit is the beginning of the answer to a higher one: so many rows, or with a
	// SeriesLimit so many series. Such answers may be shared.
	Prefix bool
	// Hides says that the last two columns tell how many findings an allowlist hides: detect.HiddenColumns.
	Hides bool
	// Kept says that all that the statement reads of findings was kept by runs, and it reads no events.
	Kept bool
	// Blind says that nothing can be found, whatever there is: there is nothing to find it by.
	Blind bool
	// Notices say what the statement leaves out and why, such as a column that the table does not have.
	Notices []string
}

// LimitParam is the parameter that holds the most rows, or series, that a statement returns.
const LimitParam = "limit"

// RankColumn numbers the series of a time series: 1 is the one with the highest alert value. Rows come in its order.
const RankColumn = "Rank"

// Param is one query parameter: {Name:Type} in the SQL. Value is string, bool, int64, float64, uint32, *big.Int,
// time.Time (milliseconds count), []string, []int64 or []*big.Int.
type Param struct {
	Name  string
	Type  string
	Value any
}

// Column is one column of a result.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	Unit string `json:"unit,omitempty"` // bytes, 1/h, h, s …; empty for plain counts and texts
	Help string `json:"help,omitempty"`
}

// Kind is the type of a result's column: the ClickHouse type that the SQL returns and the Go type that it is read as.
type Kind string

// The kinds.
const (
	Time    Kind = "time"    // DateTime64(3, 'UTC'), time.Time
	Text    Kind = "string"  // String, string
	Integer Kind = "integer" // Int64, int64
	Maybe   Kind = "maybe"   // Nullable(Int64), *int64
	Number  Kind = "number"  // Float64, float64
	Part    Kind = "part"    // Nullable(Float64), *float64
	Boolean Kind = "boolean" // Bool, bool
	List    Kind = "list"    // Array(String), []string
	Series  Kind = "series"  // Array(Int64), []int64: numbers of evenly spaced times
)

// ClickHouse returns the ClickHouse type of the kind.
func (k Kind) ClickHouse() string {
	return map[Kind]string{
		Time: "DateTime64(3, 'UTC')", Text: "String", Integer: "Int64", Maybe: "Nullable(Int64)", Number: "Float64", Part: "Nullable(Float64)", Boolean: "Bool", List: "Array(String)", Series: "Array(Int64)",
	}[k]
}

var placeholder = regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_]*):([A-Za-z0-9(), '_]+)\}`)

// New joins SQL and values into a Statement. The types of the parameters stand in the SQL's own placeholders. It
// returns ErrMismatch when a placeholder has no value, when a value has no placeholder, or when one name has two types.
func New(sql string, values map[string]any, columns []Column) (Statement, error) {
	types := map[string]string{}
	for _, m := range placeholder.FindAllStringSubmatch(sql, -1) {
		name, kind := m[1], m[2]
		if other, seen := types[name]; seen && other != kind {
			return Statement{}, fmt.Errorf("%w: %s is both %s and %s", ErrMismatch, name, other, kind)
		}
		if _, ok := values[name]; !ok {
			return Statement{}, fmt.Errorf("%w: {%s:%s} has no value", ErrMismatch, name, kind)
		}
		types[name] = kind
	}
	params := make([]Param, 0, len(types))
	for name, value := range values {
		kind, used := types[name]
		if !used {
			return Statement{}, fmt.Errorf("%w: the value %s is not used", ErrMismatch, name)
		}
		params = append(params, Param{Name: name, Type: kind, Value: value})
	}
	sort.Slice(params, func(i, j int) bool { return params[i].Name < params[j].Name })
	return Statement{SQL: sql, Params: params, Columns: columns}, nil
}
