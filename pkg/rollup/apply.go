package rollup

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// engines are those whose rows stay as they were inserted, and whose inserts fill views.
var engines = []string{"MergeTree", "ReplicatedMergeTree", "SharedMergeTree"}

// Apply creates the roll-ups, unless they are there for this very table and mapping; then it changes nothing. From then on
// they hold every event that comes in, early or late; Fill adds those that were there before. It returns ErrUnfit where the
// table can have none.
func (k Keeper) Apply(ctx context.Context) error {
	s, err := k.state(ctx)
	if err != nil {
		return err
	}
	if s.engine == distributed {
		return fmt.Errorf("%w: it is Distributed; apply them on each shard, with its own table %s in the settings", ErrUnfit, schema.LocalName(k.table.Name))
	}
	if why := k.table.CanRoll(); why != "" {
		return fmt.Errorf("%w: %s", ErrUnfit, why)
	}
	if !slices.Contains(engines, s.engine) {
		return fmt.Errorf("%w: its engine is %s, and roll-ups need one of %v", ErrUnfit, s.engine, engines)
	}
	if s.engine == replicated {
		return k.applyReplicated(ctx, s)
	}
	names := schema.RollupNames{Coverage: k.coverage()}
	ddl, err := schema.CoverageDDL(names)
	if err != nil {
		return err
	}
	if err := k.client.Exec(ctx, ddl); err != nil {
		return err
	}
	covered, err := k.covered(ctx, s.source)
	if err != nil {
		return err
	}
	if len(covered) > 0 && len(s.absent) == 0 {
		return nil
	}
	return k.create(ctx, s)
}

// create starts from nothing: what an earlier view of the same name wrote may be for another table or mapping, and with a
// view gone for a while, nobody knows what is missing.
func (k Keeper) create(ctx context.Context, s state) error {
	if err := k.client.Exec(ctx, "TRUNCATE TABLE "+k.coverage()); err != nil {
		return err
	}
	statements, err := k.definition()
	if err != nil {
		return err
	}
	for _, text := range statements {
		if err := k.client.Exec(ctx, text); err != nil {
			return err
		}
	}
	return k.open(ctx, s)
}

// definition are the statements that create every roll-up anew. The views that events fill go first and come last: from
// then on nothing is missed.
func (k Keeper) definition() ([]string, error) {
	var views, tables, made []string
	for _, g := range schema.RollupTables() {
		text, err := schema.RollupTableDDL(g, schema.RollupNames{Rollup: k.rollup(g), PortType: k.table.RollupType(schema.RemotePort)})
		if err != nil {
			return nil, err
		}
		tables = append(tables, "DROP TABLE IF EXISTS "+k.rollup(g), text)
	}
	for _, g := range slices.Backward(schema.RollupViews()) {
		views = append(views, "DROP TABLE IF EXISTS "+k.quoted(g.View(k.table.Name)))
	}
	for _, g := range schema.RollupViews() {
		rows, err := Rows(k.table, g)
		if err != nil {
			return nil, err
		}
		text, err := schema.RollupViewDDL(schema.RollupNames{Rollup: k.rollup(g), View: k.quoted(g.View(k.table.Name)), Select: rows})
		if err != nil {
			return nil, err
		}
		made = append(made, text)
	}
	return slices.Concat(views, tables, made), nil
}

// Rows renders the rows of a roll-up, or of the beacon roll-ups' names, as its view reads them.
func Rows(table schema.Table, g schema.Grain) (string, error) {
	if _, beacons := g.Finer(); beacons {
		return beaconing.RollupRows(table, g, "")
	}
	return statement.RollupSelect(table, g, nil), nil
}

// open notes that what comes in from now on is complete.
func (k Keeper) open(ctx context.Context, s state) error {
	from, err := k.viewsAlone(ctx)
	if err != nil {
		return err
	}
	for _, g := range schema.AllGrains() {
		// Buckets count from the epoch, and no event before it is newer than now.
		first := time.UnixMilli((from.UnixMilli()/g.Width.Milliseconds() + 1) * g.Width.Milliseconds())
		if err := k.cover(ctx, g, schema.Span{From: first, To: endOfTime}, s.source); err != nil {
			return err
		}
	}
	return nil
}

// viewsAlone returns the time from which on the views alone have filled the roll-ups: no event that was there before them
// is newer. An insert that began before the views and ends after them may be some seconds ahead.
func (k Keeper) viewsAlone(ctx context.Context) (time.Time, error) {
	from := k.now().Add(time.Minute)
	bounds, err := k.bounds(ctx)
	if err == nil && len(bounds) > 0 && bounds[1].After(from) {
		from = bounds[1]
	}
	return from, err
}

// bounds returns the times of the oldest and newest event; nothing where there is none.
func (k Keeper) bounds(ctx context.Context) ([]time.Time, error) {
	at := "t." + statement.Identifier(k.table.Column(schema.Timestamp).Name)
	return k.instants(ctx, fmt.Sprintf("SELECT toDateTime64(min(%s), 3, 'UTC') AS Oldest, toDateTime64(max(%s), 3, 'UTC') AS Newest FROM %s AS t HAVING count() > 0",
		at, at, k.quoted(k.table.Name)), "Oldest", "Newest")
}

// endOfTime is the last instant that DateTime64(3) holds, on a day's start.
var endOfTime = time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC)

// coverAll notes that a span is complete in each of the grains.
func (k Keeper) coverAll(ctx context.Context, s schema.Span, source string, grains ...schema.Grain) error {
	for _, g := range grains {
		if err := k.cover(ctx, g, s, source); err != nil {
			return err
		}
	}
	return nil
}

func (k Keeper) cover(ctx context.Context, g schema.Grain, s schema.Span, source string) error {
	return k.client.Exec(ctx, fmt.Sprintf("INSERT INTO %s SETTINGS insert_deduplicate = 0 SELECT '%s', %s, %s, %s", k.coverage(), g.Suffix, literal(s.From), literal(s.To), text(source)))
}
