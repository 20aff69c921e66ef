package host_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func TestCloseLeavesNoProcessAndNoFile(t *testing.T) {
	for name, mode := range map[string]string{"asked": "", "killed": "does not end"} {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			t.Setenv("TMPDIR", temporary)
			h := start(t, host.WithEnv("TEST_PLUGIN="+mode))
			pid := ask(t, h, host.DataSource{UID: "hound"}.PluginContext(nil), backend.DataQuery{RefID: "A"})["pid"]
			if !exists(filepath.Join("/proc", pid)) {
				t.Fatalf("process %s is not there while it answers", pid)
			}
			h.Close()
			h.Close() // a second time is no harm
			if exists(filepath.Join("/proc", pid)) {
				t.Errorf("process %s is still there, if only as a zombie", pid)
			}
			if !h.Exited() {
				t.Error("Exited() = false after Close")
			}
			if left, _ := filepath.Glob(filepath.Join(temporary, "*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestACallToAPluginThatEndedIsErrGone(t *testing.T) {
	h := start(t)
	at := host.DataSource{UID: "hound"}.PluginContext(nil)
	for _, queryType := range []string{"exit", ""} {
		_, err := h.QueryData(t.Context(), &backend.QueryDataRequest{PluginContext: at, Queries: []backend.DataQuery{{RefID: "A", QueryType: queryType}}})
		if !errors.Is(err, host.ErrGone) {
			t.Errorf("error = %v, want ErrGone", err)
		}
	}
	if _, err := h.CallResource(t.Context(), &backend.CallResourceRequest{PluginContext: at}); !errors.Is(err, host.ErrGone) {
		t.Errorf("CallResource's error = %v, want ErrGone", err)
	}
	if _, err := h.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: at}); !errors.Is(err, host.ErrGone) {
		t.Errorf("CheckHealth's error = %v, want ErrGone", err)
	}
}

func TestAStartThatFailsSaysWhy(t *testing.T) {
	notExecutable := filepath.Join(t.TempDir(), "plugin")
	if err := os.WriteFile(notExecutable, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		executable, mode string
		want             []string
	}{
		"no such file":             {filepath.Join(t.TempDir(), "gone"), "", []string{"gone", "no such file"}},
		"not executable":           {notExecutable, "", []string{"permission denied"}},
		"dies before it can speak": {executable, "dies at start", []string{"cannot find my teapot"}},
		"no plugin at all":         {"/bin/true", "", []string{"/bin/true"}},
	} {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			t.Setenv("TMPDIR", temporary)
			_, err := host.Start(t.Context(), c.executable, host.WithEnv("TEST_PLUGIN="+c.mode))
			if !errors.Is(err, host.ErrStart) {
				t.Fatalf("error = %v, want ErrStart", err)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(temporary, "*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestAStartThatHangsEndsWithItsContextOrItsTimeout(t *testing.T) {
	silent := host.WithEnv("TEST_PLUGIN=says nothing")
	t.Run("context", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := host.Start(ctx, executable, silent); !errors.Is(err, host.ErrStart) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v, want ErrStart and DeadlineExceeded", err)
		}
	})
	t.Run("timeout", func(t *testing.T) {
		if _, err := host.Start(t.Context(), executable, silent, host.WithStartTimeout(100*time.Millisecond)); !errors.Is(err, host.ErrStart) {
			t.Errorf("error = %v, want ErrStart", err)
		}
	})
	t.Run("context over before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := host.Start(ctx, executable); !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want context.Canceled", err)
		}
	})
}

func TestThePluginOutlivesTheContextOfItsStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	h, err := host.Start(ctx, executable)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	cancel()
	ask(t, h, host.DataSource{UID: "hound"}.PluginContext(nil), backend.DataQuery{RefID: "A"})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
