package plugin

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lookup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// keptHours is what there is of the hours of a table.
type keptHours struct {
	of    schema.Table
	state hours.State
}

// eventsTable returns the resolved events table. Notices say what of it is not of now.
func (d *Datasource) eventsTable(ctx context.Context) (_ schema.Table, notices []string, err error) {
	table, columns, err := d.resolved(ctx, false)
	if err != nil {
		return schema.Table{}, nil, err
	}
	if text := lastGood("The table "+d.tableName(), "nothing can be asked", columns); text != "" {
		notices = append(notices, text)
	}
	return table, notices, nil
}

// withHours returns the table with the hours of a window that stand for its events now. Whatever is wrong with hours, the
// events answer, and a notice says so.
func (d *Datasource) withHours(ctx context.Context, table schema.Table, w query.Window) (_ schema.Table, notices []string, err error) {
	kept, err := d.hoursOf(ctx, table, false)
	if err != nil {
		return schema.Table{}, nil, err
	}
	if text := lastGood("What hours "+d.tableName()+" has", "events are read, which is slower", kept); text != "" {
		notices = append(notices, text)
	}
	if !kept.Value.state.There {
		return table, notices, nil
	}
	keeper := hours.New(d.client, table)
	if clickhouse.ClassOf(ctx) != clickhouse.Alert {
		keeper = keeper.Asking(d.shared.Query)
	}
	valid, others, err := keeper.Valid(ctx, w, kept.Value.state)
	switch {
	case err != nil && ctx.Err() != nil:
		return schema.Table{}, nil, err
	case err != nil:
		return table, append(notices, "Read from events rather than from their hours, which is slower: "+explain(err)), nil
	}
	if late := d.late(others); late > 0 {
		notices = append(notices, fmt.Sprintf("Read from events, which is slower: %d hours of the time range, whose events have changed, or which were not made yet.", late))
	}
	return table.WithHours(valid), notices, nil
}

// late counts the hours that the job should have made by now.
func (d *Datasource) late(others []time.Time) (n int) {
	for _, start := range others {
		if d.now().Sub(start) > time.Hour+hours.Settle+3*hours.Every {
			n++
		}
	}
	return n
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

// hoursOf returns what is known of the table's hours. What is known of the table as it was before, or is too old, is no use,
// and the value then empty.
func (d *Datasource) hoursOf(ctx context.Context, table schema.Table, anew bool) (lookup.Known[keptHours], error) {
	kept, err := known(ctx, d.known.hours, anew)
	if err == nil && kept.Fault == nil && !reflect.DeepEqual(kept.Value.of, table) {
		kept, err = known(ctx, d.known.hours, true)
	}
	if !reflect.DeepEqual(kept.Value.of, table) || kept.Fault != nil && kept.Older(d.now(), oldest) {
		kept.Value, kept.Generation = keptHours{}, 0
	}
	return kept, err
}

func (d *Datasource) readColumns(ctx context.Context) ([]schema.Described, error) {
	return d.client.Describe(ctx, d.settings.Database, d.settings.Table)
}

func (d *Datasource) readHours(ctx context.Context) (keptHours, error) {
	table, _, err := d.resolved(ctx, false)
	if err != nil {
		return keptHours{}, err
	}
	state, err := hours.New(d.client, table).Look(ctx)
	return keptHours{table, state}, err
}

// doubt makes the next query ask anew for what this one failed for: it names what is no longer there.
func (d *Datasource) doubt(err error) {
	var fault *clickhouse.Error
	if errors.As(err, &fault) && slices.Contains([]clickhouse.Category{clickhouse.Schema, clickhouse.Query}, fault.Category) {
		d.known.columns.Suspect()
		d.known.hours.Suspect()
		d.known.findings.Suspect()
		for _, list := range d.known.lists {
			if list.Spec().Optional { // whose source statements name
				list.lookup.Suspect()
			}
		}
	}
}
