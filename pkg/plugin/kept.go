package plugin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// readFindings says whether findings of the table are kept.
func (d *Datasource) readFindings(ctx context.Context) (runs.State, error) {
	table, _, err := d.resolved(ctx, false)
	if err != nil {
		return runs.State{}, err
	}
	return runs.New(d.client, table, nil).Look(ctx)
}

// withKept returns the table with the runs that answer a query. Whatever is wrong with kept findings, the detectors are asked, and a
// notice says so.
func (d *Datasource) withKept(ctx context.Context, detector detect.Detector, q query.Query, table schema.Table) (_ schema.Table, notices []string, err error) {
	state, err := known(ctx, d.known.findings, false)
	if err != nil || !state.Value.There || state.Generation == 0 {
		return table, nil, err
	}
	asked, err := questionsOf(detector, q, table)
	if err != nil || len(asked) == 0 {
		return table, nil, err
	}
	newest, err := d.runs(ctx, table, state.Value)
	switch {
	case err != nil && ctx.Err() != nil:
		return table, nil, err
	case err != nil:
		return table, []string{"Asked of the detectors rather than of what is kept, which is slower: " + explain(err)}, nil
	}
	kept := map[string]schema.Kept{}
	var last time.Time
	for _, question := range asked {
		run, ok := newest[question.Key]
		switch {
		case ok && run.Stale(d.now()):
			if run.Run.After(last) {
				last = run.Run
			}
		case ok && run.Reaches(q.Window.To):
			kept[question.QueryType] = run.Kept
		}
	}
	if !last.IsZero() {
		notices = append(notices, fmt.Sprintf("Asked of the detectors, which is slower: what they find was kept last at %s UTC. See whether the job runs: Save & test tells.", last.Format(time.DateTime)))
	}
	return table.WithKept(kept), notices, nil
}

// statement builds the statement of a query on what is kept that answers it: findings, otherwise hours, otherwise events.
func (d *Datasource) statement(ctx context.Context, detector detect.Detector, q query.Query, table schema.Table) (statement.Statement, error) {
	switch detector.Spec().Kind {
	case detect.KindDetector, detect.KindUnion:
	case detect.KindFindings:
		return d.remembered(ctx, detector, q, table)
	default:
		return detector.Statement(q, table)
	}
	table, notices, err := d.withKept(ctx, detector, q, table)
	if err != nil {
		return statement.Statement{}, err
	}
	s, err := detector.Statement(q, table)
	if err != nil || s.Kept {
		return withNotices(s, notices), err
	}
	table, more, err := d.withHours(ctx, table, q.Window)
	if err != nil {
		return statement.Statement{}, err
	}
	s, err = detector.Statement(q, table)
	return withNotices(s, append(notices, more...)), err
}

// questionsOf are the questions that a query asks, of which findings might be kept.
func questionsOf(detector detect.Detector, q query.Query, table schema.Table) ([]detect.Question, error) {
	var asked []detect.Question
	for _, share := range detect.Shares(detector, q) {
		question, ok, err := detect.Ask(share.Detector, share.Query, table)
		if err != nil {
			return nil, err
		}
		if ok {
			asked = append(asked, question)
		}
	}
	return asked, nil
}

// runs returns the newest run of each question, for whoever may see all events.
func (d *Datasource) runs(ctx context.Context, table schema.Table, state runs.State) (map[string]runs.Run, error) {
	ask := hours.Query(d.client.Query)
	if clickhouse.ClassOf(ctx) != clickhouse.Alert {
		ask = d.shared.Query
	}
	if err := hours.New(d.client, table).Asking(ask).SeesAll(ctx, state.Sharded); err != nil {
		return nil, err
	}
	return runs.New(d.client, table, nil).Asking(ask).Newest(ctx, d.now())
}

// findingsStep is the step of the health check for kept findings.
const findingsStep = "findings"

// checkFindings tells whether what dashboards and shipped rules ask is kept, and how old that is. Without it everything works, and
// slower.
func (d *Datasource) checkFindings(ctx context.Context, table schema.Table) check {
	ok := func(text string) check { return check{Name: findingsStep, OK: true, Message: text} }
	state, err := known(ctx, d.known.findings, true)
	if err == nil {
		err = state.Fault
	}
	switch {
	case err != nil:
		return ok("Kept findings are not used: " + explain(err))
	case !state.Value.There:
		return ok("No findings are kept: detectors are asked each time.")
	}
	newest, err := d.runs(ctx, table, state.Value)
	if err != nil {
		return ok("Kept findings are not used: " + explain(err))
	}
	known, err := d.knownSite(ctx)
	if err != nil {
		return failedCheck(findingsStep, err)
	}
	asked, err := runs.Questions(known.at(d.now()), d.settings, table)
	if err != nil {
		return failedCheck(findingsStep, err)
	}
	var missing, stale []string
	var last time.Time
	for _, question := range asked {
		run, there := newest[question.Key]
		switch {
		case !there:
			missing = append(missing, question.Name)
		case run.Stale(d.now()):
			stale = append(stale, fmt.Sprintf("%s (%s UTC)", question.Name, run.Run.Format(time.DateTime)))
		case run.Run.After(last):
			last = run.Run
		}
	}
	failed := check{Name: findingsStep, Warning: true}
	switch {
	case len(stale) > 0:
		failed.Message = "Two runs or more are missing of what is kept, and the detectors are asked in their place, which is slower: " + strings.Join(stale, ", ") + "."
		failed.Hint = "Look for the job in system.view_refreshes, which says why it fails, or see that `fluxhound watch --findings` runs."
		return failed
	case len(missing) > 0:
		failed.Message = "Findings are kept, but not of what is asked now, since a list, a setting or the plugin is newer than the job; the detectors are asked, which is slower: " + strings.Join(missing, ", ") + "."
		failed.Hint = "Run `fluxhound schema apply --settings FILE --findings` again."
		return failed
	}
	return ok(fmt.Sprintf("Findings of %d questions are kept, the newest of %s UTC.", len(asked), last.Format(time.DateTime)))
}

// remembered builds the statement of a query for what was found and is remembered. Where nothing is kept, or not for the one who asks,
// it is an error: to find nothing would be taken for an answer. What is older than two runs is an error to an alert rule, and a notice to
// everybody else.
func (d *Datasource) remembered(ctx context.Context, detector detect.Detector, q query.Query, table schema.Table) (statement.Statement, error) {
	const op = "read kept findings"
	state, err := known(ctx, d.known.findings, false)
	if err == nil && state.Generation == 0 {
		err = state.Fault
	}
	if err != nil {
		return statement.Statement{}, err
	}
	if !state.Value.There {
		return statement.Statement{}, &clickhouse.Error{Category: clickhouse.Schema, Op: op, Err: fmt.Errorf("there is no table %s, or the user may not see it", schema.FindingsRunsName(table.Name)),
			Hint: "`fluxhound schema apply --settings FILE --findings` keeps findings; the detectors' own query types answer without it."}
	}
	newest, err := d.runs(ctx, table, state.Value)
	switch {
	case errors.Is(err, hours.ErrPolicy):
		return statement.Statement{}, &clickhouse.Error{Category: clickhouse.Permission, Op: op, Err: err, Hint: "Findings are kept of all events: ask the detectors, which look at those that the user may see."}
	case err != nil:
		return statement.Statement{}, err
	case len(newest) == 0:
		return statement.Statement{}, &clickhouse.Error{Category: clickhouse.Schema, Op: op, Err: errors.New("no run is kept"), Hint: staleHint}
	}
	s, err := detector.Statement(q, table)
	if err != nil {
		return statement.Statement{}, err
	}
	var stale []string
	for _, run := range newest {
		if asks := q.Params.Strings("rules"); run.Stale(d.now()) && (len(asks) == 0 || slices.Contains(asks, run.Rule)) {
			stale = append(stale, fmt.Sprintf("%s of %s UTC", run.Rule, run.Run.Format(time.DateTime)))
		}
	}
	slices.Sort(stale)
	switch text := "two runs or more are missing since " + strings.Join(stale, ", "); {
	case len(stale) == 0:
		return s, nil
	case clickhouse.ClassOf(ctx) == clickhouse.Alert:
		return statement.Statement{}, &clickhouse.Error{Category: clickhouse.Schema, Op: op, Err: errors.New(text), Hint: staleHint}
	default:
		return withNotices(s, []string{"What is kept is old: " + text + ". " + staleHint}), nil
	}
}

const staleHint = "See why the job does not run: Save & test, and ClickHouse's system.view_refreshes, or whether `fluxhound watch` runs."
