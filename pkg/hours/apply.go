package hours

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// engines are those whose rows stay as they were inserted, and whose parts tell what was done to them.
var engines = []string{"MergeTree", replicated, "SharedMergeTree"}

// Every is how often the job runs.
const Every = 5 * time.Minute

// fit returns the table's engine, or ErrUnfit.
func (k Keeper) fit(ctx context.Context) (string, error) {
	tables, err := k.engines(ctx, []string{k.table.Name})
	if err != nil {
		return "", err
	}
	own := tables[k.table.Name]
	switch {
	case own.engine == distributed:
		return "", fmt.Errorf("%w: it is Distributed; each shard keeps its own, with its table %s in the settings", ErrUnfit, schema.LocalName(k.table.Name))
	case !slices.Contains(engines, own.engine):
		return "", fmt.Errorf("%w: its engine is %s, and hours need one of %v", ErrUnfit, own.engine, engines)
	}
	if why := k.table.CanKeepHours(own.partition); why != "" {
		return "", fmt.Errorf("%w: %s", ErrUnfit, why)
	}
	return own.engine, nil
}

// statements renders the statements of the table, or says that it can have none.
func (k Keeper) statements(ctx context.Context, patient bool) (t texts, engine string, err error) {
	if engine, err = k.fit(ctx); err != nil {
		return texts{}, "", err
	}
	t, err = k.render(engine, patient)
	return t, engine, err
}

// Apply creates what hours need beside the events table, as it is mapped now; what is there stays. It returns ErrUnfit where the
// table can have none.
func (k Keeper) Apply(ctx context.Context) error {
	t, engine, err := k.statements(ctx, true)
	if err != nil {
		return err
	}
	made := schema.HoursMadeName(k.table.Name)
	statements, err := schema.HoursDDL(schema.HoursNames{Hours: k.quoted(schema.HoursName(k.table.Name)), Made: k.quoted(made), Keys: k.table.HourColumns(), RetentionDays: k.days()})
	if err != nil {
		return err
	}
	if engine == replicated {
		// Those of one replica would be lost with it: they come to all replicas at once.
		there, err := k.engines(ctx, []string{schema.HoursName(k.table.Name), made})
		if err != nil {
			return err
		}
		if len(there) < 2 {
			return fmt.Errorf("%w: it replicates, and its hours must be created on all replicas at once; run the statements of `fluxhound schema print --cluster`", ErrUnfit)
		}
		statements = nil
	}
	statements = append(statements, "CREATE OR REPLACE VIEW "+k.quoted(schema.HoursValidName(k.table.Name))+" AS\n"+t.valid)
	for _, text := range statements {
		if err := k.client.Exec(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// Schedule makes ClickHouse run the job by itself, from now on. Where the server has no refreshable views it is an
// error of ClickHouse: `fluxhound watch` runs the same statements.
func (k Keeper) Schedule(ctx context.Context) error {
	t, _, err := k.statements(ctx, true)
	if err != nil {
		return err
	}
	names := schema.HoursJobNames(k.table.Name)
	for _, name := range slices.Backward(names) {
		if err := k.client.Exec(ctx, "DROP TABLE IF EXISTS "+k.quoted(name)); err != nil {
			return err
		}
	}
	into := []string{schema.HoursMadeName(k.table.Name), schema.HoursName(k.table.Name), schema.HoursMadeName(k.table.Name)}
	after := ""
	for i, rows := range []string{t.plan, t.make, t.prove} {
		text := fmt.Sprintf("CREATE MATERIALIZED VIEW %s REFRESH EVERY %d SECOND%s APPEND TO %s EMPTY AS\n%s", k.quoted(names[i]), int(Every.Seconds()), after, k.quoted(into[i]), rows)
		if err := k.client.Exec(ctx, text); err != nil {
			return err
		}
		after = " DEPENDS ON " + k.quoted(names[i])
	}
	return nil
}

// Run makes the hours that are not what their events are, until all are that may be, the newest first. Run at once with others it
// does no harm. done is told how many hours each round has noted. It returns ErrUnsettled where no round notes any of its
// hours any more.
func (k Keeper) Run(ctx context.Context, done func(hours int)) error {
	for vain := 0; ; {
		round, err := k.round(ctx, false)
		switch {
		case err != nil:
			return err
		case round.planned == 0:
			return nil
		case round.noted > 0:
			vain = 0
			done(round.noted)
		default:
			if vain++; vain == mostInVain {
				return fmt.Errorf("%w: none of %d was noted", ErrUnsettled, round.planned)
			}
		}
	}
}

// ErrUnsettled says that hours could not be made while their events changed. A later run makes them.
var ErrUnsettled = errors.New("the events of the hours keep changing")

// mostInVain is how many rounds may note nothing: the hours that they planned had changed or gone when they were read.
const mostInVain = 3

// Once runs the job's three steps once, as ClickHouse does where it has the job. It returns how many hours it has noted.
func (k Keeper) Once(ctx context.Context) (hours int, err error) {
	round, err := k.round(ctx, true)
	return round.noted, err
}

// round is what came of the three steps, in hours.
type round struct{ planned, noted int }

func (k Keeper) round(ctx context.Context, patient bool) (round, error) {
	t, _, err := k.statements(ctx, patient)
	if err != nil {
		return round{}, err
	}
	hours, made := k.quoted(schema.HoursName(k.table.Name)), k.quoted(schema.HoursMadeName(k.table.Name))
	if err := k.step(ctx, "plan hours", made, t.plan); err != nil {
		return round{}, err
	}
	planned, err := k.newest(ctx, t.source, "planned")
	if err != nil {
		return round{}, err
	}
	if err := k.step(ctx, "make hours", hours, t.make); err != nil {
		return round{}, err
	}
	if err := k.step(ctx, "note hours", made, t.prove); err != nil {
		return round{}, err
	}
	r := round{planned: len(planned)}
	noted, err := k.newest(ctx, t.source, "made")
	for hour, at := range planned {
		if note := noted[hour]; note.build > 0 && !note.at.Before(at.at) {
			r.noted++
		}
	}
	return r, err
}

// step runs one step. Its columns have the table's order.
func (k Keeper) step(ctx context.Context, op, into, rows string) error {
	return k.client.Apply(ctx, op, statement.Statement{SQL: "INSERT INTO " + into + " " + rows}, map[string]any{"insert_deduplicate": 0, "async_insert": 0})
}

// note is when a step was noted, and the rows that it names.
type note struct {
	at    time.Time
	build int64
}

// newest returns the newest notes of a step by their hour; of planned hours those that were not noted since.
func (k Keeper) newest(ctx context.Context, source, step string) (map[time.Time]note, error) {
	sql := "SELECT toDateTime64(Hour, 3, 'UTC') AS Start, maxIf(At, Step = {step:String}) AS Newest, argMaxIf(Build, (At, Build), Step = {step:String}) AS Build FROM " +
		k.quoted(schema.HoursMadeName(k.table.Name)) + " WHERE Source = " + source + " GROUP BY Hour HAVING Newest >= max(At)"
	result, err := k.ask(ctx, sql, map[string]any{"step": step},
		statement.Column{Name: "Start", Kind: statement.Time}, statement.Column{Name: "Newest", Kind: statement.Time}, statement.Column{Name: "Build", Kind: statement.Integer})
	if err != nil {
		return nil, err
	}
	notes := map[time.Time]note{}
	for i, start := range result.Data[0].([]time.Time) {
		notes[start] = note{result.Data[1].([]time.Time)[i], result.Data[2].([]int64)[i]}
	}
	return notes, nil
}
