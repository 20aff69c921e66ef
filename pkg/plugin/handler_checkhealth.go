package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// check is one thing that queries need, or that findings depend on.
type check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Warning says that what is not OK leaves something to be found all the same.
	Warning bool   `json:"warning,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// CheckHealth proves, step by step, what queries and the shipped rules need. It stops where a step fails that all others need:
// settings, connection or table. Then it goes on to the end, so that one reading is enough to mend everything. The message
// names the fix.
//
// The status is OK, or Error where something fails or a detector can find nothing, or Unknown where all can be asked and some
// of the events cannot be looked at: Grafana knows no status for a warning, and OK would be read as all is well.
func (d *Datasource) CheckHealth(ctx context.Context, req *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	defer d.calls.begin()()
	ctx, done := serve(ctx, req.PluginContext, clickhouse.Viewer)
	defer done()
	checks := d.checkFields()
	var table schema.Table
	for _, step := range []struct {
		name string
		run  func() (string, error)
	}{
		{"settings", func() (string, error) { return "The settings are valid.", d.fault }},
		{"connection", func() (string, error) { return d.checkConnection(ctx) }},
		{"table", func() (text string, err error) { table, text, err = d.checkTable(ctx); return text, err }},
		{"hours", func() (text string, err error) { table, text, err = d.checkHours(ctx, table); return text, err }},
	} {
		text, err := step.run()
		if err != nil {
			return health(append(checks, d.failedStep(step.name, err)), nil), nil
		}
		checks = append(checks, check{Name: step.name, OK: true, Message: text})
	}
	checks = append(checks, d.checkSource(ctx)...)
	checks = append(checks, d.checkFindings(ctx, table))
	// somebody who presses Save & test has perhaps just mended a list, or the data
	if _, err := d.renewedSite(ctx); err != nil {
		return health(append(checks, failedCheck("lists", err)), nil), nil
	}
	d.profiles.forget()
	found, data := d.checkData(ctx, table)
	checks = append(checks, data...)
	checks = append(checks, d.checkQueries(ctx, table, found))
	lists, err := d.checkSite(ctx)
	if err != nil {
		return health(append(checks, failedCheck("lists", err)), found), nil
	}
	return health(append(checks, d.withDictionary(ctx, d.checkLedgers(ctx, table, lists))...), found), nil
}

// failedStep is a step that all others need. A table that is not there is made with those of its source, where one is named.
func (d *Datasource) failedStep(name string, err error) check {
	failed := failedCheck(name, err)
	fault := new(clickhouse.Error)
	if errors.As(err, &fault) && fault.Category == clickhouse.Schema {
		failed.Hint = strings.TrimSpace(failed.Hint + " " + d.sourceHint())
	}
	return failed
}

func failedCheck(name string, err error) check {
	return check{Name: name, Message: explain(err), Hint: hint(err)}
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

// checkHours tells whether hours are used, and how many stand for the events of the detectors' week. Without them everything works,
// and slower: it fails only with the request.
func (d *Datasource) checkHours(ctx context.Context, table schema.Table) (schema.Table, string, error) {
	kept, err := d.hoursOf(ctx, table, true)
	switch {
	case err != nil:
		return schema.Table{}, "", err
	case kept.Fault != nil:
		return table, "Hours are not used: " + explain(kept.Fault), nil
	case kept.Value.state.Why != "":
		return table, "Hours are not used: " + strings.TrimSuffix(kept.Value.state.Why, ".") + ".", nil
	case !kept.Value.state.There:
		return table, "There are no hours: detectors read the events.", nil
	}
	week := query.Window{From: d.now().AddDate(0, 0, -7), To: d.now()}
	valid, others, err := hours.New(d.client, table).Valid(ctx, week, kept.Value.state)
	switch {
	case err != nil && ctx.Err() != nil:
		return schema.Table{}, "", err
	case err != nil:
		return table, "Hours are not used: " + explain(err), nil
	case len(valid) == 0 && len(others) > 0:
		return table, fmt.Sprintf("Hours are there, and none of the %d of the last week stands for its events: run `fluxhound schema apply --hours`, and see that its job runs.", len(others)), nil
	case len(valid) == 0:
		return table, "Hours are used; the last week has no events.", nil
	}
	text := fmt.Sprintf("Hours are used: %d of the last week, the newest of %s UTC, stand for their events", len(valid), valid[len(valid)-1].Start.Format(time.DateTime))
	if late := d.late(others); late > 0 {
		text += fmt.Sprintf("; %d have changed or were not made, and are read from events", late)
	}
	return table.WithHours(valid), text + ".", nil
}

// health joins the checks: the message is that of what is not well, failures first, or of everything where all is.
func health(checks []check, found *profile.Profile) *backend.CheckHealthResult {
	status := backend.HealthStatusOk
	var shown []check
	for _, c := range checks {
		switch {
		case !c.OK && !c.Warning:
			status = backend.HealthStatusError
		case !c.OK && status == backend.HealthStatusOk:
			status = backend.HealthStatusUnknown
		}
		if !c.OK {
			shown = append(shown, c)
		}
	}
	if len(shown) == 0 {
		shown = checks[1:]
	}
	slices.SortStableFunc(shown, func(a, b check) int { return rank(a) - rank(b) })
	var messages, hints []string
	for _, c := range shown {
		messages = append(messages, c.Message)
		if c.Hint != "" && !slices.Contains(hints, c.Hint) {
			hints = append(hints, c.Hint)
		}
	}
	details := map[string]any{"checks": checks, "verboseMessage": strings.Join(hints, " ")}
	if found != nil {
		details["profile"] = found.View()
	}
	text, _ := json.Marshal(details) // texts and numbers always marshal
	return &backend.CheckHealthResult{Status: status, Message: strings.Join(messages, " "), JSONDetails: text}
}

// rank puts failures before warnings.
func rank(c check) int {
	if c.Warning {
		return 1
	}
	return 0
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
