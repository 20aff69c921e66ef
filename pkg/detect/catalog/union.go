package catalog

import (
	_ "embed"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Union is the analytic's last step: the findings of all detectors in one list. It is a detect.Detector itself, and
// its parameters are those of the detectors, named beaconing.minConnections and so on.
type Union struct {
	Of []detect.Detector
}

var _ detect.Detector = Union{}

// Alerts returns the union of every detector of the catalog, for a data source that knows nothing beside its events.
func Alerts() Union { return AlertsAt(detect.Site{}) }

// AlertsAt returns the union of every detector of the catalog for a data source.
func AlertsAt(site detect.Site) Union { return Union{Of: DetectorsAt(site)} }

//go:embed alerts.sql
var alertsSQL string

//go:embed alerts_numeric.sql
var alertsNumericSQL string

//go:embed alerts_timeseries.sql
var alertsTimeseriesSQL string

//go:embed alerts_summary.sql
var alertsSummarySQL string

var (
	alertsTemplate           = statement.Parse("alerts.sql", alertsSQL)
	alertsNumericTemplate    = statement.Parse("alerts_numeric.sql", alertsNumericSQL)
	alertsTimeseriesTemplate = statement.Parse("alerts_timeseries.sql", alertsTimeseriesSQL)
	alertsSummaryTemplate    = statement.Parse("alerts_summary.sql", alertsSummarySQL)
)

// detectorColumn holds the detector's name, which is a label of the union's numbers and series.
const detectorColumn = "Detector"

// Spec describes the union.
func (u Union) Spec() detect.Spec {
	spec := detect.Spec{
		Name: "alerts", Label: "All alerts", Kind: detect.KindUnion,
		Summary:    "The findings of all detectors in one list, newest first.",
		Technique:  detect.T1584(),
		Formats:    append(detect.Formats(), query.Summary),
		Columns:    columns(),
		AlertValue: detect.Value{Column: statementValue},
	}
	for _, d := range u.Of {
		of := d.Spec()
		for _, p := range of.Params {
			p.Name, p.Group = of.Name+"."+p.Name, of.Name
			spec.Params = append(spec.Params, p)
		}
		for _, l := range of.Labels {
			if !slices.Contains(spec.Labels, l) {
				spec.Labels = append(spec.Labels, l)
			}
		}
		for _, seen := range of.Techniques {
			if !slices.ContainsFunc(spec.Techniques, func(s attack.Seen) bool { return s.ID == seen.ID }) {
				spec.Techniques = append(spec.Techniques, seen)
			}
		}
		spec.Requires = addNew(spec.Requires, of.Requires)
		spec.Optional = addNew(spec.Optional, of.Optional)
	}
	return spec
}

// columns are the analytic's nine, and those that tell what each finding is worth.
func columns() []statement.Column {
	return detect.Columns(nil)
}

const statementValue = "each detector's own alert value"

// Statement implements detect.Detector.
func (u Union) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	var parts []part
	var notices []string
	hides, kept := false, true
	values := map[string]any{}
	for _, share := range u.Shares(q) {
		s, err := share.Detector.Statement(share.Query, table)
		if err != nil {
			return statement.Statement{}, err
		}
		parts = append(parts, u.part(share.Detector.Spec(), s))
		hides, kept = hides || s.Hides, kept && s.Kept
		notices = addNew(notices, s.Notices)
		for _, p := range s.Params {
			values[p.Name] = p.Value // from, to, limit and filter* are the same in all
		}
	}
	s, err := u.join(q, parts, hides, values)
	if err != nil {
		return statement.Statement{}, err
	}
	s.Notices, s.Hides, s.Kept = notices, hides, kept
	return detect.Limited(s, q), nil
}

// Shares returns the detectors, each with the query that it answers for the union.
func (u Union) Shares(q query.Query) []detect.Share {
	var shares []detect.Share
	for _, d := range u.Of {
		shares = append(shares, detect.Share{Detector: d, Query: u.share(d.Spec(), q)})
	}
	return shares
}

// share returns the query that one detector answers for the union: with its own parameters, and in table format unless
// the union asks for numbers. Each detector's newest rows are enough for the newest of all; only counts need them all.
func (u Union) share(of detect.Spec, q query.Query) query.Query {
	own := q
	own.Type, own.CommonOnly = of.Name, true
	own.Params = query.Values{}
	own.Given = nil
	for _, p := range of.Params {
		own.Params[p.Name] = q.Params[of.Name+"."+p.Name]
		if slices.Contains(q.Given, of.Name+"."+p.Name) {
			own.Given = append(own.Given, p.Name)
		}
	}
	if q.Format == query.TimeSeries {
		own.Format, own.Limit = query.Table, math.MaxInt32
	}
	return own
}

// part is one detector's statement within the union's templates.
type part struct {
	Name   string
	SQL    string
	Labels []string // for each label of the union: the detector's column, or an empty text
	Hidden []string // what it tells of findings that the allowlist hides, where another part does; set by join
	hides  bool
}

func (u Union) part(of detect.Spec, s statement.Statement) part {
	p := part{Name: of.Name, hides: s.Hides, SQL: strings.ReplaceAll(s.SQL, "\n", "\n    ")}
	has := func(name string) bool {
		return slices.ContainsFunc(s.Columns, func(c statement.Column) bool { return c.Name == name })
	}
	for _, l := range u.Spec().Labels {
		column := "''"
		// A detector has other labels for other things that it groups by.
		if has(l.Column) && slices.Contains(of.Labels, l) {
			column = l.Column
		}
		p.Labels = append(p.Labels, column+" AS "+l.Column)
	}
	p.Labels = append(p.Labels, detect.FindingKey)
	return p
}

// hiding returns the parts with what each tells of hidden findings: a detector whose findings no entry can hide, none.
func hiding(parts []part, hides bool) []part {
	for i := range parts {
		for _, c := range detect.HiddenColumns() {
			switch {
			case parts[i].hides:
				parts[i].Hidden = append(parts[i].Hidden, c.Name)
			case hides:
				parts[i].Hidden = append(parts[i].Hidden, "toInt64(0) AS "+c.Name)
			}
		}
	}
	return parts
}

func (u Union) join(q query.Query, parts []part, hides bool, values map[string]any) (statement.Statement, error) {
	shown := append(columns(), detect.AllowlistColumns(q)...)
	template, columns := alertsTemplate, shown
	labels := make([]string, 0, len(u.Spec().Labels))
	for _, l := range u.Spec().Labels {
		labels = append(labels, l.Column)
	}
	switch q.Format {
	case query.Numeric:
		template, columns = alertsNumericTemplate, []statement.Column{{Name: detectorColumn, Kind: statement.Text}}
		labels = append(labels, detect.FindingKey)
		for _, l := range labels {
			columns = append(columns, statement.Column{Name: l, Kind: statement.Text})
		}
		columns = append(columns,
			statement.Column{Name: detect.ValueColumn, Kind: statement.Number},
			statement.Column{Name: detect.FindingsColumn, Kind: statement.Integer},
			statement.Column{Name: detect.RankColumn, Kind: statement.Integer})
	case query.Summary:
		template, columns = alertsSummaryTemplate, detect.SummaryColumns()
		shown = columns
	case query.TimeSeries:
		values = maps.Clone(values)
		values["interval"] = q.Interval.Milliseconds()
		template, columns = alertsTimeseriesTemplate, []statement.Column{
			{Name: detect.RankColumn, Kind: statement.Integer}, {Name: detect.TimeColumn, Kind: statement.Time},
			{Name: detectorColumn, Kind: statement.Text}, {Name: "AlertType", Kind: statement.Text},
			{Name: detect.ValueColumn, Kind: statement.Number, Help: "Findings whose Timestamp lies in the interval."},
		}
	}
	sql, err := statement.Render(template, map[string]any{"Parts": hiding(parts, hides), "Labels": labels, "Columns": shown, "Hides": hides})
	if err != nil {
		return statement.Statement{}, err
	}
	if hides {
		columns = append(columns, detect.HiddenColumns()...)
	}
	return statement.New(strings.TrimSpace(sql), values, columns)
}

func addNew(list, more []string) []string {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}
