package demo

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
)

// Print writes the scenario's events in ClickHouse's format TabSeparatedWithNames, for a ClickHouse of one's own.
func Print(ctx context.Context, w io.Writer, now time.Time) error {
	if _, err := fmt.Fprintln(w, strings.Join(columnNames(), "\t")); err != nil {
		return fmt.Errorf("print the events: %w", err)
	}
	for batch := range batches(scenario.New(scenario.DefaultSeed, now).Events()) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := w.Write(batch); err != nil {
			return fmt.Errorf("print the events: %w", err)
		}
	}
	return nil
}
