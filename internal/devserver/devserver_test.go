package devserver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/devserver"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
)

func TestAServerAnswersUntilItIsStopped(t *testing.T) {
	server := start(t, t.TempDir())
	if got := ask(t, server, "SELECT 1"); got != "1\n" {
		t.Errorf("SELECT 1 = %q, want 1", got)
	}
	for range 2 { // a second time is no harm
		if err := server.Stop(); err != nil {
			t.Errorf("Stop = %v; it said:\n%s", err, server.Log())
		}
	}
	select {
	case <-server.Exited():
	default:
		t.Error("the server has not exited after Stop")
	}
}

func TestDataIsKeptFromOneServerToTheNext(t *testing.T) {
	data := t.TempDir()
	first := start(t, data)
	ask(t, first, "CREATE TABLE kept ENGINE = MergeTree ORDER BY n AS SELECT 7 AS n")
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, start(t, data), "SELECT n FROM kept"); got != "7\n" {
		t.Errorf("the second server answers %q, want 7", got)
	}
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	inUse := t.TempDir()
	start(t, inUse)
	noServer := filepath.Join(t.TempDir(), "server")
	if err := os.WriteFile(noServer, []byte("#!/bin/sh\necho I am a teapot\nexec cat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		options devserver.Options
		says    string
	}{
		"no such executable":           {devserver.Options{Executable: filepath.Join(t.TempDir(), "gone")}, "no such file"},
		"a folder that is used":        {devserver.Options{Executable: engine(t), Root: ".", Data: inUse}, "Another server instance"},
		"something else than a server": {devserver.Options{Executable: noServer}, "I am a teapot"},
		"a server that ends at once":   {devserver.Options{Executable: "/bin/false"}, "ended before it was ready"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := devserver.Start(t.Context(), c.options)
			if !errors.Is(err, devserver.ErrStart) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error = %v, want ErrStart and %q", err, c.says)
			}
		})
	}
}

func TestTheEndOfTheContextEndsTheStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := devserver.Start(ctx, devserver.Options{Executable: engine(t), Root: ".", Data: t.TempDir()})
	if !errors.Is(err, devserver.ErrStart) || !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want ErrStart and context.Canceled", err)
	}
}

func start(t *testing.T, data string) *devserver.Server {
	t.Helper()
	server, err := devserver.Start(t.Context(), devserver.Options{Executable: engine(t), Root: ".", Data: data})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func engine(t *testing.T) string {
	t.Helper()
	return hosttest.Build(t, "clickhouse-devserver", filepath.Join("..", "..", "devenv", "clickhouse"), ".")
}

func ask(t *testing.T, server *devserver.Server, sql string) string {
	t.Helper()
	response, err := http.Post("http://"+server.HTTP, "text/plain", strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", sql, response.Status, err, text)
	}
	return string(text)
}
