package runs

import (
	"context"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/every"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Of returns the keeper of a data source's findings: it asks what dashboards, rules and the settings ask, with the lists as they are now,
// of the table's hours where it has some.
func Of(ctx context.Context, client *clickhouse.Client, s settings.Settings, table schema.Table) (Keeper, error) {
	ask := func(ctx context.Context, s statement.Statement) ([][]string, error) {
		return client.Texts(ctx, s, clickhouse.Origin{Detector: "lists"})
	}
	site, err := every.Site(ctx, s, ask, time.Now())
	if err != nil {
		return Keeper{}, err
	}
	asked, err := Questions(site, s, table)
	if err != nil {
		return Keeper{}, err
	}
	state, err := hours.New(client, table).Look(ctx)
	if err != nil {
		return Keeper{}, err
	}
	if state.There {
		by, err := hours.Asked(table)
		if err != nil {
			return Keeper{}, err
		}
		table = table.WithHoursAsked(by)
	}
	return New(client, table, asked), nil
}

// Asks returns how many questions the keeper asks.
func (k Keeper) Asks() int { return len(k.asked) }
