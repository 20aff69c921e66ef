// Package engine runs ClickHouse's own engine inside this process: libchdb.so, called without cgo.
package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrClosed is returned by an engine that has been closed.
var ErrClosed = errors.New("the ClickHouse engine is closed")

// Engine is the one ClickHouse engine of a process. Safe for concurrent use.
type Engine struct {
	lib     *library
	args    []string
	mu      sync.Mutex // guards control, which stays open so that the engine does, and runs KILL QUERY
	control *Session
}

// Config says how an Engine starts.
type Config struct {
	Library string // path of libchdb.so
	Data    string // absolute path of the folder that holds the data
	// ConfigFile is the path of a ClickHouse server configuration in XML; "" for none.
	ConfigFile string
}

// Open starts the engine. There can be one at a time in a process.
func Open(config Config) (*Engine, error) {
	lib, err := load(config.Library)
	if err != nil {
		return nil, err
	}
	args := []string{"--path=" + config.Data}
	if config.ConfigFile != "" {
		args = append(args, "--config-file="+config.ConfigFile)
	}
	engine := &Engine{lib: lib, args: args}
	control, err := engine.Connect()
	if err != nil {
		return nil, fmt.Errorf("start ClickHouse engine on %s (is another server using this folder? its own reason may stand above): %w", config.Data, err)
	}
	engine.control = control
	return engine, nil
}

// serverDefaults are settings in which the engine as a library differs from a ClickHouse server; sessions start with
// the server's values.
var serverDefaults = []Setting{
	{Name: "allow_introspection_functions", Value: "0"},
	{Name: "implicit_select", Value: "0"},
	{Name: "storage_file_read_method", Value: "pread"},
}

// Connect opens a session. Its settings start as a server's defaults and then settings, which the engine does not
// check against any constraint; a setting it does not know or cannot read is an error.
func (e *Engine) Connect(settings ...Setting) (*Session, error) {
	args := append([]string{"clickhouse"}, e.args...)
	for _, setting := range append(append([]Setting{}, serverDefaults...), settings...) {
		args = append(args, "--"+setting.Name+"="+setting.Value)
	}
	argv := newCArray(args)
	defer argv.release()
	conn := e.lib.connect(int32(len(args)), &argv.pointers[0])
	if conn == nil {
		return nil, errors.New("the engine refused to open a session")
	}
	return &Session{lib: e.lib, conn: conn}, nil
}

// Control runs a statement on the engine's own session, which no client shares, and returns its whole output.
func (e *Engine) Control(ctx context.Context, query, format string, parameters ...Parameter) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.control == nil {
		return nil, ErrClosed
	}
	return e.control.Fetch(ctx, query, format, parameters...)
}

// Close stops the engine. All sessions must be closed before.
func (e *Engine) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.control != nil {
		e.control.Close()
		e.control = nil
	}
}
