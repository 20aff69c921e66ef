// Package findings shows what was found and is remembered: what is new, what is open, what is gone, and what analysts say of it. It asks
// no detector.
package findings

import (
	_ "embed"
	"fmt"
	"maps"
	"strings"
	"text/template"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Detector implements detect.Detector.
type Detector struct {
	Site detect.Site
	// Of are the query types whose findings are kept.
	Of []detect.Spec
}

var _ detect.Detector = Detector{}

// Name is the query type.
const Name = "findings"

var (
	//go:embed findings.sql
	findingsText string
	//go:embed shown.sql
	shownText string
	//go:embed table.sql
	tableText string
	//go:embed numeric.sql
	numericText string
	//go:embed timeseries.sql
	timeseriesText string
	//go:embed summary.sql
	summaryText string

	findingsTemplate = statement.Parse("findings.sql", findingsText)
	shownTemplate    = statement.Parse("shown.sql", shownText)
	tails            = map[query.Format]*template.Template{
		query.Table: statement.Parse("table.sql", tableText), query.Numeric: statement.Parse("numeric.sql", numericText),
		query.TimeSeries: statement.Parse("timeseries.sql", timeseriesText), query.Summary: statement.Parse("summary.sql", summaryText),
	}
)

// Spec describes the query type.
func (Detector) Spec() detect.Spec {
	return detect.Spec{
		Name: Name, Label: "Kept findings", Kind: detect.KindFindings,
		Summary:    "What was found and is kept: what is new, what is open, what is gone, since when, and what analysts say of it. It needs `fluxhound schema apply --findings`.",
		Technique:  detect.T1584(),
		Formats:    append(detect.Formats(), query.Summary),
		Params:     params(),
		Columns:    columns(),
		AlertValue: detect.Value{Column: "Severity, 1 for low to 4 for critical"},
		Labels: []detect.Label{
			{Name: "rule", Column: schema.Rule}, {Name: "device", Column: "DeviceName"}, {Name: "device_id", Column: "DeviceId"},
			{Name: "remote_ip", Column: "RemoteIP"}, {Name: "remote_url", Column: "RemoteUrl"}, {Name: "count", Column: "Count"},
		},
		Leads: []detect.Lead{
			{Column: "RemoteIP", How: detect.Varies}, {Column: "RemoteUrl", How: detect.Host},
		},
		Requires: []string{schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.ActionType, schema.RemoteIP, schema.RemoteURL},
	}
}

func columns() []statement.Column {
	return []statement.Column{
		{Name: "Timestamp", Kind: statement.Time, Help: "When the finding was last seen in the events."},
		{Name: "DeviceName", Kind: statement.Text, Help: "The device; Multiple where a finding spans devices."},
		{Name: "RemoteIP", Kind: statement.Text, Help: "The address, or the first of several."},
		{Name: "RemoteUrl", Kind: statement.Text, Help: "The URL or name, or the first of several."},
		{Name: "AlertType", Kind: statement.Text, Help: "The kind of finding."},
		{Name: "Severity", Kind: statement.Text, Help: "low, medium, high or critical, as it was found last."},
		{Name: "Status", Kind: statement.Text, Help: "new, open or gone."},
		{Name: "Verdict", Kind: statement.Text, Help: "What an analyst says of it: investigating, benign or malicious; empty for nothing."},
		{Name: schema.Rule, Kind: statement.Text, Help: "What was asked: a shipped rule, a detector at its defaults, or a question of the settings."},
		{Name: "FirstDetected", Kind: statement.Time, Help: "The first run that found it."},
		{Name: "LastDetected", Kind: statement.Time, Help: "The last run that found it."},
		{Name: "Risk", Kind: statement.Maybe, Help: "Of a case how much speaks for a channel of an attacker, 0 to 100; otherwise empty."},
		{Name: "Why", Kind: statement.List, Help: "Of a case the reasons for its risk, the gravest first."},
		{Name: "ConnectionCount", Kind: statement.Integer, Help: "Connections in the finding."},
		{Name: "SampleProcesses", Kind: statement.List, Help: "The first of the sorted distinct process names."},
		{Name: "DeviceId", Kind: statement.Text, Help: "The device's identifier; empty where a finding spans devices."},
		{Name: "QueryType", Kind: statement.Text, Help: "The query type that finds it."},
		{Name: detect.FindingKey, Kind: statement.Text, Help: "The same for the same detector, device and destination at any time."},
		{Name: "VerdictNote", Kind: statement.Text, Help: "The analyst's note."},
		{Name: "VerdictBy", Kind: statement.Text, Help: "Who said so."},
		{Name: "ASN", Kind: statement.Maybe, Help: "The number of the autonomous system that RemoteIP belongs to; empty where it is not known."},
		{Name: "ASName", Kind: statement.Text, Help: "The autonomous system's name."},
	}
}

// kept is what is read of a finding's JSON: what the detectors have in common, and of cases the risk.
var kept = []statement.Column{
	{Name: "Timestamp", Kind: statement.Time}, {Name: "DeviceName", Kind: statement.Text}, {Name: "DeviceId", Kind: statement.Text},
	{Name: "RemoteIP", Kind: statement.Text}, {Name: "RemoteUrl", Kind: statement.Text}, {Name: "AlertType", Kind: statement.Text},
	{Name: "ConnectionCount", Kind: statement.Integer}, {Name: "SampleProcesses", Kind: statement.List}, {Name: "Severity", Kind: statement.Text},
	{Name: "ASN", Kind: statement.Maybe}, {Name: "ASName", Kind: statement.Text}, {Name: "Risk", Kind: statement.Maybe}, {Name: "Why", Kind: statement.List},
	{Name: "EveryUrl", Kind: statement.List}, {Name: "EveryAddress", Kind: statement.List}, {Name: "EveryProcess", Kind: statement.List},
	{Name: "EveryDeviceId", Kind: statement.List}, {Name: "EveryDeviceName", Kind: statement.List},
}

// Statement implements detect.Detector.
func (d Detector) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	source, err := statement.NewSource(table.FindingsTable(), q.Window, q.Filters)
	if err != nil {
		return statement.Statement{}, err
	}
	values := source.Values()
	maps.Copy(values, map[string]any{
		"findings_since":    q.Now.Truncate(time.Minute).Add(-schema.RunsRetention), // viewers of a minute ask the same
		"findings_newSince": q.Params.Int("newSince"),
		"findings_status":   q.Params.Strings("status"), "findings_rules": q.Params.Strings("rules"), "findings_verdicts": q.Params.Strings("verdicts"),
	})
	if q.Format == query.Summary {
		values["findings_status"] = []string{isNew, isOpen, isGone}
	}
	if q.FindingKeys != nil {
		values["findingKeys"] = q.FindingKeys
	}
	if q.Severities != nil {
		values["severities"] = q.Severities
	}
	var fields, types []string
	for _, c := range kept {
		fields, types = append(fields, c.Name), append(types, c.Name+" "+strings.ReplaceAll(c.Kind.ClickHouse(), "'", `\'`))
	}
	of := func(name string) string {
		return statement.Qualified(table.Database, name)
	}
	relations, err := statement.Render(findingsTemplate, map[string]any{
		"Runs": of(schema.FindingsRunsName(table.Name)), "Whole": schema.WholeRun, "Findings": of(schema.FindingsName(table.Name)), "VerdictsTable": of(schema.VerdictsName(table.Name)),
		"Verdicts": d.Site.Verdicts, "Kept": "Tuple(" + strings.Join(types, ", ") + ")", "Fields": fields, "Filters": source.Conditions(), "Keys": q.FindingKeys != nil, "Graded": q.Severities != nil,
		"Mutes": q.Format == query.Numeric, "Severities": detect.SeverityList(),
	})
	if err != nil {
		return statement.Statement{}, err
	}
	shown, err := d.shown(q, values)
	if err != nil {
		return statement.Statement{}, err
	}
	tail, columns, err := d.tail(q, values)
	if err != nil {
		return statement.Statement{}, err
	}
	s, err := statement.New(strings.TrimSpace(relations)+"\n"+shown+strings.TrimSpace(tail), values, columns)
	if err != nil {
		return statement.Statement{}, fmt.Errorf("%s: %w", Name, err)
	}
	s.Kept, s.Hides = true, d.hides(q)
	return detect.Limited(s, q), nil
}

// hides reports whether the allowlist may hide any of them.
func (d Detector) hides(q query.Query) bool {
	for _, of := range d.Of {
		if d.Site.Hides(q, of.Name) {
			return true
		}
	}
	return false
}

func (d Detector) marks(q query.Query) bool { return d.hides(q) || len(detect.AllowlistColumns(q)) > 0 }

func (d Detector) from(q query.Query) string {
	if d.marks(q) {
		return "shown"
	}
	return "findings"
}

// shown renders the relation of that name, and adds its parameters; nothing where findings are shown as they are.
func (d Detector) shown(q query.Query, values map[string]any) (string, error) {
	if !d.marks(q) {
		return "", nil
	}
	type part struct{ QueryType, Condition string }
	var parts []part
	for _, of := range d.Of {
		condition, entries, err := allowlist.Condition(of.Name, d.Site.Allowlist)
		if err != nil {
			return "", err
		}
		maps.Copy(values, entries)
		parts = append(parts, part{of.Name, strings.ReplaceAll(condition, "\n", "\n        ")})
	}
	rest, err := d.Site.Shown(q, values)
	if err != nil {
		return "", err
	}
	text, err := statement.Render(shownTemplate, map[string]any{"Parts": parts, "Rest": rest})
	return strings.TrimSpace(text) + "\n", err
}

func (d Detector) tail(q query.Query, values map[string]any) (string, []statement.Column, error) {
	var hidden []statement.Column
	shown := ""
	if d.hides(q) {
		hidden, shown = detect.HiddenColumns(), " AND f.OnlyHidden = 0"
	}
	data := map[string]any{
		"From": d.from(q), "Hides": d.hides(q), "Hidden": hidden, "Shown": shown, "SeverityColumns": detect.SeverityColumns(),
		"Severities": detect.SeverityList(),
	}
	text := func(name string) statement.Column { return statement.Column{Name: name, Kind: statement.Text} }
	integer := func(name, help string) statement.Column {
		return statement.Column{Name: name, Kind: statement.Integer, Help: help}
	}
	value := statement.Column{Name: detect.ValueColumn, Kind: statement.Number}
	var list []statement.Column
	switch q.Format {
	case query.Numeric:
		values["limit"], value.Help = int64(q.Limit), "Severity"
		data["Labels"] = []string{schema.Rule, "DeviceName", "DeviceId", "RemoteIP", "RemoteUrl"}
		list = []statement.Column{text(schema.Rule), text("DeviceName"), text("DeviceId"), text("RemoteIP"), text("RemoteUrl"), text(detect.FindingKey), value,
			integer(detect.FindingsColumn, ""), integer(detect.RankColumn, "")}
	case query.TimeSeries:
		values["interval"] = q.Interval.Milliseconds()
		list = []statement.Column{integer(detect.RankColumn, ""), {Name: detect.TimeColumn, Kind: statement.Time}, text(schema.Rule), text("Count"), value}
	case query.Summary:
		list = []statement.Column{
			{Name: schema.Rule, Kind: statement.Text, Help: "What was asked."}, {Name: "NewestRun", Kind: statement.Time, Help: "When it was asked last."},
			integer("Open", "Findings of the newest run."), integer("New", "Of these those that are new."), integer("Gone", "Findings of the time range that are gone."),
			integer("Handled", "Open findings with a verdict."), integer("Benign", "Findings of the time range that an analyst calls benign: which rule to tune."),
			integer("Malicious", "Findings of the time range that an analyst calls malicious."),
		}
		for _, c := range detect.SeverityColumns() {
			list = append(list, integer(c.Name, "Open findings of severity "+c.Value+"."))
		}
		list = append(list, integer("Devices", "Devices that open findings name."))
	default:
		values["limit"] = int64(q.Limit) + 1
		list = append(columns(), detect.AllowlistColumns(q)...)
	}
	list = append(list, hidden...)
	data["Columns"] = list
	sql, err := statement.Render(tails[q.Format], data)
	return sql, list, err
}
