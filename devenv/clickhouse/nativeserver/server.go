// Package nativeserver serves ClickHouse's native TCP protocol.
package nativeserver

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/access"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/statement"
)

// Identity is what the server says of itself in its greeting.
type Identity struct {
	DisplayName string // the host's name
	Timezone    string // the engine's
	Version     [3]int // the engine's, such as 26, 7, 2
}

// Server answers clients of the native protocol.
type Server struct {
	runner   *statement.Runner
	users    access.Users
	identity Identity
	log      *slog.Logger

	connections sync.WaitGroup
}

// New answers with what runner's engine says, to users.
func New(runner *statement.Runner, users access.Users, identity Identity, log *slog.Logger) *Server {
	return &Server{runner: runner, users: users, identity: identity, log: log}
}

// Serve takes connections from listener until ctx is done, and then ends them all: it returns once the last is gone.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	defer s.connections.Wait()
	for {
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		s.connections.Go(func() {
			defer conn.Close()
			if err := s.serveConnection(ctx, conn); err != nil && ctx.Err() == nil {
				s.log.Debug("connection ended", "client", conn.RemoteAddr(), "error", err)
			}
		})
	}
}
