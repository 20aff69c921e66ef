package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// withTable runs something with the settings' events table.
func withTable(ctx context.Context, decoded settings.Settings, do func(*clickhouse.Client, schema.Table) error) (err error) {
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	table, err := client.EventsTable(ctx)
	if err != nil {
		return err
	}
	return do(client, table)
}

// withHours runs something with the keeper of the hours of the settings' events table.
func withHours(ctx context.Context, decoded settings.Settings, do func(hours.Keeper) error) error {
	return withTable(ctx, decoded, func(client *clickhouse.Client, table schema.Table) error { return do(hours.New(client, table)) })
}

// applyHours creates the hours of the events table, makes them, and leaves the job to ClickHouse, or to `fluxhound watch`.
func (p program) applyHours(ctx context.Context, decoded settings.Settings) error {
	return withHours(ctx, decoded, func(k hours.Keeper) error {
		if err := k.Apply(ctx); err != nil {
			return err
		}
		p.say("Its hours are there.")
		noted := 0
		err := k.Run(ctx, func(n int) {
			noted += n
			p.say("%d hours are made.", noted)
		})
		switch {
		case errors.Is(err, hours.ErrUnsettled):
			p.say("Some hours are left for the job: %v.", err)
		case err != nil:
			return err
		}
		if err := k.Schedule(ctx); err != nil {
			p.say("ClickHouse does not run the job by itself: %v", err)
			p.say("Run `fluxhound watch --settings FILE` beside it: without either, detectors read from the events what is not made.")
			return nil
		}
		p.say("ClickHouse makes further hours by itself, every %d minutes.", int(hours.Every.Minutes()))
		return nil
	})
}

// watch runs the jobs for as long as it runs, for a ClickHouse without refreshable views.
func (p program) watch(ctx context.Context, arguments []string) error {
	set := p.flags("watch", "watch --settings FILE [--once]\n\nIt makes the hours of the events table, keeps up the ledgers that the settings name, and asks what findings are kept of, as `fluxhound schema apply --hours --findings --ledger` lets ClickHouse do by itself where that has refreshable views. Several at once do no harm.")
	settingsFile := set.String("settings", "", "`file` of the data source's settings; its user needs the right to insert into the tables of hours and findings")
	once := set.Bool("once", false, "do what is to be done now, and end")
	if err := parse(set, arguments); err != nil {
		return err
	}
	decoded, err := decodedSettings(*settingsFile)
	if err != nil {
		return err
	}
	return withTable(ctx, decoded, func(client *clickhouse.Client, table schema.Table) error {
		for {
			err := p.watched(ctx, decoded, client, table)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case *once:
				return err
			case err != nil: // the next run does what this one did not
				fmt.Fprintf(p.stderr, "%s: %v\n", p.now().UTC().Format(time.DateTime), err)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(hours.Every):
			}
		}
	})
}

// errNothingKept says that there is nothing to watch over.
var errNothingKept = errors.New("neither hours nor findings are kept, nor a ledger that the settings name: create their tables with `fluxhound schema apply --hours --findings --ledger`")

// watched runs each of the jobs once whose tables are there.
func (p program) watched(ctx context.Context, decoded settings.Settings, client *clickhouse.Client, table schema.Table) error {
	keeper := hours.New(client, table)
	hourly, err := keeper.Look(ctx)
	if err != nil {
		return err
	}
	found, err := runs.New(client, table, nil).Look(ctx)
	if err != nil {
		return err
	}
	var failed error
	if hourly.There {
		var noted int
		if noted, failed = keeper.Once(ctx); noted > 0 {
			p.say("%s: %d hours are made.", p.now().UTC().Format(time.DateTime), noted)
		}
	}
	if hourly.Why != "" {
		failed = fmt.Errorf("make hours: %s", hourly.Why)
	}
	named := namesLedger(decoded)
	if named { // what findings are made of comes before them
		failed = errors.Join(failed, watchLedgers(ctx, decoded, client, table))
	}
	switch {
	case found.There:
		return errors.Join(failed, watchFindings(ctx, decoded, client, table))
	case !hourly.There && !named && failed == nil:
		return errNothingKept
	default:
		return failed
	}
}
