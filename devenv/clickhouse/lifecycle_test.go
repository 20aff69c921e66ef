package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Data stays where --data says, from one run to the next, for every kind of object.
func TestDataIsKept(t *testing.T) {
	data := filepath.Join(t.TempDir(), "made", "by the server")
	first := startServer(t, "--data", data)
	conn := connect(t, first.options(clickhouse.Native))
	for _, query := range []string{
		"CREATE DATABASE other",
		"CREATE TABLE kept (a Int64) ENGINE = MergeTree ORDER BY a",
		"CREATE TABLE other.sums (n UInt64) ENGINE = SummingMergeTree ORDER BY tuple()",
		"CREATE MATERIALIZED VIEW other.filler TO other.sums AS SELECT count() AS n FROM default.kept",
		"INSERT INTO kept SELECT number FROM numbers(1000)",
	} {
		exec1(t, conn, query)
	}
	first.stop(t)
	second := startServer(t, "--data", data)
	conn = connect(t, second.options(clickhouse.HTTP))
	exec1(t, conn, "INSERT INTO kept SELECT number FROM numbers(10)")
	if got := scalar[string](t, conn, t.Context(), "SELECT format('{} {}', (SELECT count() FROM kept), (SELECT sum(n) FROM other.sums))"); got != "1010 1010" {
		t.Errorf("want 1010 rows and their count, got %s", got)
	}
	second.stop(t)
	if left, err := filepath.Glob(filepath.Join(data, ".server-*")); err != nil || len(left) > 0 {
		t.Errorf("want no configuration left behind, got %v, %v", left, err)
	}
}

// A second server is kept off a folder that one is using.
func TestOneServerPerFolder(t *testing.T) {
	data := t.TempDir()
	startServer(t, "--data", data)
	_, err := tryStart(t, "--data", data, "--http", "127.0.0.1:0", "--native", "")
	if err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("want an error that names the other server, got %v", err)
	}
}

// Whatever ends the server ends it whole and well: with statements and connections open, and no temporary data left.
func TestServerStopsCleanly(t *testing.T) {
	ways := []struct {
		name string
		stop func(t *testing.T, s *server)
	}{
		{"SIGTERM", func(t *testing.T, s *server) { signalServer(t, s, syscall.SIGTERM) }},
		{"two signals at once, as a terminal and a parent send them", func(t *testing.T, s *server) {
			signalServer(t, s, syscall.SIGINT)
			signalServer(t, s, syscall.SIGTERM)
		}},
		{"SIGINT", func(t *testing.T, s *server) { signalServer(t, s, syscall.SIGINT) }},
		{"the end of its input", func(t *testing.T, s *server) { _ = s.stdin.Close() }},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			temporary := t.TempDir()
			t.Setenv("TMPDIR", temporary)
			server := startServer(t)
			watcher := connect(t, server.options(clickhouse.HTTP))
			ended := make(chan error)
			for _, protocol := range []clickhouse.Protocol{clickhouse.Native, clickhouse.HTTP} {
				conn, id := connect(t, server.options(protocol)), "open over "+protocol.String()
				go func() {
					ended <- drain(clickhouse.Context(context.Background(), clickhouse.WithQueryID(id)), conn, endless)
				}()
				waitForStatements(t, watcher, id, 1)
			}
			way.stop(t, server)
			for range 2 {
				if err := <-ended; err == nil {
					t.Error("want the open statements to fail, one did not")
				}
			}
			server.wait(t)
			if server.exit != nil {
				t.Errorf("want a good exit, got %v\n%s", server.exit, server.stderr.String())
			}
			if syscall.Kill(server.PID, 0) == nil {
				t.Errorf("process %d is still there", server.PID)
			}
			left, err := os.ReadDir(temporary)
			if err != nil {
				t.Fatal(err)
			}
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func signalServer(t *testing.T, s *server, signal syscall.Signal) {
	t.Helper()
	if err := s.process.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// What the server cannot do it says at start, with what to do about it.
func TestStartErrorsSayWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	missing := filepath.Join(t.TempDir(), "libchdb.so")
	cases := []struct {
		name      string
		library   string
		arguments []string
		message   string
	}{
		{"engine missing", missing, []string{"--http", "127.0.0.1:0", "--native", ""}, "unset it, or set it to the file"},
		{"not loopback", "", []string{"--http", "0.0.0.0:0"}, "loopback only"},
		{"any address", "", []string{"--native", ":0"}, "loopback only"},
		{"another machine", "", []string{"--native", "192.0.2.1:9000"}, "loopback only"},
		{"no address", "", []string{"--http", "", "--native", ""}, "give --http or --native one"},
		{"port taken", "", []string{"--native", "", "--http", taken.Addr().String()}, "port 0 takes a free one"},
		{"TLS without certificate", "", []string{"--https", "127.0.0.1:0"}, "--tls-cert and --tls-key"},
		{"unknown flag", "", []string{"--no-such-flag"}, "no-such-flag"},
		{"stray argument", "", []string{"stray"}, "stray"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.library != "" {
				t.Setenv("CHDB_LIB_PATH", c.library)
			}
			_, err := tryStart(t, c.arguments...)
			if err == nil || !strings.Contains(fmt.Sprint(err), c.message) {
				t.Errorf("want an error with %q, got %v", c.message, err)
			}
		})
	}
}
