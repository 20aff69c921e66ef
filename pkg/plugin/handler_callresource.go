package plugin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/events"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// routes are the resources that the editors read.
func (d *Datasource) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /detectors", answerJSON(d.detectors))
	mux.HandleFunc("GET /schema/columns", answerJSON(d.schemaColumns))
	mux.HandleFunc("GET /schema/tables", answerJSON(d.schemaTables))
	mux.HandleFunc("GET /values", answerJSON(d.values))
	return mux
}

type detectorsAnswer struct {
	Detectors []detect.Spec `json:"detectors"`
	Defaults  struct {
		Limit    int `json:"limit"`
		RowLimit int `json:"rowLimit"`
	} `json:"defaults"`
}

// detectors describes every query type. It needs no ClickHouse, so that a form can be drawn while it is down.
func (d *Datasource) detectors(*http.Request) (any, error) {
	var answer detectorsAnswer
	for _, t := range queryTypes(detect.Site{}) {
		answer.Detectors = append(answer.Detectors, t.Spec())
	}
	answer.Defaults.Limit, answer.Defaults.RowLimit = query.DefaultLimit, d.settings.RowLimit
	return answer, nil
}

type columnsAnswer struct {
	Table     string           `json:"table"`
	Columns   []columnAnswer   `json:"columns"`
	Available []availableField `json:"available"`
}

type columnAnswer struct {
	Name      string           `json:"name"`
	Column    string           `json:"column"` // the table's own; empty when missing
	Type      string           `json:"type"`
	Kind      schema.Kind      `json:"kind"`
	Required  bool             `json:"required"`
	Present   bool             `json:"present"`
	Help      string           `json:"help"`
	Operators []query.Operator `json:"operators"`
}

type availableField struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// schemaColumns describes the canonical columns and the table's own. A table that cannot serve queries is described all
// the same: that is when a mapping is needed.
func (d *Datasource) schemaColumns(r *http.Request) (any, error) {
	if d.fault != nil {
		return nil, d.fault
	}
	described, err := d.client.Describe(r.Context(), d.settings.Database, d.settings.Table)
	if err != nil {
		return nil, err
	}
	answer := columnsAnswer{Table: d.settings.Database + "." + d.settings.Table}
	for _, own := range described {
		answer.Available = append(answer.Available, availableField{Name: own.Name, Type: own.Type})
	}
	for _, c := range schema.Columns() {
		own, mapped := d.settings.Columns[c.Name]
		if !mapped {
			own = c.Name
		}
		column := columnAnswer{Name: c.Name, Kind: c.Kind, Required: c.Required, Help: c.Help, Operators: query.Operators(c.Kind)}
		if i := slices.IndexFunc(described, func(o schema.Described) bool { return o.Name == own }); i >= 0 {
			column.Column, column.Type, column.Present = own, described[i].Type, true
		}
		answer.Columns = append(answer.Columns, column)
	}
	return answer, nil
}

type tablesAnswer struct {
	Databases []databaseAnswer `json:"databases"`
}

type databaseAnswer struct {
	Name   string   `json:"name"`
	Tables []string `json:"tables"`
}

func (d *Datasource) schemaTables(r *http.Request) (any, error) {
	if d.fault != nil {
		return nil, d.fault
	}
	tables, err := d.client.Tables(r.Context())
	if err != nil {
		return nil, err
	}
	answer := tablesAnswer{Databases: []databaseAnswer{}}
	for database, names := range tables {
		answer.Databases = append(answer.Databases, databaseAnswer{Name: database, Tables: names})
	}
	slices.SortFunc(answer.Databases, func(a, b databaseAnswer) int { return strings.Compare(a.Name, b.Name) })
	return answer, nil
}

type valuesAnswer struct {
	Values    []string `json:"values"`
	Truncated bool     `json:"truncated"`
}

// values lists distinct values of a column for pickers: ?column=&search=&from=&to=&limit=&filters=, from and to in
// epoch milliseconds.
func (d *Datasource) values(r *http.Request) (any, error) {
	if d.fault != nil {
		return nil, d.fault
	}
	asked, err := d.decodeValues(r)
	if err != nil {
		return nil, err
	}
	table, err := d.eventsTable(r.Context())
	if err != nil {
		return nil, err
	}
	s, err := events.Values(asked, table)
	if err != nil {
		return nil, err
	}
	user := ""
	if u := backend.UserFromContext(r.Context()); u != nil {
		user = u.Login
	}
	result, err := d.client.Query(r.Context(), s, clickhouse.Origin{User: user, Detector: "values"})
	if err != nil {
		d.forgetOnSchemaError(err)
		return nil, err
	}
	values, _ := result.Data[0].([]string)
	shown := min(len(values), s.RowLimit)
	return valuesAnswer{Values: append([]string{}, values[:shown]...), Truncated: len(values) > shown}, nil // never null in JSON
}

func (d *Datasource) decodeValues(r *http.Request) (events.ValuesQuery, error) {
	form := r.URL.Query()
	filters, err := query.DecodeFilters([]byte(form.Get("filters")))
	if err != nil {
		return events.ValuesQuery{}, err
	}
	limit, err := wholeNumber("limit", form.Get("limit"), 100)
	if err != nil {
		return events.ValuesQuery{}, err
	}
	var bounds [2]time.Time
	for i, name := range []string{"from", "to"} {
		if form.Get(name) == "" {
			continue
		}
		ms, err := wholeNumber(name, form.Get(name), 0)
		if err != nil {
			return events.ValuesQuery{}, err
		}
		bounds[i] = time.UnixMilli(ms)
	}
	window, err := query.DecodeWindow(query.Window{From: bounds[0], To: bounds[1]}, d.now)
	if err != nil {
		return events.ValuesQuery{}, err
	}
	return events.ValuesQuery{Column: form.Get("column"), Search: form.Get("search"), Window: window, Filters: filters, Limit: int(limit)}, nil
}

func wholeNumber(field, text string, byDefault int64) (int64, error) {
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, &query.Error{Field: field, Reason: "it must be a whole number"}
	}
	return n, nil
}

// answerJSON turns a function into a handler; errors become {"message", "hint"} with a status that says whose fault.
func answerJSON(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := handle(r)
		status := http.StatusOK
		if err != nil {
			code, _, text := verdict(err)
			status, answer = int(code), map[string]string{"message": text, "hint": hint(err)}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer) // the reader has left
	}
}
