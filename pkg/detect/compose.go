package detect

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

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
	// Unique says that findings have one row for each set of labels, so that an alert value is a row's.
	Unique bool
	// Points is the relation that a time series is made of (events or findings), Measure the aggregate per interval; an
	// empty one counts events.
	Points, Measure string
	// Grains are the roll-ups that the .sql can read in place of events, coarsest first.
	Grains []schema.Grain
	// Unrolled says why no roll-up can be read at all; empty where Grains can.
	Unrolled string
	// Values are the parameters of the detector's .sql, by the names that stand in it.
	Values map[string]any
	// Options are the switches of the detector's .sql.
	Options map[string]any
	Notices []string
}

//go:embed shown.sql
var shownSQL string

//go:embed graded.sql
var gradedSQL string

//go:embed table.sql
var tableSQL string

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
	raw := p.Unrolled
	if raw == "" {
		source, raw = source.Rolled(p.Spec.Name+"_", p.Grains...)
	}
	relations, err := statement.Render(p.SQL, map[string]any{"Source": source, "Options": p.Options, "Allowlist": p.marks(q)})
	if err != nil {
		return statement.Statement{}, err
	}
	values := source.Values()
	maps.Copy(values, p.Values)
	values["limit"] = int64(q.Limit) + 1
	shown, err := p.shown(q, values)
	if err != nil {
		return statement.Statement{}, err
	}
	tail, columns, err := p.tail(q, source, values)
	if err != nil {
		return statement.Statement{}, err
	}
	text := strings.TrimSpace(relations) + "\n" + shown + strings.TrimSpace(tail)
	maps.Copy(values, p.Site.values(text))
	s, err := statement.New(text, values, columns)
	if err != nil {
		return statement.Statement{}, fmt.Errorf("%s: %w", p.Spec.Name, err)
	}
	s.Notices, s.Hides = p.Notices, len(p.hidden(q)) > 0
	if raw != "" && len(table.Rollups()) > 0 {
		s.Notices = append(slices.Clone(s.Notices), "Read from events rather than from their roll-ups, which is slower: "+raw+".")
	}
	return Limited(s, q), nil
}

// Limited notes the query's limit, which counts series in a time series and rows elsewhere.
func Limited(s statement.Statement, q query.Query) statement.Statement {
	if q.Format == query.TimeSeries {
		s.SeriesLimit = q.Limit
	} else {
		s.RowLimit = q.Limit
	}
	return s
}

// Columns of the numeric and timeseries formats beside the label columns.
const (
	ValueColumn = "Value" // the number
	TimeColumn  = "Time"  // the start of the interval
	RankColumn  = "Rank"  // 1 is the series with the highest alert value
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
		"From": p.from(q), "Points": p.Points, "Hidden": p.hidden(q), "Unique": p.Unique,
	}
	if p.Points == "findings" {
		data["Points"] = p.from(q)
	}
	switch q.Format {
	case query.Numeric:
		return p.numeric(q, values, data, labels, value)
	case query.TimeSeries:
		values["interval"] = q.Interval.Milliseconds()
		text, err := statement.Render(timeseriesTail, data)
		columns := append([]statement.Column{{Name: RankColumn, Kind: statement.Integer}, {Name: TimeColumn, Kind: statement.Time}}, labels...)
		return text, append(append(columns, value), p.hidden(q)...), err
	default:
		return p.table(q, values, data)
	}
}

// numeric carries the finding's key, and whether its network is suspicious where the address is among the labels: the
// first of several addresses is another at the next evaluation, and a label must stay.
func (p Plan) numeric(q query.Query, values, data map[string]any, labels []statement.Column, value statement.Column) (string, []statement.Column, error) {
	columns := append(labels, statement.Column{Name: FindingKey, Kind: statement.Text})
	data["FindingKey"], data["Suspicious"] = keySQL(p.Spec), ""
	if p.Site.ASNDictionary != "" && slices.ContainsFunc(p.Spec.Labels, func(l Label) bool { return l.Column == "RemoteIP" }) {
		columns = append(columns, statement.Column{Name: SuspiciousASN, Kind: statement.Integer})
		data["Suspicious"] = fmt.Sprintf(
			"toInt64(%s != '' AND has(%s, toInt64(dictGetOrDefault({%s:String}, 'ASN', toIPv6OrDefault(RemoteIP), toUInt32(0)))))",
			statement.AddressHex("RemoteIP"), p.suspicious(q, values), ASNDictionaryParam)
	}
	text, err := statement.Render(numericTail, data)
	return text, append(append(columns, value), p.hidden(q)...), err
}

// table is the only format that shows all that a finding is worth.
func (p Plan) table(q query.Query, values, data map[string]any) (string, []statement.Column, error) {
	suspicious := ""
	if p.Site.ASNDictionary != "" {
		suspicious = p.suspicious(q, values)
	}
	severity, host := severitySQL(p.Spec), ""
	if strings.Contains(severity, "RemoteHost") {
		host = statement.Host("RemoteUrl")
	}
	graded, err := statement.Render(gradedTail, map[string]any{
		"Severity": severity, "Host": host, "Key": keySQL(p.Spec), "From": p.from(q),
		"ASN": p.Site.ASNDictionary != "", "Address": statement.AddressHex("RemoteIP"), "Suspicious": suspicious,
	})
	if err != nil {
		return "", nil, err
	}
	own := p.Spec.Columns
	if q.CommonOnly {
		own = Columns(nil)
	}
	columns := slices.Concat(own, AllowlistColumns(q), p.hidden(q))
	data["Columns"] = columns
	text, err := statement.Render(tableTail, data)
	return strings.TrimSpace(graded) + "\n" + text, columns, err
}

// suspicious returns the parameter with the networks that are suspicious, and adds its value.
func (p Plan) suspicious(q query.Query, values map[string]any) string {
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
	gradedTail     = statement.Parse("graded.sql", gradedSQL)
	tableTail      = statement.Parse("table.sql", tableSQL)
	numericTail    = statement.Parse("numeric.sql", numericSQL)
	timeseriesTail = statement.Parse("timeseries.sql", timeseriesSQL)
)
