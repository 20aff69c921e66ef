package main

import (
	"context"
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// applyFindings creates what findings are kept in, asks each question once, and leaves the job to ClickHouse, or to `fluxhound watch`.
func (p program) applyFindings(ctx context.Context, decoded settings.Settings) error {
	return withTable(ctx, decoded, func(client *clickhouse.Client, table schema.Table) error {
		keeper, err := runs.Of(ctx, client, decoded, table)
		if err != nil {
			return err
		}
		if err := keeper.Apply(ctx); err != nil {
			return err
		}
		p.say("What findings are kept in is there; %d questions are asked for the first time.", keeper.Asks())
		if err := keeper.Once(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			fmt.Fprintf(p.stderr, "Not all was answered, and is asked of the detectors meanwhile: %v\n", err)
		}
		if err := keeper.Schedule(ctx); err != nil {
			p.say("ClickHouse does not run the job by itself: %v", err)
			p.say("Run `fluxhound watch --settings FILE` beside it: without either, detectors are asked each time.")
			return nil
		}
		p.say("ClickHouse asks them by itself from now on, most of them every %d minutes. Run this again after a change of the settings, of a list of domains, or of the plugin.", int(runs.Every.Minutes()))
		return nil
	})
}

// watchFindings asks what is due.
func watchFindings(ctx context.Context, decoded settings.Settings, client *clickhouse.Client, table schema.Table) error {
	keeper, err := runs.Of(ctx, client, decoded, table)
	if err != nil {
		return err
	}
	return keeper.Once(ctx)
}
