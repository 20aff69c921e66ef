package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// serverVariable makes this test binary be the server, so that tests run it as a process of its own.
const serverVariable = "FLUXHOUND_TEST_BE_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(serverVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// startLimit is how long a server may take to get ready, and to stop, before a test gives it up. A cold disk and a busy
// machine have been seen to need 11 s.
const startLimit = 2 * time.Minute

// server is one that a test started.
type server struct {
	ready
	process *exec.Cmd
	stdin   io.WriteCloser
	stderr  *lockedBuffer
	exited  chan struct{} // closed once the process is gone
	exit    error         // how it went; read after exited
}

// startServer starts a server on free ports, and stops it with the test.
func startServer(t *testing.T, arguments ...string) *server {
	t.Helper()
	s, err := tryStart(t, append([]string{"--http", "127.0.0.1:0", "--native", "127.0.0.1:0"}, arguments...)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tryStart(t *testing.T, arguments ...string) (*server, error) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{stderr: &lockedBuffer{}, exited: make(chan struct{})}
	s.process = exec.Command(executable, append([]string{"--exit-with-stdin"}, arguments...)...)
	s.process.Env = append(os.Environ(), serverVariable+"=1")
	s.process.Stderr = s.stderr
	if s.stdin, err = s.process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	line := make(chan []byte, 1)
	go func() {
		read, _ := bufio.NewReader(stdout).ReadBytes('\n')
		line <- read
		s.exit = s.process.Wait()
		close(s.exited)
	}()
	t.Cleanup(func() { s.stop(t) })
	select {
	case read := <-line:
		if err := json.Unmarshal(read, &s.ready); err != nil {
			<-s.exited
			return nil, fmt.Errorf("the server did not get ready: %v, %v\n%s", s.exit, err, s.stderr.String())
		}
		return s, nil
	case <-time.After(startLimit):
		return nil, fmt.Errorf("the server did not get ready within %s\n%s", startLimit, s.stderr.String())
	}
}

// stop ends the server as a terminal does, and fails the test if that takes force or leaves an error.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal the server: %v", err)
	}
	s.wait(t)
}

func (s *server) wait(t *testing.T) {
	t.Helper()
	select {
	case <-s.exited:
	case <-time.After(startLimit):
		t.Errorf("the server did not stop within %s; killed\n%s", startLimit, s.stderr.String())
		_ = s.process.Process.Kill()
		<-s.exited
	}
}

// transports are the ways a driver can reach a server.
var transports = []struct {
	name     string
	protocol clickhouse.Protocol
	method   clickhouse.CompressionMethod
}{
	{"native", clickhouse.Native, clickhouse.CompressionNone},
	{"native LZ4", clickhouse.Native, clickhouse.CompressionLZ4},
	{"native ZSTD", clickhouse.Native, clickhouse.CompressionZSTD},
	{"HTTP", clickhouse.HTTP, clickhouse.CompressionNone},
	{"HTTP LZ4", clickhouse.HTTP, clickhouse.CompressionLZ4},
	{"HTTP gzip", clickhouse.HTTP, clickhouse.CompressionGZIP},
}

// overTransports runs a test over every transport, each in a database of its own.
func overTransports(t *testing.T, s *server, test func(t *testing.T, conn driver.Conn)) {
	t.Helper()
	for i, transport := range transports {
		t.Run(transport.name, func(t *testing.T) {
			options := s.options(transport.protocol)
			options.Compression = &clickhouse.Compression{Method: transport.method}
			if transport.method == clickhouse.CompressionGZIP {
				options.Settings = clickhouse.Settings{"enable_http_compression": 1}
			}
			database := fmt.Sprintf("transport_%d", i)
			exec1(t, connect(t, options), "CREATE DATABASE IF NOT EXISTS "+database)
			options.Auth.Database = database
			test(t, connect(t, options))
		})
	}
}

func (s *server) options(protocol clickhouse.Protocol) *clickhouse.Options {
	address := s.Native
	if protocol == clickhouse.HTTP {
		address = s.HTTP
	}
	return &clickhouse.Options{Protocol: protocol, Addr: []string{address}}
}

func connect(t *testing.T, options *clickhouse.Options) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func connectTLS(options *clickhouse.Options, address string, config *tls.Config) *clickhouse.Options {
	options.Addr, options.TLS = []string{address}, config
	return options
}

func exec1(t *testing.T, conn driver.Conn, query string) {
	t.Helper()
	if err := conn.Exec(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// scalar runs a query of one value.
func scalar[T any](t *testing.T, conn driver.Conn, ctx context.Context, query string, arguments ...any) T {
	t.Helper()
	var value T
	if err := conn.QueryRow(ctx, query, arguments...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// run reads a query to its end and gives its error.
func drain(ctx context.Context, conn driver.Conn, query string, arguments ...any) error {
	rows, err := conn.Query(ctx, query, arguments...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// wantException checks that err is ClickHouse's exception of that code.
func wantException(t *testing.T, err error, code int32) *clickhouse.Exception {
	t.Helper()
	var exception *clickhouse.Exception
	if !errors.As(err, &exception) {
		t.Fatalf("want exception %d, got %v", code, err)
	}
	if exception.Code != code {
		t.Fatalf("want exception %d, got %d: %v", code, exception.Code, err)
	}
	return exception
}

// lockedBuffer is a buffer that a process writes and a test reads.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
