package main

import (
	"net"
	"reflect"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// A value of each type comes back as it was sent, in a block of several rows, over each transport.
func TestTypesSurviveTheRoundTrip(t *testing.T) {
	text := "quote ' backslash \\ tab \t line \n NUL \x00 brace {x:String} ü"
	number := int32(-7)
	some := "some"
	cases := []struct {
		name       string
		columnType string
		values     []any
	}{
		{"Bool", "Bool", []any{true, false}},
		{"Int8", "Int8", []any{int8(-128), int8(127)}},
		{"UInt64", "UInt64", []any{uint64(0), ^uint64(0)}},
		{"Float64", "Float64", []any{1.5, -0.25}},
		{"String", "String", []any{text, ""}},
		{"FixedString", "FixedString(3)", []any{"abc", "\x00'\\"}},
		{"LowCardinality", "LowCardinality(String)", []any{text, "b", text, ""}},
		{"LowCardinality of Nullable", "LowCardinality(Nullable(String))", []any{&some, (*string)(nil), &some}},
		{"Nullable", "Nullable(Int32)", []any{&number, (*int32)(nil)}},
		{"Nullable DateTime64", "Nullable(DateTime64(3, 'UTC'))", []any{new(time.UnixMilli(1700000000123).UTC()), (*time.Time)(nil)}},
		{"Array", "Array(String)", []any{[]string{text, "b"}, []string{}}},
		{"Array of LowCardinality", "Array(LowCardinality(String))", []any{[]string{"a", "b", "a"}, []string{}, []string{text}}},
		{"Array of Array", "Array(Array(Nullable(Int32)))", []any{[][]*int32{{&number, nil}, {}}, [][]*int32{}}},
		{"Date", "Date", []any{time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)}},
		{"DateTime", "DateTime('UTC')", []any{time.Unix(1700000000, 0).UTC()}},
		{"DateTime64 of 3", "DateTime64(3, 'UTC')", []any{time.UnixMilli(1700000000123).UTC(), time.UnixMilli(0).UTC()}},
		{"DateTime64 of 9", "DateTime64(9, 'UTC')", []any{time.Unix(1700000000, 123456789).UTC()}},
		{"IPv4", "IPv4", []any{net.IPv4(192, 0, 2, 1).To4(), net.IPv4(0, 0, 0, 0).To4()}},
		{"IPv6", "IPv6", []any{net.ParseIP("2001:db8::1"), net.ParseIP("::ffff:192.0.2.1")}},
		{"Nullable IPv4", "Nullable(IPv4)", []any{new(net.IPv4(192, 0, 2, 1).To4()), (*net.IP)(nil)}},
		{"Decimal of 9", "Decimal(9, 2)", []any{decimal.RequireFromString("-1234567.89")}},
		{"Decimal of 38", "Decimal(38, 10)", []any{decimal.RequireFromString("1234567890123456789012345678.0123456789")}},
		{"Decimal of 76", "Decimal(76, 3)", []any{decimal.RequireFromString("-12345678901234567890123456789012345678901234567890.125")}},
		{"UUID", "UUID", []any{uuid.MustParse("61f0c404-5cb3-11e7-907b-a6006ad3dba0"), uuid.Nil}},
		{"Map", "Map(String, UInt64)", []any{map[string]uint64{"a'": 1, "b": 2}, map[string]uint64{}}},
		{"Map of LowCardinality", "Map(LowCardinality(String), Array(String))", []any{map[string][]string{"a": {"x", "y"}}}},
		{"Tuple", "Tuple(String, Int8)", []any{[]any{text, int8(1)}}},
		{"named Tuple", "Tuple(a String, c Nullable(Int32))", []any{map[string]any{"a": "x", "c": &number}}},
		{"Enum", "Enum8('a, (b' = 1, 'it\\'s' = 2)", []any{"a, (b", "it's"}},
		{"SimpleAggregateFunction", "SimpleAggregateFunction(max, UInt32)", []any{uint32(5)}},
	}
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				exec1(t, conn, "DROP TABLE IF EXISTS round_trip")
				exec1(t, conn, "CREATE TABLE round_trip (id UInt32, value "+c.columnType+") ENGINE = MergeTree ORDER BY id")
				insertValues(t, conn, c.values)
				if diff := cmp.Diff(c.values, selectValues(t, conn, c.values), compareDecimals, compareIPs); diff != "" {
					t.Errorf("values differ (-want +got):\n%s", diff)
				}
			})
		}
	})
}

var (
	compareDecimals = cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) })
	compareIPs      = cmp.Comparer(func(a, b net.IP) bool { return a.Equal(b) })
)

func insertValues(t *testing.T, conn driver.Conn, values []any) {
	t.Helper()
	batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO round_trip (id, value)")
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range values {
		if err := batch.Append(uint32(i), value); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}

// selectValues reads the values back, each into a variable of the type of the one that was sent.
func selectValues(t *testing.T, conn driver.Conn, sent []any) []any {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT value FROM round_trip ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var values []any
	for rows.Next() {
		value := reflect.New(reflect.TypeOf(sent[min(len(values), len(sent)-1)]))
		if err := rows.Scan(value.Interface()); err != nil {
			t.Fatal(err)
		}
		values = append(values, value.Elem().Interface())
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

// Types whose blocks only the driver's own codec can read come through as well.
func TestSemiStructuredTypesArrive(t *testing.T) {
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		cases := []struct{ name, query, want string }{
			{"Variant", "SELECT toString(v) FROM (SELECT arrayJoin([1::Variant(UInt64, String), 'a'::Variant(UInt64, String)]) AS v) ORDER BY 1 LIMIT 1", "1"},
			{"JSON inside", "SELECT ('{\"a\":{\"b\":42}}'::JSON).a.b::String", "42"},
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if got := scalar[string](t, conn, t.Context(), c.query); got != c.want {
					t.Errorf("want %q, got %q", c.want, got)
				}
			})
		}
		t.Run("Variant as it is", func(t *testing.T) {
			if err := drain(t.Context(), conn, "SELECT arrayJoin([1::Variant(UInt64, String), 'a'::Variant(UInt64, String)]), number FROM numbers(3)"); err != nil {
				t.Error(err)
			}
		})
		t.Run("JSON as it is", func(t *testing.T) {
			if err := drain(t.Context(), conn, "SELECT '{\"a\":{\"b\":42},\"c\":[\"x\"]}'::JSON, number FROM numbers(3)"); err != nil {
				t.Error(err)
			}
		})
	})
}
