package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// hunt asks the plugin.
type hunt struct {
	plugin   *host.Host
	at       backend.PluginContext
	scenario *scenario.Scenario
}

// answer is what one query came to.
type answer struct {
	frame *data.Frame
	took  time.Duration // as Grafana would see it: the plugin and ClickHouse together
}

// union is the query type that holds the findings of all detectors.
const union = "alerts"

// detectors are the query types of the detectors, in the order of the analytic.
func detectors() []string {
	return []string{scenario.Beaconing, scenario.DynamicDNS, scenario.FastFlux}
}

// all runs each detector and the union, one after the other, so that each has the machine to itself.
func (h hunt) all(ctx context.Context) (findings, error) {
	found := findings{answers: map[string]answer{}}
	for _, name := range append(detectors(), union) {
		a, err := h.ask(ctx, name)
		if err != nil {
			return findings{}, err
		}
		found.answers[name] = a
	}
	for _, name := range detectors() {
		list, err := read(name, found.answers[name].frame)
		if err != nil {
			return findings{}, err
		}
		found.list = append(found.list, list...)
	}
	return found, nil
}

// mostRows is the limit of the demo's queries: the data source's default row limit, far above what the scenario holds.
const mostRows = 100_000

func (h hunt) ask(ctx context.Context, queryType string) (answer, error) {
	const refID = "A"
	query, err := json.Marshal(map[string]any{"refId": refID, "queryType": queryType, "format": "table", "limit": mostRows})
	if err != nil {
		return answer{}, err
	}
	got, err := h.send(ctx, backend.DataQuery{
		RefID: refID, QueryType: queryType, JSON: query, Interval: time.Minute, MaxDataPoints: 1000,
		TimeRange: backend.TimeRange{From: h.scenario.Start, To: h.scenario.End},
	})
	if err != nil {
		return answer{}, err
	}
	if len(got.frames) != 1 {
		return answer{}, fmt.Errorf("ask for %s: the plugin answered with %d frames instead of one", queryType, len(got.frames))
	}
	return answer{frame: got.frames[0], took: got.took}, nil
}

// sent is what came of a query.
type sent struct {
	frames data.Frames
	took   time.Duration
}

func (h hunt) send(ctx context.Context, query backend.DataQuery) (sent, error) {
	started := time.Now()
	response, err := h.plugin.QueryData(ctx, &backend.QueryDataRequest{PluginContext: h.at, Queries: []backend.DataQuery{query}})
	took := time.Since(started)
	if err != nil {
		return sent{}, fmt.Errorf("ask for %s: %w", query.QueryType, err)
	}
	got := response.Responses[query.RefID]
	if got.Error != nil {
		return sent{}, fmt.Errorf("ask for %s: %w", query.QueryType, got.Error)
	}
	return sent{frames: got.Frames, took: took}, nil
}

func (h hunt) checkHealth(ctx context.Context, p *printer) error {
	result, err := h.plugin.CheckHealth(ctx, &backend.CheckHealthRequest{PluginContext: h.at})
	if err != nil {
		return err
	}
	if result.Status != backend.HealthStatusOk {
		return fmt.Errorf("the data source is not healthy: %s", result.Message)
	}
	summary, _, _ := strings.Cut(result.Message, ". ")
	p.line("Health      %s: %s", result.Status, summary)
	return nil
}
