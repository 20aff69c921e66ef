package hunt

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/tablerow"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
)

// asker asks the plugin.
type asker struct {
	plugin *host.Host
	at     backend.PluginContext
}

// step is how far a rule's window moves from one evaluation to the next. Grafana evaluates every five minutes: what is seen
// here is seen there.
const step = 6 * time.Hour

// ask puts every rule's question, as a table, to each of its windows in the logs' span, and sorts what is found into the report.
func (a asker) ask(ctx context.Context, folder string, report *Report) error {
	health, err := a.plugin.CheckHealth(ctx, &backend.CheckHealthRequest{PluginContext: a.at})
	if err != nil {
		return err
	}
	if health.Status != backend.HealthStatusOk && !profiled(health) {
		return fmt.Errorf("the data source is not healthy: %s", health.Message)
	}
	report.Health = health.Message
	groups, err := alertrules.Read(folder)
	if err != nil {
		return err
	}
	for _, group := range groups {
		for _, rule := range group.Rules {
			for _, q := range rule.Data {
				// A rule about findings says how sure it is; the others watch the data and the detectors.
				if !q.Decides() || rule.Labels["confidence"] == "" {
					continue
				}
				if err := a.put(ctx, rule, q, report); err != nil {
					report.Faults = append(report.Faults, fmt.Sprintf("%s: %v", rule.Title, err))
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
			}
		}
	}
	report.sort()
	for _, further := range []func(context.Context, *Report) error{a.putCases, a.putQuality} {
		if err := further(ctx, report); err != nil {
			report.Faults = append(report.Faults, err.Error())
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// profiled says that the health check came as far as to look at the events. What it finds there is told, and no reason to ask nothing:
// logs that hold no names leave a detector blind, and the others see.
func profiled(health *backend.CheckHealthResult) bool {
	var details struct {
		Profile *json.RawMessage `json:"profile"`
	}
	return json.Unmarshal(health.JSONDetails, &details) == nil && details.Profile != nil
}

// put puts one question.
func (a asker) put(ctx context.Context, rule alertrules.Rule, q alertrules.Query, report *Report) error {
	model := maps.Clone(q.Model)
	model["format"] = "table"
	delete(model, "limit") // a table has its own
	text, err := json.Marshal(model)
	if err != nil {
		return err
	}
	back := time.Duration(q.Range.From-q.Range.To) * time.Second
	for _, to := range report.ends(back) {
		frames, err := a.query(ctx, backend.DataQuery{
			RefID: q.RefID, QueryType: q.QueryType, JSON: text, Interval: time.Minute, MaxDataPoints: 1000,
			TimeRange: backend.TimeRange{From: to.Add(-back), To: to},
		})
		if err != nil {
			return err
		}
		report.Evaluations++
		for _, frame := range frames {
			report.take(rule, q, frame)
		}
	}
	return nil
}

func (a asker) query(ctx context.Context, q backend.DataQuery) (data.Frames, error) {
	response, err := a.plugin.QueryData(ctx, &backend.QueryDataRequest{PluginContext: a.at, Queries: []backend.DataQuery{q}})
	if err != nil {
		return nil, err
	}
	got := response.Responses[q.RefID]
	return got.Frames, got.Error
}

// take adds a table's findings to the report.
func (r *Report) take(rule alertrules.Rule, q alertrules.Query, frame *data.Frame) {
	r.notice(frame)
	for i := range frame.Rows() {
		r.add(findingOf(rule, q, tablerow.Of(frame, i)))
	}
}

func (r *Report) notice(frame *data.Frame) {
	if frame.Meta == nil {
		return
	}
	for _, notice := range frame.Meta.Notices {
		if !slices.Contains(r.Notices, notice.Text) {
			r.Notices = append(r.Notices, notice.Text)
		}
	}
}
