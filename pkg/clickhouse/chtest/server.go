// Package chtest gives tests a real ClickHouse: the embedded engine of devenv/clickhouse in a child process on
// loopback. A missing engine fails the test; nothing is ever skipped.
package chtest

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Server is a running ClickHouse, and the database on it that a test may use. Its methods fail the test that it was
// made for.
type Server struct {
	// Database is where the test's tables belong.
	Database string
	// CACert is, in PEM, the authority of the server's certificate; empty without WithTLS.
	CACert string

	t       testing.TB
	process *process
}

// Option changes how a server starts.
type Option func(*options)

type options struct {
	users []User
	tls   bool
}

// WithUsers gives the server these users, beside default, who has no password and may do everything unless it is one
// of them.
func WithUsers(users ...User) Option { return func(o *options) { o.users = append(o.users, users...) } }

// WithTLS lets the server also listen with TLS, on ports of their own. Its certificate is for 127.0.0.1 and localhost,
// signed by an authority that nobody else knows.
func WithTLS() Option { return func(o *options) { o.tls = true } }

// Start starts a server with a data folder of its own and stops it when the test ends. Starting costs seconds: tests
// that need no server of their own take a Database of the shared one.
func Start(t testing.TB, opts ...Option) Server {
	t.Helper()
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	dir := t.TempDir()
	arguments, authority, err := o.arguments(dir)
	if err != nil {
		t.Fatalf("prepare ClickHouse: %v", err)
	}
	p, err := launch(arguments)
	if err != nil {
		t.Fatalf("start ClickHouse: %v", err)
	}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Errorf("stop ClickHouse: %v", err)
		}
	})
	return Server{Database: settings.DefaultDatabase, CACert: authority, t: t, process: p}
}

// Kill ends the server at once, as a crash would.
func (s Server) Kill() {
	s.t.Helper()
	if err := s.process.kill(); err != nil {
		s.t.Fatalf("kill ClickHouse: %v", err)
	}
}

// Restart starts the server again after Kill, on the same ports and data.
func (s Server) Restart() {
	s.t.Helper()
	if err := s.process.start(); err != nil {
		s.t.Fatalf("restart ClickHouse: %v", err)
	}
}

// Address is where the protocol is served, as host:port.
func (s Server) Address(protocol settings.Protocol) string { return s.process.address(protocol, false) }

// SecureAddress is where the protocol is served over TLS, as host:port; empty without WithTLS.
func (s Server) SecureAddress(protocol settings.Protocol) string {
	return s.process.address(protocol, true)
}
