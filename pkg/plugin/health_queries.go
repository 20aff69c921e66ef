package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

const (
	queriesStep = "queries"
	// provedSpan is how much of the newest events' time the statements look at, at most.
	provedSpan = time.Hour
	// provedAtOnce is how many of them run at a time: the check must not take the place of alert rules.
	provedAtOnce = 3
	// provedRows bounds what each returns.
	provedRows = 10
)

// question is one query that has to be answered, and how to name it to a person.
type question struct {
	name string
	json []byte
}

// checkQueries runs what can be asked on the newest events: every detector in every format, with thresholds so low that rows
// come through to the end, and the query of every shipped rule as it is. On no events a function that is forbidden, or a column
// that cannot be read, may go unnoticed.
func (d *Datasource) checkQueries(ctx context.Context, table schema.Table, found *profile.Profile) check {
	lists, err := d.knownSite(ctx)
	if err != nil {
		return failedCheck(queriesStep, err)
	}
	site := lists.at(d.now())
	window, seen := d.provedWindow(found)
	var statements []proof
	tried := map[string]bool{}
	kept, err := known(ctx, d.known.findings, false)
	if err != nil {
		return failedCheck(queriesStep, err)
	}
	for _, asked := range questions(site, kept.Value.There) {
		more, err := d.proofs(asked, window, site, table)
		if err != nil {
			return failedCheck(queriesStep, fmt.Errorf("%s: %w", asked.name, err))
		}
		for _, p := range more { // other values of the same parameters need nothing else
			if !tried[p.statement.SQL] {
				tried[p.statement.SQL], statements = true, append(statements, p)
			}
		}
	}
	if err := d.prove(ctx, statements); err != nil {
		return failedCheck(queriesStep, err)
	}
	text := fmt.Sprintf("All detectors and shipped rules may run: %d statements were tried", len(statements))
	if !seen {
		return check{Name: queriesStep, OK: true, Message: text + "; there are no events to try them on."}
	}
	return check{Name: queriesStep, OK: true, Message: text + " on the newest events."}
}

// provedWindow is the time of the newest events; seen is false where there are none.
func (d *Datasource) provedWindow(found *profile.Profile) (w query.Window, seen bool) {
	to := d.now().UTC().Truncate(time.Millisecond)
	from := to
	if found != nil {
		if oldest, newest := found.Span(); !newest.IsZero() {
			to, seen = newest.Add(time.Millisecond), true
			if from = to.Add(-provedSpan); oldest.After(from) {
				from = oldest
			}
		}
	}
	return query.Window{From: from, To: to}, seen
}

// questions lists everything that is tried. kept says that findings are.
func questions(site detect.Site, kept bool) (list []question) {
	for _, d := range querytypes.At(site) {
		spec := d.Spec()
		if spec.Kind == detect.KindFindings && !kept {
			continue
		}
		for _, format := range spec.Formats {
			list = append(list, asking(fmt.Sprintf("%s as %s", spec.Label, format), spec.Name, string(format), lowest(spec)))
		}
	}
	for _, r := range catalog.ShippedRules() {
		list = append(list, asking(fmt.Sprintf("the alert rule %q", r.Rule), r.QueryType, r.Format, r.Params))
	}
	return list
}

func asking(name, queryType, format string, params any) question {
	text, _ := json.Marshal(map[string]any{"queryType": queryType, "format": format, "params": params, "limit": provedRows}) // texts and numbers
	return question{name, text}
}

// lowest are a query type's thresholds at the least that they may be.
func lowest(spec detect.Spec) map[string]any {
	params := map[string]any{}
	for _, p := range spec.Params {
		name := p.Name[strings.LastIndex(p.Name, ".")+1:]
		if (p.Kind == query.KindInteger || p.Kind == query.KindNumber) && (strings.HasPrefix(name, "min") || strings.HasSuffix(name, "Over")) {
			params[p.Name] = p.Min
		}
	}
	return params
}

// proof is a statement that has to run.
type proof struct {
	name      string
	statement statement.Statement
	origin    clickhouse.Origin
}

// proofs are the statements of a question: that which is asked, and that which decides where it cannot.
func (d *Datasource) proofs(asked question, w query.Window, site detect.Site, table schema.Table) ([]proof, error) {
	q, err := query.Decode(asked.json, query.Options{Types: querytypes.Decodable(d.defaults()), Range: w, Now: d.now, Interval: max(w.To.Sub(w.From)/provedRows, time.Second), RowLimit: d.settings.RowLimit})
	if err != nil {
		return nil, err
	}
	q.Window = w // an empty one is no question for the default
	detector, _ := querytypes.Named(q.Type, site)
	s, err := detector.Statement(q, table)
	if err != nil {
		return nil, err
	}
	origin := clickhouse.Origin{RefID: "health", Detector: q.Type}
	list := []proof{{asked.name, s, origin}}
	return list, nil
}

// prove runs the statements, and returns the first failure with what failed.
func (d *Datasource) prove(ctx context.Context, statements []proof) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(min(provedAtOnce, d.settings.MaxOpenConns))
	for _, p := range statements {
		group.Go(func() error {
			_, err := d.client.Query(ctx, p.statement, p.origin)
			if err == nil {
				return nil
			}
			return fmt.Errorf("%s fails: %w", p.name, err)
		})
	}
	return group.Wait()
}
