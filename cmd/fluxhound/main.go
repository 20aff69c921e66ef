// Command fluxhound runs Fluxhound's detectors without a Grafana, through the plugin's own executable.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	// Signals stay caught until the program has taken down what it started: a second Ctrl-C changes nothing, and neither
	// a closed terminal nor a reader that has seen enough leaves a process behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// A plugin that goes down raises SIGPIPE as well as a reader who has gone: the signal is nothing, the failed write to the reader is.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(ctx)
	program := program{stdout: untilClosed{os.Stdout, cancel}, stderr: untilClosed{os.Stderr, cancel}, now: time.Now}
	code := program.run(ctx, os.Args[1:])
	cancel()
	stop()
	os.Exit(code)
}

// untilClosed is an output that interrupts the program when its reader has gone.
type untilClosed struct {
	*os.File
	interrupt func()
}

func (u untilClosed) Write(p []byte) (int, error) {
	n, err := u.File.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		u.interrupt()
	}
	return n, err
}

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1 // a query, a check or an attack's detection failed
	exitUsage       = 2
	exitInterrupted = 130
)

// program is the command line with its surroundings.
type program struct {
	stdout, stderr io.Writer
	now            func() time.Time
}

// command is one subcommand.
type command struct {
	name, does string
	run        func(p program, ctx context.Context, arguments []string) error
}

func commands() []command {
	return []command{
		{"query", "ask the plugin and print Grafana's response", program.query},
		{"health", "check a data source's settings, connection, table and rights", program.health},
		{"schema", "print the events table's definition, apply it, or bring that of an earlier version up", program.schema},
		{"hunt", "look through a folder of logs with an embedded ClickHouse, and report what is found", program.hunt},
		{"import", "read a sensor's logs into ClickHouse, and make events of them", program.imports},
		{"derive", "make events of what pipelines have written into landing tables", program.derive},
		{"asn", "turn a table of address ranges into the prefixes of autonomous systems", program.asn},
		{"intel", "bring feeds of threat intelligence into the table of indicators", program.intel},
		{"watch", "make hours and keep findings, beside a ClickHouse that cannot do it by itself", program.watch},
		{"verdict", "say what a finding is: benign, malicious, looked at", program.verdict},
		{"drill", "prove the path from an event to an alert, with events of a device that does not exist", program.drill},
		{"attack", "print what is looked at of MITRE ATT&CK, as a layer for its Navigator", program.attack},
		{"demo", "load a scenario into an embedded ClickHouse and show what is found", program.demo},
	}
}

// run runs one subcommand and returns the exit code.
func (p program) run(ctx context.Context, arguments []string) int {
	if len(arguments) == 0 {
		p.usage(p.stderr)
		return exitUsage
	}
	name := arguments[0]
	if name == "help" || name == "-h" || name == "--help" {
		p.usage(p.stdout)
		return exitOK
	}
	for _, c := range commands() {
		if c.name == name {
			return p.code(ctx, c.name, c.run(p, ctx, arguments[1:]))
		}
	}
	fmt.Fprintf(p.stderr, "fluxhound: there is no command %q\n\n", name)
	p.usage(p.stderr)
	return exitUsage
}

// errFailed says that what was asked for failed and that all has been said about it.
var errFailed = errors.New("failed")

// usageError is a mistake in the command line.
type usageError struct{ reason string }

func (e *usageError) Error() string { return e.reason }

func misused(format string, args ...any) error {
	return &usageError{reason: fmt.Sprintf(format, args...)}
}

// code tells the error, unless that has been done, and returns the exit code for it.
func (p program) code(ctx context.Context, name string, err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintf(p.stderr, "fluxhound %s: interrupted\n", name)
		return exitInterrupted
	case ctx.Err() != nil:
		fmt.Fprintf(p.stderr, "fluxhound %s: interrupted: %v\n", name, err)
		return exitInterrupted
	case errors.Is(err, errFailed):
		return exitFailed
	case errors.As(err, new(*usageError)):
		fmt.Fprintf(p.stderr, "fluxhound %s: %v\n", name, err)
		return exitUsage
	default:
		fmt.Fprintf(p.stderr, "fluxhound %s: %v\n", name, err)
		return exitFailed
	}
}

func (p program) usage(w io.Writer) {
	fmt.Fprintln(w, "Usage: fluxhound COMMAND [FLAGS]; fluxhound COMMAND --help tells a command's flags.")
	fmt.Fprintln(w)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-8s %s\n", c.name, c.does)
	}
}

// flags returns a flag set that tells its mistakes as usage errors.
func (p program) flags(name, usage string) *flag.FlagSet {
	set := flag.NewFlagSet("fluxhound "+name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {
		fmt.Fprintf(p.stdout, "Usage: fluxhound %s\n\n", usage)
		set.SetOutput(p.stdout)
		set.PrintDefaults()
		set.SetOutput(io.Discard)
	}
	return set
}

// parse reads a subcommand's flags. Nothing may stand behind them.
func parse(set *flag.FlagSet, arguments []string) error {
	quiet := set.Usage
	set.Usage = func() {}
	err := set.Parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		quiet()
		return err
	case err != nil:
		return misused("%v", err)
	case set.NArg() > 0:
		return misused("argument %q is not known; every option starts with --", set.Arg(0))
	}
	return nil
}
