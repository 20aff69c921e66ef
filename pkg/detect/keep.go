package detect

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Question is what decides which findings there are, and nothing of how they are shown: the detector, its parameters, the site's
// lists and the length of the window. Findings are kept by it.
type Question struct {
	QueryType string
	// Key is a hash of the statement and its parameters. Another version of a detector's SQL is another question.
	Key string
	// Lookback is how long the window is.
	Lookback time.Duration
	detector Detector
	asked    query.Query
}

// Statement lists all that is known of each finding over the window [Start, Start + Lookback), whose times stand for those of a run.
func (q Question) Statement(table schema.Table) (statement.Statement, error) {
	return q.detector.Statement(q.asked, table)
}

// Start is the beginning of a question's window, which no run's is.
var Start = time.Unix(0, 0).UTC()

// Share is a detector and the query that it answers.
type Share struct {
	Detector Detector
	Query    query.Query
}

// Shares returns the detectors whose findings a query type shows, with what each is asked.
func Shares(d Detector, q query.Query) []Share {
	if union, ok := d.(interface{ Shares(query.Query) []Share }); ok {
		return union.Shares(q)
	}
	return []Share{{d, q}}
}

// Ask returns the question that a query asks of a detector; false where the query is about a part of the events, which is no
// question that findings are kept of.
func Ask(d Detector, q query.Query, table schema.Table) (Question, bool, error) {
	spec := d.Spec()
	if spec.Kind != KindDetector || len(q.Filters) > 0 {
		return Question{}, false, nil
	}
	asked := query.Query{
		Type: q.Type, Format: query.Table, Params: query.Values{}, Given: q.Given, Limit: query.DefaultLimit,
		Window: query.Window{From: Start, To: Start.Add(q.Window.To.Sub(q.Window.From))}, Allowlist: query.ApplyAllowlist, Keep: true,
	}
	for _, p := range spec.Params {
		asked.Params[p.Name] = q.Params[p.Name]
		if p.Least != "" && !below(q.Params[p.Name], p.Default) {
			asked.Params[p.Name] = p.Default
		}
	}
	s, err := d.Statement(asked, table.WithHours(nil).WithKept(nil))
	if err != nil {
		return Question{}, false, err
	}
	text, err := json.Marshal(map[string]any{"statement": s.SQL, "parameters": s.Params})
	if err != nil {
		return Question{}, false, err
	}
	sum := sha256.Sum256(text)
	return Question{QueryType: spec.Name, Key: hex.EncodeToString(sum[:16]), Lookback: asked.Window.To.Sub(Start), detector: d, asked: asked}, true, nil
}

func below(value, than any) bool {
	switch than := than.(type) {
	case int64:
		return value.(int64) < than
	case float64:
		return value.(float64) < than
	default:
		return true
	}
}

//go:embed keep.sql
var keepSQL string

//go:embed kept.sql
var keptSQL string

var (
	keepTail     = statement.Parse("keep.sql", keepSQL)
	keptTemplate = statement.Parse("kept.sql", keptSQL)
)

// Columns of a kept finding that the allowlist looks at, and lists of its devices.
const (
	everyDevice     = "EveryDevice"
	everyDeviceID   = "EveryDeviceId"
	everyDeviceName = "EveryDeviceName"
)

// kept returns the columns of findings that severity, keys, labels, turns, the allowlist and every format need: what is known of a
// finding. EveryDevice is kept as two lists.
func (p Plan) kept() []statement.Column {
	var columns []statement.Column
	add := func(kind statement.Kind, names ...string) {
		for _, name := range names {
			if name != "" && !slices.ContainsFunc(columns, func(c statement.Column) bool { return c.Name == name }) {
				columns = append(columns, statement.Column{Name: name, Kind: kind})
			}
		}
	}
	for _, c := range p.Spec.Columns {
		if !slices.ContainsFunc(GradeColumns(), func(g statement.Column) bool { return g.Name == c.Name }) {
			add(c.Kind, c.Name)
		}
	}
	for _, l := range p.Spec.Labels {
		add(statement.Text, l.Column)
	}
	add(statement.Text, p.Key...)
	add(statement.Text, p.Identity...)
	add(statement.List, p.Devices)
	for _, c := range p.Graded {
		add(c.Kind, c.Name)
	}
	add(statement.List, "EveryUrl", "EveryAddress", "EveryProcess", everyDeviceID, everyDeviceName)
	return columns
}

// keep renders the tail that lists what is known of each finding.
func (p Plan) keep() (string, []statement.Column, error) {
	var names []string
	for _, c := range p.kept() {
		switch c.Name {
		case everyDeviceID:
			names = append(names, "arrayMap(device -> device.1, "+everyDevice+") AS "+c.Name)
		case everyDeviceName:
			names = append(names, "arrayMap(device -> device.2, "+everyDevice+") AS "+c.Name)
		default:
			names = append(names, c.Name)
		}
	}
	worth := slices.DeleteFunc(GradeColumns(), func(c statement.Column) bool { return c.Name == FindingKey })
	for _, c := range worth {
		names = append(names, c.Name)
	}
	text, err := statement.Render(keepTail, map[string]any{"Value": p.Spec.AlertValue.Column, "Columns": names})
	columns := slices.Concat([]statement.Column{{Name: FindingKey, Kind: statement.Text}, {Name: schema.FindingValue, Kind: statement.Number}}, p.kept(), worth)
	return text, columns, err
}

// answers reports whether what is known of findings answers the query: the points of a series may be events.
func (p Plan) answers(q query.Query) bool {
	return !q.Keep && len(q.Filters) == 0 && (q.Format != query.TimeSeries || p.Points == "findings")
}

// fromKept renders the relation findings from what a run found, with its parameters.
func (p Plan) fromKept(q query.Query, table schema.Table, run schema.Kept) (string, map[string]any, error) {
	values := map[string]any{p.Spec.Name + "_question": run.Question, p.Spec.Name + "_run": run.Run, p.Spec.Name + "_build": run.Build}
	var names, least []string
	for _, c := range p.kept() {
		names = append(names, c.Name)
	}
	for _, param := range p.Spec.Params {
		if param.Least == "" {
			continue
		}
		name := p.Spec.Name + "_" + param.Name
		values[name] = q.Params[param.Name]
		kind := statement.Number
		if param.Kind == query.KindInteger {
			kind = statement.Integer
		}
		least = append(least, fmt.Sprintf("%s >= {%s:%s}", param.Least, name, kind.ClickHouse()))
	}
	text, err := statement.Render(keptTemplate, map[string]any{
		"Columns": names, "Least": least, "Prefix": "{" + p.Spec.Name,
		"Runs": statement.Qualified(table.Database, schema.FindingsRunsName(table.Name)),
	})
	return strings.TrimSpace(text), values, err
}
