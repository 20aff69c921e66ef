package statement

import (
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Source renders the one place where a statement reads the events table: a SELECT that names the columns canonically,
// gives them canonical types, and keeps only the events in the window that pass the filters. Conditions stand on the
// table's own columns, so that ClickHouse prunes partitions and granules by them.
type Source struct {
	table   schema.Table
	window  query.Window
	filters []query.Filter
	parts   []part // where the window is read from several tables; nil for the events table alone
	marked  bool   // the filters are a column
}

// NewSource checks that the table has every column that a filter names; the error is a *query.Error.
func NewSource(table schema.Table, window query.Window, filters []query.Filter) (Source, error) {
	for i, f := range filters {
		if !table.Has(f.Column) {
			return Source{}, &query.Error{
				Field:  fmt.Sprintf("filters[%d].column", i),
				Reason: fmt.Sprintf("the events table has no column %s; map one to it in the data source's settings or remove the filter", f.Column),
			}
		}
	}
	return Source{table: table, window: window, filters: filters}, nil
}

// Has reports whether the table carries the canonical column.
func (s Source) Has(column string) bool { return s.table.Has(column) }

// Values returns the parameters that Select's text uses.
func (s Source) Values() map[string]any {
	values := map[string]any{}
	if _, asked := s.table.HoursAsked(); asked || s.Whole() {
		values["from"], values["to"] = s.window.From, s.window.To
	}
	for _, p := range s.parts {
		p.bounds(values)
	}
	for i, f := range s.filters {
		filterValues(values, i, f)
	}
	return values
}

// Select renders the SELECT with the named canonical columns, indented by the given number of spaces. An optional
// column that the table lacks becomes a NULL or an empty text. Beside canonical names it knows the addresses of
// address.go, and ProcessName, DeviceKey, Device, Sent, Received, OpenMs, LongestMs and GroupKey. Where it reads hours, a row stands for
// several events, and carries their number, times and sizes (see Carried). A column is a string or a []string, since
// templates cannot spread a list.
func (s Source) Select(indent int, named ...any) string {
	columns := flatten(named)
	text := s.selectWhole(columns)
	if !s.Whole() {
		text = s.selectParts(columns)
	}
	return strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", indent))
}

func (s Source) selectWhole(columns []string) string {
	var b strings.Builder
	b.WriteString("SELECT\n")
	for i, name := range columns {
		comma := ","
		if i == len(columns)-1 {
			comma = ""
		}
		fmt.Fprintf(&b, "    %s AS %s%s\n", s.expression(name), name, comma)
	}
	fmt.Fprintf(&b, "FROM %s.%s AS t\n", Identifier(s.table.Database), Identifier(s.table.Name))
	at := s.raw(schema.Timestamp)
	fmt.Fprintf(&b, "WHERE %s >= {from:DateTime64(3, 'UTC')}\n  AND %s < {to:DateTime64(3, 'UTC')}%s", at, at, s.conditions())
	return b.String()
}

// Matches is the computed column that says whether an event passes the filters, of a source that is Marked.
const Matches = "Matches"

// Marked returns the source of all events of the window, whether they pass the filters or not.
func (s Source) Marked() Source {
	s.marked = true
	return s
}

func (s Source) matches() string {
	conditions := []string{"1"}
	for i, f := range s.filters {
		conditions = append(conditions, s.condition(i, f))
	}
	return "toUInt8(" + strings.Join(conditions, " AND ") + ")"
}

// conditions renders the filters, each after an AND.
func (s Source) conditions() string {
	if s.marked {
		return ""
	}
	var b strings.Builder
	for i, f := range s.filters {
		fmt.Fprintf(&b, "\n  AND %s", s.condition(i, f))
	}
	return b.String()
}

// Conditions renders the filters alone, each after an AND, on a relation of the name t.
func (s Source) Conditions() string { return s.conditions() }

func flatten(named []any) []string {
	var columns []string
	for _, n := range named {
		switch n := n.(type) {
		case []string:
			columns = append(columns, n...)
		case string:
			columns = append(columns, n)
		}
	}
	return columns
}

// raw is the table's own column as it stands.
func (s Source) raw(canonical string) string {
	return "t." + Identifier(s.table.Column(canonical).Name)
}

// expression gives a canonical column its canonical type.
func (s Source) expression(name string) string {
	if address, ok := s.address(name); ok {
		return address
	}
	switch name {
	case GroupKey:
		return s.groupKey()
	case OpenMs, LongestMs:
		return s.open()
	case Matches:
		return s.matches()
	case ProcessName:
		return s.process()
	case DeviceKey, Device:
		return s.device(name)
	case Sent:
		return s.bytes(schema.SentBytes)
	case Received:
		return s.bytes(schema.ReceivedBytes)
	}
	column, _ := schema.Lookup(name)
	if !s.table.Has(name) {
		return missing[column.Kind]
	}
	own := s.table.Column(name)
	raw := s.raw(name)
	switch column.Kind {
	case schema.Time:
		if own.Type == Time.ClickHouse() {
			return raw
		}
		if schema.Nullable(own.Type) { // the window's conditions have left the NULLs out
			raw = fmt.Sprintf("assumeNotNull(%s)", raw)
		}
		return fmt.Sprintf("toDateTime64(%s, 3, 'UTC')", raw)
	case schema.Text, schema.Address:
		return asText(raw, own.Type)
	default:
		return raw
	}
}

var missing = map[schema.Kind]string{
	schema.Text:    "''",
	schema.Address: "''",
	schema.Integer: "CAST(NULL, 'Nullable(Int64)')",
}

// asText reads any of the types that may carry a text; NULL becomes the empty text.
func asText(raw, chType string) string {
	expr := raw
	switch schema.Base(chType) {
	case "String":
	case "IPv6":
		expr = ipv6Text(raw)
	case "FixedString":
		expr = fmt.Sprintf("toStringCutToZero(%s)", raw)
	default:
		expr = fmt.Sprintf("toString(%s)", raw)
	}
	if schema.Nullable(chType) {
		expr = fmt.Sprintf("ifNull(%s, '')", expr)
	}
	return expr
}
