// Package devserver runs the embedded ClickHouse of devenv/clickhouse as a child process, for the demo and the end-to-end
// tests.
package devserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/child"
)

// Server is a running ClickHouse, on loopback.
type Server struct {
	*child.Process
	HTTP   string // host:port
	Native string // host:port
}

// Options say how to start a server.
type Options struct {
	Executable string // devenv/clickhouse, built
	// Root is a folder at or under the node_modules that carry the engine; CHDB_LIB_PATH goes first.
	Root string
	Data string // the folder of the data, made if it is not there
}

// ErrStart says that the server did not come up.
var ErrStart = errors.New("the embedded ClickHouse could not be started")

// Start starts a server on free ports and returns when it takes connections. The context bounds the start alone: the
// server then runs until Stop, which the caller owes. The error wraps ErrStart and ends with what the server said last.
func Start(ctx context.Context, o Options) (*Server, error) {
	command := exec.Command(o.Executable, "--exit-with-stdin", "--http", "127.0.0.1:0", "--native", "127.0.0.1:0", "--data", o.Data)
	command.Dir = o.Root
	announced := newFirstLine()
	command.Stdout = announced
	// The server stops when its input ends, and so also when this process dies.
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStart, err)
	}
	process, err := child.Start(command, stdin.Close)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStart, err)
	}
	s := &Server{Process: process}
	if err := s.await(ctx, announced); err != nil {
		return nil, fmt.Errorf("%w: %w:\n%s", ErrStart, errors.Join(err, s.Stop()), s.Log())
	}
	return s, nil
}

// await reads the line on standard output with which the server says that it takes connections, and where.
func (s *Server) await(ctx context.Context, announced *firstLine) error {
	select {
	case line := <-announced.line:
		var ready struct{ HTTP, Native string }
		if err := json.Unmarshal(line, &ready); err != nil {
			return fmt.Errorf("it announced its addresses in an unknown way: %q: %w", line, err)
		}
		s.HTTP, s.Native = ready.HTTP, ready.Native
		return nil
	case <-s.Exited():
		return errors.New("it ended before it was ready")
	case <-ctx.Done():
		return ctx.Err()
	}
}
