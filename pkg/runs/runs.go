// Package findings keeps what detectors find. A job asks each question every few minutes (run.sql) and writes down all that is known
// of what it finds; who asks the same reads the newest run (newest.sql). The allowlist, severity, labels and bounds are applied when it
// is read, so that a change of these works at once.
package runs

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

var (
	//go:embed run.sql
	runText string
	//go:embed newest.sql
	newestText string

	runTemplate    = statement.Parse("run.sql", runText)
	newestTemplate = statement.Parse("newest.sql", newestText)
)

// Keeper keeps the findings of one events table.
type Keeper struct {
	client *clickhouse.Client
	query  hours.Query
	table  schema.Table
	asked  []Asked
}

// New makes a keeper that asks these questions; none for one that only reads. The table's hours are read where it is told to ask for
// them.
func New(client *clickhouse.Client, table schema.Table, asked []Asked) Keeper {
	return Keeper{client: client, query: client.Query, table: table, asked: asked}
}

// Asking returns the keeper that reads by another way.
func (k Keeper) Asking(by hours.Query) Keeper {
	k.query = by
	return k
}

// Apply creates what findings are kept in; what is there stays, and columns that are new are added.
func (k Keeper) Apply(ctx context.Context) error {
	names := schema.FindingsNames{
		Runs: k.quoted(schema.FindingsRunsName(k.table.Name)), Findings: k.quoted(schema.FindingsName(k.table.Name)), Seen: k.quoted(schema.FindingsSeenName(k.table.Name)),
		Verdicts:  k.quoted(schema.VerdictsName(k.table.Name)),
		RunsHours: int(schema.RunsRetention.Hours()), RetentionDays: int(schema.FindingsRetention.Hours() / 24),
	}
	kinds := map[string]statement.Kind{detect.FindingKey: "", schema.FindingValue: ""}
	for _, a := range k.asked {
		s, err := a.Statement(k.table)
		if err != nil {
			return err
		}
		for _, c := range s.Columns {
			switch kind, known := kinds[c.Name]; {
			case !known:
				kinds[c.Name] = c.Kind
				names.Columns = append(names.Columns, schema.FindingColumn{Name: c.Name, Type: c.Kind.ClickHouse()})
			case kind != "" && kind != c.Kind: // a programmer's error
				return fmt.Errorf("the column %s of findings is %s of one detector and %s of another", c.Name, kind, c.Kind)
			}
		}
	}
	statements, err := schema.FindingsDDL(names)
	if err != nil {
		return err
	}
	for _, text := range statements {
		if err := k.client.Exec(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// Schedule makes ClickHouse ask the questions by itself, from now on, and no longer what was scheduled before. Where the server has no
// refreshable views it is an error of ClickHouse: `fluxhound watch` asks the same.
func (k Keeper) Schedule(ctx context.Context) error {
	if err := k.Unschedule(ctx); err != nil {
		return err
	}
	meaning, err := k.client.Meaning(ctx)
	if err != nil {
		return err
	}
	for i, a := range k.asked {
		rows, columns, err := k.rows(a, now)
		if err != nil {
			return err
		}
		// One after the other, so that they do not all need memory at once.
		offset := time.Duration(i+1) * a.Every / time.Duration(len(k.asked)+1)
		text := fmt.Sprintf("CREATE MATERIALIZED VIEW %s REFRESH EVERY %d SECOND OFFSET %d SECOND APPEND TO %s (%s) EMPTY AS\n%s\nSETTINGS %s",
			k.quoted(fmt.Sprintf("%s%02d", schema.FindingsJobPrefix(k.table.Name), i+1)), int(a.Every.Seconds()), int(offset.Seconds()), k.quoted(schema.FindingsRunsName(k.table.Name)),
			columns, rows, meaning)
		if err := k.client.Exec(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	return nil
}

// Unschedule ends what ClickHouse does by itself.
func (k Keeper) Unschedule(ctx context.Context) error {
	result, err := k.ask(ctx, "SELECT name AS Name FROM system.tables WHERE database = {database:String} AND startsWith(name, {prefix:String}) ORDER BY Name",
		map[string]any{"database": k.table.Database, "prefix": schema.FindingsJobPrefix(k.table.Name)}, statement.Column{Name: "Name", Kind: statement.Text})
	if err != nil {
		return err
	}
	for _, name := range result.Data[0].([]string) {
		if err := k.client.Exec(ctx, "DROP TABLE IF EXISTS "+k.quoted(name)); err != nil {
			return err
		}
	}
	return nil
}

// now is the end of a run's window, as ClickHouse evaluates it: once in a statement, as a scalar subquery, which might be NULL.
const now = "assumeNotNull((SELECT toDateTime64(toStartOfMinute(now('UTC')), 3, 'UTC')))"

// Once asks each question that is due, as ClickHouse does where it has the job. Those that fail do not keep the others from being asked.
func (k Keeper) Once(ctx context.Context) error {
	at := time.Now()
	runs, err := k.Newest(ctx, at)
	if err != nil {
		return err
	}
	k.asked = slices.DeleteFunc(slices.Clone(k.asked), func(a Asked) bool { return at.Sub(runs[a.Key].Run) < a.Every-time.Minute })
	return k.once(ctx, now)
}

func (k Keeper) once(ctx context.Context, to string) error {
	meaning, err := k.client.Meaning(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, a := range k.asked {
		rows, columns, err := k.rows(a, to)
		if err == nil {
			err = k.client.Apply(ctx, "keep what is found of "+a.Name, statement.Statement{SQL: fmt.Sprintf("INSERT INTO %s (%s) %s\nSETTINGS %s", k.quoted(schema.FindingsRunsName(k.table.Name)), columns, rows, meaning)},
				map[string]any{"insert_deduplicate": 0, "async_insert": 0, "max_query_size": 4 * len(rows)})
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed = append(failed, fmt.Errorf("%s: %w", a.Name, err))
		}
	}
	return errors.Join(failed...)
}

// rows renders a run, with its columns in their order.
func (k Keeper) rows(a Asked, to string) (text, columns string, err error) {
	s, err := a.Statement(k.table)
	if err != nil {
		return "", "", err
	}
	written := s.Written(map[time.Time]string{
		detect.Start:                 fmt.Sprintf("(%s - INTERVAL %d SECOND)", to, int(a.Lookback.Seconds())),
		detect.Start.Add(a.Lookback): to,
	})
	names := []string{schema.Question, schema.QueryType, schema.Rule, schema.Run, schema.Build, schema.RunEvery, schema.Place, schema.RunFindings}
	var of []schema.FindingColumn
	for _, c := range s.Columns {
		of, names = append(of, schema.FindingColumn{Name: c.Name, Type: c.Kind.ClickHouse()}), append(names, c.Name)
	}
	text, err = statement.Render(runTemplate, map[string]any{
		"Question": statement.Quoted(a.Key), "QueryType": statement.Quoted(a.QueryType), "Rule": statement.Quoted(a.Name), "To": to, "EverySeconds": int(a.Every.Seconds()),
		"Columns": of, "Statement": strings.ReplaceAll(written, "\n", "\n        "),
	})
	return strings.TrimSpace(text), strings.Join(append(names, "Finding"), ", "), err
}

// Run is the newest run of a question.
type Run struct {
	schema.Kept
	Rule     string // the question's name for people
	Every    time.Duration
	Findings int64
}

// Stale reports whether two runs have failed to come since.
func (r Run) Stale(at time.Time) bool { return at.Sub(r.Run) > 2*r.Every+time.Minute }

// Reaches reports whether a window that ends at an instant is the run's, as well as any run can be it.
func (r Run) Reaches(end time.Time) bool { return end.Sub(r.Run).Abs() <= 2*r.Every+time.Minute }

// Newest returns the newest whole run of each question, by its key.
func (k Keeper) Newest(ctx context.Context, at time.Time) (map[string]Run, error) {
	text, err := statement.Render(newestTemplate, map[string]any{"Runs": k.quoted(schema.FindingsRunsName(k.table.Name)), "Whole": schema.WholeRun})
	if err != nil {
		return nil, err
	}
	integer := func(name string) statement.Column { return statement.Column{Name: name, Kind: statement.Integer} }
	result, err := k.ask(ctx, text, map[string]any{"since": at.UTC().Truncate(time.Minute).Add(-schema.RunsRetention)},
		statement.Column{Name: "Asked", Kind: statement.Text}, statement.Column{Name: "Newest", Kind: statement.Time}, integer("NewestBuild"), integer("Seconds"), integer("Found"), statement.Column{Name: "NewestRule", Kind: statement.Text})
	if err != nil {
		return nil, err
	}
	runs := map[string]Run{}
	for i, question := range result.Data[0].([]string) {
		runs[question] = Run{
			Kept:  schema.Kept{Question: question, Run: result.Data[1].([]time.Time)[i], Build: result.Data[2].([]int64)[i]},
			Every: time.Duration(result.Data[3].([]int64)[i]) * time.Second, Findings: result.Data[4].([]int64)[i], Rule: result.Data[5].([]string)[i],
		}
	}
	return runs, nil
}

// State is what there is of kept findings.
type State struct {
	There bool
	// Sharded says that the events lie on several servers.
	Sharded bool
}

// Look says whether findings are kept.
func (k Keeper) Look(ctx context.Context) (State, error) {
	result, err := k.ask(ctx, "SELECT name AS Name, engine AS Engine FROM system.tables WHERE database = {database:String} AND name IN {names:Array(String)}",
		map[string]any{"database": k.table.Database, "names": []string{k.table.Name, schema.FindingsRunsName(k.table.Name)}},
		statement.Column{Name: "Name", Kind: statement.Text}, statement.Column{Name: "Engine", Kind: statement.Text})
	if err != nil {
		return State{}, err
	}
	var state State
	for i, name := range result.Data[0].([]string) {
		state.There = state.There || name == schema.FindingsRunsName(k.table.Name)
		state.Sharded = state.Sharded || name == k.table.Name && result.Data[1].([]string)[i] == "Distributed"
	}
	return state, nil
}

func (k Keeper) ask(ctx context.Context, sql string, values map[string]any, columns ...statement.Column) (*clickhouse.Result, error) {
	s, err := statement.New(sql, values, columns)
	if err != nil {
		return nil, err
	}
	s.RowLimit = mostRows
	return k.query(ctx, s, clickhouse.Origin{Detector: "findings"})
}

// mostRows is more than anybody asks questions.
const mostRows = 10_000

func (k Keeper) quoted(name string) string {
	return statement.Qualified(k.table.Database, name)
}
