package grafana

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/child"
)

// Options say how to start a Grafana.
type Options struct {
	Home         string
	Folder       string   // of its data, logs and plugins; made if it is not there
	Plugin       string   // the plugin's folder, built
	Provisioning string   // the folder that it is provisioned from
	Environment  []string // name=value, for what is provisioned
	Anonymous    bool     // everybody is an administrator without logging in
}

// Server is a running Grafana. Its administrator is admin, with the password admin.
type Server struct {
	*child.Process
	URL string // without a slash at its end
}

// ErrStart says that Grafana did not come up.
var ErrStart = errors.New("grafana could not be started")

// Start starts Grafana on a free port of loopback and returns when it answers. The context bounds the start alone: it
// then runs until Stop, which the caller owes. The error wraps ErrStart and ends with what Grafana said last.
func Start(ctx context.Context, o Options) (*Server, error) {
	if err := o.prepare(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStart, err)
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStart, err)
	}
	command := exec.Command(filepath.Join(o.Home, "bin", "grafana"), "server", "--homepath", o.Home)
	command.Env = append(append(os.Environ(), o.configuration(port)...), o.Environment...)
	command.Dir = o.Folder
	process, err := child.Start(command, func() error { return command.Process.Signal(os.Interrupt) })
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStart, err)
	}
	s := &Server{Process: process, URL: "http://127.0.0.1:" + port}
	if err := s.await(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w:\n%s", ErrStart, errors.Join(err, s.Stop()), s.Log())
	}
	return s, nil
}

// startWithin bounds how long Grafana may take to answer; making its database takes it most of a minute on a slow disk.
const startWithin = 5 * time.Minute

func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		if s.answers(ctx) {
			return nil
		}
		select {
		case <-ticker.C:
		case <-s.Exited():
			return errors.New("it ended before it answered")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Server) answers(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/health", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// freePort returns a port of loopback that was free a moment ago: Grafana cannot choose one itself and tell.
func freePort(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}
