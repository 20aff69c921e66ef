package main

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"
)

// readRange reads two times as Grafana does. Date math that rounds, such as now/d, rounds the start down and the end up;
// days begin in UTC.
func readRange(from, to string, now time.Time) (backend.TimeRange, error) {
	asked := gtime.TimeRange{From: from, To: to, Now: now}
	start, err := asked.ParseFrom(gtime.WithLocation(time.UTC))
	if err != nil {
		return backend.TimeRange{}, badTime("from", from, err)
	}
	end, err := asked.ParseTo(gtime.WithLocation(time.UTC))
	if err != nil {
		return backend.TimeRange{}, badTime("to", to, err)
	}
	return backend.TimeRange{From: start.UTC(), To: end.UTC()}, nil
}

func badTime(flagName, text string, err error) error {
	return misused("--%s %q is no time: %v; it may be RFC 3339 such as 2026-01-02T15:04:05Z, milliseconds since 1970, or now, now-7d, now-1h/h", flagName, text, err)
}
