package tasks

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/bench"
)

// benchVariable names the numbers of events to measure, separated by commas.
const benchVariable = "BENCH_EVENTS"

// benchEvents is measured where the variable is not set.
const benchEvents = "1000000,10000000,100000000"

// Bench measures what an evaluation costs and writes docs/performance.md with its plots; with other numbers of events it
// writes into .bench, so that a quick look does not overwrite the document.
func (p Project) Bench(ctx context.Context) error {
	if err := p.InstallEngine(ctx); err != nil {
		return err
	}
	if err := p.Tools(ctx); err != nil {
		return err
	}
	asked, folder := os.Getenv(benchVariable), p.path(".bench")
	if asked == "" {
		asked, folder = benchEvents, p.path("docs")
	}
	var events []int64
	for text := range strings.SplitSeq(asked, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("%s holds %q; it must hold numbers of events, separated by commas", benchVariable, text)
		}
		events = append(events, n)
	}
	p.step("Measuring %s events", asked)
	return bench.Run(ctx, bench.Options{
		Engine: p.path(toolFolder, engineName), Root: p.Root, Plugin: p.path("dist", "gpx_fluxhound_"+runtime.GOOS+"_"+runtime.GOARCH), Events: events, Rounds: benchRounds,
		Folder: folder, Out: p.Out, Now: time.Now,
	})
}

// benchRounds is how often each statement is timed.
const benchRounds = 3
