//go:build unix

package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
)

func TestAnInterruptedDemoLeavesNothingBehind(t *testing.T) {
	loaded := t.TempDir()
	loadAt(t, loaded, time.Now())
	for name, c := range map[string]struct {
		data  string
		after string // the line after which it happens
		do    func(t *testing.T, demo *exec.Cmd, output io.Closer)
	}{
		// A terminal sends Ctrl-C to the whole group.
		"Ctrl-C while it loads":             {t.TempDir(), "Schema", signalGroup(syscall.SIGINT)},
		"Ctrl-C while it asks the plugin":   {loaded, "Health", signalGroup(syscall.SIGINT)},
		"terminated":                        {loaded, "Health", signalProcess(syscall.SIGTERM)},
		"its terminal is closed":            {t.TempDir(), "Schema", signalGroup(syscall.SIGHUP)},
		"the reader of its output has gone": {loaded, "Health", func(_ *testing.T, _ *exec.Cmd, output io.Closer) { _ = output.Close() }},
		"interrupted again while it cleans up": {t.TempDir(), "Schema", func(t *testing.T, demo *exec.Cmd, o io.Closer) {
			signalGroup(syscall.SIGINT)(t, demo, o)
			signalGroup(syscall.SIGINT)(t, demo, o)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			temporary, err := os.MkdirTemp("", "demo-") // t.TempDir's are too long for a plugin's socket
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(temporary)
			demo := exec.Command(hosttest.Build(t, "fluxhound", "", "."), "demo", "--data", c.data, "--plugin", hosttest.Plugin(t), "--engine", engine(t), "--rules", shippedRules)
			demo.Env = append(os.Environ(), "TMPDIR="+temporary)
			demo.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			output, err := demo.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := demo.Start(); err != nil {
				t.Fatal(err)
			}
			waitForLine(t, output, c.after)
			c.do(t, demo, output)
			_, _ = io.Copy(io.Discard, output) // until it has ended
			if err := demo.Wait(); exitCode(err) != exitInterrupted {
				t.Errorf("it ended with %v, want exit code %d", err, exitInterrupted)
			}
			if err := syscall.Kill(-demo.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("a process of its group is left (%v)", err)
			}
			if left, _ := filepath.Glob(filepath.Join(temporary, "*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// The plugin that is taken down meanwhile raises a SIGPIPE of its own.
func TestAFailureIsNoInterruption(t *testing.T) {
	settings := file(t, "settings.json", map[string]any{"jsonData": map[string]any{"host": "127.0.0.1:1", "dialTimeout": 1}})
	query := file(t, "query.json", map[string]any{"queryType": "beaconing", "format": "table"})
	for name, arguments := range map[string][]string{
		"health": {"health", "--settings", settings},
		"query":  {"query", "--settings", settings, "--query", query},
	} {
		failing := exec.Command(hosttest.Build(t, "fluxhound", "", "."), append(arguments, "--plugin", hosttest.Plugin(t))...)
		output, err := failing.CombinedOutput()
		if exitCode(err) != exitFailed || strings.Contains(string(output), "interrupted") {
			t.Errorf("%s ended with %v, want exit code %d:\n%s", name, err, exitFailed, output)
		}
	}
}

func signalGroup(signal syscall.Signal) func(*testing.T, *exec.Cmd, io.Closer) {
	return func(t *testing.T, demo *exec.Cmd, _ io.Closer) {
		if err := syscall.Kill(-demo.Process.Pid, signal); err != nil {
			t.Fatal(err)
		}
	}
}

func signalProcess(signal syscall.Signal) func(*testing.T, *exec.Cmd, io.Closer) {
	return func(t *testing.T, demo *exec.Cmd, _ io.Closer) {
		if err := demo.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
}

func waitForLine(t *testing.T, output io.Reader, prefix string) {
	t.Helper()
	var seen strings.Builder
	lines := bufio.NewScanner(io.TeeReader(output, &seen))
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), prefix) {
			return
		}
	}
	t.Fatalf("no line begins with %q:\n%s", prefix, seen.String())
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return exitOK
}
