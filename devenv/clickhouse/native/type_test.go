package native

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A type's text says how its values lie in a block.
func TestParseType(t *testing.T) {
	fixed := func(width int) layout { return layout{kind: kindFixed, width: width} }
	text := layout{kind: kindString}
	of := func(k kind, inner ...layout) layout { return layout{kind: k, inner: inner} }
	cases := []struct {
		text string
		want layout
	}{
		{"UInt64", fixed(8)},
		{"String", text},
		{"FixedString(7)", fixed(7)},
		{"DateTime('Europe/Berlin')", fixed(4)},
		{"DateTime64(3, 'UTC')", fixed(8)},
		{"Time64(6)", fixed(8)},
		{"Decimal(9, 2)", fixed(4)},
		{"Decimal(10, 2)", fixed(8)},
		{"Decimal(38, 0)", fixed(16)},
		{"Decimal(76, 20)", fixed(32)},
		{"Enum8('a, (b' = 1, 'it\\'s)' = 2)", fixed(1)},
		{"Enum16('x' = 1000)", fixed(2)},
		{"IntervalDay", fixed(8)},
		{"Nullable(IPv6)", of(kindNullable, fixed(16))},
		{"LowCardinality(Nullable(String))", of(kindLowCardinality, of(kindNullable, text))},
		{"Array(Array(UInt8))", of(kindArray, of(kindArray, fixed(1)))},
		{"Tuple(String, UInt8)", of(kindTuple, text, fixed(1))},
		{"Tuple(a String, `b, (c` Nullable(UInt8))", of(kindTuple, text, of(kindNullable, fixed(1)))},
		{"Tuple()", of(kindTuple)},
		{"Map(String, Array(UInt8))", of(kindArray, of(kindTuple, text, of(kindArray, fixed(1))))},
		{"Nested(a UInt8, b String)", of(kindArray, of(kindTuple, fixed(1), text))},
		{"SimpleAggregateFunction(groupArrayArray, Array(UInt8))", of(kindArray, fixed(1))},
		{"Point", of(kindTuple, fixed(8), fixed(8))},
		{"Ring", of(kindArray, of(kindTuple, fixed(8), fixed(8)))},
		{"JSON", of(kindOther)},
		{"Array(Dynamic)", of(kindArray, of(kindOther))},
		{"AggregateFunction(uniq, String)", of(kindOther)},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			got, err := parseType(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(layout{})); diff != "" {
				t.Errorf("layout differs (-want +got):\n%s", diff)
			}
		})
	}
}

// A type that breaks off is an error, not a guess.
func TestParseTypeRefuses(t *testing.T) {
	for _, text := range []string{"Array(UInt8", "FixedString()", "FixedString(x)", "Decimal", "Nullable(Array("} {
		if got, err := parseType(text); err == nil {
			t.Errorf("%q: want an error, got %v", text, got)
		}
	}
}
