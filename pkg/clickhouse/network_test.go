package clickhouse_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
)

const loopback = "127.0.0.1:0"

// nobody is an address on which nothing listens.
func nobody(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// silent is an address that takes connections and never says a word.
func silent(t *testing.T) string {
	t.Helper()
	return listen(t, func(net.Conn) {})
}

// listen hands each connection to serve and keeps it open until the test ends.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	addr, _ := listenUntil(t, serve)
	return addr
}

// listenUntil is listen that close, or else the test's end, puts an end to.
func listenUntil(t *testing.T, serve func(net.Conn)) (addr string, close func()) {
	t.Helper()
	listener, err := net.Listen("tcp", loopback)
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			serving.Go(func() { serve(conn) })
		}
	})
	close = sync.OnceFunc(func() {
		_ = listener.Close()
		mu.Lock()
		for _, conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		serving.Wait()
	})
	t.Cleanup(close)
	return listener.Addr().String(), close
}

// forward is a connection's way to another address: what listen serves to be a proxy.
func forward(to string) func(net.Conn) {
	return func(client net.Conn) {
		server, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		var copying sync.WaitGroup
		copying.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
		_, _ = io.Copy(client, server)
		_ = client.Close()
		copying.Wait()
	}
}

// stubbornProxy passes bytes both ways and does not tell the server when the client hangs up.
func stubbornProxy(t *testing.T, to string) string {
	t.Helper()
	return listen(t, func(client net.Conn) {
		server, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		t.Cleanup(func() { _ = server.Close() })
		var copying sync.WaitGroup
		copying.Go(func() { _, _ = io.Copy(server, client) })
		_, _ = io.Copy(client, server)
		copying.Wait()
	})
}

type netConn = net.Conn

type askedKey struct{}

// withAsked keeps the body of a request for whoever sees its answer.
func withAsked(ctx context.Context, body string) context.Context {
	return context.WithValue(ctx, askedKey{}, body)
}
