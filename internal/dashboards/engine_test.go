package dashboards_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/grafana/dataplane/sdata/reader"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake/intaketest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger/ledgertest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs/runstest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestMain(m *testing.M) { chtest.Main(m) }

func TestEveryPanelGetsData(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	engine := chtest.Database(t)
	engine.CreateTable(t, settings.DefaultTable)
	nameless := planted.Heartbeat(now.Add(-time.Hour)) // something that a detector cannot look at, and that lacks something
	nameless.RemoteURL = ""
	engine.Insert(t, settings.DefaultTable, nameless)
	engine.Insert(t, settings.DefaultTable, slices.Concat(planted.Attack(now), planted.Attack(now.Add(-week)), planted.DynamicBeacon(now), planted.SlowBeacon(now))...)
	runstest.Keep(t, engine)
	jsonData := intaketest.Fill(t, engine, intake.Feed{Source: "feed", Confidence: 90, Holds: week}, planted.BeaconURL+"\n")
	ledgertest.Fill(t, engine)
	ledgertest.Move(t, engine, planted.DynamicBeaconURL, planted.DynamicBeaconNetwork)
	jsonData = ledgertest.With(t, jsonData)
	now = time.Now().UTC().Truncate(time.Millisecond) // a run is of the last whole minute, which may have begun meanwhile
	plugin := planted.Plugin(t)
	source := host.DataSource{UID: "fluxhound", Name: "Fluxhound", JSONData: jsonData}
	for _, a := range allAsked(t, planted.Device) {
		t.Run(a.name(), func(t *testing.T) {
			response, err := plugin.QueryData(t.Context(), &backend.QueryDataRequest{
				PluginContext: source.PluginContext(&backend.User{Login: "analyst"}),
				Queries:       []backend.DataQuery{sent(t, a, now)},
			})
			if err != nil {
				t.Fatal(err)
			}
			answer := response.Responses["A"]
			if answer.Error != nil {
				t.Fatalf("status %d: %v", answer.Status, answer.Error)
			}
			if a.file == "hunting.json" {
				return // most of what a hunter asks finds nothing where all is well; internal/hunting runs it on more
			}
			hasData(t, answer.Frames)
			acceptedBySData(t, answer.Frames)
			fitsPanel(t, a, answer.Frames)
		})
	}
}

const week = 7 * 24 * time.Hour

// sent is the query with the time range and interval that Grafana works out for the panel.
func sent(t *testing.T, a asked, now time.Time) backend.DataQuery {
	t.Helper()
	span := backend.TimeRange{From: now.Add(-week), To: now}
	if a.panel.TimeFrom != "" {
		span.From = now.Add(-duration(t, a.panel.TimeFrom))
	}
	if a.panel.TimeShift != "" {
		shift := duration(t, a.panel.TimeShift)
		span = backend.TimeRange{From: span.From.Add(-shift), To: span.To.Add(-shift)}
	}
	interval := time.Hour
	if a.panel.Interval != "" {
		interval = duration(t, a.panel.Interval)
	}
	return backend.DataQuery{RefID: "A", JSON: a.json, TimeRange: span, Interval: interval, MaxDataPoints: int64(a.panel.MaxDataPoints)}
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	if text == "7d" {
		return week
	}
	d, err := gtime.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func hasData(t *testing.T, frames data.Frames) {
	t.Helper()
	if len(frames) == 0 || frames[0].Rows() == 0 {
		t.Errorf("%d frames without data", len(frames))
	}
	for _, f := range frames {
		for _, field := range f.Fields {
			if field.Type().Numeric() && (field.Config == nil || field.Config.Unit == "") {
				t.Errorf("field %s has no unit", field.Name)
			}
		}
	}
}

// acceptedBySData checks what alerting and expressions may get; the contract of tables and logs has no reader.
func acceptedBySData(t *testing.T, frames data.Frames) {
	t.Helper()
	kind := frames[0].Meta.Type.Kind()
	if kind != data.KindNumeric && kind != data.KindTimeSeries {
		return
	}
	if _, err := reader.CanReadBasedOnMeta(frames); err != nil {
		t.Errorf("sdata: %v", err)
	}
}

// fitsPanel checks that every field that the panel, or one that shares its data, names is there.
func fitsPanel(t *testing.T, a asked, frames data.Frames) {
	t.Helper()
	if frames[0].Meta.Type != data.FrameTypeTable {
		return // series are named after their labels
	}
	var fields []string
	for _, f := range frames[0].Fields {
		fields = append(fields, f.Name)
	}
	for _, p := range sharing(a) {
		for _, name := range namedFields(t, p) {
			if !slices.Contains(fields, name) {
				t.Errorf("panel %d names the field %s, which is not among %v", p.ID, name, fields)
			}
		}
	}
}

// sharing returns the panel and those that share its data.
func sharing(a asked) []dashboards.Panel {
	list := []dashboards.Panel{a.panel}
	for _, f := range dashboards.Files() {
		for _, p := range f.Dashboard.Panels {
			if f.Name == a.file && len(p.Targets) > 0 && p.Targets[0].PanelID == a.panel.ID {
				list = append(list, p)
			}
		}
	}
	return list
}

var (
	fieldInExpression = regexp.MustCompile(`__data\.fields\.([A-Za-z]+)`)
	fieldInPattern    = regexp.MustCompile(`^/\^([A-Za-z]+)( |\$)`)
	made              = []string{"Host", "Risk (max)", "Risk (count)"} // by the panels' own transformations
	sometimes         = []string{"Allowlisted"}                        // there when the viewer ignores the allowlist
	shared            = []string{"DeviceId", "BytesSent", "BytesReceived", "RemoteUrl"}
)

// namedFields returns the fields of the data that a panel names: in overrides, transformations, links and reductions.
func namedFields(t *testing.T, p dashboards.Panel) []string {
	t.Helper()
	var names []string
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.ID == "byName" {
			names = append(names, o.Matcher.Options.(string))
		}
	}
	// Every table has the overrides of these; not every table has the columns.
	names = slices.DeleteFunc(names, func(n string) bool { return slices.Contains(shared, n) })
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range fieldInExpression.FindAllStringSubmatch(string(text), -1) {
		names = append(names, found[1])
	}
	for _, transformation := range p.Transformations {
		names = append(names, fieldsOf(transformation.Options)...)
	}
	if reduce, ok := p.Options["reduceOptions"].(map[string]any); ok {
		if found := fieldInPattern.FindStringSubmatch(fmt.Sprint(reduce["fields"])); found != nil {
			names = append(names, found[1])
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return slices.Contains(made, n) || slices.Contains(sometimes, n) })
}

// fieldsOf returns the fields that a transformation's options name.
func fieldsOf(options map[string]any) []string {
	var names []string
	keys := func(of any) {
		m, _ := of.(map[string]any)
		for name := range m {
			names = append(names, name)
		}
	}
	keys(options["fields"])
	keys(options["excludeByName"])
	keys(options["indexByName"])
	if source, ok := options["source"].(string); ok {
		names = append(names, source)
	}
	if include, ok := options["include"].(map[string]any); ok {
		names = append(names, include["names"].([]string)...)
	}
	for _, list := range []struct{ key, name string }{{"filters", "fieldName"}, {"sort", "field"}} {
		entries, _ := options[list.key].([]map[string]any)
		for _, entry := range entries {
			names = append(names, entry[list.name].(string))
		}
	}
	return names
}
