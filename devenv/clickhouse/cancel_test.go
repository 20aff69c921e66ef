package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// endless never ends by itself and gives no row before its end.
const endless = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))"

// A statement whose client cancels is gone from the engine, and the pool goes on.
func TestCancelStopsTheStatement(t *testing.T) {
	server := startServer(t)
	watcher := connect(t, server.options(clickhouse.HTTP))
	cases := []struct{ name, query string }{
		{"before its first row", endless},
		{"in the middle of its rows", "SELECT number, sleepEachRow(0.001) FROM numbers(10000000) SETTINGS max_block_size = 100"},
		{"while it writes", "INSERT INTO sink SELECT sipHash64(number) FROM numbers(1000000000000)"},
	}
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		exec1(t, conn, "CREATE TABLE IF NOT EXISTS sink (a UInt64) ENGINE = Null")
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				id := fmt.Sprintf("%s %d", t.Name(), i)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- drain(clickhouse.Context(ctx, clickhouse.WithQueryID(id)), conn, c.query) }()
				waitForStatements(t, watcher, id, 1)
				cancel()
				if err := <-ended; err == nil {
					t.Error("want an error, got none")
				}
				waitForStatements(t, watcher, id, 0)
				if got := scalar[uint8](t, conn, t.Context(), "SELECT 1"); got != 1 {
					t.Errorf("the pool's next statement: want 1, got %d", got)
				}
			})
		}
	})
}

// KILL QUERY finds a statement by the id that its client gave it.
func TestKillQueryByTheClientsID(t *testing.T) {
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		ended := make(chan error, 1)
		ctx := clickhouse.Context(t.Context(), clickhouse.WithQueryID("it's to be killed"))
		go func() { ended <- drain(ctx, conn, endless) }()
		waitForStatements(t, conn, "it's to be killed", 1)
		if err := drain(t.Context(), conn, "KILL QUERY WHERE query_id = 'it\\'s to be killed' SYNC"); err != nil {
			t.Fatal(err)
		}
		wantException(t, <-ended, 394)
		waitForStatements(t, conn, "it's to be killed", 0)
	})
}

// Two statements of one id cannot run at once, as on a server.
func TestRunningIDsAreUnique(t *testing.T) {
	server := startServer(t)
	conn := connect(t, server.options(clickhouse.Native))
	ctx, cancel := context.WithCancel(clickhouse.Context(t.Context(), clickhouse.WithQueryID("twice")))
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- drain(ctx, conn, endless) }()
	waitForStatements(t, conn, "twice", 1)
	wantException(t, drain(clickhouse.Context(t.Context(), clickhouse.WithQueryID("twice")), conn, "SELECT 1"), 216)
	cancel()
	<-ended
	waitForStatements(t, conn, "twice", 0)
}

// Statements of several connections run side by side: all are in the engine at one time.
func TestStatementsRunInParallel(t *testing.T) {
	const count = 6
	server := startServer(t)
	for _, protocol := range []clickhouse.Protocol{clickhouse.Native, clickhouse.HTTP} {
		t.Run(protocol.String(), func(t *testing.T) {
			options := server.options(protocol)
			options.MaxOpenConns = count + 1
			conn := connect(t, options)
			ctx, cancel := context.WithCancel(clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"log_comment": "parallel"})))
			defer cancel()
			ended := make(chan error, count)
			for range count {
				go func() { ended <- drain(ctx, conn, endless+" SETTINGS max_threads = 1") }()
			}
			waitFor(t, conn, "Settings['log_comment'] = 'parallel'", count)
			cancel()
			for range count {
				<-ended
			}
			waitFor(t, conn, "Settings['log_comment'] = 'parallel'", 0)
		})
	}
}

// Many short statements at once all get their own answers.
func TestManyConnectionsGetTheirOwnAnswers(t *testing.T) {
	server := startServer(t)
	overTransports(t, server, func(t *testing.T, conn driver.Conn) {
		answers := make(chan error, 8)
		for worker := range cap(answers) {
			go func() {
				for i := range 50 {
					want := uint64(worker*1000 + i)
					var got uint64
					ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_threads": worker + 1}))
					err := conn.QueryRow(ctx, "SELECT toUInt64({n:UInt64} + getSetting('max_threads') - 1 - {w:UInt64})", clickhouse.Named("n", want), clickhouse.Named("w", worker)).Scan(&got)
					if err == nil && got != want {
						err = fmt.Errorf("want %d, got %d", want, got)
					}
					if err != nil {
						answers <- err
						return
					}
				}
				answers <- nil
			}()
		}
		for range cap(answers) {
			if err := <-answers; err != nil {
				t.Error(err)
			}
		}
	})
}

func waitForStatements(t *testing.T, conn driver.Conn, id string, want uint64) {
	t.Helper()
	waitFor(t, conn, "query_id = {id:String}", want, clickhouse.Named("id", id))
}

// waitFor waits until so many statements of a kind are in the engine.
func waitFor(t *testing.T, conn driver.Conn, condition string, want uint64, arguments ...any) {
	t.Helper()
	deadline := time.Now().Add(startLimit)
	query := "SELECT count() FROM system.processes WHERE query NOT LIKE '%system.processes%' AND " + condition
	for {
		got := scalar[uint64](t, conn, t.Context(), query, arguments...)
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("want %d statements with %s, still %d", want, condition, got)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
