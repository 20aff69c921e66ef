package plugin

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lookup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/rollup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// rolledUp is what there is of the roll-ups of a table.
type rolledUp struct {
	of    schema.Table
	found rollup.Found
}

// eventsTable returns the resolved events table with its roll-ups. Notices say what of it is not of now. Whatever is
// wrong with roll-ups, the events answer.
func (d *Datasource) eventsTable(ctx context.Context) (_ schema.Table, notices []string, err error) {
	table, columns, err := d.resolved(ctx, false)
	if err != nil {
		return schema.Table{}, nil, err
	}
	rolled, err := d.rollupsOf(ctx, table, false)
	if err != nil {
		return schema.Table{}, nil, err
	}
	for _, text := range []string{
		lastGood("The table "+d.tableName(), "nothing can be asked", columns),
		lastGood("What roll-ups "+d.tableName()+" has", "events are read, which is slower", rolled),
	} {
		if text != "" {
			notices = append(notices, text)
		}
	}
	return table.WithRollups(rolled.Value.found.Rollups), notices, nil
}

func (d *Datasource) tableName() string { return d.settings.Database + "." + d.settings.Table }

// describe reads the table's columns anew.
func (d *Datasource) describe(ctx context.Context) (schema.Table, error) {
	table, columns, err := d.resolved(ctx, true)
	if err == nil {
		err = columns.Fault
	}
	return table, err
}

// withRollups looks for the table's roll-ups anew. why says what keeps them from being used.
func (d *Datasource) withRollups(ctx context.Context, table schema.Table) (_ schema.Table, why string, err error) {
	rolled, err := d.rollupsOf(ctx, table, true)
	switch {
	case err != nil:
		return schema.Table{}, "", err
	case rolled.Fault != nil:
		return table, explain(rolled.Fault), nil
	}
	return table.WithRollups(rolled.Value.found.Rollups), rolled.Value.found.Why, nil
}

// resolved returns the table by what is known of its columns.
func (d *Datasource) resolved(ctx context.Context, anew bool) (schema.Table, lookup.Known[[]schema.Described], error) {
	columns, err := known(ctx, d.known.columns, anew)
	switch {
	case err != nil:
		return schema.Table{}, columns, err
	case columns.Generation == 0:
		return schema.Table{}, columns, columns.Fault
	}
	if err := decidable(ctx, "the columns of "+d.tableName(), columns, d.now()); err != nil {
		return schema.Table{}, columns, err
	}
	table, err := schema.Resolve(d.settings.Database, d.settings.Table, d.settings.Columns, columns.Value)
	return table, columns, err
}

// rollupsOf returns what is known of the table's roll-ups. What is known of the table as it was before, or is too old, is
// no use, and the value then empty.
func (d *Datasource) rollupsOf(ctx context.Context, table schema.Table, anew bool) (lookup.Known[rolledUp], error) {
	rolled, err := known(ctx, d.known.rollups, anew)
	if err == nil && rolled.Fault == nil && !reflect.DeepEqual(rolled.Value.of, table) {
		rolled, err = known(ctx, d.known.rollups, true)
	}
	if !reflect.DeepEqual(rolled.Value.of, table) || rolled.Fault != nil && rolled.Older(d.now(), oldest) {
		rolled.Value, rolled.Generation = rolledUp{}, 0
	}
	return rolled, err
}

func (d *Datasource) readColumns(ctx context.Context) ([]schema.Described, error) {
	return d.client.Describe(ctx, d.settings.Database, d.settings.Table)
}

func (d *Datasource) readRollups(ctx context.Context) (rolledUp, error) {
	table, _, err := d.resolved(ctx, false)
	if err != nil {
		return rolledUp{}, err
	}
	found, err := rollup.New(d.client, table, d.now).Find(ctx)
	return rolledUp{table, found}, err
}

// doubt makes the next query ask anew for what this one failed for: it names what is no longer there.
func (d *Datasource) doubt(err error) {
	var fault *clickhouse.Error
	if errors.As(err, &fault) && slices.Contains([]clickhouse.Category{clickhouse.Schema, clickhouse.Query}, fault.Category) {
		d.known.columns.Suspect()
		d.known.rollups.Suspect()
		for _, list := range d.known.lists {
			if list.Spec().Optional { // whose source statements name
				list.lookup.Suspect()
			}
		}
	}
}
