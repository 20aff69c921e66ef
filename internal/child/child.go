// Package child runs programs that serve until they are told to stop.
package child

import (
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// Process is a running child process.
type Process struct {
	command *exec.Cmd
	ask     func() error
	log     *tail
	exited  chan struct{}
	stop    sync.Once
}

// Start starts the program. Its standard error, and its standard output unless that is taken, are its log. ask asks the
// program to end; Stop calls it once. The caller owes Stop.
func Start(command *exec.Cmd, ask func() error) (*Process, error) {
	p := &Process{command: command, ask: ask, log: &tail{}, exited: make(chan struct{})}
	command.Stderr = p.log
	if command.Stdout == nil {
		command.Stdout = p.log
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() { // ends with the process, for which Stop waits
		_ = command.Wait() // its log says why it ended
		close(p.exited)
	}()
	return p, nil
}

// grace is how long a program may take to end: a database still writes what it holds in memory.
const grace = 30 * time.Second

// Stop asks the program to end and waits until it is gone; after 30 seconds it kills it, which is an error. It may be
// called more than once.
func (p *Process) Stop() error {
	var killed error
	p.stop.Do(func() {
		_ = p.ask() // fails only when the program is gone already
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-p.exited:
		case <-timer.C:
			killed = fmt.Errorf("%s did not stop within %s and was killed:\n%s", p.command.Path, grace, p.Log())
			_ = p.command.Process.Kill() // fails only when it is gone already
		}
	})
	<-p.exited
	return killed
}

// Exited is closed when the process has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Log returns the end of what the program wrote.
func (p *Process) Log() string { return p.log.String() }
