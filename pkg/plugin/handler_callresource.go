package plugin

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/crash"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/events"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hunting"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// routes are the resources that the editors read.
func (d *Datasource) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /detectors", d.answerJSON(d.detectors))
	mux.HandleFunc("GET /hunting", d.answerJSON(d.questions))
	mux.HandleFunc("GET /schema/columns", d.answerJSON(d.schemaColumns))
	mux.HandleFunc("GET /schema/tables", d.answerJSON(d.forAdministrators(d.schemaTables)))
	mux.HandleFunc("GET /sources", d.answerJSON(d.sourceList))
	mux.HandleFunc("GET /values", d.answerJSON(d.values))
	mux.HandleFunc("POST /verdicts", d.answerJSON(d.judge))
	mux.HandleFunc("GET /profile", d.answerJSON(d.forAdministrators(d.profileView)))
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
	for _, t := range querytypes.At(d.defaults()) {
		answer.Detectors = append(answer.Detectors, t.Spec())
	}
	answer.Defaults.Limit, answer.Defaults.RowLimit = query.DefaultLimit, d.settings.RowLimit
	return answer, nil
}

type huntingAnswer struct {
	Questions []askable `json:"questions"`
}

// askable is a saved question as an editor shows it.
type askable struct {
	hunting.Question
	Techniques []attack.Technique `json:"techniques"`
}

// questions lists the hunting library. Like the query types it needs no ClickHouse.
func (d *Datasource) questions(*http.Request) (any, error) {
	var answer huntingAnswer
	for _, q := range hunting.Questions() {
		of := askable{Question: q}
		for _, id := range q.Techniques {
			technique, _ := attack.Named(id) // the library was read with it
			of.Techniques = append(of.Techniques, technique)
		}
		answer.Questions = append(answer.Questions, of)
	}
	return answer, nil
}

type columnsAnswer struct {
	Table     string           `json:"table"`
	Columns   []columnAnswer   `json:"columns"`
	Available []availableField `json:"available"` // for administrators
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
// the same: that is when a mapping is needed. What columns the table has beside is for administrators, who map them, and
// as they are now.
func (d *Datasource) schemaColumns(r *http.Request) (any, error) {
	if d.fault != nil {
		return nil, d.fault
	}
	administers := administers(r.Context())
	columns, err := known(r.Context(), d.known.columns, administers)
	if err == nil && (columns.Generation == 0 || administers) {
		err = columns.Fault
	}
	if err != nil {
		return nil, err
	}
	described := columns.Value
	answer := columnsAnswer{Table: d.tableName(), Available: []availableField{}}
	if administers {
		for _, own := range described {
			answer.Available = append(answer.Available, availableField{Name: own.Name, Type: own.Type})
		}
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

// valuesLookback is the window of a picker that names none: what is there now, and not all there ever was.
const valuesLookback = 24 * time.Hour

// values lists distinct values of a column for pickers: ?column=&search=&from=&to=&limit=&filters=, from and to in
// epoch milliseconds; without them the last valuesLookback.
func (d *Datasource) values(r *http.Request) (any, error) {
	if d.fault != nil {
		return nil, d.fault
	}
	asked, err := d.decodeValues(r)
	if err != nil {
		return nil, err
	}
	table, _, err := d.eventsTable(r.Context())
	if err != nil {
		return nil, err
	}
	asked.Window = query.Aligned(asked.Window, d.now(), d.settings.CacheTTL)
	return d.pick(r.Context(), asked, table)
}

// pick answers a picker. All values are read once for everybody who types, and searched here; only where there are more
// than a picker may have does ClickHouse search.
func (d *Datasource) pick(ctx context.Context, asked events.ValuesQuery, table schema.Table) (valuesAnswer, error) {
	if _, err := events.Values(asked, table); err != nil { // what is asked may be refused for its search or limit
		return valuesAnswer{}, err
	}
	all := asked
	all.Search, all.Limit = "", events.MaxValues
	values, more, err := d.readValues(ctx, all, table)
	search := strings.ToLower(asked.Search)
	if err == nil && more && search != "" {
		values, more, err = d.readValues(ctx, asked, table)
		search = ""
	}
	if err != nil {
		d.doubt(err)
		return valuesAnswer{}, err
	}
	found := []string{} // never null in JSON
	for _, v := range values {
		if strings.Contains(strings.ToLower(v), search) {
			found = append(found, v)
		}
	}
	if len(found) > asked.Limit {
		found, more = found[:asked.Limit], true
	}
	return valuesAnswer{Values: found, Truncated: more}, nil
}

// readValues reads values of a column, shared by all who ask for them, and whether there are more.
func (d *Datasource) readValues(ctx context.Context, asked events.ValuesQuery, table schema.Table) (values []string, more bool, err error) {
	s, err := events.Values(asked, table)
	if err != nil {
		return nil, false, err
	}
	origin := clickhouse.Origin{Detector: "values"}
	if u := backend.UserFromContext(ctx); u != nil {
		origin.User = u.Login
	}
	result, err := d.shared.Query(ctx, s, origin)
	if err != nil {
		return nil, false, err
	}
	values, _ = result.Data[0].([]string)
	shown := min(len(values), s.RowLimit)
	return values[:shown], len(values) > shown, nil
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
	if form.Get("from") == "" && form.Get("to") == "" {
		bounds = [2]time.Time{d.now().Add(-valuesLookback), d.now()}
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
func (d *Datasource) answerJSON(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer d.calls.begin()()
		var answer any
		err := crash.Caught("answer the request", func() (err error) { answer, err = handle(r); return err })
		status := http.StatusOK
		if err != nil {
			code, _, text := verdict(err)
			tell(r.Context(), err)
			status, answer = int(code), map[string]string{"message": text, "hint": hint(err)}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer) // the reader has left
	}
}
