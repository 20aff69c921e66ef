package bench

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

var templates = template.Must(template.New("bench").Option("missingkey=error").ParseFS(sqlFiles, "sql/*.sql"))

var eventsTemplate = templates.Lookup("events.sql")

// The ways of asking. The first three ask as an alert rule does, and must answer the same: withScore is such a rule that also
// asks for a beacon score, as little of it as there is; stricter and slower are the shipped rules about cases, which hold each
// group's times; asTable is what a panel shows, with every column, the beacon score among them. What does not say "on events" reads
// hours.
const (
	port         = "straightforward port"
	onEvents     = "on events"
	onHours      = "from hours"
	withScore    = "with the score"
	stricter     = "High-risk case, 1 d"
	strictEvents = "High-risk case, 1 d, on events"
	slower       = "High-risk slow case, 7 d"
	asTable      = "table"
	floorEvents  = "floor of events"
	floorHours   = "floor of hours"
)

// one is a statement to time.
type one struct {
	detector, way string
	statement     statement.Statement
}

// window is the 7 days before the benchmark's start, cut at a minute in the middle of an hour as an alert rule's are, so that both its
// ends are ragged, and the last hour is not made yet.
func (b *bench) window() query.Window {
	from := b.size.start.Add(raggedBy)
	return query.Window{From: from, To: from.Add(week)}
}

// Shorter windows end with the longest: their cost is held against its.
var shorter = []int{1, 3} // days

// within names a way of asking over a shorter window.
func within(way string, days int) string { return fmt.Sprintf("%s, %d d", way, days) }

// windows ask as an alert rule does over shorter windows.
func (b *bench) windows(d detect.Detector) ([]one, error) {
	var list []one
	for _, days := range shorter {
		for way, table := range map[string]schema.Table{onEvents: b.table, onHours: b.hourly} {
			q := b.question(d, query.Numeric)
			q.Window.From = q.Window.To.Add(-time.Duration(days) * 24 * time.Hour)
			s, err := d.Statement(q, table)
			if err != nil {
				return nil, err
			}
			list = append(list, one{d.Spec().Name, within(way, days), s})
		}
	}
	return list, nil
}

// scored asks for a score, which only beaconing has.
func (b *bench) scored(d detect.Detector) ([]one, error) {
	q := b.question(d, query.Numeric)
	if _, ok := q.Params["minScore"]; !ok {
		return nil, nil
	}
	q.Params["minScore"] = 0.001
	s, err := d.Statement(q, b.hourly)
	if err != nil {
		return nil, err
	}
	// as provisioning/alerting/cases.yaml has them
	day := b.question(cases.Detector{}, query.Numeric)
	day.Window.From = day.Window.To.Add(-24 * time.Hour)
	day.Params["minRisk"] = int64(cases.High)
	ofDay, err := cases.Detector{}.Statement(day, b.hourly)
	if err != nil {
		return nil, err
	}
	week := b.question(cases.Detector{}, query.Numeric)
	week.Params["minRisk"], week.Params["maxConnections"] = int64(cases.High), int64(1000)
	ofWeek, err := cases.Detector{}.Statement(week, b.hourly)
	if err != nil {
		return nil, err
	}
	ofEvents, err := cases.Detector{}.Statement(day, b.table)
	return []one{{d.Spec().Name, withScore, s}, {d.Spec().Name, stricter, ofDay}, {d.Spec().Name, strictEvents, ofEvents}, {d.Spec().Name, slower, ofWeek}}, err
}

func (b *bench) cases() ([]one, error) {
	var list []one
	for _, d := range catalog.Detectors() {
		name := d.Spec().Name
		for _, ours := range []struct {
			way    string
			format query.Format
			table  schema.Table
		}{{onEvents, query.Numeric, b.table}, {onHours, query.Numeric, b.hourly}, {asTable, query.Table, b.hourly}} {
			q := b.question(d, ours.format)
			if ours.way == asTable {
				q.Limit = query.DefaultLimit
			}
			s, err := d.Statement(q, ours.table)
			if err != nil {
				return nil, err
			}
			list = append(list, one{name, ours.way, s})
		}
		own, err := b.port(d, list[len(list)-2].statement.Columns)
		if err != nil {
			return nil, err
		}
		list = append(list, one{name, port, own})
		floors, err := b.floors(name)
		if err != nil {
			return nil, err
		}
		list = append(list, floors...)
		for _, more := range []func(detect.Detector) ([]one, error){b.scored, b.windows} {
			others, err := more(d)
			if err != nil {
				return nil, err
			}
			list = append(list, others...)
		}
	}
	return list, nil
}

func (b *bench) question(d detect.Detector, format query.Format) query.Query {
	q := query.Query{Type: d.Spec().Name, Format: format, Limit: 100_000, Window: b.window(), Params: query.Values{}}
	for _, p := range d.Spec().Params {
		q.Params[p.Name] = p.Default
	}
	return q
}

// port returns the port of a detector under the columns of ours: the labels, and the alert value. An analyst's port has no key
// of its findings.
func (b *bench) port(d detect.Detector, columns []statement.Column) (statement.Statement, error) {
	findings, err := statement.Render(templates.Lookup(d.Spec().Name+".sql"), map[string]any{"Table": statement.Qualified(database, table)})
	if err != nil {
		return statement.Statement{}, err
	}
	var labels []string
	columns = columns[:1+slices.IndexFunc(columns, func(c statement.Column) bool { return c.Name == detect.ValueColumn })]
	columns = slices.DeleteFunc(slices.Clone(columns), func(c statement.Column) bool { return c.Name == detect.FindingKey })
	for _, c := range columns[:len(columns)-1] {
		labels = append(labels, c.Name)
	}
	by := strings.Join(labels, ", ")
	return b.bounded(fmt.Sprintf("SELECT %s, toFloat64(max(%s)) AS %s\nFROM (%s)\nGROUP BY %s\nORDER BY %s\nLIMIT 100001",
		by, d.Spec().AlertValue.Column, detect.ValueColumn, findings, by, by), columns)
}

func (b *bench) bounded(sql string, columns []statement.Column) (statement.Statement, error) {
	w := b.window()
	s, err := statement.New(sql, map[string]any{"from": w.From, "to": w.To}, columns)
	s.RowLimit = 100_000
	return s, err
}

// needed are the columns that a detector's alert value needs.
var needed = map[string]string{
	"beaconing":  "DeviceId, DeviceName, RemoteIP, RemoteUrl, ActionType, RemotePort, SentBytes",
	"dynamicDns": "RemoteUrl, ActionType",
	"fastFlux":   "DeviceId, DeviceName, RemoteIP, ActionType, InitiatingProcessFileName",
}

// floors read the needed columns once: of the events, and of its hours.
func (b *bench) floors(detector string) ([]one, error) {
	w := b.window()
	events := scan{table: table, columns: needed[detector] + ", Timestamp", at: schema.Timestamp, spans: []schema.Span{{From: w.From, To: w.To}}}
	hourly := events
	hourly.table, hourly.columns, hourly.at = schema.HoursName(table), needed[detector]+", Build, Connections, FirstSeen, LastSeen", schema.HourStart
	var list []one
	for _, f := range []struct {
		way   string
		scans []scan
	}{{floorEvents, []scan{events}}, {floorHours, []scan{hourly}}} {
		var texts []string
		for _, s := range f.scans {
			texts = append(texts, s.sql())
		}
		s, err := statement.New("SELECT toInt64(sum(N)) AS N FROM ("+strings.Join(texts, " UNION ALL ")+")", nil, []statement.Column{{Name: "N", Kind: statement.Integer}})
		if err != nil {
			return nil, err
		}
		list = append(list, one{detector, f.way, s})
	}
	return list, nil
}

// scan is the reading of a table's columns in some spans of time. ignore() reads a column as a whole and makes nothing of
// it; of length() ClickHouse would read the lengths alone.
type scan struct {
	table, columns, at string
	spans              []schema.Span
}

func (s scan) sql() string {
	var spans []string
	for _, span := range s.spans {
		spans = append(spans, fmt.Sprintf("%s >= fromUnixTimestamp64Milli(%d) AND %s < fromUnixTimestamp64Milli(%d)", s.at, span.From.UnixMilli(), s.at, span.To.UnixMilli()))
	}
	return fmt.Sprintf("SELECT toInt64(sum(ignore(%s))) AS N FROM %s.%s WHERE %s", s.columns, statement.Identifier(database), statement.Identifier(s.table),
		strings.Join(spans, " OR "))
}
