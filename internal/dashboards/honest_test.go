package dashboards_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
)

func TestNoPanelSoothesWithoutAnAnswerAndNoLinkIsEmpty(t *testing.T) {
	eachPanel(t, func(t *testing.T, d dashboards.Dashboard, p dashboards.Panel) {
		for _, fault := range slices.Concat(soothes(p), miscounts(d, p), deadLinks(d, p)) {
			t.Error(fault)
		}
	})
}

// The rules must refuse what was once shipped, and its like.
func TestTheLintRefusesWhatSoothesAndWhatLeadsNowhere(t *testing.T) {
	type object = map[string]any
	value := func(n float64) *float64 { return &n }
	thresholds := func(colors ...string) *dashboards.Thresholds {
		steps := &dashboards.Thresholds{}
		for i, c := range colors {
			step := dashboards.Step{Color: c}
			if i > 0 {
				step.Value = value(float64(i - 1))
			}
			steps.Steps = append(steps.Steps, step)
		}
		return steps
	}
	byThreshold, link := &dashboards.Color{Mode: "thresholds"}, func(url string) []dashboards.Link { return []dashboards.Link{{URL: url}} }
	reduced := func(calc, field string) object {
		return object{"reduceOptions": object{"calcs": []string{calc}, "fields": field, "values": false}}
	}
	rows := object{"reduceOptions": object{"calcs": []string{}, "fields": "", "values": true}}
	summary, fresh, list := dashboards.Target{QueryType: "alerts", Format: "summary"}, dashboards.Target{QueryType: "events", Format: "summary"}, dashboards.Target{QueryType: "alerts", Format: "table"}
	drop := dashboards.Transformation{ID: "organize", Options: object{"excludeByName": object{"DeviceName": true}}}
	keep := dashboards.Transformation{ID: "filterFieldsByName", Options: object{"include": object{"names": []string{"RemoteIP"}}}}
	group := dashboards.Transformation{ID: "groupBy", Options: object{"fields": object{"RemoteIP": object{"operation": "groupby"}, "AlertType": object{"operation": "aggregate"}}}}
	for name, c := range map[string]struct {
		kind    string
		look    dashboards.Field
		options object
		target  dashboards.Target
		by      []dashboards.Transformation
		says    string // empty for what is right
	}{
		"a number that was counted":       {"stat", dashboards.Field{NoValue: "No answer", Color: byThreshold, Thresholds: thresholds("grey", "blue", "orange")}, reduced("lastNotNull", "/^Findings$/"), summary, nil, ""},
		"an age that was read":            {"stat", dashboards.Field{NoValue: "No answer", Color: byThreshold, Thresholds: thresholds("grey", "green", "orange")}, reduced("lastNotNull", "/^SecondsSinceNewestEvent$/"), fresh, nil, ""},
		"a sum over a list":               {"stat", dashboards.Field{NoValue: "–", Color: byThreshold, Thresholds: thresholds("grey", "blue")}, reduced("sum", "/^BytesSent$/"), list, nil, "works a number out from a list"},
		"a zero in green":                 {"stat", dashboards.Field{NoValue: "No answer", Color: byThreshold, Thresholds: thresholds("grey", "green", "orange")}, reduced("lastNotNull", "/^Findings$/"), summary, nil, "may be green"},
		"a zero for no answer":            {"stat", dashboards.Field{NoValue: "0", Color: byThreshold, Thresholds: thresholds("grey", "green")}, reduced("lastNotNull", "/^Findings$/"), summary, nil, `it says "0"`},
		"none found for no answer":        {"table", dashboards.Field{NoValue: "No findings in this time range"}, nil, list, nil, "it says"},
		"Grafana's own words":             {"table", dashboards.Field{}, nil, list, nil, `it says ""`},
		"green below all":                 {"stat", dashboards.Field{NoValue: "No answer", Color: byThreshold, Thresholds: thresholds("green", "orange")}, reduced("lastNotNull", "/^Findings$/"), summary, nil, `it is "green"`},
		"a shade of green below all":      {"stat", dashboards.Field{NoValue: "No answer", Color: byThreshold, Thresholds: thresholds("dark-green", "orange")}, reduced("lastNotNull", "/^Findings$/"), summary, nil, `it is "dark-green"`},
		"green by its number":             {"stat", dashboards.Field{NoValue: "No answer", Color: byThreshold, Thresholds: thresholds("#317a28", "orange")}, reduced("lastNotNull", "/^Findings$/"), summary, nil, `it is "#317a28"`},
		"Grafana's own colours":           {"stat", dashboards.Field{NoValue: "No answer"}, reduced("lastNotNull", "/^Findings$/"), summary, nil, `it is "green"`},
		"green whatever comes":            {"bargauge", dashboards.Field{NoValue: "–", Color: &dashboards.Color{Mode: "fixed", FixedColor: "green"}}, rows, list, nil, `it is "green"`},
		"null in green":                   {"stat", dashboards.Field{NoValue: "No answer", Color: byThreshold, Thresholds: thresholds("grey"), Mappings: []dashboards.Mapping{{Type: "special", Options: map[string]dashboards.Face{"null": {Color: "green"}}}}}, reduced("lastNotNull", "/^Findings$/"), summary, nil, "its mapping"},
		"a list's rows in green":          {"stat", dashboards.Field{NoValue: "No answer", Color: byThreshold, Thresholds: thresholds("grey", "green")}, reduced("max", "/^ConnectionCount$/"), list, nil, "may be green"},
		"a list's rows counted":           {"stat", dashboards.Field{NoValue: "–", Color: byThreshold, Thresholds: thresholds("grey", "orange")}, reduced("count", "/^ConnectionCount$/"), list, nil, "counts a list's rows"},
		"a row's link on a number":        {"stat", dashboards.Field{NoValue: "–", Color: &dashboards.Color{Mode: "fixed", FixedColor: "text"}, Links: link("/d/x?var-device=${__data.fields.DeviceName}")}, reduced("max", "/^Score$/"), list, nil, "number of many rows"},
		"a number of what has links":      {"stat", dashboards.Field{NoValue: "–", Color: &dashboards.Color{Mode: "fixed", FixedColor: "text"}}, reduced("distinctCount", "/^RemoteIP$/"), list, nil, "adds links"},
		"a row's link in a row":           {"stat", dashboards.Field{NoValue: "–", Color: &dashboards.Color{Mode: "fixed", FixedColor: "text"}, Links: link("${__data.fields.RemoteIP}")}, rows, list, []dashboards.Transformation{keep}, ""},
		"a field that is filtered out":    {"stat", dashboards.Field{NoValue: "–", Color: &dashboards.Color{Mode: "fixed", FixedColor: "text"}, Links: link("${__data.fields.DeviceName}")}, rows, list, []dashboards.Transformation{keep}, "DeviceName"},
		"a field in brackets":             {"stat", dashboards.Field{NoValue: "–", Color: &dashboards.Color{Mode: "fixed", FixedColor: "text"}, Links: link(`${__data.fields["DeviceName"].text}`)}, rows, list, []dashboards.Transformation{keep}, "DeviceName"},
		"a field that is grouped away":    {"stat", dashboards.Field{NoValue: "–", Color: &dashboards.Color{Mode: "fixed", FixedColor: "text"}, Links: link("${__data.fields.AlertType}")}, rows, list, []dashboards.Transformation{group}, "AlertType"},
		"a field that nothing makes":      {"stat", dashboards.Field{NoValue: "–", Color: &dashboards.Color{Mode: "fixed", FixedColor: "text"}, Links: link("${__data.fields.Host}")}, rows, list, nil, "Host"},
		"a findings' column dropped":      {"table", dashboards.Field{NoValue: "Nothing to show: none found, or no answer"}, nil, list, []dashboards.Transformation{drop}, "DeviceName"},
		"a label that series do not have": {"timeseries", dashboards.Field{NoValue: "–", Links: link("${__field.labels.hostname}")}, nil, dashboards.Target{QueryType: "beaconing", Format: "timeseries"}, nil, "hostname"},
		"a label that they have":          {"timeseries", dashboards.Field{NoValue: "–", Links: link("${__field.labels.device}")}, nil, dashboards.Target{QueryType: "beaconing", Format: "timeseries"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := dashboards.Panel{Type: c.kind, FieldConfig: &dashboards.FieldConfig{Defaults: c.look}, Options: c.options, Targets: []dashboards.Target{c.target}, Transformations: c.by}
			faults := strings.Join(slices.Concat(soothes(p), miscounts(dashboards.Dashboard{}, p), deadLinks(dashboards.Dashboard{}, p)), "; ")
			if (faults == "") != (c.says == "") || !strings.Contains(faults, c.says) {
				t.Errorf("the faults are %q, want %q", faults, c.says)
			}
		})
	}
}

// soothes names what a panel says, and in which colour, where a query failed: Grafana shows the same as where it found nothing.
func soothes(p dashboards.Panel) (faults []string) {
	if p.Type == "alertlist" || p.Type == "text" {
		return nil
	}
	honest := []string{"No answer", "Nothing to show: none found, or no answer", "None, or no answer", "No indicators, or no answer", "No ledger, or no answer", "–"}
	look := p.FieldConfig.Defaults
	if !slices.Contains(honest, look.NoValue) {
		faults = append(faults, fmt.Sprintf("without an answer it says %q, want one of %q", look.NoValue, honest))
	}
	if p.Type == "stat" || p.Type == "gauge" || p.Type == "bargauge" {
		if color := colorWithoutValue(look); soothing(color) {
			faults = append(faults, fmt.Sprintf("without an answer it is %q", color))
		}
	}
	for _, m := range look.Mappings {
		for value, face := range m.Options {
			if m.Type != "value" || soothing(face.Color) && value != "0" {
				faults = append(faults, fmt.Sprintf("its mapping of %s %q is %q", m.Type, value, face.Color))
			}
		}
	}
	return faults
}

// colorWithoutValue is the colour that Grafana gives no value: a fixed one, or the lowest threshold's. A panel that names none has
// Grafana's own thresholds, whose lowest is green.
func colorWithoutValue(look dashboards.Field) string {
	switch {
	case look.Color != nil && look.Color.Mode == "fixed":
		return look.Color.FixedColor
	case look.Color != nil && look.Color.Mode == "thresholds" && look.Thresholds != nil:
		return look.Thresholds.Steps[0].Color
	default:
		return "green"
	}
}

func soothing(color string) bool {
	var r, g, b int
	if _, err := fmt.Sscanf(color, "#%02x%02x%02x", &r, &g, &b); err == nil {
		return g > r+30 && g > b+30
	}
	return color == "" || strings.Contains(color, "green")
}

// miscounts names numbers that are not ClickHouse's. Green is the age of the newest event alone: where no event comes in no finding does, and the count of a list's rows is 0 for
// want of an answer, and ends where the list is cut.
func miscounts(d dashboards.Dashboard, p dashboards.Panel) (faults []string) {
	if of := source(d, p); p.Type == "stat" && of.Format == "table" && of.QueryType != "events" && p.Options["reduceOptions"].(map[string]any)["values"] != true {
		faults = append(faults, "it works a number out from a list of findings, which may be cut")
	}
	if p.FieldConfig == nil || p.FieldConfig.Defaults.Thresholds == nil {
		return faults
	}
	green := slices.ContainsFunc(p.FieldConfig.Defaults.Thresholds.Steps, func(s dashboards.Step) bool { return soothing(s.Color) })
	if of := source(d, p); green && (of.Format != "summary" || of.QueryType != "events") {
		faults = append(faults, fmt.Sprintf("it may be green, and asks %s for %q", of.QueryType, of.Format))
	}
	if calcs := p.Options["reduceOptions"].(map[string]any)["calcs"]; slices.Contains(calcs.([]string), "count") {
		faults = append(faults, "it counts a list's rows")
	}
	return faults
}

// source is the query whose data a panel shows: its own, or that of the panel that it shares data with.
func source(d dashboards.Dashboard, p dashboards.Panel) dashboards.Target {
	if len(p.Targets) == 0 {
		return dashboards.Target{}
	}
	for _, o := range d.Panels {
		if p.Targets[0].PanelID != 0 && o.ID == p.Targets[0].PanelID {
			return o.Targets[0]
		}
	}
	return p.Targets[0]
}

var (
	fieldOfRow = regexp.MustCompile(`__data\.fields\.?\[?"?([A-Za-z]+)`)
	labelOf    = regexp.MustCompile(`__field\.labels\.([a-z_]+)`)
)

// deadLinks names links with nothing in them. A link is made of the row that it stands in: a field that the panel drops, or a number that is worked out from many rows, leaves
// an empty value in it. The data source adds links to findings' tables of every field that tells findings apart.
func deadLinks(d dashboards.Dashboard, p dashboards.Panel) (faults []string) {
	if p.Type == "alertlist" || p.Type == "text" {
		return nil
	}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	config, _ := json.Marshal(p.FieldConfig) // it was read from such a text
	text := strings.ReplaceAll(string(config), `\"`, `"`)
	fields := fieldOfRow.FindAllStringSubmatch(text, -1)
	reduce, reduced := p.Options["reduceOptions"].(map[string]any)
	if reduced = reduced && reduce["values"] != true; reduced && len(fields) > 0 {
		fault("it shows a number of many rows, and its link names the row's %s", fields[0][1])
	}
	if target := source(d, p); reduced && target.QueryType != "events" && target.Format == "table" && linked(fmt.Sprint(reduce["fields"])) {
		fault("it shows a number of many rows of %v, a field to which the data source adds links", reduce["fields"])
	}
	for _, f := range fields {
		if !remains(f[1], p) {
			fault("its link names the field %s, which its transformations drop", f[1])
		}
	}
	if p.Type == "table" && source(d, p).QueryType != "events" {
		for _, name := range slices.Concat(findingFields, []string{"Timestamp"}) {
			if !remains(name, p) {
				fault("the links of findings name the field %s, which its transformations drop", name)
			}
		}
	}
	for _, l := range labelOf.FindAllStringSubmatch(text, -1) {
		if !hasLabel(source(d, p).QueryType, l[1]) {
			fault("its link names the label %s, which its series do not have", l[1])
		}
	}
	return faults
}

// findingFields are those that findingLinks.ts adds links to.
var findingFields = []string{"AlertType", "DeviceName", "RemoteIP", "RemoteUrl"}

// linked says whether a pattern of a reduction picks one of them, or all.
func linked(pattern string) bool {
	return pattern == "" || slices.ContainsFunc(findingFields, func(f string) bool { return pattern == "/^"+f+"$/" })
}

func hasLabel(queryType, name string) bool {
	for _, d := range queryTypes() {
		if s := d.Spec(); s.Name == queryType {
			return slices.ContainsFunc(s.Labels, func(l detect.Label) bool { return l.Name == name })
		}
	}
	return false
}

// remains says whether a panel's transformations leave a field; one that they make is there from then on.
func remains(field string, p dashboards.Panel) bool {
	there := field != "Host"
	for _, by := range p.Transformations {
		switch by.ID {
		case "extractFields":
			there = there || field == "Host"
		case "organize":
			there = there && by.Options["excludeByName"].(map[string]any)[field] == nil
		case "filterFieldsByName":
			there = there && slices.Contains(by.Options["include"].(map[string]any)["names"].([]string), field)
		case "groupBy":
			group, _ := by.Options["fields"].(map[string]any)[field].(map[string]any)
			there = there && group["operation"] == "groupby"
		case "calculateField":
			there = false
		}
	}
	return there
}
