package plugin

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/rollup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// tableTTL is how long the table's columns are taken as known; a [schema] error forgets them at once.
const tableTTL = 5 * time.Minute

// tableCache keeps what the server said about the events table.
type tableCache struct {
	mu    sync.Mutex
	table schema.Table
	until time.Time
}

func (c *tableCache) get(now time.Time) (schema.Table, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.table, now.Before(c.until)
}

func (c *tableCache) put(t schema.Table, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.table, c.until = t, until
}

// eventsTable returns the resolved events table. Queries that arrive together before it is known each ask the server:
// that is cheap and keeps one's cancellation from failing another.
func (d *Datasource) eventsTable(ctx context.Context) (schema.Table, error) {
	if table, known := d.table.get(d.now()); known {
		return table, nil
	}
	table, err := d.describe(ctx)
	if err != nil {
		return schema.Table{}, err
	}
	if table, _, err = d.withRollups(ctx, table); err != nil {
		return schema.Table{}, err
	}
	d.table.put(table, d.now().Add(tableTTL))
	return table, nil
}

func (d *Datasource) describe(ctx context.Context) (schema.Table, error) {
	described, err := d.client.Describe(ctx, d.settings.Database, d.settings.Table)
	if err != nil {
		return schema.Table{}, err
	}
	return schema.Resolve(d.settings.Database, d.settings.Table, d.settings.Columns, described)
}

// withRollups returns the table with the roll-ups that stand beside it. Whatever is wrong with them, the events answer.
func (d *Datasource) withRollups(ctx context.Context, table schema.Table) (_ schema.Table, why string, err error) {
	found, err := rollup.New(d.client, table, d.now).Find(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return schema.Table{}, "", err
		}
		return table, explain(err), nil
	}
	return table.WithRollups(found.Rollups), found.Why, nil
}

// forgetOnSchemaError makes the next query read the columns again when this one failed for them.
func (d *Datasource) forgetOnSchemaError(err error) {
	var fault *clickhouse.Error
	if errors.As(err, &fault) && fault.Category == clickhouse.Schema {
		d.table.put(schema.Table{}, time.Time{})
	}
}
