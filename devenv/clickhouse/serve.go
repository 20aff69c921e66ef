package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/access"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/httpserver"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/nativeserver"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/statement"
)

// ready is the line on standard output that says that the server takes connections, and where.
type ready struct {
	HTTP      string `json:"http"`
	Native    string `json:"native"`
	HTTPS     string `json:"https"`
	NativeTLS string `json:"nativeTLS"`
	PID       int    `json:"pid"`
}

// serve starts the engine and the listeners, says so on stdout, and takes all down again when ctx is done.
func serve(ctx context.Context, options options, stdout io.Writer, log *slog.Logger) (err error) {
	started := time.Now()
	users := access.Default()
	if options.users != "" {
		if users, err = access.Load(options.users); err != nil {
			return err
		}
	}
	opened, err := listen(options)
	if err != nil {
		return err
	}
	defer opened.close()
	running, cleanup, err := startEngine(options.data, users)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cleanup()) }()
	if err := users.CheckSettings(ctx, running); err != nil {
		return err
	}
	identity, err := identify(ctx, running)
	if err != nil {
		return err
	}
	runner := statement.NewRunner(running)
	wait := serveAll(ctx, opened, identity, runner, users, log)
	line, err := json.Marshal(opened.ready())
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "%s\n", line); err != nil {
		return fmt.Errorf("say that the server is ready: %w", err)
	}
	log.Info("ready", "version", identity.version, "addresses", string(line), "seconds", time.Since(started).Seconds())
	<-ctx.Done()
	log.Info("stopping")
	return within(stopGrace, wait)
}

// stopGrace is how long answers may take to end after the server was told to stop and their statements were killed.
const stopGrace = 10 * time.Second

// within waits for work, but not longer than limit.
func within(limit time.Duration, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }() // ends with the process at the latest
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return fmt.Errorf("statements still run %s after they were killed; leaving them", limit)
	}
}

// startEngine opens the engine on a folder, a temporary one when there is none, and tells how to end both.
func startEngine(data string, users access.Users) (*engine.Engine, func() error, error) {
	workingDir, err := os.Getwd()
	if err != nil {
		return nil, nil, err
	}
	library, err := engine.FindLibrary(workingDir)
	if err != nil {
		return nil, nil, err
	}
	data, scratch, err := makeFolders(data)
	if err != nil {
		return nil, nil, err
	}
	remove := func() error { return os.RemoveAll(scratch) }
	config, err := users.WriteConfig(scratch)
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	opened, err := engine.Open(engine.Config{Library: library, Data: data, ConfigFile: config})
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return opened, func() error { opened.Close(); return remove() }, nil
}

// makeFolders makes the data folder and one for the engine's configuration, which is removed at the end. Without a
// data folder the one holds the other; else it is the other way round, so that whoever removes the data removes all.
func makeFolders(wanted string) (data, scratch string, err error) {
	if wanted == "" {
		if scratch, err = os.MkdirTemp("", "fluxhound-clickhouse-"); err != nil {
			return "", "", fmt.Errorf("make a temporary folder: %w", err)
		}
		return filepath.Join(scratch, "data"), scratch, nil
	}
	if data, err = filepath.Abs(wanted); err == nil {
		err = os.MkdirAll(data, 0o755)
	}
	if err == nil {
		scratch, err = os.MkdirTemp(data, ".server-")
	}
	if err != nil {
		return "", "", fmt.Errorf("make the data folder: %w", err)
	}
	return data, scratch, nil
}

// serveAll serves every listener until ctx is done; wait returns once the last statement has ended.
func serveAll(ctx context.Context, opened listeners, identity identity, runner *statement.Runner, users access.Users, log *slog.Logger) (wait func() error) {
	httpHandler := httpserver.New(runner, users, httpserver.Identity{DisplayName: identity.host, Timezone: identity.timezone, Version: identity.version}, log)
	nativeHandler := nativeserver.New(runner, users, nativeserver.Identity{DisplayName: identity.host, Timezone: identity.timezone, Version: identity.numbers}, log)
	var serving sync.WaitGroup
	var mu sync.Mutex
	var failed error
	run := func(name string, listener net.Listener, serve func(context.Context, net.Listener) error) {
		if listener == nil {
			return
		}
		serving.Go(func() {
			if err := serve(ctx, listener); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = errors.Join(failed, fmt.Errorf("serve %s: %w", name, err))
			}
		})
	}
	serveHTTP := func(ctx context.Context, listener net.Listener) error {
		return serveHTTP(ctx, listener, httpHandler, log)
	}
	run("HTTP", opened.http, serveHTTP)
	run("HTTPS", opened.https, serveHTTP)
	run("the native protocol", opened.native, nativeHandler.Serve)
	run("the native protocol over TLS", opened.nativeTLS, nativeHandler.Serve)
	return func() error {
		serving.Wait()
		return failed
	}
}

func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		if err := server.Shutdown(grace); err != nil {
			stopped <- errors.Join(err, server.Close())
			return
		}
		stopped <- nil
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return errors.Join(err, server.Close())
	}
	return <-stopped
}
