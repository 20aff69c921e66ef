package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

const eventsTable = `CREATE TABLE events (
	at DateTime64(3, 'UTC'), device LowCardinality(String), ip IPv4, bytes Nullable(UInt64), tags Array(String),
	day Date MATERIALIZED toDate(at), note String DEFAULT 'none'
) ENGINE = MergeTree ORDER BY at`

// A batch of 100,000 rows arrives whole, defaults and materialized columns are filled in.
func TestBatchOf100000Rows(t *testing.T) {
	const rows = 100_000
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		exec1(t, conn, eventsTable)
		batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO events (device, at, ip, bytes, tags)")
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			bytes := new(uint64(i))
			if i%2 == 1 {
				bytes = nil
			}
			at := time.UnixMilli(1_700_000_000_000 + int64(i)).UTC()
			if err := batch.Append(fmt.Sprintf("device-%d", i%100), at, "192.0.2.1", bytes, []string{"a", "it's"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			t.Fatal(err)
		}
		const question = `SELECT format('{} {} {} {} {} {}', count(), uniqExact(device), sum(bytes), countIf(tags[2] = 'it\'s'), countIf(day = toDate(at)), countIf(note = 'none')) FROM events`
		want := fmt.Sprintf("%d 100 %d %d %d %d", rows, rows/2*(rows/2-1), rows, rows, rows)
		if diff := cmp.Diff(want, scalar[string](t, conn, t.Context(), question)); diff != "" {
			t.Errorf("what arrived differs (-want +got):\n%s", diff)
		}
	})
}

// A batch can go in parts, can be dropped, and one that the table refuses leaves the connection usable.
func TestBatchesInPartsAndRefused(t *testing.T) {
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		exec1(t, conn, "CREATE TABLE checked (a Int32, CONSTRAINT small CHECK a < 1000) ENGINE = MergeTree ORDER BY a")
		send := func(values ...int32) error {
			batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO checked")
			if err != nil {
				return err
			}
			for _, value := range values {
				if err := batch.Append(value); err != nil {
					return err
				}
				if err := batch.Flush(); err != nil {
					return err
				}
			}
			return batch.Send()
		}
		if err := send(1, 2, 3); err != nil {
			t.Fatal(err)
		}
		wantException(t, send(5000), 469)
		dropped, err := conn.PrepareBatch(t.Context(), "INSERT INTO checked")
		if err != nil {
			t.Fatal(err)
		}
		if err := dropped.Abort(); err != nil {
			t.Fatal(err)
		}
		exec1(t, conn, "INSERT INTO checked VALUES (4), (5);")
		exec1(t, conn, "INSERT INTO checked SELECT 6")
		if got := scalar[int64](t, conn, t.Context(), "SELECT sum(a) FROM checked"); got != 21 {
			t.Errorf("want 21, got %d", got)
		}
		_, err = conn.PrepareBatch(t.Context(), "INSERT INTO no_such_table")
		wantException(t, err, 60)
	})
}

// curl's INSERT … FORMAT: the statement and its data in one body, or the statement in the URL.
func TestInsertsAsCurlSendsThem(t *testing.T) {
	server := startServer(t)
	rows := "{\"a\":1,\"b\":\"it's\"}\n\n{\"a\":2,\"b\":\"FORMAT; VALUES\"}\n"
	large := strings.Repeat("{\"a\":3,\"b\":\"x\"}\n", 100_000)
	cases := []struct {
		name, url, body string
		want            string
	}{
		{"JSONEachRow in the body", "/", "INSERT INTO %s FORMAT JSONEachRow\n" + rows, "2 3"},
		{"JSONEachRow after a blank", "/", "insert into %s format JSONEachRow " + rows, "2 3"},
		{"JSONEachRow of many rows", "/", "INSERT INTO %s (a, b) FORMAT JSONEachRow\n" + large, "100000 300000"},
		{"statement in the URL", "/?query=INSERT+INTO+%s+FORMAT+JSONEachRow", rows, "2 3"},
		{"VALUES", "/", "INSERT INTO %s VALUES (1, 'a;b'), (2, 'VALUES (3)');", "2 3"},
		{"VALUES in the URL", "/?query=INSERT+INTO+%s+(b,+a)+VALUES", "('x', 5)", "1 5"},
		{"CSV", "/", "INSERT INTO %s FORMAT CSV\n1,\"a\"\n2,\"b\"\n", "2 3"},
		{"settings in the statement", "/", "INSERT INTO %s SETTINGS input_format_skip_unknown_fields = 1 FORMAT JSONEachRow {\"a\":7,\"c\":1}", "1 7"},
		{"settings in the URL", "/?input_format_skip_unknown_fields=1", "INSERT INTO %s FORMAT JSONEachRow {\"a\":7,\"c\":1}", "1 7"},
		{"a comment before", "/", "-- rows\n/* FORMAT CSV */ INSERT INTO %s FORMAT JSONEachRow {\"a\":7}", "1 7"},
		{"from a SELECT", "/", "INSERT INTO %s SELECT number, 'FORMAT' FROM numbers(4)", "4 6"},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			table := fmt.Sprintf("curl_%d", i)
			server.post(t, "/", "CREATE TABLE "+table+" (a Int64, b String) ENGINE = MergeTree ORDER BY a", http.StatusOK)
			url, body := strings.Replace(c.url, "%s", table, 1), strings.Replace(c.body, "%s", table, 1)
			server.post(t, url, body, http.StatusOK)
			got := server.post(t, "/?default_format=TSVRaw", "SELECT format('{} {}', count(), sum(a)) FROM "+table, http.StatusOK)
			if diff := cmp.Diff(c.want+"\n", got); diff != "" {
				t.Errorf("count and sum differ (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("data that cannot be read", func(t *testing.T) {
		got := server.post(t, "/", "INSERT INTO curl_0 FORMAT JSONEachRow {\"a\":\"no number\"}", http.StatusBadRequest)
		if !strings.Contains(got, "DB::Exception") {
			t.Errorf("want an exception, got %q", got)
		}
	})
}

// post sends a body as curl does and gives the answer's.
func (s *server) post(t *testing.T, url, body string, status int) string {
	t.Helper()
	response, err := http.Post("http://"+s.HTTP+url, "application/x-www-form-urlencoded", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != status {
		t.Fatalf("want status %d, got %d: %s", status, response.StatusCode, answer)
	}
	return string(answer)
}
