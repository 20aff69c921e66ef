// Package query turns the JSON of one panel, rule or Explore query into one validated, typed value. It knows nothing
// of SQL. Everything it refuses is the user's fault: Error carries the field and what it may be.
package query

import (
	"encoding/json"
	"time"
)

// Query is one validated query with every default filled in.
type Query struct {
	Type    string // a query type of the Catalog, such as beaconing
	Format  Format
	Params  Values   // one value for each parameter of the type
	Given   []string // the parameters that the query names itself; the others have their defaults
	Filters []Filter // all must hold for an event to be seen
	// FindingKeys are the findings that are looked at, by their column FindingKey; nil for all. They come as a filter on
	// that column, which says what a value of any length or bytes cannot.
	FindingKeys []string
	// Severities are the severities of the findings that are looked at, the lowest first; nil for all, empty for none. They come as
	// filters on the column Severity.
	Severities []string
	Limit      int // rows, 1 … Options.RowLimit
	Window     Window
	// Now is when the query was asked, in UTC: what is dated later lies in the future. The zero value is for whoever does not
	// care.
	Now time.Time
	// Allowlist says whether findings that the allowlist hides are left out.
	Allowlist Allowlist
	// Details asks for what explains each number as further labels of it. They change from one answer to the next: a rule takes
	// them from a query of their own, which no condition reads.
	Details bool
	// Interval is the width of a time series' buckets, at least one second. It comes from the request.
	Interval time.Duration
	// CommonOnly asks a detector's table for no column beyond those that every detector has. No query's JSON says so: the
	// union does, which shows no others.
	CommonOnly bool
	// Peaks asks beside these for the columns whose highest value a summary tells.
	Peaks bool
	// Keep asks a detector for all that is known of each finding, whatever is shown of it later. No query's JSON says so: what
	// keeps findings does.
	Keep bool
	// Unread names the query's fields that are nobody's, in their order: the answer does without them, and says so.
	Unread []*Error
}

// Format says which frames the answer has. See design: Frames.
type Format string

// The formats.
const (
	Table      Format = "table"
	TimeSeries Format = "timeseries"
	Numeric    Format = "numeric"
	Logs       Format = "logs"
	Summary    Format = "summary"
)

// Allowlist is what a query does with the data source's allowlist.
type Allowlist string

// The words of the field allowlist.
const (
	ApplyAllowlist  Allowlist = "apply"  // findings that it hides are left out, and their number is told
	IgnoreAllowlist Allowlist = "ignore" // they are shown, with the entry that hides each
)

// Window is the half-open time span [From, To) on Timestamp, in UTC, with millisecond precision.
type Window struct {
	From time.Time
	To   time.Time
}

// Filter is one condition on a canonical column.
type Filter struct {
	Column   string // canonical name
	Operator Operator
	Values   []string // one value, or one or more for in and notIn
}

// Operator compares a column with a filter's values. Comparison is case-sensitive.
type Operator string

// The operators.
const (
	Equal      Operator = "="
	NotEqual   Operator = "!="
	In         Operator = "in"
	NotIn      Operator = "notIn"
	Contains   Operator = "contains"
	StartsWith Operator = "startsWith"
	EndsWith   Operator = "endsWith"
	InSubnet   Operator = "inSubnet" // address columns only; values are CIDRs, of which an IPv6 one holds no IPv4 address
)

// Type describes a query type: what it may be asked.
type Type struct {
	Formats []Format // the first is the default
	Params  []Param
	Details bool // its numbers have details
}

// Param describes one parameter of a query type: what the editor draws and what the decoder lets pass.
type Param struct {
	Name    string  `json:"name"`
	Label   string  `json:"label"`
	Kind    Kind    `json:"kind"`
	Unit    string  `json:"unit,omitempty"`
	Min     float64 `json:"min"` // for numbers, inclusive; ignored for other kinds
	Max     float64 `json:"max"` // for numbers, inclusive; for lists the highest number of entries
	Default any     `json:"default"`
	// Options are the words that an Enum may be, and each entry of a StringList; none for a list of any texts.
	Options []string `json:"options,omitempty"`
	// Group is the detector that the parameter belongs to, where one form shows several.
	Group string `json:"group,omitempty"`
	Help  string `json:"help"`
	// Check refuses single entries of a list, or a text, beyond what Kind says; nil accepts all.
	Check func(string) error `json:"-"`
	// Least names a column of findings that is at least the parameter's value, where the parameter does nothing but leave others
	// out: the findings of a higher value are among those of a lower one.
	Least string `json:"-"`
}

// Kind is the type of a parameter's value.
type Kind string

// The kinds, with the Go type that Values holds.
const (
	KindInteger     Kind = "integer"     // int64
	KindNumber      Kind = "number"      // float64, finite
	KindBoolean     Kind = "boolean"     // bool
	KindEnum        Kind = "enum"        // string, one of Options
	KindString      Kind = "string"      // string
	KindStringList  Kind = "stringList"  // []string
	KindIntegerList Kind = "integerList" // []int64
)

// Values holds one typed value for each parameter. The accessors panic on a name or kind that the type's Params do
// not declare, which a test of every detector would show: it is a programmer's error, never a user's.
type Values map[string]any

// Int returns the value of a KindInteger parameter.
func (v Values) Int(name string) int64 { return v[name].(int64) }

// Float returns the value of a KindNumber parameter.
func (v Values) Float(name string) float64 { return v[name].(float64) }

// Bool returns the value of a KindBoolean parameter.
func (v Values) Bool(name string) bool { return v[name].(bool) }

// String returns the value of a KindString or KindEnum parameter.
func (v Values) String(name string) string { return v[name].(string) }

// Strings returns the value of a KindStringList parameter.
func (v Values) Strings(name string) []string { return v[name].([]string) }

// Ints returns the value of a KindIntegerList parameter.
func (v Values) Ints(name string) []int64 { return v[name].([]int64) }

// Options are what decoding needs to know beside the query's own JSON.
type Options struct {
	Types    map[string]Type // query type → what it may be asked
	Range    Window          // the request's range; the zero value means the last DefaultLookback before Now
	Now      func() time.Time
	Interval time.Duration // the request's interval; under one second counts as one second
	RowLimit int           // the highest limit, from the settings
}

// DefaultLookback is the analytic's LookbackPeriod, for a caller that gives no window.
const DefaultLookback = 7 * 24 * time.Hour

// DefaultLimit is the number of rows for a query that names none.
const DefaultLimit = 1000

// raw is the query's JSON, field by field.
type raw map[string]json.RawMessage
