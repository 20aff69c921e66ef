package main

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// defaultMaxDataPoints is what Grafana's API takes for a query that names none.
const defaultMaxDataPoints = 100

// grafanas are the fields of a query that Grafana itself reads.
type grafanas struct {
	RefID         string   `json:"refId"`
	QueryType     string   `json:"queryType"`
	Hide          bool     `json:"hide"`
	IntervalMS    *float64 `json:"intervalMs"`
	MaxDataPoints *int64   `json:"maxDataPoints"`
}

// readQueries turns the query file, one query or a list, into what Grafana sends to the plugin. Hidden queries stay
// away, as in a panel. A query without a refId takes the next free letter.
func readQueries(text []byte, window backend.TimeRange) ([]backend.DataQuery, error) {
	var list []json.RawMessage
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] != '[' {
		list = []json.RawMessage{trimmed}
	} else if err := json.Unmarshal(text, &list); err != nil {
		return nil, misused("read the query file: %v; it holds one query or a list of queries", err)
	}
	var queries []backend.DataQuery
	seen := map[string]bool{}
	for i, raw := range list {
		var fields grafanas
		if err := json.Unmarshal(raw, &fields); err != nil {
			return nil, misused("read query %d: %v", i+1, err)
		}
		if fields.Hide {
			continue
		}
		if fields.RefID == "" {
			fields.RefID = freeRefID(seen)
		}
		if seen[fields.RefID] {
			return nil, misused("two queries have the refId %q", fields.RefID)
		}
		seen[fields.RefID] = true
		// The plugin leaves fields that are nobody's unread, since a machine may have sent them; a person typed this file.
		if err := query.CheckFields(raw); err != nil {
			return nil, misused("query %s: %v", fields.RefID, err)
		}
		queries = append(queries, fields.dataQuery(raw, window))
	}
	if len(queries) == 0 {
		return nil, misused("there is no query to ask: the file holds none, or all are hidden")
	}
	return queries, nil
}

func (g grafanas) dataQuery(raw json.RawMessage, window backend.TimeRange) backend.DataQuery {
	points := int64(defaultMaxDataPoints)
	if g.MaxDataPoints != nil && *g.MaxDataPoints > 0 {
		points = *g.MaxDataPoints
	}
	// Grafana's front end computes the interval so that it is not more than maxDataPoints to the range.
	interval := max(gtime.RoundInterval(window.Duration()/time.Duration(points)), time.Millisecond)
	if g.IntervalMS != nil && *g.IntervalMS > 0 {
		interval = time.Duration(*g.IntervalMS * float64(time.Millisecond))
	}
	return backend.DataQuery{
		RefID: g.RefID, QueryType: g.QueryType, MaxDataPoints: points, Interval: interval, TimeRange: window, JSON: raw,
	}
}

func freeRefID(seen map[string]bool) string {
	for letter := 'A'; ; letter++ {
		if id := string(letter); !seen[id] {
			return id
		}
	}
}
