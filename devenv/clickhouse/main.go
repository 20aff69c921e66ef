// Command clickhouse is ClickHouse for development and tests: the engine of ClickHouse itself inside one process,
// served on loopback over HTTP and the native protocol. Production is a ClickHouse server or cluster.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "clickhouse:", err)
		}
		stop()
		os.Exit(1)
	}
}

// run serves until ctx is done, or stdin ends where the arguments ask for that.
func run(ctx context.Context, arguments []string, stdin io.Reader, stdout, stderr io.Writer) error {
	options, err := parseOptions(arguments, stderr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: options.logLevel}))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if options.exitWithStdin {
		// This goroutine ends with its input, or with the process.
		go func() {
			defer cancel()
			_, _ = io.Copy(io.Discard, stdin)
		}()
	}
	return serve(ctx, options, stdout, log)
}
