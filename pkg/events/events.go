// Package events reads the events themselves, for Explore: as rows, as log lines, as their volume over time, and the
// events around one of them.
package events

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Events is the query type of raw events. It has a detector's shape, but finds nothing.
type Events struct{}

var _ detect.Detector = Events{}

//go:embed events.sql
var eventsSQL string

//go:embed context.sql
var contextSQL string

//go:embed volume.sql
var volumeSQL string

//go:embed groups.sql
var groupsSQL string

//go:embed freshness.sql
var freshnessSQL string

//go:embed summary.sql
var summarySQL string

var (
	eventsTemplate    = statement.Parse("events.sql", eventsSQL)
	contextTemplate   = template.Must(template.Must(eventsTemplate.Clone()).New("context.sql").Parse(contextSQL))
	volumeTemplate    = statement.Parse("volume.sql", volumeSQL)
	groupsTemplate    = statement.Parse("groups.sql", groupsSQL)
	freshnessTemplate = statement.Parse("freshness.sql", freshnessSQL)
	summaryTemplate   = statement.Parse("summary.sql", summarySQL)
)

// Columns that the logs format adds to the events' own.
const (
	BodyColumn     = "Body"     // the event in one line
	SeverityColumn = "Severity" // info, or warning for a failed connection
	IDColumn       = "Id"       // a hash of the whole event: the same event has the same at every query
)

// EventsColumn is the column of a summary that says how many events there are.
const EventsColumn = "Events"

// Names of the parameters. All but GroupBy are log context's.
const (
	GroupBy          = "groupBy"
	ContextTime      = "contextTime"
	ContextDevice    = "contextDevice"
	ContextDirection = "contextDirection"
)

// Spec describes the query type.
func (Events) Spec() detect.Spec {
	spec := detect.Spec{
		Name: "events", Label: "Events", Kind: detect.KindEvents,
		Summary: "The network events themselves, newest first; as a time series their number by ActionType, as a number the seconds since the newest; as a summary both.",
		Formats: []query.Format{query.Logs, query.Table, query.TimeSeries, query.Numeric, query.Summary},
		Params: []query.Param{
			{Name: GroupBy, Label: "Group by", Kind: query.KindStringList, Default: []string{}, Max: 5, Options: groupable(), Help: "In table format: one row for each combination of these columns, with its events, devices, bytes and times, most events first."},
			{Name: ContextTime, Label: "Context of", Kind: query.KindString, Default: "", Check: instant, Help: "Show the events around this instant (RFC 3339), nearest first. Log context uses it."},
			{Name: ContextDevice, Label: "Context device", Kind: query.KindString, Default: "", Help: "With a context: only events of this DeviceId."},
			{Name: ContextDirection, Label: "Context direction", Kind: query.KindEnum, Default: "before", Options: []string{"before", "after"}, Help: "With a context: events before the instant, or at it and after."},
		},
		Labels:     []detect.Label{{Name: "action", Column: schema.ActionType}},
		AlertValue: detect.Value{Column: "SecondsSinceNewestEvent", Unit: "s"},
	}
	for _, c := range schema.Columns() {
		spec.Columns = append(spec.Columns, column(c))
		if c.Required {
			spec.Requires = append(spec.Requires, c.Name)
		} else {
			spec.Optional = append(spec.Optional, c.Name)
		}
	}
	return spec
}

// Statement implements detect.Detector.
func (e Events) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	if err := q.RefuseFindings(); err != nil {
		return statement.Statement{}, err
	}
	source, err := statement.NewSource(table, q.Window, q.Filters)
	if err != nil {
		return statement.Statement{}, err
	}
	values := source.Values()
	data := map[string]any{"Source": source, "Logs": q.Format == query.Logs}
	if q.Format == query.Numeric {
		return freshness(q, table)
	}
	if q.Format == query.Summary {
		return build(summaryTemplate, data, values, []statement.Column{
			{Name: EventsColumn, Kind: statement.Integer, Help: "Events of the window."},
			{Name: "SecondsSinceNewestEvent", Kind: statement.Number, Unit: "s", Help: "Seconds from the newest event of the window to the window's end; -1 where it has none."},
		})
	}
	if by := q.Params.Strings(GroupBy); q.Format == query.Table && len(by) > 0 {
		return groups(by, q, table, source)
	}
	if q.Format == query.TimeSeries {
		values["interval"] = q.Interval.Milliseconds()
		s, err := build(volumeTemplate, data, values, []statement.Column{
			{Name: detect.RankColumn, Kind: statement.Integer}, {Name: detect.TimeColumn, Kind: statement.Time},
			{Name: schema.ActionType, Kind: statement.Text}, {Name: detect.ValueColumn, Kind: statement.Number, Help: "Events in the interval."},
		})
		return detect.Limited(s, q), err
	}
	values["limit"] = int64(q.Limit) + 1
	columns, template := present(table), eventsTemplate
	data["Columns"], data["Kinds"] = names(columns), columns
	if q.Format == query.Logs {
		columns = append(columns,
			statement.Column{Name: BodyColumn, Kind: statement.Text}, statement.Column{Name: SeverityColumn, Kind: statement.Text}, statement.Column{Name: IDColumn, Kind: statement.Text})
	}
	if at := q.Params.String(ContextTime); at != "" {
		template = contextTemplate
		values["contextTime"], _ = time.Parse(time.RFC3339Nano, at) // decoding has checked it
		data["After"] = q.Params.String(ContextDirection) == "after"
		device := q.Params.String(ContextDevice)
		if data["Device"] = device != ""; device != "" {
			values["contextDevice"] = device
		}
	}
	s, err := build(template, data, values, columns)
	s.RowLimit, s.Prefix = q.Limit, true
	for _, c := range table.Missing(e.Spec().Optional...) {
		s.Notices = append(s.Notices, fmt.Sprintf("The events table has no column %s.", c))
	}
	return s, err
}

func build(t *template.Template, data, values map[string]any, columns []statement.Column) (statement.Statement, error) {
	sql, err := statement.Render(t, data)
	if err != nil {
		return statement.Statement{}, err
	}
	return statement.New(strings.TrimSpace(sql), values, columns)
}

// column gives an event's column the kind that it is returned as. Bytes may be null: not counted is not nothing.
func column(c schema.Column) statement.Column {
	out := statement.Column{Name: c.Name, Kind: statement.Text, Help: c.Help}
	switch c.Kind {
	case schema.Time:
		out.Kind = statement.Time
	case schema.Integer:
		out.Kind = statement.Maybe
	}
	if c.Name == schema.SentBytes || c.Name == schema.ReceivedBytes {
		out.Unit = "bytes"
	}
	if c.Name == schema.DurationMs {
		out.Unit = "ms"
	}
	return out
}

func present(table schema.Table) []statement.Column {
	var columns []statement.Column
	for _, c := range schema.Columns() {
		if table.Has(c.Name) {
			columns = append(columns, column(c))
		}
	}
	return columns
}

func names(columns []statement.Column) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return list
}

func instant(s string) error {
	if s == "" {
		return nil
	}
	if _, err := time.Parse(time.RFC3339Nano, s); err != nil {
		return fmt.Errorf("it must be an instant such as 2026-01-02T03:04:05.678Z")
	}
	return nil
}
