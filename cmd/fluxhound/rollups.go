package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/rollup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// applyRollups creates the roll-ups of the events table and fills them, and says how far it has come.
func (p program) applyRollups(ctx context.Context, decoded settings.Settings) (err error) {
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	described, err := client.Describe(ctx, decoded.Database, decoded.Table)
	if err != nil {
		return err
	}
	table, err := schema.Resolve(decoded.Database, decoded.Table, decoded.Columns, described)
	if err != nil {
		return err
	}
	keeper := rollup.New(client, table, time.Now)
	if err := keeper.Apply(ctx); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "Its roll-ups are there.")
	if err := keeper.Fill(ctx, func(day time.Time) { fmt.Fprintf(p.stdout, "%s is filled.\n", day.Format(time.DateOnly)) }); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, "Run it again tomorrow: the hours around now are filled once they are over. Until then detectors read those from the events.")
	return err
}
