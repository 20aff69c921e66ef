package rollup

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed difference.sql
var differenceSQL string

//go:embed coarser.sql
var coarserSQL string

var (
	differenceTemplate = statement.Parse("difference.sql", differenceSQL)
	coarserTemplate    = statement.Parse("coarser.sql", coarserSQL)
)

// ErrUnsettled says that events kept coming into a bucket while it was filled.
var ErrUnsettled = errors.New("the events of the bucket keep changing")

// settle is how old an hour's end must be before it is filled: most events have come in by then, and those that come
// later reach the roll-up through the views.
const settle = time.Hour

// Fill adds the events that were there before the roll-ups, an hour at a time, the newest day first, and then each day.
// It may be interrupted and run again at any time: it adds only what a bucket lacks, and notes a bucket as complete only
// once nothing is lacking, so that nothing counts twice. done is told each day that is complete. Run one at a time. What
// is older than RollupRetention is left out.
func (k Keeper) Fill(ctx context.Context, done func(day time.Time)) error {
	s, err := k.state(ctx)
	if err != nil {
		return err
	}
	bounds, err := k.bounds(ctx)
	if err != nil || len(bounds) == 0 {
		return err
	}
	covered, err := k.covered(ctx, s.source)
	if err != nil {
		return err
	}
	newest := bounds[1]
	if newest.After(k.now()) {
		newest = k.now().UTC()
	}
	day, width := floorDay(newest), schema.Daily.Width
	oldest := floorDay(later(bounds[0], k.now().Add(-schema.RollupRetention)))
	for ; !day.Before(oldest); day = day.Add(-width) {
		whole := schema.Span{From: day, To: day.Add(width)}
		if !slices.ContainsFunc(schema.AllGrains(), func(g schema.Grain) bool { return !within(whole, covered[g]) }) {
			continue
		}
		if err := k.fillDay(ctx, whole, covered, s.source); err != nil {
			return fmt.Errorf("fill the roll-ups of %s: %w", day.Format(time.DateOnly), err)
		}
		done(day)
	}
	return nil
}

func (k Keeper) fillDay(ctx context.Context, day schema.Span, covered map[schema.Grain][]schema.Span, source string) error {
	step, err := k.step(ctx, day)
	if err != nil {
		return err
	}
	hours := schema.Span{From: day.From, To: day.From}
	for hours.To.Before(day.To) {
		next := schema.Span{From: hours.To, To: earlier(hours.To.Add(step), day.To)}
		if !within(next, covered[schema.Hourly]) || !within(next, covered[schema.BeaconsHourly]) {
			settled := k.now().Add(-settle).UTC().Truncate(schema.Hourly.Width)
			if next.To = earlier(next.To, settled); !next.From.Before(next.To) {
				break
			}
			if err := k.fillHours(ctx, next); err != nil {
				return err
			}
		}
		hours.To = next.To
	}
	if hours.From.Before(hours.To) {
		if err := k.coverAll(ctx, hours, source, schema.Hourly, schema.BeaconsHourly); err != nil {
			return err
		}
	}
	if hours != day || within(day, covered[schema.Daily]) && within(day, covered[schema.BeaconsDaily]) {
		return nil
	}
	for _, g := range []schema.Grain{schema.Daily, schema.BeaconsDaily} {
		if err := k.reconcile(ctx, g, day); err != nil {
			return err
		}
	}
	return k.coverAll(ctx, day, source, schema.Daily, schema.BeaconsDaily)
}

// fillHours fills what is counted by the hour, and the names of the week, which the day's beacon roll-up needs as well.
func (k Keeper) fillHours(ctx context.Context, span schema.Span) error {
	for _, g := range []schema.Grain{schema.Hourly, schema.BeaconsHourly} {
		if err := k.reconcile(ctx, g, span); err != nil {
			return err
		}
	}
	return k.fillNames(ctx, span)
}

// fillNames adds the names that lack in the weeks of a span. An earlier attempt may have been cut off between the roll-up
// and the views that hang on it.
func (k Keeper) fillNames(ctx context.Context, span schema.Span) error {
	bounds := fmt.Sprintf("Bucket >= %s AND Bucket < %s", literal(span.From), literal(span.To))
	rows, err := beaconing.RollupRows(k.table, schema.BeaconNames, bounds)
	if err != nil {
		return err
	}
	const names = "Week, DeviceName, RemoteUrl, RemoteIP, DeviceId, GroupHash"
	week := statement.Bucket(span.From, schema.BeaconNames)
	known := fmt.Sprintf("SELECT %s FROM %s WHERE Week >= %s AND Week < %s AND GroupHash IN (SELECT GroupHash FROM %s WHERE %s)",
		names, k.rollup(schema.BeaconNames), literal(week), literal(span.To), k.rollup(schema.Hourly), bounds)
	return k.client.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SETTINGS insert_deduplicate = 0\nSELECT %s FROM\n(\n%s\n)\nWHERE (%s) NOT IN (%s)",
		k.rollup(schema.BeaconNames), names, names, rows, names, known))
}

// step returns how much of a day is filled at a time: an hour, or all of a day with few events.
func (k Keeper) step(ctx context.Context, day schema.Span) (time.Duration, error) {
	at := "t." + statement.Identifier(k.table.Column(schema.Timestamp).Name)
	events, err := k.count(ctx, fmt.Sprintf("SELECT toInt64(count()) AS Rows FROM %s AS t WHERE %s >= %s AND %s < %s", k.quoted(k.table.Name), at, literal(day.From), at, literal(day.To)))
	if events > fewEvents {
		return schema.Hourly.Width, err
	}
	return schema.Daily.Width, err
}

// fewEvents fit into memory at once, with every one a row of its own.
const fewEvents = 1_000_000

// attempts bounds how often a bucket is filled until nothing is lacking: events that come in meanwhile are seen once in
// the events and not yet in the roll-up, or the other way round, and the next attempt mends what this one then adds.
const attempts = 10

func (k Keeper) reconcile(ctx context.Context, g schema.Grain, bucket schema.Span) error {
	difference, err := k.difference(g, bucket)
	if err != nil {
		return err
	}
	m := measuresOf(g)
	columns := "Bucket, GroupHash" + keys(g) + ", " + strings.Join(m.Sums, ", ") + ", " + m.First + ", " + m.Last
	filled, err := k.count(ctx, fmt.Sprintf("SELECT toInt64(count()) AS Rows FROM %s WHERE Bucket >= %s AND Bucket < %s%s", k.rollup(g), literal(bucket.From), literal(bucket.To), m.Grain))
	if err != nil {
		return err
	}
	for i := range attempts {
		if i > 0 || filled > 0 { // what is empty lacks everything: that needs no comparison
			missing, err := k.count(ctx, "SELECT toInt64(count()) AS Rows FROM (SELECT 1 FROM (\n"+difference+"\n) LIMIT 1)")
			if missing == 0 || err != nil {
				return err
			}
		}
		if err := k.client.Exec(ctx, "INSERT INTO "+k.rollup(g)+" ("+columns+") SETTINGS insert_deduplicate = 0\n"+difference); err != nil {
			return err
		}
	}
	return ErrUnsettled
}

// count runs a statement that answers one number of rows.
func (k Keeper) count(ctx context.Context, sql string) (int64, error) {
	s, err := statement.New(sql, nil, []statement.Column{{Name: "Rows", Kind: statement.Integer}})
	if err != nil {
		return 0, err
	}
	result, err := k.client.Query(ctx, s, clickhouse.Origin{Detector: "rollup"})
	if err != nil {
		return 0, err
	}
	return result.Data[0].([]int64)[0], nil
}

func (k Keeper) difference(g schema.Grain, bucket schema.Span) (string, error) {
	should, err := k.should(g, bucket)
	if err != nil {
		return "", err
	}
	return statement.Render(differenceTemplate, map[string]any{
		"Keys": keys(g), "Measures": measuresOf(g), "Rollup": k.rollup(g), "From": literal(bucket.From), "To": literal(bucket.To), "Should": strings.TrimSpace(should),
	})
}

// measures are a roll-up's numbers.
type measures struct {
	Sums        []string
	Types       map[string]string // of the sums, without the aggregate function
	First, Last string
	Time        string // the type of First and Last, as a text within quotes
	Grain       string // the condition that keeps the rows of this grain, where the table has several
}

func measuresOf(g schema.Grain) measures {
	types := map[string]string{schema.Connections: "Int64", schema.SentBytes: "Nullable(Int64)", schema.ReceivedBytes: "Nullable(Int64)"}
	if _, beacons := g.Finer(); beacons {
		return measures{
			Sums: []string{schema.Connections, schema.SentBytes}, Types: types, First: schema.FirstHour, Last: schema.LastHour, Time: "Int32",
			Grain: fmt.Sprintf(" AND %s = %d", schema.Hours, g.Hours()),
		}
	}
	return measures{Sums: []string{schema.Connections, schema.SentBytes, schema.ReceivedBytes}, Types: types, First: schema.FirstSeen, Last: schema.LastSeen, Time: `DateTime64(3, \'UTC\')`}
}

// should renders what ought to be in the buckets of a roll-up: from the events by the hour, and from the roll-ups that are
// filled before it for all others.
func (k Keeper) should(g schema.Grain, bucket schema.Span) (string, error) {
	between := func(at string) string {
		return fmt.Sprintf("%s >= %s AND %s < %s", at, literal(bucket.From), at, literal(bucket.To))
	}
	switch _, beacons := g.Finer(); {
	case beacons:
		return beaconing.RollupRows(k.table, g, between("Bucket"))
	case g == schema.Daily:
		return statement.Render(coarserTemplate, map[string]any{
			"Keys": keys(g), "Finer": k.rollup(schema.Hourly), "Width": g.Width.Milliseconds(), "From": literal(bucket.From), "To": literal(bucket.To),
		})
	default:
		return statement.RollupSelect(k.table, g, between), nil
	}
}

func within(s schema.Span, spans []schema.Span) bool {
	for _, c := range spans {
		if !s.From.Before(c.From) && !s.To.After(c.To) {
			return true
		}
	}
	return false
}

func floorDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a.UTC()
	}
	return b.UTC()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a.UTC()
	}
	return b.UTC()
}

// text quotes a text.
func text(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
