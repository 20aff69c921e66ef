package native

import (
	"fmt"
	"strconv"
	"strings"
)

// kind says how a type's values lie in a Native block.
type kind int

const (
	kindFixed          kind = iota // width bytes a row
	kindString                     // length and bytes a row
	kindNullable                   // a byte a row, then the inner values
	kindArray                      // an end offset of 8 bytes a row, then the inner values
	kindTuple                      // each element's values in turn
	kindLowCardinality             // a dictionary and a key a row
	kindOther                      // a layout only a full codec knows: JSON, Dynamic, Variant, …
)

// layout is a ClickHouse type as far as its place in a Native block goes.
type layout struct {
	kind  kind
	width int // bytes a row, for kindFixed
	inner []layout
}

var fixedWidths = map[string]int{
	"Bool": 1, "Int8": 1, "UInt8": 1, "Enum8": 1, "Nothing": 1,
	"Int16": 2, "UInt16": 2, "Enum16": 2, "Date": 2, "BFloat16": 2,
	"Int32": 4, "UInt32": 4, "Float32": 4, "Date32": 4, "DateTime": 4, "Time": 4, "IPv4": 4, "Decimal32": 4,
	"Int64": 8, "UInt64": 8, "Float64": 8, "DateTime64": 8, "Time64": 8, "Decimal64": 8,
	"Int128": 16, "UInt128": 16, "UUID": 16, "IPv6": 16, "Decimal128": 16,
	"Int256": 32, "UInt256": 32, "Decimal256": 32,
}

// aliases are types that are stored as another.
var aliases = map[string]string{
	"Point":           "Tuple(Float64, Float64)",
	"Ring":            "Array(Point)",
	"LineString":      "Array(Point)",
	"MultiLineString": "Array(LineString)",
	"Polygon":         "Array(Ring)",
	"MultiPolygon":    "Array(Polygon)",
}

// parseType reads a type as ClickHouse writes it.
func parseType(text string) (layout, error) {
	text = strings.TrimSpace(text)
	name, arguments, err := splitType(text)
	if err != nil {
		return layout{}, err
	}
	if alias, ok := aliases[name]; ok {
		return parseType(alias)
	}
	if width, ok := fixedWidths[name]; ok {
		return layout{kind: kindFixed, width: width}, nil
	}
	if strings.HasPrefix(name, "Interval") {
		return layout{kind: kindFixed, width: 8}, nil
	}
	switch name {
	case "String":
		return layout{kind: kindString}, nil
	case "FixedString":
		return parseNumbered(text, arguments, func(n int) int { return n })
	case "Decimal":
		return parseNumbered(text, arguments, decimalWidth)
	case "Nullable", "LowCardinality", "Array":
		kinds := map[string]kind{"Nullable": kindNullable, "LowCardinality": kindLowCardinality, "Array": kindArray}
		return parseInner(kinds[name], arguments)
	case "Tuple":
		return parseTuple(arguments)
	case "Nested", "Map":
		tuple, err := parseTuple(arguments)
		return layout{kind: kindArray, inner: []layout{tuple}}, err
	case "SimpleAggregateFunction":
		if len(arguments) == 2 {
			return parseType(arguments[1])
		}
	}
	return layout{kind: kindOther}, nil
}

func parseInner(outer kind, arguments []string) (layout, error) {
	tuple, err := parseTuple(arguments)
	return layout{kind: outer, inner: tuple.inner}, err
}

// parseTuple reads elements with or without names. An element of a layout unknown here makes the whole unknown.
func parseTuple(arguments []string) (layout, error) {
	tuple := layout{kind: kindTuple}
	for _, argument := range arguments {
		element, err := parseType(withoutName(argument))
		if err != nil {
			return layout{}, err
		}
		tuple.inner = append(tuple.inner, element)
	}
	return tuple, nil
}

func parseNumbered(text string, arguments []string, width func(int) int) (layout, error) {
	if len(arguments) == 0 {
		return layout{}, fmt.Errorf("type %q lacks its size", text)
	}
	n, err := strconv.ParseUint(arguments[0], 10, 24) // ClickHouse's FixedString ends at 2^24 - 1 too
	if err != nil {
		return layout{}, fmt.Errorf("type %q: %w", text, err)
	}
	return layout{kind: kindFixed, width: width(int(n))}, nil
}

// decimalWidth is the bytes of a decimal of this many digits.
func decimalWidth(precision int) int {
	switch {
	case precision <= 9:
		return 4
	case precision <= 18:
		return 8
	case precision <= 38:
		return 16
	default:
		return 32
	}
}

// withoutName drops an element's name: `a String` and "`a b` String" are String.
func withoutName(argument string) string {
	argument = strings.TrimSpace(argument)
	if strings.HasPrefix(argument, "`") {
		for i := 1; i < len(argument); i++ {
			switch argument[i] {
			case '\\':
				i++
			case '`':
				return argument[i+1:]
			}
		}
		return argument
	}
	if space := strings.IndexAny(argument, " ("); space > 0 && argument[space] == ' ' {
		return argument[space+1:]
	}
	return argument
}

// splitType parts `Name(a, b)` into Name and its arguments, minding quotes and brackets inside.
func splitType(text string) (name string, arguments []string, err error) {
	open := strings.IndexByte(text, '(')
	if open < 0 {
		return text, nil, nil
	}
	if !strings.HasSuffix(text, ")") {
		return "", nil, fmt.Errorf("type %q: no closing bracket", text)
	}
	body := text[open+1 : len(text)-1]
	depth, start := 0, 0
	for i := 0; i < len(body); i++ {
		switch c := body[i]; c {
		case '(':
			depth++
		case ')':
			depth--
		case '\'', '`':
			for i++; i < len(body) && body[i] != c; i++ {
				if body[i] == '\\' {
					i++
				}
			}
		case ',':
			if depth == 0 {
				arguments = append(arguments, strings.TrimSpace(body[start:i]))
				start = i + 1
			}
		}
	}
	if last := strings.TrimSpace(body[start:]); last != "" {
		arguments = append(arguments, last)
	}
	return text[:open], arguments, nil
}

// known says whether the layout holds no part that only a full codec can read.
func (l layout) known() bool {
	if l.kind == kindOther {
		return false
	}
	for _, inner := range l.inner {
		if !inner.known() {
			return false
		}
	}
	return true
}
