package main

import (
	"context"
	"errors"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger"
	ledgerlist "github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// oneLedger is one of the ledgers, as commands need it.
type oneLedger struct {
	list ledgerlist.List
	// usual is its name where the settings name none.
	usual func(table string) string
	// without says what is missing where nobody keeps it up.
	without string
	keeper  func(ctx context.Context, client *clickhouse.Client, table schema.Table, name string) (ledger.Keeper, error)
}

// ledgers are all that there are.
func ledgers() []oneLedger {
	return []oneLedger{
		{ledgerlist.Names(), schema.LedgerName, "what moves from now on is not known", ledger.Names},
		{ledgerlist.Destinations(), schema.DestinationsName, "what is new from now on is not known",
			func(_ context.Context, client *clickhouse.Client, table schema.Table, name string) (ledger.Keeper, error) {
				return ledger.Destinations(client, table, name), nil
			}},
	}
}

// applyLedger makes the ledgers, fills them with the events that there are, and leaves the job to ClickHouse, or to `fluxhound watch`.
func (p program) applyLedger(ctx context.Context, decoded settings.Settings) error {
	return withTable(ctx, decoded, func(client *clickhouse.Client, table schema.Table) error {
		for _, l := range ledgers() {
			if err := p.applyOne(ctx, l, decoded, client, table); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p program) applyOne(ctx context.Context, l oneLedger, decoded settings.Settings, client *clickhouse.Client, table schema.Table) error {
	named := l.list.Source(decoded)
	name := named
	if name == "" {
		name = l.usual(table.Name)
	}
	keeper, err := l.keeper(ctx, client, table, name)
	if err != nil {
		return err
	}
	days := 0
	if err := keeper.Apply(ctx, func(time.Time) { days++ }); err != nil {
		return err
	}
	p.say("%s.%s is there, and knows %d days.", decoded.Database, name, days)
	if named == "" {
		p.say(`Name it in the data source's settings: "listTables": {%q: %q}.`, l.list.Spec().Name, name)
	}
	if err := keeper.Schedule(ctx); err != nil {
		p.say("ClickHouse does not run the job by itself: %v", err)
		p.say("Run `fluxhound watch --settings FILE` beside it: without either, %s.", l.without)
		return nil
	}
	p.say("ClickHouse keeps it up by itself, every %d minutes. Run this again after an import of older events.", int(ledger.Every.Minutes()))
	return nil
}

// namesLedger reports whether the settings name one of the ledgers.
func namesLedger(decoded settings.Settings) bool {
	for _, l := range ledgers() {
		if l.list.Source(decoded) != "" {
			return true
		}
	}
	return false
}

// watchLedgers keeps up the ledgers that the settings name.
func watchLedgers(ctx context.Context, decoded settings.Settings, client *clickhouse.Client, table schema.Table) error {
	var failed error
	for _, l := range ledgers() {
		name := l.list.Source(decoded)
		if name == "" {
			continue
		}
		keeper, err := l.keeper(ctx, client, table, name)
		if err == nil {
			err = keeper.Once(ctx)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}
