package clickhouse_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestEachKindIsReadAsItsGoType(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	number := int64(-7)
	cases := []struct {
		name string
		sql  string
		kind statement.Kind
		want any
	}{
		{"time", "toDateTime64('2026-01-02 03:04:05.678', 3, 'UTC')", statement.Time, []time.Time{at}},
		{"time before 1970", "toDateTime64('1969-12-31 23:59:59.999', 3, 'UTC')", statement.Time, []time.Time{time.UnixMilli(-1).UTC()}},
		{"text", "'a\\0b\\'ü'", statement.Text, []string{"a\x00b'ü"}},
		{"text that is no UTF-8", "unhex('ff00fe')", statement.Text, []string{"\xff\x00\xfe"}},
		{"text with a dictionary", "toLowCardinality('x')", statement.Text, []string{"x"}},
		{"integer", "toInt64(-9223372036854775808)", statement.Integer, []int64{math.MinInt64}},
		{"maybe", "CAST(-7, 'Nullable(Int64)')", statement.Maybe, []*int64{&number}},
		{"maybe not", "CAST(NULL, 'Nullable(Int64)')", statement.Maybe, []*int64{nil}},
		{"number", "toFloat64(0.1)", statement.Number, []float64{0.1}},
		{"infinite number", "1. / 0", statement.Number, []float64{math.Inf(1)}},
		{"list", "['', 'a\\'b']", statement.List, [][]string{{"", "a'b"}}},
		{"list with a dictionary", "CAST(['a', 'b'], 'Array(LowCardinality(String))')", statement.List, [][]string{{"a", "b"}}},
		{"empty list", "CAST([], 'Array(String)')", statement.List, [][]string{{}}},
	}
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := sharedClient(t, protocol)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				result := run(t, client, selecting(t, "SELECT "+c.sql+" AS X", nil, column("X", c.kind)))
				if diff := cmp.Diff([]any{c.want}, result.Data); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				if times, ok := result.Data[0].([]time.Time); ok && times[0].Location() != time.UTC {
					t.Errorf("the time is in %s, not UTC", times[0].Location())
				}
			})
		}
	})
}

func TestAResultWithoutRowsHasItsTypedColumns(t *testing.T) {
	columns := []statement.Column{
		column("T", statement.Time), column("S", statement.Text), column("I", statement.Integer),
		column("M", statement.Maybe), column("N", statement.Number), column("L", statement.List),
	}
	sql := "SELECT now64(3, 'UTC') AS T, '' AS S, toInt64(0) AS I, CAST(NULL, 'Nullable(Int64)') AS M, 0. AS N, [''] AS L WHERE 0"
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		result := run(t, sharedClient(t, protocol), selecting(t, sql, nil, columns...))
		want := []any{[]time.Time(nil), []string(nil), []int64(nil), []*int64(nil), []float64(nil), [][]string(nil)}
		if diff := cmp.Diff(want, result.Data); diff != "" || result.Rows != 0 {
			t.Errorf("%d rows; -want +got\n%s", result.Rows, diff)
		}
		if diff := cmp.Diff(columns, result.Columns); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func TestRowsKeepTheirOrderOverManyBlocks(t *testing.T) {
	const rows = 100_000
	sql := "SELECT toInt64(number) AS I, toString(number) AS S, if(number % 3 = 0, NULL, toInt64(number)) AS M, if(number % 2 = 0, [], [toString(number)]) AS L" +
		" FROM numbers(100000) ORDER BY I DESC SETTINGS max_block_size = 1000"
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		result := run(t, sharedClient(t, protocol), selecting(t, sql, nil,
			column("I", statement.Integer), column("S", statement.Text), column("M", statement.Maybe), column("L", statement.List)))
		if result.Rows != rows {
			t.Fatalf("want %d rows, got %d", rows, result.Rows)
		}
		numbers, maybe, lists := result.Data[0].([]int64), result.Data[2].([]*int64), result.Data[3].([][]string)
		for i, n := range numbers {
			if want := int64(rows - 1 - i); n != want {
				t.Fatalf("row %d: want %d, got %d", i, want, n)
			}
			if (maybe[i] == nil) != (n%3 == 0) || maybe[i] != nil && *maybe[i] != n {
				t.Fatalf("row %d: number %d has the value %v", i, n, maybe[i])
			}
			if len(lists[i]) != int(n%2) {
				t.Fatalf("row %d: number %d has the list %q", i, n, lists[i])
			}
		}
		if result.RowsRead == 0 || result.BytesRead == 0 {
			t.Errorf("ClickHouse read %d rows and %d bytes", result.RowsRead, result.BytesRead)
		}
		if result.Elapsed <= 0 {
			t.Errorf("it took %s", result.Elapsed)
		}
	})
}

func TestAResultThatTheStatementDoesNotDeclareIsRefused(t *testing.T) {
	cases := []struct{ name, sql, says string }{
		{"another type", "SELECT toInt32(1) AS A, '' AS B", "column A has type Int32, expected Int64"},
		{"another name", "SELECT toInt64(1) AS A, '' AS C", "column 2 is C, expected B"},
		{"another order", "SELECT '' AS B, toInt64(1) AS A", "column 1 is B, expected A"},
		{"a column too few", "SELECT toInt64(1) AS A", "1 columns came, 2 were expected"},
		{"a column too many", "SELECT toInt64(1) AS A, '' AS B, 1 AS C", "3 columns came, 2 were expected"},
		{"a NULL where none may be", "SELECT CAST(NULL, 'Nullable(Int64)') AS A, '' AS B", "column A has type Nullable(Int64), expected Int64"},
	}
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := sharedClient(t, protocol)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				_, err := client.Query(t.Context(), selecting(t, c.sql, nil, column("A", statement.Integer), column("B", statement.Text)), clickhouse.Origin{})
				wantError(t, err, clickhouse.Query, c.says)
			})
		}
	})
}

// wantError demands an *Error of the category whose text holds all of says.
func wantError(t *testing.T, err error, category clickhouse.Category, says ...string) *clickhouse.Error {
	t.Helper()
	var fault *clickhouse.Error
	if !errors.As(err, &fault) {
		t.Fatalf("want an *Error of category %s, got %T: %v", category, err, err)
	}
	if fault.Category != category {
		t.Errorf("want category %s, got %s: %v", category, fault.Category, err)
	}
	for _, part := range says {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("want %q in: %v", part, err)
		}
	}
	if !strings.HasPrefix(err.Error(), "["+string(category)+"] ") || fault.Hint == "" || fault.Op == "" {
		t.Errorf("want [category] op: what. hint., got: %v", err)
	}
	return fault
}
