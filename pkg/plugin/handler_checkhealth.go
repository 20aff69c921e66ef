package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/rollup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// check is one thing that queries need.
type check struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// CheckHealth proves, step by step, what queries need, and stops at the first that fails: the later ones would fail for
// the same reason. The message names the fix.
func (d *Datasource) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	var checks []check
	var table schema.Table
	steps := []struct {
		name string
		run  func() (string, error)
	}{
		{"settings", func() (string, error) { return "The settings are valid.", d.fault }},
		{"connection", func() (string, error) { return d.checkConnection(ctx) }},
		{"table", func() (text string, err error) { table, text, err = d.checkTable(ctx); return text, err }},
		{"rollups", func() (text string, err error) { table, text, err = d.checkRollups(ctx, table); return text, err }},
		{"queries", func() (string, error) { return d.checkQueries(ctx, table) }},
	}
	for _, step := range steps {
		text, err := step.run()
		if err != nil {
			checks = append(checks, check{Name: step.name, Message: explain(err), Hint: hint(err)})
			return health(backend.HealthStatusError, checks), nil
		}
		checks = append(checks, check{Name: step.name, OK: true, Message: text})
	}
	lists, err := d.checkSite(ctx)
	if err != nil {
		checks = append(checks, check{Name: allowlistStep, Message: explain(err), Hint: hint(err)})
		return health(backend.HealthStatusError, checks), nil
	}
	for _, c := range lists {
		checks = append(checks, c)
		if !c.OK {
			return health(backend.HealthStatusError, checks), nil
		}
	}
	return health(backend.HealthStatusOk, checks), nil
}

func (d *Datasource) checkConnection(ctx context.Context) (string, error) {
	server, err := d.client.Probe(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Connected to ClickHouse %s as %s over %s.", server.Version, d.settings.Username, d.settings.Protocol), nil
}

// checkTable reads the columns anew: somebody who presses Save & test has perhaps just mended them.
func (d *Datasource) checkTable(ctx context.Context) (schema.Table, string, error) {
	table, err := d.describe(ctx)
	if err != nil {
		return schema.Table{}, "", err
	}
	text := fmt.Sprintf("Table %s.%s has every required column.", table.Database, table.Name)
	var optional []string
	for _, c := range schema.Columns() {
		if !c.Required && !table.Has(c.Name) {
			optional = append(optional, c.Name)
		}
	}
	if len(optional) > 0 {
		text += fmt.Sprintf(" It lacks %s: what needs them is off.", strings.Join(optional, ", "))
	}
	return table, text, nil
}

// checkRollups tells whether roll-ups are used and how fresh they are. Without them everything works, and slower: it fails
// only with the request.
func (d *Datasource) checkRollups(ctx context.Context, table schema.Table) (schema.Table, string, error) {
	table, why, err := d.withRollups(ctx, table)
	if err != nil {
		return schema.Table{}, "", err
	}
	d.table.put(table, d.now().Add(tableTTL))
	if why != "" {
		return table, "Roll-ups are not used: " + strings.TrimSuffix(why, ".") + ".", nil
	}
	if len(table.Rollups()) == 0 {
		return table, "There are no roll-ups: detectors read the events.", nil
	}
	newest, err := rollup.New(d.client, table, d.now).Newest(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return schema.Table{}, "", err
	case err != nil:
		return table, "Roll-ups are used; how fresh they are cannot be told: " + explain(err), nil
	case newest.IsZero():
		return table, "Roll-ups are used; they are empty.", nil
	}
	return table, fmt.Sprintf("Roll-ups are used; their newest event is of %s UTC.", newest.Format(time.DateTime)), nil
}

// checkQueries runs every detector on an empty window: that needs the SELECT right on each column and the settings that
// statements run with, and reads nothing.
func (d *Datasource) checkQueries(ctx context.Context, table schema.Table) (string, error) {
	q := query.Query{Type: "alerts", Format: query.Table, Limit: 1, Window: query.Window{From: d.now().UTC(), To: d.now().UTC()}, Params: query.Values{}}
	d.forgetSite() // somebody who presses Save & test has perhaps just mended a list
	known, err := d.knownSite(ctx)
	if err != nil {
		return "", err
	}
	union := catalog.AlertsAt(known.at(d.now()))
	for _, p := range union.Spec().Params {
		q.Params[p.Name] = p.Default
	}
	s, err := union.Statement(q, table)
	if err != nil {
		return "", err
	}
	if _, err := d.client.Query(ctx, s, clickhouse.Origin{RefID: "health", Detector: "alerts"}); err != nil {
		return "", err
	}
	return "All detectors may run.", nil
}

func health(status backend.HealthStatus, checks []check) *backend.CheckHealthResult {
	last := checks[len(checks)-1]
	message := last.Message
	if status == backend.HealthStatusOk {
		texts := make([]string, len(checks))
		for i, c := range checks {
			texts[i] = c.Message
		}
		message = strings.Join(texts[1:], " ")
	}
	details, _ := json.Marshal(map[string]any{"checks": checks, "verboseMessage": last.Hint}) // texts always marshal
	return &backend.CheckHealthResult{Status: status, Message: message, JSONDetails: details}
}

func explain(err error) string {
	_, _, text := verdict(err)
	return text
}

// hint returns what to do about an error, where the error knows.
func hint(err error) string {
	var fault *clickhouse.Error
	if errors.As(err, &fault) {
		return fault.Hint
	}
	return ""
}
