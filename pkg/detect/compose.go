package detect

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Plan is what a detector adds to what is the same for all: its .sql, which defines the relations events (the rows
// that it looks at) and findings (its table), and how findings become series.
type Plan struct {
	Spec Spec
	Site Site
	SQL  *template.Template
	// Key holds the columns that identify a finding, beside Timestamp where findings have several rows per key.
	Key []string
	// Identity holds the columns of findings that its FindingKey is made of; nil for those of the labels.
	Identity []string
	// Unique says that findings have one row for each set of labels, so that an alert value is a row's.
	Unique bool
	// Devices is the column of findings that lists a finding's devices, where the labels do not name one. Destination is what a
	// finding leads to, in SQL over the columns of labels; empty where a finding is about its device alone. Where not all
	// findings may be shown, no device and no destination takes the place of another.
	Devices, Destination string
	// Points is the relation that a time series is made of (events or findings), Measure the aggregate per interval; an
	// empty one counts events.
	Points, Measure string
	// FilterFindings says that the query's filters choose among findings and not among events: the .sql reads them as the
	// column Matches. What a finding is worth must not depend on what else is asked for.
	FilterFindings bool
	// Graded are further columns of findings that grades need.
	Graded []statement.Column
	// Values are the parameters of the detector's .sql, by the names that stand in it.
	Values map[string]any
	// Options are the switches of the detector's .sql.
	Options map[string]any
	// Blind says that the detector has nothing to find anything by. A summary of it has no number, and no zero.
	Blind   bool
	Notices []string
}

//go:embed shown.sql
var shownSQL string

//go:embed marked.sql
var markedSQL string

//go:embed severe.sql
var severeSQL string

//go:embed wanted.sql
var wantedSQL string

//go:embed graded.sql
var gradedSQL string

//go:embed table.sql
var tableSQL string

//go:embed ranked.sql
var rankedSQL string

//go:embed numeric.sql
var numericSQL string

//go:embed timeseries.sql
var timeseriesSQL string

// Compose builds the statement of a query: the detector's relations, then the tail of the format.
func Compose(p Plan, q query.Query, table schema.Table) (statement.Statement, error) {
	source, err := statement.NewSource(table, q.Window, q.Filters)
	if err != nil {
		return statement.Statement{}, err
	}
	if run, ok := table.Kept(p.Spec.Name); ok && p.answers(q) {
		relations, values, err := p.fromKept(q, table, run)
		if err != nil {
			return statement.Statement{}, err
		}
		s, err := p.finish(q, source, relations, true, values)
		s.Kept = true
		s.Notices = append(slices.Clone(s.Notices), fmt.Sprintf("%s: found by the run of %s UTC, over as much time before it as is asked for.", p.Spec.Label, run.Run.Format(time.DateTime)))
		return s, err
	}
	if p.FilterFindings {
		source = source.Marked()
	}
	raw := p.finer(q)
	if raw == "" && !p.Spec.Beside {
		source, raw = source.FromHours(p.Spec.Name + "_")
	}
	relations, err := statement.Render(p.SQL, map[string]any{"Source": source, "Options": p.Options, "Allowlist": q.Keep || p.marks(q)})
	if err != nil {
		return statement.Statement{}, err
	}
	values := source.Values()
	maps.Copy(values, p.Values)
	s, err := p.finish(q, source, strings.TrimSpace(relations), false, values)
	if raw != "" && !p.Spec.Beside && len(table.Hours()) > 0 {
		s.Notices = append(slices.Clone(s.Notices), "Read from events rather than from their hours, which is slower: "+raw+".")
	}
	return s, err
}

// finish puts behind the relation findings what is the same for all detectors. kept says that a run has kept them.
func (p Plan) finish(q query.Query, source statement.Source, relations string, kept bool, values map[string]any) (statement.Statement, error) {
	if q.Keep {
		graded, err := p.graded("findings", q, values)
		if err != nil {
			return statement.Statement{}, err
		}
		tail, columns, err := p.keep()
		if err != nil {
			return statement.Statement{}, err
		}
		return p.statement(relations+"\n"+graded+"\n"+strings.TrimSpace(tail), values, columns)
	}
	values["limit"] = int64(q.Limit)
	if q.Format == query.Table {
		values["limit"] = int64(q.Limit) + 1
	}
	severe, err := p.severe(q, values)
	if err != nil {
		return statement.Statement{}, err
	}
	shown, err := p.shown(q, values)
	if err != nil {
		return statement.Statement{}, err
	}
	wanted, err := p.wanted(q, values)
	if err != nil {
		return statement.Statement{}, err
	}
	unmuted, err := p.unmuted(q, kept, values)
	if err != nil {
		return statement.Statement{}, err
	}
	tail, columns, err := p.tail(q, source, values)
	if err != nil {
		return statement.Statement{}, err
	}
	s, err := p.statement(relations+"\n"+severe+shown+wanted+unmuted+strings.TrimSpace(tail), values, columns)
	if err != nil {
		return statement.Statement{}, err
	}
	s.Notices, s.Hides, s.Blind = p.Notices, len(p.hidden(q)) > 0, p.Blind
	if p.mutes(q) {
		s.Notices = append(slices.Clone(s.Notices), fmt.Sprintf("Findings that an analyst calls benign are left out: there are %d such verdicts.", len(p.Site.Muted)))
	}
	return Limited(s, q), nil
}

func (p Plan) statement(text string, values map[string]any, columns []statement.Column) (statement.Statement, error) {
	maps.Copy(values, p.Site.values(text))
	s, err := statement.New(text, values, columns)
	if err != nil {
		return statement.Statement{}, fmt.Errorf("%s: %w", p.Spec.Name, err)
	}
	return s, nil
}

// finer says what of the query is finer than an hour, so that events must be read; nothing where nothing is.
func (p Plan) finer(q query.Query) string {
	if q.Format == query.TimeSeries && p.Points != "findings" && q.Interval%time.Hour != 0 {
		return "the interval of the time series is no multiple of an hour"
	}
	return ""
}

// Limited notes the query's limit, which counts series in a time series and rows elsewhere; a summary has none.
func Limited(s statement.Statement, q query.Query) statement.Statement {
	s.Prefix = q.Format != query.Numeric && q.Format != query.Summary // whose rows are chosen or counted, and not the first of more
	switch q.Format {
	case query.TimeSeries:
		s.SeriesLimit = q.Limit
	case query.Summary: // a row a detector
	default:
		s.RowLimit = q.Limit
	}
	return s
}

// Columns of the numeric and timeseries formats beside the label columns.
const (
	ValueColumn    = "Value"              // the number
	TimeColumn     = "Time"               // the start of the interval
	RankColumn     = statement.RankColumn // 1 is shown first where not all may be
	FindingsColumn = "Findings"           // how many findings there are, shown or not; the same in every row
)

func (p Plan) tail(q query.Query, source statement.Source, values map[string]any) (string, []statement.Column, error) {
	labels := make([]statement.Column, len(p.Spec.Labels))
	names := make([]string, len(p.Spec.Labels))
	for i, l := range p.Spec.Labels {
		labels[i] = statement.Column{Name: l.Column, Kind: statement.Text}
		names[i] = l.Column
	}
	value := statement.Column{Name: ValueColumn, Kind: statement.Number, Unit: p.Spec.AlertValue.Unit, Help: p.Spec.AlertValue.Column}
	data := map[string]any{
		"Key": strings.Join(p.Key, ", "), "Labels": names, "Value": p.Spec.AlertValue.Column, "Measure": p.measure(source),
		"From": p.From(q), "Points": p.Points, "Hidden": p.hidden(q), "Unique": p.Unique,
		"Identity": strings.Join(names, ", "), "FindingKey": "", "Details": []detail(nil), "Devices": p.Devices, "Destination": p.Destination,
	}
	if p.Points == "findings" {
		data["Points"] = p.From(q)
	}
	findings := statement.Column{Name: FindingsColumn, Kind: statement.Integer}
	rank := statement.Column{Name: RankColumn, Kind: statement.Integer}
	switch q.Format {
	case query.Numeric:
		data["FindingKey"], data["Details"] = p.keySQL(), p.details(q)
		text, err := ranked(numericTail, data)
		columns := append(labels, statement.Column{Name: FindingKey, Kind: statement.Text})
		for _, d := range p.Spec.Details {
			columns = append(columns, statement.Column{Name: d.Column, Kind: statement.Text})
		}
		return text, append(append(columns, value, findings, rank), p.hidden(q)...), err
	case query.TimeSeries:
		values["interval"] = q.Interval.Milliseconds()
		text, err := ranked(timeseriesTail, data)
		columns := append([]statement.Column{rank, {Name: TimeColumn, Kind: statement.Time}}, labels...)
		return text, append(append(columns, value, findings), p.hidden(q)...), err
	default:
		return p.table(q, values, data)
	}
}

// details are the columns that explain a number, each as one text. They are read whether the query asks for them or not: a rule's two
// queries, for the number and for what explains it, are one statement.
func (p Plan) details(q query.Query) []detail {
	details := make([]detail, len(p.Spec.Details))
	for i, d := range p.Spec.Details {
		details[i] = detail{Name: d.Column, SQL: p.From(q) + "." + d.Column}
		if slices.ContainsFunc(p.Spec.Columns, func(c statement.Column) bool { return c.Name == d.Column && c.Kind == statement.List }) {
			details[i].SQL = "arrayStringConcat(" + details[i].SQL + ", '; ')"
		}
	}
	return details
}

type detail struct{ Name, SQL string }

// ranked renders a tail that reads the relation of that name.
func ranked(tail *template.Template, data map[string]any) (string, error) {
	relations, err := statement.Render(rankedTail, data)
	if err != nil {
		return "", err
	}
	text, err := statement.Render(tail, data)
	return strings.TrimSpace(relations) + "\n" + text, err
}

// graded renders the relation of that name, which adds to a relation of findings what each is worth.
func (p Plan) graded(from string, q query.Query, values map[string]any) (string, error) {
	suspicious := ""
	if p.Site.ASNDictionary != "" {
		suspicious = p.suspicious(q, values)
	}
	severity, host := severitySQL(p.Spec), ""
	if strings.Contains(severity, "RemoteHost") {
		host = statement.Host("RemoteUrl")
	}
	text, err := statement.Render(gradedTail, map[string]any{
		"Severity": severity, "Host": host, "Key": p.keySQL(), "From": from,
		"ASN": p.Site.ASNDictionary != "", "Address": statement.AddressHex("RemoteIP"), "Suspicious": suspicious,
	})
	return strings.TrimSpace(text), err
}

// table is the only format that shows all that a finding is worth.
func (p Plan) table(q query.Query, values, data map[string]any) (string, []statement.Column, error) {
	graded := ""
	if q.Severities == nil { // what is chosen by its severity has it already
		text, err := p.graded(p.From(q), q, values)
		if err != nil {
			return "", nil, err
		}
		graded, data["From"] = text+"\n", "graded"
	}
	own := p.Spec.Columns
	if q.CommonOnly {
		own = Columns(nil)
	}
	if q.Peaks {
		own = append(own, p.Spec.peaks()...)
	}
	columns := slices.Concat(own, AllowlistColumns(q), p.hidden(q))
	data["Columns"] = columns
	text, err := statement.Render(tableTail, data)
	return graded + text, columns, err
}

// suspicious returns the parameter with the networks that are suspicious, and adds its value. A detector that does not ask for them
// has none.
func (p Plan) suspicious(q query.Query, values map[string]any) string {
	if !slices.ContainsFunc(p.Spec.Params, func(of query.Param) bool { return of.Name == SuspiciousASNs }) {
		return "emptyArrayInt64()"
	}
	name := p.Spec.Name + "_" + SuspiciousASNs
	values[name] = q.Params.Ints(SuspiciousASNs)
	return "{" + name + ":Array(Int64)}"
}

// measure is the aggregate of a point: without one of the plan's own, how many events it stands for.
func (p Plan) measure(source statement.Source) string {
	if p.Measure == "" {
		return source.Count()
	}
	return p.Measure
}

var (
	shownTail      = statement.Parse("shown.sql", shownSQL)
	markedTail     = statement.Parse("marked.sql", markedSQL)
	severeTail     = statement.Parse("severe.sql", severeSQL)
	wantedTail     = statement.Parse("wanted.sql", wantedSQL)
	gradedTail     = statement.Parse("graded.sql", gradedSQL)
	tableTail      = statement.Parse("table.sql", tableSQL)
	rankedTail     = statement.Parse("ranked.sql", rankedSQL)
	numericTail    = statement.Parse("numeric.sql", numericSQL)
	timeseriesTail = statement.Parse("timeseries.sql", timeseriesSQL)
)
