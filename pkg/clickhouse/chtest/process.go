package chtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// process is the embedded ClickHouse as a child process, which may be killed and started again.
type process struct {
	binary    string
	dir       string
	arguments []string // without the addresses
	ready     ready    // the addresses of the last start; the first start takes free ports
	secure    bool

	command *exec.Cmd
	stdin   io.Closer // the server stops when it ends, and so also when this process dies
	log     *tail
	exited  chan struct{}
	exit    error
}

// ready is the line with which the server says that it takes connections, and where.
type ready struct {
	HTTP      string `json:"http"`
	Native    string `json:"native"`
	HTTPS     string `json:"https"`
	NativeTLS string `json:"nativeTLS"`
}

const freePort = "127.0.0.1:0"

func launch(arguments arguments) (*process, error) {
	dir, err := sourceDir()
	if err != nil {
		return nil, err
	}
	binary, err := build(dir)
	if err != nil {
		return nil, err
	}
	p := &process{binary: binary, dir: dir, arguments: arguments.list, secure: arguments.secure, ready: ready{HTTP: freePort, Native: freePort}}
	if arguments.secure {
		p.ready.HTTPS, p.ready.NativeTLS = freePort, freePort
	}
	return p, p.start()
}

// startWithin bounds how long the server may take to be ready. It only ends a hang: the engine needs a second or two.
const startWithin = 3 * time.Minute

func (p *process) start() error {
	arguments := append([]string{"--exit-with-stdin", "--http", p.ready.HTTP, "--native", p.ready.Native}, p.arguments...)
	if p.secure {
		arguments = append(arguments, "--https", p.ready.HTTPS, "--native-tls", p.ready.NativeTLS)
	}
	p.command = exec.Command(p.binary, arguments...)
	p.command.Dir = p.dir // the engine's library is looked for from there
	p.log = &tail{}
	p.command.Stderr = p.log
	stdin, err := p.command.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.command.Start(); err != nil {
		return err
	}
	p.stdin, p.exited = stdin, make(chan struct{})
	line := make(chan []byte, 1)
	go func() { // ends with the process
		reader := bufio.NewReader(stdout)
		first, _ := reader.ReadBytes('\n')
		line <- first
		_, _ = io.Copy(io.Discard, reader)
		p.exit = p.command.Wait()
		close(p.exited)
	}()
	timer := time.NewTimer(startWithin)
	defer timer.Stop()
	select {
	case first := <-line:
		if err := json.Unmarshal(first, &p.ready); err != nil {
			<-p.exited
			return fmt.Errorf("it ended before it was ready (%w); if the engine is missing, run `npm ci` in the project's root. It said:\n%s", p.exit, p.log)
		}
		return nil
	case <-timer.C:
		return errors.Join(fmt.Errorf("it was not ready after %s; it said:\n%s", startWithin, p.log), p.kill())
	}
}

// stopWithin is how long the server gets to stop in peace.
const stopWithin = 30 * time.Second

func (p *process) stop() error {
	if p.ended() {
		return nil
	}
	_ = p.stdin.Close()
	timer := time.NewTimer(stopWithin)
	defer timer.Stop()
	select {
	case <-p.exited:
		if p.exit != nil {
			return fmt.Errorf("%w; it said:\n%s", p.exit, p.log)
		}
		return nil
	case <-timer.C:
		return errors.Join(fmt.Errorf("it did not stop within %s; it said:\n%s", stopWithin, p.log), p.kill())
	}
}

func (p *process) kill() error {
	if p.ended() {
		return nil
	}
	err := p.command.Process.Kill()
	<-p.exited
	return err
}

func (p *process) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

func (p *process) address(protocol settings.Protocol, secure bool) string {
	switch {
	case protocol == settings.HTTP && secure:
		return p.ready.HTTPS
	case protocol == settings.HTTP:
		return p.ready.HTTP
	case secure:
		return p.ready.NativeTLS
	default:
		return p.ready.Native
	}
}

// tail keeps the end of what the server logs.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const tailSize = 16 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Write(p)
	if excess := t.text.Len() - tailSize; excess > 0 {
		t.text.Next(excess)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
