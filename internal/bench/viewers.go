package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
)

// screen is one opening of a dashboard that ships, at its defaults, through the plugin's executable: all of its panels at once.
type screen struct {
	title string
	waits time.Duration // for the last panel
	rows  int64         // that ClickHouse read
	fails string        // why a panel has no answer; empty where all have
}

// viewing is one refresh of the wall by so many viewers at once.
type viewing struct {
	viewers int
	median  time.Duration // of a viewer's wait
	slowest time.Duration
	rows    int64 // that ClickHouse read
}

// screens opens each dashboard once, and the wall for 1, 10 and 100 viewers, on findings that are kept. Each time the plugin is a new one,
// which has nothing to share yet.
func (b *bench) screens(ctx context.Context) ([]screen, []viewing, error) {
	var opened []screen
	for _, f := range dashboards.Files() {
		if len(asked(f.Dashboard)) == 0 { // texts and links alone, such as the hunting library
			continue
		}
		v, err := b.refresh(ctx, f.Dashboard, 1)
		if panel := new(panelError); errors.As(err, &panel) && strings.HasPrefix(panel.err.Error(), "[limit]") {
			fmt.Fprintf(b.Out, "%s: %v\n", f.Dashboard.Title, err)
			opened = append(opened, screen{title: f.Dashboard.Title, fails: "[limit]"})
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("open %s: %w", f.Dashboard.Title, err)
		}
		fmt.Fprintf(b.Out, "%s: %s, %d rows read\n", f.Dashboard.Title, v.slowest.Round(time.Millisecond), v.rows)
		opened = append(opened, screen{title: f.Dashboard.Title, waits: v.slowest, rows: v.rows})
	}
	var list []viewing
	for _, viewers := range []int{1, 10, 100} {
		v, err := b.refresh(ctx, dashboards.Files()[0].Dashboard, viewers)
		if err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(b.Out, "%d viewers: median %s, %d rows read\n", viewers, v.median.Round(time.Millisecond), v.rows)
		list = append(list, v)
	}
	return opened, list, nil
}

// someDevice is one of those that events.sql makes.
const someDevice = "WS-000001.corp.example"

func (b *bench) refresh(ctx context.Context, d dashboards.Dashboard, viewers int) (viewing, error) {
	plugin, err := host.Start(ctx, b.Plugin)
	if err != nil {
		return viewing{}, err
	}
	defer plugin.Close()
	source := host.DataSource{UID: "bench", Name: "Bench", JSONData: b.json}
	panels := asked(d)
	warm := ask{text: `{"queryType":"events","format":"summary"}`, span: week, bucket: time.Hour}
	if err := b.look(ctx, plugin, source, []ask{warm}); err != nil { // connects, and learns what tables there are
		return viewing{}, err
	}
	const read = "SELECT toInt64(value) AS N FROM system.events WHERE event = 'SelectedRows'"
	before, err := b.number(ctx, read)
	if err != nil {
		return viewing{}, err
	}
	waits, faults := make([]time.Duration, viewers), make([]error, viewers)
	var all sync.WaitGroup
	for i := range viewers {
		all.Go(func() {
			started := time.Now()
			faults[i] = b.look(ctx, plugin, source, panels)
			waits[i] = time.Since(started)
		})
	}
	all.Wait()
	for _, fault := range faults {
		if fault != nil {
			return viewing{}, fault
		}
	}
	after, err := b.number(ctx, read)
	slices.Sort(waits)
	return viewing{viewers, waits[viewers/2], waits[viewers-1], after - before}, err
}

// ask is a panel's query, with its range and interval.
type ask struct {
	text         string
	span, bucket time.Duration
}

// asked are the queries of a dashboard as it opens: its variables have their values, and All is no condition.
func asked(d dashboards.Dashboard) []ask {
	values := map[string]any{}
	for _, v := range d.Templating.List {
		if v.Current != nil {
			values[v.Name] = v.Current.Value
		}
	}
	if values["device"] == nil { // of the device's page, which the data gives its value
		values["device"] = []string{someDevice}
	}
	var list []ask
	for _, p := range d.Panels {
		for _, t := range p.Targets {
			if t.QueryType == "" {
				continue
			}
			one := ask{text: question(t, values), span: week, bucket: time.Hour}
			if span, err := gtime.ParseDuration(p.TimeFrom); err == nil && p.TimeFrom != "" {
				one.span = span
			}
			if span, err := gtime.ParseDuration(p.Interval); err == nil && p.Interval != "" {
				one.bucket = span
			}
			list = append(list, one)
		}
	}
	return list
}

func question(t dashboards.Target, values map[string]any) string {
	value := func(text string) any {
		if name, ok := strings.CutPrefix(text, "$"); ok {
			return values[name]
		}
		return text
	}
	params := map[string]any{}
	for name, v := range t.Params {
		switch v := v.(type) {
		case string:
			params[name] = number(value(v))
		case []string:
			params[name] = v
			if len(v) == 1 {
				if several, ok := value(v[0]).([]string); ok {
					params[name] = chosen(several)
				}
			}
		default:
			params[name] = v
		}
	}
	filters := []any{}
	for _, f := range t.Filters {
		if several, ok := value(f.Values[0]).([]string); ok && len(chosen(several)) > 0 {
			filters = append(filters, map[string]any{"column": f.Column, "operator": f.Operator, "values": chosen(several)})
		}
	}
	model := map[string]any{"queryType": t.QueryType, "format": t.Format, "params": params, "filters": filters}
	if t.Limit > 0 {
		model["limit"] = t.Limit
	}
	text, _ := json.Marshal(model) // texts and numbers always marshal
	return string(text)
}

// number is a variable's text as the parameter's own type.
func number(value any) any {
	text, ok := value.(string)
	if !ok {
		return value
	}
	var typed any
	if err := json.Unmarshal([]byte(text), &typed); err != nil {
		return text
	}
	return typed
}

// chosen are the values of a variable of which several may be chosen; none for All.
func chosen(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "$__all" })
}

func (b *bench) look(ctx context.Context, plugin *host.Host, source host.DataSource, panels []ask) error {
	req := &backend.QueryDataRequest{PluginContext: source.PluginContext(nil)}
	now := b.Now()
	for i, p := range panels {
		req.Queries = append(req.Queries, backend.DataQuery{
			RefID: fmt.Sprintf("P%d", i), JSON: []byte(p.text), Interval: p.bucket, MaxDataPoints: 1000,
			TimeRange: backend.TimeRange{From: now.Add(-p.span), To: now},
		})
	}
	answer, err := plugin.QueryData(ctx, req)
	if err != nil {
		return err
	}
	for refID, r := range answer.Responses {
		if r.Error != nil {
			return &panelError{refID, r.Error}
		}
	}
	return nil
}

// panelError is a panel that has no answer.
type panelError struct {
	refID string
	err   error
}

func (e *panelError) Error() string { return "panel " + e.refID + ": " + e.err.Error() }

func (e *panelError) Unwrap() error { return e.err }
