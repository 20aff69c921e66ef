package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

// A parameter's value arrives as it is, whatever is in it, and is never read as SQL.
func TestParametersArriveWhole(t *testing.T) {
	hostile := []string{
		"plain", "", "it's", `back\slash`, "tab\there", "line\nbreak", "return\r", "nul\x00byte", "{x:String}",
		"') OR 1=1 --", `\N`, "NULL", "ünïcödé", strings.Repeat("x", 100_000),
	}
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		for i, value := range hostile {
			t.Run(fmt.Sprintf("String %d", i), func(t *testing.T) {
				got := scalar[string](t, conn, t.Context(), "SELECT {value:String}", clickhouse.Named("value", value))
				if diff := cmp.Diff(value, got); diff != "" {
					t.Errorf("value differs (-want +got):\n%s", diff)
				}
			})
		}
		t.Run("Array of String", func(t *testing.T) {
			want := hostile[:len(hostile)-1]
			got := scalar[[]string](t, conn, t.Context(), "SELECT {value:Array(String)}", clickhouse.Named("value", want))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("value differs (-want +got):\n%s", diff)
			}
		})
		t.Run("DateTime64 keeps its milliseconds", func(t *testing.T) {
			want := time.UnixMilli(1700000000123).UTC()
			got := scalar[time.Time](t, conn, t.Context(), "SELECT {value:DateTime64(3, 'UTC')}", clickhouse.DateNamed("value", want, clickhouse.MilliSeconds))
			if !got.Equal(want) {
				t.Errorf("want %s, got %s", want, got)
			}
		})
		t.Run("a parameter that is not given is an error", func(t *testing.T) {
			wantException(t, drain(t.Context(), conn, "SELECT {missing:String}"), 456)
		})
	})
}

// Over the native protocol a parameter may be as large as a statement has use for.
func TestLargeParameters(t *testing.T) {
	server := startServer(t)
	want := strings.Repeat("it's\n", 1<<20)
	got := scalar[string](t, connect(t, server.options(clickhouse.Native)), t.Context(), "SELECT {value:String}", clickhouse.Named("value", want))
	if got != want {
		t.Errorf("want %d bytes as they are, got %d", len(want), len(got))
	}
}

// Settings hold for the statement they come with, are applied by the engine, and are gone with it.
func TestSettingsHoldForOneStatement(t *testing.T) {
	cases := []struct {
		name     string
		settings clickhouse.Settings
		query    string
		code     int32
	}{
		{"max_result_rows", clickhouse.Settings{"max_result_rows": 10}, "SELECT number FROM numbers(100)", 396},
		{"max_result_bytes", clickhouse.Settings{"max_result_bytes": 100}, "SELECT number FROM numbers(100000)", 396},
		{"max_rows_to_read", clickhouse.Settings{"max_rows_to_read": 10}, "SELECT count() FROM numbers(100) WHERE number > 3", 158},
		{"max_memory_usage", clickhouse.Settings{"max_memory_usage": 10 << 20}, "SELECT groupArray(number) FROM numbers(10000000)", 241},
		{"max_execution_time", clickhouse.Settings{"max_execution_time": 1}, endless, 159},
		{"readonly 1 forbids writing", clickhouse.Settings{"readonly": 1}, "CREATE TABLE forbidden (a Int8) ENGINE = Memory", 164},
		{"readonly 2 forbids writing", clickhouse.Settings{"readonly": 2}, "CREATE TABLE forbidden (a Int8) ENGINE = Memory", 164},
		{"readonly 1 forbids changing settings", clickhouse.Settings{"readonly": 1}, "SELECT 1 SETTINGS max_threads = 7", 164},
		{"an unknown setting", clickhouse.Settings{"no_such_setting": 1}, "SELECT 1", 115},
	}
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(c.settings))
				wantException(t, drain(ctx, conn, c.query), c.code)
				if err := drain(t.Context(), conn, "SELECT number FROM numbers(100) SETTINGS max_threads = 1"); err != nil {
					t.Errorf("the next statement is not free of the setting: %v", err)
				}
				exec1(t, conn, "CREATE TABLE IF NOT EXISTS writable (a Int8) ENGINE = Memory")
			})
		}
		t.Run("readonly 2 lets settings change", func(t *testing.T) {
			ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"readonly": 2}))
			if got := scalar[uint64](t, conn, ctx, "SELECT toUInt64(getSetting('max_threads')) SETTINGS max_threads = 7"); got != 7 {
				t.Errorf("want 7, got %d", got)
			}
		})
		t.Run("log_comment is the statement's", func(t *testing.T) {
			comment := `{"user":"it's","panel":"a\b"}`
			ctx := clickhouse.Context(t.Context(), clickhouse.WithQueryID(t.Name()), clickhouse.WithSettings(clickhouse.Settings{"log_comment": comment}))
			got := scalar[string](t, conn, ctx, "SELECT Settings['log_comment'] FROM system.processes WHERE query_id = {id:String}", clickhouse.Named("id", t.Name()))
			if diff := cmp.Diff(comment, got); diff != "" {
				t.Errorf("comment differs (-want +got):\n%s", diff)
			}
			if got := scalar[string](t, conn, t.Context(), "SELECT getSetting('log_comment')"); got != "" {
				t.Errorf("want none in the next statement, got %q", got)
			}
		})
	})
}

// An exception is ClickHouse's: its code, its name and its words.
func TestExceptionsAreClickHouses(t *testing.T) {
	cases := []struct {
		query   string
		code    int32
		message string
	}{
		{"SELECT * FROM no_such_table", 60, "no_such_table"},
		{"SELECT no_such_column FROM system.one", 47, "no_such_column"},
		{"SELECT no_such_function(1)", 46, "no_such_function"},
		{"SELECT FROM WHERE", 62, "Syntax error"},
		{"SELECT 1; SELECT 2", 62, "Multi-statements"},
		{"DROP TABLE IF EXISTS a; DROP TABLE IF EXISTS b", 62, "Multi-statements"},
		{"SELECT toUInt8('x')", 6, "Cannot parse"},
		{"SELECT * FROM no_such_database.t", 81, "no_such_database"},
		{"INSERT INTO no_such_table VALUES (1)", 60, "no_such_table"},
	}
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		for _, c := range cases {
			t.Run(c.query, func(t *testing.T) {
				exception := wantException(t, conn.Exec(t.Context(), c.query), c.code)
				if !strings.Contains(exception.Message, c.message) {
					t.Errorf("want a message with %q, got %q", c.message, exception.Message)
				}
			})
		}
		t.Run("after many rows", func(t *testing.T) {
			err := drain(t.Context(), conn, "SELECT number, throwIf(number = 3000000) FROM numbers(5000000) SETTINGS max_block_size = 10000")
			wantException(t, err, 395)
		})
	})
}

// A statement's answer has its columns even when it has no rows.
func TestEmptyAnswersHaveColumns(t *testing.T) {
	server := startServer(t)
	conn := connect(t, server.options(clickhouse.Native))
	exec1(t, conn, "CREATE TABLE empty (a LowCardinality(String), b Array(Nullable(Int32))) ENGINE = MergeTree ORDER BY a")
	cases := []struct {
		query string
		want  []string
	}{
		{"SELECT a, b AS renamed FROM empty", []string{"a LowCardinality(String)", "renamed Array(Nullable(Int32))"}},
		{"WITH 1 AS one SELECT one FROM empty WHERE a = {v:String};", []string{"one UInt8"}},
		{"SHOW TABLES LIKE 'none'", []string{"name String"}},
	}
	for _, c := range cases {
		t.Run(c.query, func(t *testing.T) {
			rows, err := conn.Query(t.Context(), c.query, clickhouse.Named("v", "x"))
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var got []string
			for _, column := range rows.ColumnTypes() {
				got = append(got, column.Name()+" "+column.DatabaseTypeName())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("columns differ (-want +got):\n%s", diff)
			}
			if rows.Next() || rows.Err() != nil {
				t.Errorf("want no rows and no error, got %v", rows.Err())
			}
		})
	}
}

// A table that the driver sends along is there for its statement, and for that alone.
func TestExternalTables(t *testing.T) {
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		table, err := ext.NewTable("sent", ext.Column("n", "UInt64"), ext.Column("s", "LowCardinality(String)"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if err := table.Append(uint64(i), "it's"); err != nil {
				t.Fatal(err)
			}
		}
		ctx := clickhouse.Context(t.Context(), clickhouse.WithExternalTable(table))
		if got := scalar[uint64](t, conn, ctx, "SELECT sum(n) + countIf(s = 'it\\'s') FROM sent"); got != 6 {
			t.Errorf("want 6, got %d", got)
		}
		wantException(t, drain(t.Context(), conn, "SELECT * FROM sent"), 60)
	})
}

// What a native connection sets for itself stays with it, and does not reach another.
func TestNativeConnectionsRememberTheirOwn(t *testing.T) {
	server := startServer(t)
	options := server.options(clickhouse.Native)
	options.MaxOpenConns = 1
	first, second := connect(t, options), connect(t, server.options(clickhouse.Native))
	exec1(t, first, "CREATE DATABASE elsewhere")
	exec1(t, first, "USE elsewhere")
	exec1(t, first, "SET max_threads = 3, log_comment = 'kept'")
	const question = "SELECT concat(currentDatabase(), ' ', getSetting('log_comment'))"
	if got := scalar[string](t, first, t.Context(), question); got != "elsewhere kept" {
		t.Errorf("want the connection's own, got %q", got)
	}
	if got := scalar[string](t, second, t.Context(), question); got != "default " {
		t.Errorf("want another connection as it was, got %q", got)
	}
	wantException(t, first.Exec(t.Context(), "CREATE TEMPORARY TABLE t (a Int8)"), 48)
	unknown := server.options(clickhouse.Native)
	unknown.Auth.Database = "no_such_database"
	wantException(t, connect(t, unknown).Ping(t.Context()), 81)
}

// The server does nothing to files of its machine, and obeys no command that is meant for a client.
func TestClientCommandsAreNoStatements(t *testing.T) {
	cases := []struct {
		query string
		code  int32
	}{
		{"exit", 62},
		{`\i /etc/passwd`, 62},
		{"?? show the tables", 62},
		{"SELECT 1 INTO OUTFILE '/no/such/folder/file'", 358},
		{"INSERT INTO t FROM INFILE '/etc/hostname' FORMAT LineAsString", 36},
	}
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		for _, c := range cases {
			t.Run(c.query, func(t *testing.T) {
				exception := wantException(t, conn.Exec(t.Context(), c.query), c.code)
				if strings.Contains(exception.Message, "root:") {
					t.Errorf("the answer holds a file: %q", exception.Message)
				}
			})
		}
	})
}
