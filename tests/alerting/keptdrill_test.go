//go:build e2e

package alerting_test

import (
	"context"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/drill"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/drill/drilltest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
)

// Where findings are kept, rules read what the job has found: a drill of each kind goes that way, and leaves nothing behind while the job goes on.
func TestADrillGoesThroughWhatTheJobKeepsAndLeavesNothingThere(t *testing.T) {
	t.Parallel()
	s := drillGround(t)
	waysThrough := map[string]bool{}
	d := s.drill(t, func(string) {})
	say := d.Say
	d.Say = func(step string, took time.Duration, what string) {
		say(step, took, what)
		waysThrough[step+": "+what] = true
	}
	keeper, err := runs.Of(s.ctx, d.Client, d.Settings, d.Table)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func(context.Context) error{keeper.Apply, keeper.Once} { // a question that was never asked is none that the job asks
		if err := step(s.ctx); err != nil {
			t.Fatal(err)
		}
	}
	stop := job(s.ctx, t, keeper)
	for _, kind := range drill.Kinds() {
		clear(waysThrough)
		if err := d.Run(s.ctx, kind); err != nil {
			t.Errorf("%s: %v", kind.Name, err)
		}
		if !waysThrough["kept: a run has kept it"] {
			t.Errorf("%s: no run of the job has kept it: %v", kind.Name, waysThrough)
		}
	}
	stop()
	if err := keeper.Once(s.ctx); err != nil {
		t.Fatal(err)
	}
	drilltest.NothingIsLeft(t, s.clickhouse, "after all drills and one run more")
}

// job runs what ClickHouse's own job runs, more often than that, until the returned function is called or the test ends.
func job(ctx context.Context, t *testing.T, keeper runs.Keeper) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		for {
			if err := keeper.Once(ctx); err != nil && ctx.Err() == nil { // a run may be called off
				ended <- err
				return
			}
			select {
			case <-ctx.Done():
				ended <- nil
				return
			case <-time.After(10 * time.Second):
			}
		}
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the job ended: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}
