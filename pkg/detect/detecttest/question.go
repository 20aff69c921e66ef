package detecttest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// Question is a query to the plugin.
type Question struct {
	Type     string         // query type
	Format   string         // empty for the default
	Params   map[string]any // nil for the defaults
	Filters  []referee.Filter
	Limit    int            // 0 for the default
	Window   referee.Window // the zero value for none
	Interval time.Duration  // of a time series
	// Allowlist is what to do with the data source's; empty for the default.
	Allowlist string
}

// About returns the question that the referee's detector answers, with all its parameters in words.
func About(t testing.TB, d referee.Detector) Question {
	t.Helper()
	switch d := d.(type) {
	case referee.Beaconing:
		return Question{Type: "beaconing", Params: fields(t, d)}
	case referee.DynamicDNS:
		return Question{Type: "dynamicDns", Params: fields(t, d)}
	case referee.FastFlux:
		return Question{Type: "fastFlux", Params: fields(t, d)}
	case referee.Alerts:
		params := map[string]any{}
		for _, of := range []referee.Detector{d.Beaconing, d.DynamicDNS, d.FastFlux} {
			part := About(t, of)
			for name, value := range part.Params {
				params[part.Type+"."+name] = value
			}
		}
		return Question{Type: "alerts", Params: params}
	default:
		t.Fatalf("no question is about %T", d)
		return Question{}
	}
}

// fields returns the JSON fields of a struct, each as it is written.
func fields(t testing.TB, of any) map[string]any {
	t.Helper()
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	named := make(map[string]any, len(raw))
	for name, value := range raw {
		named[name] = value
	}
	return named
}

func (q Question) query(t testing.TB, refID string) backend.DataQuery {
	t.Helper()
	model := map[string]any{"refId": refID, "queryType": q.Type}
	if q.Format != "" {
		model["format"] = q.Format
	}
	if q.Params != nil {
		model["params"] = q.Params
	}
	if q.Filters != nil {
		model["filters"] = q.Filters
	}
	if q.Allowlist != "" {
		model["allowlist"] = q.Allowlist
	}
	if q.Limit != 0 {
		model["limit"] = q.Limit
	}
	text, err := json.Marshal(model)
	if err != nil {
		t.Fatal(err)
	}
	return backend.DataQuery{
		RefID: refID, QueryType: q.Type, JSON: text, Interval: q.Interval,
		TimeRange: backend.TimeRange{From: q.Window.From, To: q.Window.To},
	}
}
