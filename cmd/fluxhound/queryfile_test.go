package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func TestQueriesAreWhatGrafanaWouldSend(t *testing.T) {
	window := backend.TimeRange{From: noon.Add(-7 * 24 * time.Hour), To: noon}
	for name, c := range map[string]struct {
		file string
		want []backend.DataQuery
	}{
		"one query, its interval from range and points": {
			` {"queryType": "beaconing"} `,
			[]backend.DataQuery{{RefID: "A", QueryType: "beaconing", MaxDataPoints: 100, Interval: 2 * time.Hour, JSON: []byte(`{"queryType": "beaconing"}`)}},
		},
		"more points, a finer interval": {
			`{"refId": "X", "maxDataPoints": 1000}`,
			[]backend.DataQuery{{RefID: "X", MaxDataPoints: 1000, Interval: 10 * time.Minute, JSON: []byte(`{"refId": "X", "maxDataPoints": 1000}`)}},
		},
		"its own interval": {
			`{"refId": "A", "intervalMs": 1500}`,
			[]backend.DataQuery{{RefID: "A", MaxDataPoints: 100, Interval: 1500 * time.Millisecond, JSON: []byte(`{"refId": "A", "intervalMs": 1500}`)}},
		},
		"nulls and zeros count as left out": {
			`{"intervalMs": 0, "maxDataPoints": null}`,
			[]backend.DataQuery{{RefID: "A", MaxDataPoints: 100, Interval: 2 * time.Hour, JSON: []byte(`{"intervalMs": 0, "maxDataPoints": null}`)}},
		},
		"a list without the hidden, letters for who has none": {
			`[{"refId": "A"}, {"refId": "H", "hide": true}, {"queryType": "events"}]`,
			[]backend.DataQuery{
				{RefID: "A", MaxDataPoints: 100, Interval: 2 * time.Hour, JSON: []byte(`{"refId": "A"}`)},
				{RefID: "B", QueryType: "events", MaxDataPoints: 100, Interval: 2 * time.Hour, JSON: []byte(`{"queryType": "events"}`)},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readQueries([]byte(c.file), window)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.want {
				c.want[i].TimeRange = window
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("queries (-want +got):\n%s", diff)
			}
		})
	}
}
