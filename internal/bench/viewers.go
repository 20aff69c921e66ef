package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
)

// viewing is one refresh of a wall by so many viewers at once, through the plugin's executable.
type viewing struct {
	viewers int
	median  time.Duration // of a viewer's wait
	slowest time.Duration
	rows    int64 // that ClickHouse read
}

// wall is what the panels of a wall ask.
func wall() []string {
	return []string{
		`{"queryType":"alerts","format":"table"}`, `{"queryType":"alerts","format":"timeseries"}`,
		`{"queryType":"beaconing","format":"table"}`, `{"queryType":"dynamicDns","format":"table"}`,
		`{"queryType":"fastFlux","format":"table"}`, `{"queryType":"events","format":"timeseries"}`,
	}
}

// viewers refreshes a wall for 1, 10 and 100 viewers, each time over a window of its own, so that nothing is cached.
func (b *bench) viewers(ctx context.Context) ([]viewing, error) {
	plugin, err := host.Start(ctx, b.Plugin)
	if err != nil {
		return nil, err
	}
	defer plugin.Close()
	source := host.DataSource{UID: "bench", Name: "Bench", JSONData: b.json}
	if err := b.look(ctx, plugin, source, 0, wall()[:1]); err != nil { // connects, and learns what tables there are
		return nil, err
	}
	var list []viewing
	for i, viewers := range []int{1, 10, 100} {
		v, err := b.refresh(ctx, plugin, source, i+1, viewers)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(b.Out, "%d viewers: median %s, %d rows read\n", viewers, v.median.Round(time.Millisecond), v.rows)
		list = append(list, v)
	}
	return list, nil
}

func (b *bench) refresh(ctx context.Context, plugin *host.Host, source host.DataSource, shift, viewers int) (viewing, error) {
	const read = "SELECT toInt64(value) AS N FROM system.events WHERE event = 'SelectedRows'"
	before, err := b.number(ctx, read)
	if err != nil {
		return viewing{}, err
	}
	waits, faults := make([]time.Duration, viewers), make([]error, viewers)
	var all sync.WaitGroup
	for i := range viewers {
		all.Go(func() {
			started := time.Now()
			faults[i] = b.look(ctx, plugin, source, shift, wall())
			waits[i] = time.Since(started)
		})
	}
	all.Wait()
	for _, fault := range faults {
		if fault != nil {
			return viewing{}, fault
		}
	}
	after, err := b.number(ctx, read)
	slices.Sort(waits)
	return viewing{viewers, waits[viewers/2], waits[viewers-1], after - before}, err
}

func (b *bench) look(ctx context.Context, plugin *host.Host, source host.DataSource, shift int, panels []string) error {
	w := b.window()
	req := &backend.QueryDataRequest{PluginContext: source.PluginContext(nil)}
	for i, q := range panels {
		req.Queries = append(req.Queries, backend.DataQuery{
			RefID: string(rune('A' + i)), JSON: []byte(q), Interval: time.Hour, MaxDataPoints: 200,
			TimeRange: backend.TimeRange{From: w.From.Add(time.Duration(shift) * time.Minute), To: w.To},
		})
	}
	answer, err := plugin.QueryData(ctx, req)
	if err != nil {
		return err
	}
	for refID, r := range answer.Responses {
		if r.Error != nil {
			return fmt.Errorf("panel %s: %w", refID, r.Error)
		}
	}
	return nil
}
