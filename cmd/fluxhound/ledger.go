package main

import (
	"context"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger"
	ledgerlist "github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// applyLedger makes the ledger of names, fills it with the events that there are, and leaves the job to ClickHouse, or to `fluxhound watch`.
func (p program) applyLedger(ctx context.Context, decoded settings.Settings) error {
	named := ledgerlist.List{}.Source(decoded)
	return withTable(ctx, decoded, func(client *clickhouse.Client, table schema.Table) error {
		name := named
		if name == "" {
			name = schema.LedgerName(table.Name)
		}
		keeper, err := ledger.New(ctx, client, table, name)
		if err != nil {
			return err
		}
		days := 0
		if err := keeper.Apply(ctx, func(time.Time) { days++ }); err != nil {
			return err
		}
		p.say("%s.%s is there, and knows %d days.", decoded.Database, name, days)
		if named == "" {
			p.say(`Name it in the data source's settings: "listTables": {"nameNetworks": %q}.`, name)
		}
		if err := keeper.Schedule(ctx); err != nil {
			p.say("ClickHouse does not run the job by itself: %v", err)
			p.say("Run `fluxhound watch --settings FILE` beside it: without either, what moves from now on is not known.")
			return nil
		}
		p.say("ClickHouse keeps it up by itself, every %d minutes. Run this again after an import of older events.", int(ledger.Every.Minutes()))
		return nil
	})
}

// watchLedger keeps up the ledger of names that the settings name.
func watchLedger(ctx context.Context, decoded settings.Settings, client *clickhouse.Client, table schema.Table) error {
	keeper, err := ledger.New(ctx, client, table, ledgerlist.List{}.Source(decoded))
	if err != nil {
		return err
	}
	return keeper.Once(ctx)
}
