package plugin

import (
	"context"
	"errors"
	"slices"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/repointed"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// withLedgers returns what a query's detector is told, with a notice where the ledgers are withheld from it: they are made of all events, and
// a row policy lets the user see a part of these. ClickHouse is asked at each query; where it cannot tell, they are withheld too.
func (d *Datasource) withLedgers(ctx context.Context, queryType string, site detect.Site, table schema.Table) (detect.Site, []string, error) {
	if !slices.Contains([]string{cases.Name, repointed.Name}, queryType) || site.Ledger.Table == "" && site.Destinations.Table == "" {
		return site, nil, nil
	}
	err := d.seesAll(ctx, table)
	switch {
	case err != nil && ctx.Err() != nil:
		return site, nil, err
	case err != nil:
		site.Ledger, site.Destinations = site.Ledger.Withhold(), site.Destinations.Withhold()
		return site, []string{"Answered without the ledgers of names and destinations: " + whyWithheld(err)}, nil
	}
	return site, nil, nil
}

// seesAll returns hours.ErrPolicy where a row policy keeps events from the data source's user.
func (d *Datasource) seesAll(ctx context.Context, table schema.Table) error {
	state, err := known(ctx, d.known.findings, false) // which knows whether the events lie on several servers
	if err != nil {
		return err
	}
	if state.Generation == 0 {
		return state.Fault
	}
	ask := hours.Query(d.client.Query)
	if clickhouse.ClassOf(ctx) != clickhouse.Alert {
		ask = d.shared.Query
	}
	return hours.New(d.client, table).Asking(ask).SeesAll(ctx, state.Value.Sharded)
}

// whyWithheld says why a ledger is not used.
func whyWithheld(err error) string {
	if errors.Is(err, hours.ErrPolicy) {
		return "a row policy bounds the events that the user may see, and a ledger is made of all."
	}
	return explain(err)
}

// checkLedgers says of the ledgers' steps that they are not used where a row policy forbids it.
func (d *Datasource) checkLedgers(ctx context.Context, table schema.Table, lists []check) []check {
	for i, c := range lists {
		if !slices.Contains([]string{ledger.NamesName, ledger.DestinationsName}, c.Name) {
			continue
		}
		if err := d.seesAll(ctx, table); err != nil {
			lists[i].Message += " It is not used: " + whyWithheld(err)
		}
	}
	return lists
}
