package profile

import (
	_ "embed"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Quality is the query type that shows what events can be used for. It has a detector's shape, but finds nothing.
type Quality struct{}

var _ detect.Detector = Quality{}

//go:embed quality.sql
var qualitySQL string

//go:embed quality_table.sql
var qualityTableSQL string

//go:embed quality_numeric.sql
var qualityNumericSQL string

//go:embed quality_timeseries.sql
var qualityTimeseriesSQL string

var (
	qualityTemplate           = statement.Parse("quality.sql", qualitySQL)
	qualityTableTemplate      = statement.Parse("quality_table.sql", qualityTableSQL)
	qualityNumericTemplate    = statement.Parse("quality_numeric.sql", qualityNumericSQL)
	qualityTimeseriesTemplate = statement.Parse("quality_timeseries.sql", qualityTimeseriesSQL)
)

// Names of the parameters, and the words of Show.
const (
	Show     = "show"
	BySource = "bySource"

	ShowMatching = "matching"
	ShowReasons  = "reasons"
	ShowGaps     = "gaps"
)

// seriesSample is how many events of each sensor a time series is made from, of all its intervals together; and seriesFewest
// how many of each interval at least.
const (
	seriesSample = 40_000
	seriesFewest = 100
)

// Spec describes the query type.
func (Quality) Spec() detect.Spec {
	return detect.Spec{
		Name: "dataQuality", Label: "Data quality", Kind: detect.KindQuality,
		Summary: "What the events can be used for: how many of them each detector can look at, why not the rest, and what they lack. Made from a sample of the newest events of each sensor.",
		Formats: detect.Formats(),
		Params: []query.Param{
			{
				Name: Show, Label: "Show", Kind: query.KindEnum, Default: ShowMatching, Options: []string{ShowMatching, ShowReasons, ShowGaps},
				Help: "As a time series or number: matching is the share of the events that each detector can look at, reasons why it cannot look at the rest, gaps what events lack whichever detector looks at them. A table has all.",
			},
			{Name: BySource, Label: "By sensor", Kind: query.KindBoolean, Default: false, Help: "As a time series or number: each sensor (Source) by itself. A table always is."},
		},
		Columns: []statement.Column{
			{Name: "Source", Kind: statement.Text, Help: "The sensor; empty where the table does not tell."},
			{Name: "Detector", Kind: statement.Text, Help: "The detector; empty for a gap, which concerns all."},
			{Name: "Reason", Kind: statement.Text, Help: "match for what can be looked at, or why not, or what events lack."},
			{Name: "Share", Kind: statement.Number, Unit: "percentunit", Help: "The share of the sensor's sampled events, 0 to 1."},
			{Name: "Events", Kind: statement.Integer, Help: "Sampled events with the reason."},
			{Name: "Sampled", Kind: statement.Integer, Help: "Sampled events of the sensor."},
			{Name: "EventsInWindow", Kind: statement.Integer, Help: "All events of the sensor in the window."},
			{Name: "Devices", Kind: statement.Integer, Help: "Distinct devices of these events."},
			{Name: "Examples", Kind: statement.List, Help: "The most frequent values that the reason is about."},
			{Name: "Meaning", Kind: statement.Text, Help: "What is so with these events."},
			{Name: "Fix", Kind: statement.Text, Help: "What to do about it; empty where there is nothing to do."},
		},
		AlertValue: detect.Value{Column: "Share", Unit: "percentunit"},
		Labels:     []detect.Label{{Name: "detector", Column: "Detector"}, {Name: "reason", Column: "Reason"}, {Name: "source", Column: "Source"}},
		Requires:   requires(),
		Optional:   []string{schema.RemotePort, schema.SentBytes, schema.InitiatingProcessFileName},
	}
}

func requires() (names []string) {
	for _, c := range schema.Columns() {
		if c.Required {
			names = append(names, c.Name)
		}
	}
	return names
}

// Statement implements detect.Detector.
func (d Quality) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	if err := q.RefuseFindings(); err != nil {
		return statement.Statement{}, err
	}
	interval, sample := wholeWindow, int64(Sample)
	if q.Format == query.TimeSeries {
		interval = q.Interval.Milliseconds()
		sample = min(max(seriesSample/buckets(q.Window, interval), seriesFewest), Sample)
	}
	text, values, err := relations(Request{Window: q.Window, Filters: q.Filters, Rules: Rules()}, table, interval, sample)
	if err != nil {
		return statement.Statement{}, err
	}
	shares, err := statement.Render(qualityTemplate, map[string]any{"BySource": q.Params.Bool(BySource)})
	if err != nil {
		return statement.Statement{}, err
	}
	tail, columns, err := d.tail(q, values)
	if err != nil {
		return statement.Statement{}, err
	}
	s, err := statement.New(text+shares+strings.TrimRight(tail, "\n"), values, columns)
	return detect.Limited(s, q), err
}

func (d Quality) tail(q query.Query, values map[string]any) (string, []statement.Column, error) {
	if q.Format == query.Table {
		values["limit"] = int64(q.Limit) + 1
		explain(values)
		text, err := statement.Render(qualityTableTemplate, nil)
		return text, d.Spec().Columns, err
	}
	labels, shown, weight := labelsOf(q)
	data := map[string]any{"Labels": labels, "Shown": shown, "Share": weight + " / any(Whole)"}
	var columns []statement.Column
	for _, l := range labels {
		columns = append(columns, statement.Column{Name: l, Kind: statement.Text})
	}
	value := statement.Column{Name: detect.ValueColumn, Kind: statement.Number, Unit: "percentunit", Help: "Share"}
	if q.Format == query.Numeric {
		values["limit"] = int64(q.Limit) + 1
		text, err := statement.Render(qualityNumericTemplate, data)
		return text, append(columns, value), err
	}
	text, err := statement.Render(qualityTimeseriesTemplate, data)
	columns = append([]statement.Column{{Name: detect.RankColumn, Kind: statement.Integer}, {Name: detect.TimeColumn, Kind: statement.Time}}, columns...)
	return text, append(columns, value), err
}

// labelsOf returns the label columns, the rows that are shown and their sum.
func labelsOf(q query.Query) (labels []string, shown, weight string) {
	labels, shown, weight = []string{"Detector"}, "Detector != ''", "sumIf(Weight, Reason = 'match')"
	switch q.Params.String(Show) {
	case ShowReasons:
		labels, shown, weight = []string{"Detector", "Reason"}, "Detector != '' AND Reason != 'match'", "sum(Weight)"
	case ShowGaps:
		labels, shown, weight = []string{"Reason"}, "Detector = '' AND Reason != 'sampled'", "sum(Weight)"
	}
	if q.Params.Bool(BySource) {
		labels = append(labels, "Source")
	}
	return labels, shown, weight
}

// explain adds the words for the reasons and detectors.
func explain(values map[string]any) {
	var names, meanings, fixes, detectors, labels []string
	for _, r := range Reasons() {
		names, meanings, fixes = append(names, r.Name), append(meanings, r.Meaning), append(fixes, r.Fix)
	}
	for _, r := range Rules() {
		detectors, labels = append(detectors, r.Detector), append(labels, r.Label)
	}
	for name, list := range map[string][]string{"reasons": names, "meanings": meanings, "fixes": fixes, "detectors": detectors, "labels": labels} {
		values["profile_"+name] = list
	}
}
