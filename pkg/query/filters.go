package query

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Bounds on filters: far above what a person or a multi-value variable asks, and low enough that the statement's
// parameters stay within ClickHouse's and a proxy's limits on a request.
const (
	MaxFilters      = 50
	MaxFilterValues = 1000
	MaxFilterBytes  = 64 << 10 // of all values of all filters
)

// Operators returns the operators that a column of the kind may be filtered with.
func Operators(kind schema.Kind) []Operator {
	switch kind {
	case schema.Integer:
		return []Operator{Equal, NotEqual, In, NotIn}
	case schema.Text:
		return []Operator{Equal, NotEqual, In, NotIn, Contains, StartsWith, EndsWith}
	case schema.Address:
		return []Operator{Equal, NotEqual, In, NotIn, Contains, StartsWith, EndsWith, InSubnet}
	default: // Timestamp is the window's
		return nil
	}
}

// DecodeFilters reads a JSON list of filters and validates it, as a query's filters field does. An empty text is no
// filters.
func DecodeFilters(data []byte) ([]Filter, error) {
	c, err := decodeFilters(data)
	if err != nil {
		return nil, err
	}
	return c.events, Query{FindingKeys: c.keys, Severities: c.severities}.RefuseFindings()
}

// FindingKey is a column of findings that a filter may name. Severity is the other; all others are columns of events.
const FindingKey = "FindingKey"

// decodeFilters returns the filters on events, and the keys and severities of findings where filters name them.
func decodeFilters(data json.RawMessage) (conditions, error) {
	if absent(data) {
		return conditions{}, nil
	}
	items, err := list("filters", data)
	if err != nil {
		return conditions{}, err
	}
	if len(items) > MaxFilters {
		return conditions{}, refuse("filters", "there are %d; at most %d are allowed", len(items), MaxFilters)
	}
	c := conditions{events: make([]Filter, 0, len(items))}
	severities, size := Severities(), 0
	for i, item := range items {
		field := fmt.Sprintf("filters[%d]", i)
		f, err := decodeFilter(field, item)
		if err != nil {
			return conditions{}, err
		}
		for _, v := range f.Values {
			size += len(v)
		}
		switch {
		case f.Column == Severity:
			severities = passing(severities, f)
		case f.Column != FindingKey:
			c.events = append(c.events, f)
		case c.keys != nil:
			return conditions{}, refuse(field, "a filter on %s stands before it; give all keys in one, with in", FindingKey)
		default:
			c.keys = f.Values
		}
	}
	if size > MaxFilterBytes {
		return conditions{}, refuse("filters", "their values have %d bytes; at most %d are allowed", size, MaxFilterBytes)
	}
	if len(severities) < len(Severities()) { // all of them are no condition
		c.severities = severities
	}
	return c, nil
}

func decodeFilter(field string, data json.RawMessage) (Filter, error) {
	fields, err := object(field, data)
	if err != nil {
		return Filter{}, err
	}
	known := []string{"column", "operator", "values"}
	for _, name := range sortedKeys(fields) {
		if !slices.Contains(known, name) {
			return Filter{}, refuse(field+"."+clip(name), "unknown field; %s", meant(name, known))
		}
	}
	column, err := filterColumn(field+".column", fields["column"])
	if err != nil {
		return Filter{}, err
	}
	operator, err := filterOperator(field+".operator", fields["operator"], column)
	if err != nil {
		return Filter{}, err
	}
	values, err := filterValues(field+".values", fields["values"], column, operator)
	if err != nil {
		return Filter{}, err
	}
	return Filter{Column: column.Name, Operator: operator, Values: values}, nil
}

func filterColumn(field string, data json.RawMessage) (schema.Column, error) {
	name, err := text(field, data)
	if err != nil {
		return schema.Column{}, err
	}
	if name == FindingKey || name == Severity {
		return schema.Column{Name: name, Kind: schema.Text}, nil
	}
	column, ok := schema.Lookup(name)
	if !ok || len(Operators(column.Kind)) == 0 {
		var names []string
		for _, c := range schema.Columns() {
			if len(Operators(c.Kind)) > 0 {
				names = append(names, c.Name)
			}
		}
		return schema.Column{}, refuse(field, "%s cannot be filtered on; %s", shown(name), meant(name, append(names, Severity)))
	}
	return column, nil
}

func filterOperator(field string, data json.RawMessage, column schema.Column) (Operator, error) {
	name, err := text(field, data)
	if err != nil {
		return "", err
	}
	allowed := Operators(column.Kind)
	switch column.Name {
	case FindingKey:
		allowed = []Operator{Equal, In}
	case Severity:
		allowed = []Operator{Equal, NotEqual, In, NotIn}
	}
	if !slices.Contains(allowed, Operator(name)) {
		return "", refuse(field, "%s does not fit column %s; %s", shown(name), column.Name, oneOf(allowed))
	}
	return Operator(name), nil
}

func filterValues(field string, data json.RawMessage, column schema.Column, operator Operator) ([]string, error) {
	items, err := list(field, data)
	if err != nil {
		return nil, err
	}
	many := operator == In || operator == NotIn || operator == InSubnet
	switch {
	case len(items) == 0:
		return nil, refuse(field, "it is empty; give at least one value or remove the filter")
	case !many && len(items) > 1:
		return nil, refuse(field, "operator %s takes one value, not %d; use in or notIn for several", operator, len(items))
	case len(items) > MaxFilterValues:
		return nil, refuse(field, "it has %d values; at most %d are allowed", len(items), MaxFilterValues)
	}
	values := make([]string, len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", field, i)
		if values[i], err = text(at, item); err != nil {
			return nil, err
		}
		if err := fits(at, values[i], column, operator); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func fits(field, value string, column schema.Column, operator Operator) error {
	if operator == InSubnet {
		if _, err := netip.ParsePrefix(value); err != nil {
			return refuse(field, "%s is not a subnet such as 203.0.113.0/24 or 2001:db8::/32", shown(value))
		}
	}
	if column.Name == Severity && !slices.Contains(Severities(), value) {
		return refuse(field, "%s is no severity; %s", shown(value), oneOf(gravestFirst()))
	}
	if column.Kind == schema.Integer {
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return refuse(field, "%s is not a whole number, as column %s holds", shown(value), column.Name)
		}
	}
	return nil
}
