// Package drill proves the path from an event to an alert: it writes events of a device that does not exist, waits until the detector, what is
// kept, Grafana's data source, the alert and its notification have them, and removes them again.
package drill

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/every"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Drill is where a drill happens.
type Drill struct {
	Client   *clickhouse.Client // of a user who may insert events, and delete them
	Settings settings.Settings
	Table    schema.Table
	Grafana  *Grafana // nil where no Grafana is asked
	// Wait is the most time that each step is given, and Poll how often it is looked.
	Wait, Poll time.Duration
	Now        func() time.Time
	// Say is told each step as it ends, and how long it took.
	Say func(step string, took time.Duration, what string)
}

// ErrBroken says that the path is broken: a step did not come to what it must.
var ErrBroken = errors.New("the path is broken")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBroken, fmt.Sprintf(format, args...))
}

// step is one part of the path.
type step struct {
	name string
	do   func(context.Context) (what string, err error)
}

// Run does a drill, and removes what it has written whatever comes of it, ctx's end included. What an earlier drill has left behind, because it
// was killed, goes first. The error is of the first step that failed: ErrBroken, an *clickhouse.Error, or ctx's.
func (d Drill) Run(ctx context.Context, k Kind) (err error) {
	id := make([]byte, 4)
	if _, err := rand.Read(id); err != nil {
		return err
	}
	m := mark{hex.EncodeToString(id), strings.ToLower(k.Name)}
	rule, ok := shipped(k.Rule)
	if !ok { // a programmer's error
		return fmt.Errorf("no shipped rule is named %q", k.Rule)
	}
	run := &running{Drill: d, mark: m, kind: k, shipped: rule}
	if err := d.take(ctx, step{"rights", run.removeAll}); err != nil {
		return err
	}
	defer func() {
		// What was written is removed also where ctx has ended.
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), removing)
		defer cancel()
		err = errors.Join(err, d.take(after, step{"remove", run.removeAll}))
	}()
	steps := []step{{"rule", run.ruleIsThere}, {"write", run.write}, {"detector", run.detected}, {"kept", run.kept}, {"data source", run.answered}, {"alert", run.alerts}, {"notification", run.notified}}
	for _, s := range steps {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("before %s: %w", s.name, err)
		}
		if err := d.take(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// removing is the most time that what was written may take to be removed.
const removing = 5 * time.Minute

// Clean removes what drills have left behind.
func (d Drill) Clean(ctx context.Context) error {
	run := &running{Drill: d}
	return d.take(ctx, step{"remove", run.removeAll})
}

// take does a step and tells of it.
func (d Drill) take(ctx context.Context, s step) error {
	began := time.Now()
	what, err := s.do(ctx)
	if err != nil {
		return fmt.Errorf("%s, after %s: %w", s.name, time.Since(began).Round(time.Millisecond), err)
	}
	d.Say(s.name, time.Since(began), what)
	return nil
}

// running is a drill under way.
type running struct {
	Drill
	mark    mark
	kind    Kind
	shipped catalog.Shipped
	rule    Rule // Grafana's
	since   time.Time
	alert   Alert
}

func shipped(title string) (catalog.Shipped, bool) {
	for _, r := range catalog.ShippedRules() {
		if r.Rule == title {
			return r, true
		}
	}
	return catalog.Shipped{}, false
}

// until looks again and again until there is an answer, a fault, or no time left; last says what was seen then.
func (r *running) until(ctx context.Context, look func(context.Context) (done bool, last string, err error)) error {
	end := time.Now().Add(r.Wait)
	for {
		done, last, err := look(ctx)
		if done || err != nil {
			return err
		}
		if !time.Now().Before(end) {
			return broken("after %s still %s", r.Wait, last)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(r.Poll):
		}
	}
}

// detected asks the detector as the rule does.
func (r *running) detected(ctx context.Context) (string, error) {
	err := r.until(ctx, func(ctx context.Context) (bool, string, error) {
		site, err := every.Shown(ctx, r.Settings, r.ask, r.Now())
		if err != nil {
			return false, "", err
		}
		found, err := r.finds(ctx, site)
		if err != nil || found {
			return found, "", err
		}
		site.Allowlist = nil
		if hidden, err := r.finds(ctx, site); err != nil || hidden {
			if err == nil {
				err = broken("an entry of the allowlist hides it: one of them is too wide, and would hide an attack as well")
			}
			return false, "", err
		}
		return false, "the detector does not find it", nil
	})
	return "the detector finds it", err
}

// asks decodes what the rule asks, as of now.
func (r *running) asks(site detect.Site) (detect.Detector, query.Query, error) {
	text, err := json.Marshal(map[string]any{"queryType": r.shipped.QueryType, "format": r.shipped.Format, "params": r.shipped.Params})
	if err != nil {
		return nil, query.Query{}, err
	}
	now := r.Now()
	q, err := query.Decode(text, query.Options{
		Types: querytypes.Decodable(detect.Site{Weights: site.Weights}), Range: query.Window{From: now.Add(-time.Duration(r.shipped.LookbackSeconds) * time.Second), To: now},
		Now: r.Now, RowLimit: r.Settings.RowLimit,
	})
	if err != nil {
		return nil, query.Query{}, err
	}
	d, _ := querytypes.Named(q.Type, site) // decoding has checked it
	if detect.Idle(d) {
		return nil, query.Query{}, broken("the settings name no table that %s looks in", d.Spec().Label)
	}
	return d, q, nil
}

func (r *running) finds(ctx context.Context, site detect.Site) (bool, error) {
	d, q, err := r.asks(site)
	if err != nil {
		return false, err
	}
	s, err := d.Statement(q, r.Table)
	if err != nil {
		return false, err
	}
	result, err := r.Client.Query(ctx, s, clickhouse.Origin{Detector: "drill"})
	if err != nil {
		return false, err
	}
	shown := result.Rows
	if s.Hides && shown > 0 && result.Data[len(result.Data)-1].([]int64)[shown-1] == 1 { // a row that only tells how many are hidden
		shown--
	}
	for _, column := range result.Data {
		if texts, ok := column.([]string); ok && slices.ContainsFunc(texts[:shown], r.isOurs) {
			return true, nil
		}
	}
	return false, nil
}

func (r *running) isOurs(text string) bool { return strings.Contains(text, r.mark.device()) }

func (r *running) ask(ctx context.Context, s statement.Statement) ([][]string, error) {
	return r.Client.Texts(ctx, s, clickhouse.Origin{Detector: "lists"})
}

// kept waits until a run of the job has it, where findings are kept.
func (r *running) kept(ctx context.Context) (string, error) {
	keeper := runs.New(r.Client, r.Table, nil)
	state, err := keeper.Look(ctx)
	if err != nil || !state.There {
		return "no findings are kept", err
	}
	site, err := every.Site(ctx, r.Settings, r.ask, r.Now())
	if err != nil {
		return "", err
	}
	detector, q, err := r.asks(site)
	if err != nil {
		return "", err
	}
	question, _, err := detect.Ask(detector, q, r.Table)
	if err != nil {
		return "", err
	}
	err = r.until(ctx, func(ctx context.Context) (bool, string, error) {
		newest, err := keeper.Newest(ctx, r.Now())
		if err != nil {
			return false, "", err
		}
		run, asked := newest[question.Key]
		switch {
		case !asked:
			return false, "", broken("the job does not ask what the rule asks, or not for hours: run `fluxhound schema apply --findings` again")
		case run.Stale(r.Now()):
			return false, "", broken("the job that keeps findings has not run since %s UTC: see in system.view_refreshes why, or run `fluxhound watch`", run.Run.Format(time.DateTime))
		}
		found, err := r.count(ctx, schema.FindingsRunsName(r.Table.Name), "Finding")
		return found > 0, "no run has kept it", err
	})
	return "a run has kept it", err
}
