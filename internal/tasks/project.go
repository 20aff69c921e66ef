// Package tasks holds what the Magefile's targets do: install, build, check, test, and run the demo and a Grafana.
package tasks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Project is the working tree that tasks work on.
type Project struct {
	Root string
	Out  io.Writer
	Err  io.Writer
}

// Find returns the project whose tree the working directory is in.
func Find() (Project, error) {
	at, err := os.Getwd()
	if err != nil {
		return Project{}, err
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "Magefile.go")); err == nil {
			return Project{Root: at, Out: os.Stdout, Err: os.Stderr}, nil
		}
		if at == filepath.Dir(at) {
			return Project{}, errors.New("there is no Magefile.go in this folder or above; go to the project's folder")
		}
		at = filepath.Dir(at)
	}
}

// path returns a path within the project.
func (p Project) path(elements ...string) string {
	return filepath.Join(append([]string{p.Root}, elements...)...)
}

// step says what comes next.
func (p Project) step(format string, args ...any) {
	fmt.Fprintf(p.Out, "\n== %s\n", fmt.Sprintf(format, args...))
}

// command is a program to run in the project.
type command struct {
	line []string // the program and its arguments
	dir  string   // within the project; empty for its root
	env  []string // name=value, beside the environment
}

// grace is how long a program may take to end after it was asked to.
const grace = 30 * time.Second

// run runs a program with its output shown and without an input. When ctx ends the program is interrupted, and killed
// 30 s later.
func (p Project) run(ctx context.Context, c command) error {
	running := p.prepare(ctx, c)
	running.Stdout = p.Out
	if err := running.Run(); err != nil {
		return c.failed(ctx, err)
	}
	return nil
}

// output runs a program and returns what it writes.
func (p Project) output(ctx context.Context, c command) (string, error) {
	text, err := p.prepare(ctx, c).Output()
	if err != nil {
		return "", c.failed(ctx, err)
	}
	return strings.TrimSpace(string(text)), nil
}

func (c command) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err() // how an interrupted program ended says nothing
	}
	return fmt.Errorf("%s: %w", c, err)
}

func (c command) String() string {
	text := strings.Join(append([]string{filepath.Base(c.line[0])}, c.line[1:]...), " ")
	if c.dir != "" {
		text += " (in " + c.dir + ")"
	}
	return text
}

func (p Project) prepare(ctx context.Context, c command) *exec.Cmd {
	running := exec.CommandContext(ctx, c.line[0], c.line[1:]...)
	running.Dir = p.path(c.dir)
	running.Env = append(os.Environ(), c.env...)
	running.Stderr = p.Err
	running.Cancel = func() error { return running.Process.Signal(os.Interrupt) }
	running.WaitDelay = grace
	return running
}

// all runs commands one after the other, up to the first that fails.
func (p Project) all(ctx context.Context, commands ...command) error {
	for _, c := range commands {
		p.step("%s", c)
		if err := p.run(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func line(words ...string) command { return command{line: words} }
