package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// asking is one question of the job that keeps findings.
type asking struct {
	name       string
	every      time.Duration
	took, busy time.Duration // by the clock, and of ClickHouse's processors
	findings   int64
	refused    bool // it ran over its limit of memory, and is not kept
}

// keepFindings asks once what ships, question by question, of the hours.
func (b *bench) keepFindings(ctx context.Context) ([]asking, error) {
	decoded, err := settings.Decode(b.json, nil)
	if err != nil {
		return nil, err
	}
	asked, err := runs.Questions(detect.Site{}, decoded, b.table)
	if err != nil {
		return nil, err
	}
	by, err := hours.Asked(b.table)
	if err != nil {
		return nil, err
	}
	of := b.table.WithHoursAsked(by)
	if err := runs.New(b.client, of, asked).Apply(ctx); err != nil {
		return nil, err
	}
	var list []asking
	for _, a := range asked {
		before, err := b.processors(ctx)
		if err != nil {
			return nil, err
		}
		started := time.Now()
		keeper := runs.New(b.client, of, []runs.Asked{a})
		err = keeper.Once(ctx)
		if overLimit(err) {
			fmt.Fprintln(b.Out, err)
			list = append(list, asking{name: a.Name, every: a.Every, refused: true})
			continue
		}
		if err != nil {
			return nil, err
		}
		one := asking{name: a.Name, every: a.Every, took: time.Since(started)}
		after, err := b.processors(ctx)
		if err != nil {
			return nil, err
		}
		newest, err := keeper.Newest(ctx, b.Now())
		if err != nil {
			return nil, err
		}
		one.busy, one.findings = after-before, newest[a.Key].Findings
		fmt.Fprintf(b.Out, "job: %-26s %8s, %8s of processors, %d findings\n", one.name, one.took.Round(time.Millisecond), one.busy.Round(time.Millisecond), one.findings)
		list = append(list, one)
	}
	return list, nil
}

// processors is how long ClickHouse has kept processors busy since it started, with statements that have ended.
func (b *bench) processors(ctx context.Context) (time.Duration, error) {
	n, err := b.number(ctx, "SELECT toInt64(sum(value)) AS N FROM system.events WHERE event IN ('UserTimeMicroseconds', 'SystemTimeMicroseconds')")
	return time.Duration(n) * time.Microsecond, err
}
