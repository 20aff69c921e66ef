package events

import (
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

const (
	// clockAhead is how far in the future events may be dated before their device's clock counts as wrong.
	clockAhead = 5 * time.Minute
	// clockReach is how far after now events of such devices are looked for. A single event of a far year is a fault of its own,
	// and no reason to disregard what its device writes today.
	clockReach = 7 * 24 * time.Hour
	// clockStep is what now is rounded to, so that viewers who ask a moment apart ask the same.
	clockStep = 10 * time.Second
	// recently is how long ago a window may have ended for clocks to matter.
	recently = 24 * time.Hour
)

// freshness builds the statement that tells how old the newest event is. Where the window ends about now, devices whose clocks
// are ahead do not count, and neither does what is dated after now.
func freshness(q query.Query, table schema.Table) (statement.Statement, error) {
	window, clock := q.Window, !q.Now.IsZero() && q.Now.Sub(q.Window.To) < recently
	until, ahead := until(q)
	devices := []string{}
	if clock {
		window.To, devices = ahead.Add(clockReach), []string{statement.Device}
	}
	source, err := statement.NewSource(table, window, q.Filters)
	if err != nil {
		return statement.Statement{}, err
	}
	values := source.Values()
	if clock {
		values["until"], values["ahead"] = until, ahead
	}
	return build(freshnessTemplate, map[string]any{"Source": source, "Clock": clock, "Devices": devices}, values, []statement.Column{
		{Name: detect.ValueColumn, Kind: statement.Number, Unit: "s", Help: "Seconds from the newest event of the window to its end, or to now; from the window's start where it has none."},
	})
}

// until returns the end of what counts as seen, and from when on events are dated in the future.
func until(q query.Query) (end, ahead time.Time) {
	now := q.Now.Truncate(clockStep).Add(clockStep)
	if end = q.Window.To; end.After(now) {
		end = now
	}
	return end, now.Add(clockAhead)
}
