// Command runner does one task in a process of its own. Mage gives a cancelled target five seconds and then exits; what
// takes down a Grafana, a ClickHouse and a browser needs longer.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/tasks"
)

func main() {
	// Signals stay caught until all is taken down: a second Ctrl-C changes nothing.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("%d arguments; give the name of one task", len(arguments))
	}
	project, err := tasks.Find()
	if err != nil {
		return err
	}
	switch name := arguments[0]; name {
	case tasks.Test:
		return project.Test(ctx)
	case tasks.Grafana:
		return project.Grafana(ctx)
	case tasks.EndToEnd:
		return project.EndToEnd(ctx)
	case tasks.Screenshots:
		return project.Screenshots(ctx)
	default:
		return fmt.Errorf("there is no task %q", name)
	}
}
