package main

import (
	"context"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/every"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// findingsKeeper asks what dashboards, rules and the settings ask, of the table's hours where it has some.
func findingsKeeper(ctx context.Context, decoded settings.Settings, client *clickhouse.Client, table schema.Table) (runs.Keeper, int, error) {
	ask := func(ctx context.Context, s statement.Statement) ([][]string, error) {
		result, err := client.Query(ctx, s, clickhouse.Origin{Detector: "lists"})
		if err != nil {
			return nil, err
		}
		return result.Texts(), nil
	}
	site, err := every.Site(ctx, decoded, ask, time.Now())
	if err != nil {
		return runs.Keeper{}, 0, err
	}
	asked, err := runs.Questions(site, decoded, table)
	if err != nil {
		return runs.Keeper{}, 0, err
	}
	state, err := hours.New(client, table).Look(ctx)
	if err != nil {
		return runs.Keeper{}, 0, err
	}
	if state.There {
		by, err := hours.Asked(table)
		if err != nil {
			return runs.Keeper{}, 0, err
		}
		table = table.WithHoursAsked(by)
	}
	return runs.New(client, table, asked), len(asked), nil
}

// applyFindings creates what findings are kept in, asks each question once, and leaves the job to ClickHouse, or to `fluxhound watch`.
func (p program) applyFindings(ctx context.Context, decoded settings.Settings) error {
	return withTable(ctx, decoded, func(client *clickhouse.Client, table schema.Table) error {
		keeper, questions, err := findingsKeeper(ctx, decoded, client, table)
		if err != nil {
			return err
		}
		if err := keeper.Apply(ctx); err != nil {
			return err
		}
		p.say("What findings are kept in is there; %d questions are asked for the first time.", questions)
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
	keeper, _, err := findingsKeeper(ctx, decoded, client, table)
	if err != nil {
		return err
	}
	return keeper.Once(ctx)
}
