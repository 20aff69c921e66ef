package dashboards_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
)

const pluginID = "fluxhound-detections-datasource"

// eachPanel runs a rule on every panel of every dashboard.
func eachPanel(t *testing.T, rule func(*testing.T, dashboards.Dashboard, dashboards.Panel)) {
	t.Helper()
	for _, f := range dashboards.Files() {
		for _, p := range f.Dashboard.Every() {
			t.Run(fmt.Sprintf("%s/%d %s", f.Name, p.ID, p.Title), func(t *testing.T) { rule(t, f.Dashboard, p) })
		}
	}
}

func TestDashboardsAreNamedAndOpenOnTheAnalyticsLookBack(t *testing.T) {
	uids := map[string]string{
		"wall.json": "fluxhound-wall", "beaconing.json": "fluxhound-beaconing", "dynamic-dns.json": "fluxhound-dynamic-dns",
		"fast-flux.json": "fluxhound-fast-flux", "device.json": "fluxhound-device", "cases.json": "fluxhound-cases",
		"data-quality.json": "fluxhound-data-quality", "findings.json": "fluxhound-findings", "threat-intel.json": "fluxhound-threat-intel",
		"hunting.json": "fluxhound-hunting", "repointed.json": "fluxhound-repointed", "events.json": "fluxhound-events",
	}
	for _, f := range dashboards.Files() {
		d := f.Dashboard
		if d.UID != uids[f.Name] || d.SchemaVersion != 42 || d.Title == "" || d.Description == "" || !slices.Contains(d.Tags, "fluxhound") {
			t.Errorf("%s: uid %q, schema version %d, title %q, description %q, tags %v", f.Name, d.UID, d.SchemaVersion, d.Title, d.Description, d.Tags)
		}
		if want := (dashboards.TimeRange{From: "now-7d", To: "now"}); d.Time != want {
			t.Errorf("%s opens on %v, want %v", f.Name, d.Time, want)
		}
	}
	if wall := dashboards.Files()[0].Dashboard; wall.Refresh != "30s" {
		t.Errorf("the wall is read anew every %s, want 30s", wall.Refresh)
	}
}

func TestPanelsHaveTheirOwnIDTitleAndDescription(t *testing.T) {
	seen := map[string]bool{}
	eachPanel(t, func(t *testing.T, d dashboards.Dashboard, p dashboards.Panel) {
		for _, name := range []string{fmt.Sprint(d.UID, " id ", p.ID), d.UID + " title " + p.Title} {
			if seen[name] {
				t.Errorf("%s is used twice", name)
			}
			seen[name] = true
		}
		if p.ID < 1 || p.Title == "" || len(p.Description) <= len(p.Title) || !strings.HasSuffix(p.Description, ".") || p.PluginVersion == "" {
			t.Errorf("id %d, title %q, description %q, version %q", p.ID, p.Title, p.Description, p.PluginVersion)
		}
	})
}

func TestPanelsAskTheChosenDataSourceOrShareAPanelsData(t *testing.T) {
	eachPanel(t, func(t *testing.T, d dashboards.Dashboard, p dashboards.Panel) {
		if p.Type == "alertlist" || p.Type == "text" { // reads Grafana's alerting, or nothing
			if p.Datasource != nil || len(p.Targets) != 0 {
				t.Errorf("it has data source %v and %d queries", p.Datasource, len(p.Targets))
			}
			return
		}
		if len(p.Targets) != 1 || p.Datasource == nil || *p.Datasource != p.Targets[0].Datasource || p.Targets[0].RefID != "A" {
			t.Fatalf("it has data source %v and the queries %+v", p.Datasource, p.Targets)
		}
		switch target := p.Targets[0]; *p.Datasource {
		case dashboards.DataSource{Type: pluginID, UID: "${datasource}"}:
			if target.QueryType == "" || target.PanelID != 0 {
				t.Errorf("its query is %+v", target)
			}
		case dashboards.DataSource{Type: "datasource", UID: "-- Dashboard --"}:
			of := slices.IndexFunc(d.Panels, func(o dashboards.Panel) bool { return o.ID == target.PanelID && o.Targets[0].QueryType != "" })
			if of < 0 || target.QueryType != "" {
				t.Errorf("it shares the data of panel %d, which has no query of its own", target.PanelID)
			}
		default:
			t.Errorf("its data source is %+v", *p.Datasource)
		}
	})
}

func TestPanelsSayWhatNoDataMeans(t *testing.T) {
	eachPanel(t, func(t *testing.T, _ dashboards.Dashboard, p dashboards.Panel) {
		if p.Type != "alertlist" && p.Type != "text" && p.FieldConfig.Defaults.NoValue == "" {
			t.Error("it would say No data")
		}
	})
}

func TestNumbersHaveUnits(t *testing.T) {
	eachPanel(t, func(t *testing.T, _ dashboards.Dashboard, p dashboards.Panel) {
		switch p.Type {
		case "alertlist", "logs", "text":
			return
		case "table": // the data source gives each column its unit, which the test on the engine checks
			return
		}
		if p.FieldConfig.Defaults.Unit == "" && !overrides(p, "unit") {
			t.Error("its numbers have no unit")
		}
	})
}

func overrides(p dashboards.Panel, property string) bool {
	return slices.ContainsFunc(p.FieldConfig.Overrides, func(o dashboards.Override) bool {
		return slices.ContainsFunc(o.Properties, func(q dashboards.Property) bool { return q.ID == property })
	})
}

// Tables of findings, groups of events and series of findings get their links from the data source; numbers and the log lead nowhere.
func TestWhatNamesADeviceOrDestinationLeadsOn(t *testing.T) {
	eachPanel(t, func(t *testing.T, _ dashboards.Dashboard, p dashboards.Panel) {
		target := dashboards.Target{}
		if len(p.Targets) > 0 {
			target = p.Targets[0]
		}
		named := p.Type == "xychart" || p.Type == "bargauge" ||
			p.Type == "table" && target.QueryType == "events" && target.Params["groupBy"] == nil ||
			p.Type == "stat" && p.Options["reduceOptions"].(map[string]any)["values"] == true
		if named && len(p.FieldConfig.Defaults.Links) == 0 && !overrides(p, "links") {
			t.Error("it has no link to the device or its events")
		}
	})
}

func TestPanelsStandOnTheGridWithoutOverlap(t *testing.T) {
	for _, f := range dashboards.Files() {
		for _, panels := range opened(f.Dashboard) {
			noOverlap(t, f.Name, panels)
		}
	}
}

// opened are the panels as they stand with every row folded, and with each one open, below which Grafana moves the others.
func opened(d dashboards.Dashboard) [][]dashboards.Panel {
	states := [][]dashboards.Panel{d.Panels}
	for i, p := range d.Panels {
		if len(p.Panels) > 0 {
			states = append(states, slices.Concat(d.Panels[:i+1], p.Panels))
		}
	}
	return states
}

func noOverlap(t *testing.T, name string, panels []dashboards.Panel) {
	t.Helper()
	taken := map[[2]int]int{}
	for _, p := range panels {
		g := p.GridPos
		if g.X < 0 || g.Y < 0 || g.W < 1 || g.H < 1 || g.X+g.W > 24 {
			t.Errorf("%s: panel %d is off the grid: %+v", name, p.ID, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other, ok := taken[[2]int{x, y}]; ok {
					t.Fatalf("%s: panels %d and %d overlap", name, other, p.ID)
				}
				taken[[2]int{x, y}] = p.ID
			}
		}
	}
}

func TestTheWallFitsAScreenAndItsTextsAreLarge(t *testing.T) {
	// In kiosk mode, 1080 px less the variables leave 26 rows of 30 px with 8 px between them.
	const rows = 26
	for _, p := range dashboards.Files()[0].Dashboard.Panels {
		if bottom := p.GridPos.Y + p.GridPos.H; bottom > rows {
			t.Errorf("panel %d ends in row %d, want at most %d", p.ID, bottom, rows)
		}
		// Grafana writes the number of an alert list as large as its panel has room for: none under three rows.
		if p.Type == "alertlist" && p.GridPos.H < 3 {
			t.Errorf("panel %d has %d rows: nobody can read it", p.ID, p.GridPos.H)
		}
		if p.Type != "stat" {
			continue
		}
		if text := p.Options["text"].(map[string]any); text["titleSize"].(int) < 18 || text["valueSize"].(int) < 22 {
			t.Errorf("panel %d has texts of %v px", p.ID, text)
		}
	}
}

var (
	variable  = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)
	dashboard = regexp.MustCompile(`/d/([a-z-]+)`)
)

func TestOnlyDeclaredVariablesAreUsedAndAllAre(t *testing.T) {
	for _, f := range dashboards.Files() {
		text, err := f.JSON()
		if err != nil {
			t.Fatal(err)
		}
		used := map[string]bool{"filters": true} // Grafana itself adds ad hoc filters to each query
		for _, found := range variable.FindAllStringSubmatch(string(text), -1) {
			if !strings.HasPrefix(found[1], "__") {
				used[found[1]] = true
			}
		}
		for _, v := range f.Dashboard.Templating.List {
			if !used[v.Name] {
				t.Errorf("%s: nothing uses the variable %s", f.Name, v.Name)
			}
			if v.Label == "" || v.Description == "" {
				t.Errorf("%s: variable %s has label %q and description %q", f.Name, v.Name, v.Label, v.Description)
			}
			delete(used, v.Name)
		}
		delete(used, "filters")
		if len(used) > 0 {
			t.Errorf("%s uses variables that it does not have: %v", f.Name, used)
		}
	}
}

func TestLinksLeadToDashboardsThatAreThere(t *testing.T) {
	uids := map[string]bool{}
	for _, f := range dashboards.Files() {
		uids[f.Dashboard.UID] = true
	}
	for _, f := range dashboards.Files() {
		text, err := f.JSON()
		if err != nil {
			t.Fatal(err)
		}
		reached := map[string]bool{f.Dashboard.UID: true}
		for _, found := range dashboard.FindAllStringSubmatch(string(text), -1) {
			if !uids[found[1]] {
				t.Errorf("%s links to %s, which is not there", f.Name, found[1])
			}
			reached[found[1]] = true
		}
		reached[dashboards.EventsUID] = true // by links of the data source
		if len(reached) != len(uids) {
			t.Errorf("%s reaches only %v", f.Name, reached)
		}
	}
}

// In a panel with a range of its own, Grafana puts nothing in the place of the dashboard's range: the link would forget both.
func TestLinksOfAPanelWithItsOwnRangeLeadToThatRange(t *testing.T) {
	seen := 0
	eachPanel(t, func(t *testing.T, _ dashboards.Dashboard, p dashboards.Panel) {
		if p.TimeFrom == "" {
			return
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "${__url_time_range}") {
			t.Errorf("a link of it has the dashboard's range: %s", text)
		}
		seen += strings.Count(string(text), "from=${__from}")
	})
	if seen == 0 {
		t.Error("no link of such a panel leads to its range")
	}
}

// Grafana 12.3 looks for a panel's filters by the name of its data source, and "default" is none's: filters would be shown, and not be asked.
func TestTheDataSourceIsNamedAndNotGrafanasDefault(t *testing.T) {
	for _, f := range dashboards.Files() {
		for _, v := range f.Dashboard.Templating.List {
			if v.Type == "datasource" && (v.Current == nil || v.Current.Value != "fluxhound") {
				t.Errorf("%s: the data source's variable stands on %+v", f.Name, v.Current)
			}
		}
	}
}

// To whom Grafana refuses Explore it shows its home page instead, and a dashboard does not know who looks at it: the data source adds
// such links, for those who may.
func TestNoDashboardLeadsToExplore(t *testing.T) {
	for _, f := range dashboards.Files() {
		text, err := f.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if at := strings.Index(string(text), "/explore"); at >= 0 {
			t.Errorf("%s: %.80s", f.Name, text[at:])
		}
	}
}

// The display text of an empty cell is what a link's expression becomes: the text for no data would end up in filters.
func TestEmptyTextsStayEmptyInLinks(t *testing.T) {
	eachPanel(t, func(t *testing.T, _ dashboards.Dashboard, p dashboards.Panel) {
		target := dashboards.Target{}
		if len(p.Targets) > 0 {
			target = p.Targets[0]
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		// The data source itself adds links to tables of findings.
		findings := p.Type == "table" && target.QueryType != "events" && target.QueryType != "dataQuality"
		if !findings && !strings.Contains(string(text), "${__data.fields.Remote") {
			return
		}
		empty := slices.ContainsFunc(p.FieldConfig.Overrides, func(o dashboards.Override) bool {
			return o.Matcher == dashboards.Matcher{ID: "byType", Options: "string"} && slices.Contains(o.Properties, dashboards.Property{ID: "noValue", Value: ""})
		})
		if !empty {
			t.Errorf("an empty RemoteUrl would become %q in its links", p.FieldConfig.Defaults.NoValue)
		}
	})
}

// Grafana's alert list has 84 px for each rule, and none beside another, below the panel's header of 40 px.
func TestTheWallsAlertListHoldsEveryRuleWithoutScrolling(t *testing.T) {
	groups, err := alertrules.Read(filepath.Join(root, "provisioning", "alerting"))
	if err != nil {
		t.Fatal(err)
	}
	rules := 0
	for _, g := range groups {
		for _, r := range g.Rules {
			if !r.IsPaused { // the list shows rules that fire, are pending or in error
				rules++
			}
		}
	}
	for _, p := range dashboards.Files()[0].Dashboard.Panels {
		if p.Type != "alertlist" || p.Options["viewMode"] != "list" {
			continue
		}
		if height := p.GridPos.H*38 - 8; height < 40+84*rules {
			t.Errorf("panel %d is %d px high, which is too low for %d rules", p.ID, height, rules)
		}
	}
}

// Grafana takes a label that an alert lacks for an empty one, and anchors a pattern.
func TestListsOfRulesLeaveOutThoseOfOtherDataSourcesAlone(t *testing.T) {
	for _, p := range dashboards.Files()[0].Dashboard.Panels {
		if p.Type != "alertlist" {
			continue
		}
		filter, _ := p.Options["alertInstanceLabelFilter"].(string)
		written := regexp.MustCompile(`^\{app="fluxhound",data_source=~"(.*)"\}$`).FindStringSubmatch(filter)
		if written == nil {
			t.Fatalf("%s lists alerts by %s", p.Title, filter)
		}
		for _, c := range []struct {
			name, chosen, label string
			listed              bool
		}{
			{"the chosen one's", "fluxhound", "fluxhound", true},
			{"another's", "fluxhound", "second", false},
			{"one whose name goes on", "fluxhound", "fluxhound-2", false},
			{"a rule that does not say whose it is", "fluxhound", "", true},
			{"where nobody knows which is chosen", "", "second", true},
		} {
			pattern := regexp.MustCompile("^(?:" + strings.ReplaceAll(written[1], "${source}", c.chosen) + ")$")
			if got := pattern.MatchString(c.label); got != c.listed {
				t.Errorf("%s, %s: listed %v", p.Title, c.name, got)
			}
		}
	}
}

// What is cut off may be the reason or the fix. Of the two ways to ask for all of a text each Grafana knows one.
func TestTextsThatWrapDoSoInEveryGrafana(t *testing.T) {
	wrap := 0
	for _, f := range dashboards.Files() {
		for _, p := range f.Dashboard.Panels {
			if p.FieldConfig == nil {
				continue
			}
			for _, o := range p.FieldConfig.Overrides {
				text, err := json.Marshal(o.Properties)
				if err != nil {
					t.Fatal(err)
				}
				old, now := strings.Contains(string(text), `"wrapText":true`), strings.Contains(string(text), `"custom.wrapText","value":true`)
				pills := strings.Contains(string(text), `"type":"pill"`) // which Grafana has since it wraps them
				if old != now && !pills {
					t.Errorf("%s, %s: %v wraps before Grafana 12.2: %v, and since: %v", f.Name, p.Title, o.Matcher.Options, old, now)
				}
				if now {
					wrap++
				}
			}
		}
	}
	if wrap < 4 {
		t.Errorf("%d columns wrap, want those of cases and of data quality", wrap)
	}
}

func TestDetectorsAreCalledByTheirLabels(t *testing.T) {
	found := 0
	for _, f := range dashboards.Files() {
		for _, p := range f.Dashboard.Every() {
			for _, target := range p.Targets {
				if target.QueryType != "dataQuality" || target.Format == "table" {
					continue
				}
				found++
				text, err := json.Marshal(p.Transformations)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range profile.Rules() {
					if !strings.Contains(string(text), `"renamePattern":"`+r.Label+`$1"`) {
						t.Errorf("%s calls %s so, not %s", p.Title, r.Detector, r.Label)
					}
				}
			}
		}
	}
	if found == 0 {
		t.Error("no panel has numbers or time series of the data's quality")
	}
}

func TestFindingsAreReadBySeverity(t *testing.T) {
	tables := 0
	eachPanel(t, func(t *testing.T, _ dashboards.Dashboard, p dashboards.Panel) {
		if p.Type != "table" || p.Targets[0].QueryType == "events" || p.Targets[0].QueryType == "dataQuality" || p.Targets[0].Format == "summary" {
			return
		}
		tables++
		if order := p.Transformations[0].Options["indexByName"].(map[string]any); order["Severity"] != 0 {
			t.Errorf("its columns begin with others: %v", order)
		}
		colours := map[string]bool{}
		for _, o := range p.FieldConfig.Overrides {
			for _, property := range o.Properties {
				if mappings, ok := property.Value.([]dashboards.Mapping); ok && o.Matcher.Options == "Severity" {
					for _, s := range detect.Severities() {
						colours[mappings[0].Options[s].Color] = true
					}
				}
			}
		}
		if len(colours) != len(detect.Severities()) || colours[""] {
			t.Errorf("its severities have the colours %v", colours)
		}
	})
	if tables < 4 {
		t.Errorf("there are %d tables of findings", tables)
	}
}

func TestTriageShowsWhatTheAllowlistHides(t *testing.T) {
	eachPanel(t, func(t *testing.T, d dashboards.Dashboard, p dashboards.Panel) {
		if d.UID == dashboards.WallUID || d.UID == dashboards.DeviceUID || d.UID == dashboards.EventsUID || d.UID == dashboards.QualityUID || len(p.Targets) == 0 || p.Targets[0].QueryType == "" || p.Targets[0].Allowlist == "ignore" {
			return
		}
		if p.Targets[0].Allowlist != "$allowlist" {
			t.Error("it does not ask what the variable says")
		}
	})
}

// A panel without the condition would count or list what the viewer has put aside.
func TestATriageOfADetectorIsOfTheSeveritiesThatAreChosen(t *testing.T) {
	triage := []string{
		dashboards.BeaconingUID, dashboards.DynamicDNSUID, dashboards.FastFluxUID, dashboards.CasesUID, dashboards.IntelUID, dashboards.RepointedUID, dashboards.FindingsUID,
	}
	want := dashboards.Filter{Column: "Severity", Operator: "in", Values: []string{"$severity"}}
	eachPanel(t, func(t *testing.T, d dashboards.Dashboard, p dashboards.Panel) {
		if !slices.Contains(triage, d.UID) || p.Targets[0].QueryType == "" {
			return
		}
		if !slices.ContainsFunc(p.Targets[0].Filters, func(f dashboards.Filter) bool { return cmp.Equal(f, want) }) {
			t.Errorf("it asks for %v", p.Targets[0].Filters)
		}
	})
	for _, f := range dashboards.Files() {
		for _, v := range f.Dashboard.Templating.List {
			if v.Name == "severity" && (!slices.Contains(triage, f.Dashboard.UID) || v.Query != "critical,high,medium,low" || !v.Multi || !v.IncludeAll) {
				t.Errorf("%s: %+v", f.Name, v)
			}
		}
	}
}

// Most who triage change no parameter: the devices, destinations and filters that they choose stand before everything else.
func TestParametersAreFoldedAway(t *testing.T) {
	folded := 0
	for _, f := range dashboards.Files() {
		used, err := json.Marshal(f.Dashboard.Every())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range f.Dashboard.Templating.List {
			parameter := strings.Contains(string(used), fmt.Sprintf(`"%s":"$%s"`, v.Name, v.Name)) && v.Name != "allowlist"
			if parameter != (v.Hide == 3) {
				t.Errorf("%s: the variable %s sets a parameter: %v, and is folded away: %v", f.Name, v.Name, parameter, v.Hide == 3)
			}
			if parameter {
				folded++
			}
		}
	}
	if folded < 10 {
		t.Errorf("%d parameters are folded away", folded)
	}
}

// Grafana gives a pill a colour of its palette, some of which nobody reads white text from.
func TestPillsHaveAColourOfTheirOwn(t *testing.T) {
	eachPanel(t, func(t *testing.T, _ dashboards.Dashboard, p dashboards.Panel) {
		if p.FieldConfig == nil {
			return
		}
		for _, o := range p.FieldConfig.Overrides {
			text, err := json.Marshal(o.Properties)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), `"type":"pill"`) && !strings.Contains(string(text), `"mode":"fixed"`) {
				t.Errorf("the pills of %v have the palette's", o.Matcher.Options)
			}
		}
	})
}
