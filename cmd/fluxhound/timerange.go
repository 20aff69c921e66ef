package main

import (
	"strconv"
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
	for name, text := range map[string]string{"from": from, "to": to} {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 && n < fewestMillis {
			return backend.TimeRange{}, misused("--%s %s is a day in %d: that looks like seconds, and milliseconds are wanted (%s000)", name, text, time.UnixMilli(n).UTC().Year(), text)
		}
	}
	// Beyond these years a time wraps around on its way to the plugin.
	if start.Year() < 1900 || end.Year() < 1900 || start.Year() > 2261 || end.Year() > 2261 {
		return backend.TimeRange{}, misused("--from %s --to %s leaves the years from 1900 to 2261", from, to)
	}
	return backend.TimeRange{From: start.UTC(), To: end.UTC()}, nil
}

// fewestMillis is a day of 1973: nobody has events of before, and a time in seconds is less until the year 5138.
const fewestMillis = 100_000_000_000

func badTime(flagName, text string, err error) error {
	return misused("--%s %q is no time: %v; it may be RFC 3339 such as 2026-01-02T15:04:05Z, milliseconds since 1970, or now, now-7d, now-1h/h", flagName, text, err)
}
