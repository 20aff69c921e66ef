package rollup

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
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
		if within(whole, covered[schema.Daily]) && within(whole, covered[schema.Hourly]) {
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
		if !within(next, covered[schema.Hourly]) {
			settled := k.now().Add(-settle).UTC().Truncate(schema.Hourly.Width)
			if next.To = earlier(next.To, settled); !next.From.Before(next.To) {
				break
			}
			if err := k.reconcile(ctx, schema.Hourly, next); err != nil {
				return err
			}
		}
		hours.To = next.To
	}
	if hours.From.Before(hours.To) {
		if err := k.cover(ctx, schema.Hourly, hours, source); err != nil {
			return err
		}
	}
	if hours != day || within(day, covered[schema.Daily]) {
		return nil
	}
	if err := k.reconcile(ctx, schema.Daily, day); err != nil {
		return err
	}
	return k.cover(ctx, schema.Daily, day, source)
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
	columns := "Bucket, GroupHash, " + keys() + ", Connections, SentBytes, ReceivedBytes, FirstSeen, LastSeen"
	filled, err := k.count(ctx, fmt.Sprintf("SELECT toInt64(count()) AS Rows FROM %s WHERE Bucket >= %s AND Bucket < %s", k.rollup(g), literal(bucket.From), literal(bucket.To)))
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
	data := map[string]any{"Keys": keys(), "Rollup": k.rollup(g), "From": literal(bucket.From), "To": literal(bucket.To)}
	should := statement.RollupSelect(k.table, g, func(at string) string {
		return fmt.Sprintf("%s >= %s AND %s < %s", at, literal(bucket.From), at, literal(bucket.To))
	})
	if g == schema.Daily {
		data["Finer"], data["Width"] = k.rollup(schema.Hourly), g.Width.Milliseconds()
		var err error
		if should, err = statement.Render(coarserTemplate, data); err != nil {
			return "", err
		}
	}
	data["Should"] = strings.TrimSpace(should)
	return statement.Render(differenceTemplate, data)
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
