package alertrules_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"
	"go.yaml.in/yaml/v3"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
)

var (
	root         = filepath.Join("..", "..")
	provisioning = filepath.Join(root, "provisioning")
)

// week is the analytic's look-back, in seconds before the evaluation.
var week = alertrules.Range{From: 7 * 24 * 3600}

func read(t *testing.T, folder string) []alertrules.Group {
	t.Helper()
	groups, err := alertrules.Read(filepath.Join(provisioning, folder))
	if err != nil {
		t.Fatal(err)
	}
	if len(groups) == 0 {
		t.Fatalf("there are no rules in %s", folder)
	}
	return groups
}

func rules(t *testing.T) []alertrules.Rule {
	t.Helper()
	var list []alertrules.Rule
	for _, g := range read(t, "alerting") {
		list = append(list, g.Rules...)
	}
	return list
}

func rule(t *testing.T, uid string) alertrules.Rule {
	t.Helper()
	for _, r := range rules(t) {
		if r.UID == uid {
			return r
		}
	}
	t.Fatalf("there is no rule %s", uid)
	return alertrules.Rule{}
}

func TestEveryDetectorHasARuleThatIsTheAnalytic(t *testing.T) {
	uids := map[string]string{"beaconing": "fluxhound-beaconing", "dynamicDns": "fluxhound-dynamic-dns", "fastFlux": "fluxhound-fast-flux"}
	for _, d := range catalog.Detectors() {
		s := d.Spec()
		t.Run(s.Name, func(t *testing.T) {
			r := rule(t, uids[s.Name])
			want := map[string]string{"app": "fluxhound", "data_source": "fluxhound", "detector": s.Name, "severity": "high", "confidence": "medium", "mitre_technique": "T1584"}
			if diff := cmp.Diff(want, expanded(t, r.Labels, nil)); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			if r.NoDataState != "OK" || r.ExecErrState != "Error" {
				t.Errorf("no data is %s and an error is %s", r.NoDataState, r.ExecErrState)
			}
			a := r.Data[0]
			if a.QueryType != s.Name || a.Range != week {
				t.Errorf("query %s over %+v", a.QueryType, a.Range)
			}
			q := decode(t, a)
			if q.Format != query.Numeric || a.Model["limit"] != 500 {
				t.Errorf("format %s, limit %v", q.Format, a.Model["limit"])
			}
			defaults := query.Values{}
			for _, p := range s.Params {
				defaults[p.Name] = p.Default
			}
			if s.Name == "dynamicDns" { // 600 URLs of one name are one alert; tables keep the analytic's letter
				defaults["groupBy"] = "tenant"
			}
			if diff := cmp.Diff(defaults, q.Params); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
			firesOnEveryFinding(t, r)
		})
	}
}

// notOfTheInternet are the networks that no server on the internet can be in (RFC 6890): those that the analytic knows as
// private, "this network", shared, loopback, link-local, protocol assignments, 6to4 relays, multicast and reserved.
// Those for benchmarks and documentation, which nobody routes, are left in: examples are made of them.
var notOfTheInternet = []string{
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16",
	"224.0.0.0/4", "240.0.0.0/4",
}

// The stricter set stands beside the analytic's, with what it asks beyond: whatever else a parameter is, it is the
// analytic's.
func TestEveryDetectorHasAStricterRule(t *testing.T) {
	for uid, c := range map[string]struct {
		detector, severity, confidence string
		span                           time.Duration
		beyond                         map[string]any
	}{
		"fluxhound-regular-beaconing":     {"beaconing", "high", "medium", 24 * time.Hour, map[string]any{"groupBy": "host", "minScore": 0.8, "maxDevices": int64(5), "minConnections": int64(10), "privateNetworks": notOfTheInternet}},
		"fluxhound-dynamic-dns-beaconing": {"dynamicDns", "critical", "medium", 7 * 24 * time.Hour, map[string]any{"match": "suffix", "onlyBeacons": true}},
		"fluxhound-fast-flux-host":        {"fastFlux", "high", "medium", 7 * 24 * time.Hour, map[string]any{"groupBy": "host", "privateNetworks": notOfTheInternet[:len(notOfTheInternet)-1]}},
	} {
		t.Run(uid, func(t *testing.T) {
			r := rule(t, uid)
			wanted := map[string]string{"app": "fluxhound", "data_source": "fluxhound", "detector": c.detector, "severity": c.severity, "confidence": c.confidence, "mitre_technique": "T1584"}
			if diff := cmp.Diff(wanted, r.Labels); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			a := r.Data[0]
			if !r.IsPaused { // the rules about cases find the same and weigh what speaks against
				t.Error("it ships running")
			}
			if r.NoDataState != "OK" || r.ExecErrState != "Error" || a.Model["limit"] != 500 || a.Range != (alertrules.Range{From: int(c.span.Seconds())}) {
				t.Errorf("no data is %s, an error is %s, limit %v, over %+v", r.NoDataState, r.ExecErrState, a.Model["limit"], a.Range)
			}
			q := decode(t, a)
			want := query.Values{}
			for _, d := range catalog.Detectors() {
				for _, p := range d.Spec().Params {
					if d.Spec().Name == c.detector {
						want[p.Name] = p.Default
					}
				}
			}
			for name, value := range c.beyond {
				want[name] = value
			}
			// By suffix, a query that names no domains looks under all that are known.
			if c.beyond["match"] == "suffix" {
				want["domains"] = q.Params["domains"]
			}
			if diff := cmp.Diff(want, q.Params); diff != "" || q.Format != query.Numeric || q.Type != c.detector {
				t.Errorf("%s as %s, parameters (-want +got):\n%s", q.Type, q.Format, diff)
			}
			firesOnEveryFinding(t, r)
		})
	}
}

// Grafana knows an instance by its labels, the rule's among them: one that follows from what a query says could end an
// instance and begin another.
func TestTheLabelsOfARuleAreFixed(t *testing.T) {
	for _, r := range rules(t) {
		for name, text := range r.Labels {
			if strings.Contains(text, "{{") {
				t.Errorf("%s: label %s is %q", r.UID, name, text)
			}
		}
	}
}

// expanded are a rule's labels for a finding with the labels given; a rule in error has none.
func expanded(t *testing.T, labels, finding map[string]string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for name, text := range labels {
		if strings.Contains(text, "$") {
			t.Errorf("label %s is %q: Grafana replaces $ by the environment", name, text)
		}
		got[name] = expand(t, text, finding, nil)
	}
	return got
}

func firesOnEveryFinding(t *testing.T, r alertrules.Rule) {
	t.Helper()
	want := map[string]any{"refId": "B", "type": "threshold", "expression": "A", "conditions": []any{
		map[string]any{"evaluator": map[string]any{"type": "gt", "params": []any{0}}},
	}}
	if diff := cmp.Diff(want, r.Data[1].Model); diff != "" || r.Condition != "B" {
		t.Errorf("condition %s (-want +got):\n%s", r.Condition, diff)
	}
}

func TestRulesAreNamedOnceAndLiveBesideTheDashboards(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range read(t, "alerting") {
		if _, err := time.ParseDuration(g.Interval); err != nil || g.Folder != "Fluxhound" || g.OrgID != 1 {
			t.Errorf("group %s: interval %q, folder %q, organization %d", g.Name, g.Interval, g.Folder, g.OrgID)
		}
		for _, r := range g.Rules {
			// Grafana allows 40 characters.
			if seen[r.UID] || seen[r.Title] || !strings.HasPrefix(r.UID, "fluxhound-") || len(r.UID) > 40 || r.Labels["app"] != "fluxhound" || r.Labels["severity"] == "" {
				t.Errorf("uid %q, title %q, labels %v", r.UID, r.Title, r.Labels)
			}
			// The rule says which detector, or its query has an instance for each.
			if each := slices.ContainsFunc(r.Data, func(q alertrules.Query) bool { return q.QueryType == profile.Quality{}.Spec().Name }); each == (r.Labels["detector"] != "") {
				t.Errorf("%s: labels %v", r.UID, r.Labels)
			}
			seen[r.UID], seen[r.Title] = true, true
		}
	}
}

// Rows of a rule's instance are the query's own labels; a time or a count among them would make a new instance at each
// evaluation.
func TestInstancesKeepTheirLabels(t *testing.T) {
	for _, d := range catalog.Detectors() {
		for _, l := range d.Spec().Labels {
			if !slices.Contains([]string{"device", "device_id", "remote_ip", "remote_url"}, l.Name) {
				t.Errorf("%s labels an instance with %s", d.Spec().Name, l.Name)
			}
		}
	}
}

// Both ways to resolve last as long: with other findings left, and with none.
func TestAFindingResolvesAfterAnHourWithoutIt(t *testing.T) {
	for _, g := range read(t, "alerting") {
		interval, err := time.ParseDuration(g.Interval)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range g.Rules {
			if r.Labels["mitre_technique"] == "" {
				continue
			}
			if missing := time.Duration(r.MissingEvals) * interval; missing != time.Hour || r.KeepFiringFor != "1h" || r.For != "0s" {
				t.Errorf("%s resolves after %s among others and %s alone, and fires after %s", r.UID, missing, r.KeepFiringFor, r.For)
			}
		}
	}
}

func TestEveryQueryAsksTheProvisionedDataSourceWhatItAccepts(t *testing.T) {
	uid := provisionedDataSource(t)
	for _, folder := range []string{"alerting", "recording"} {
		for _, g := range read(t, folder) {
			for _, r := range g.Rules {
				for _, q := range r.Data {
					if q.Model["refId"] != q.RefID {
						t.Errorf("%s: query %s calls itself %v", r.UID, q.RefID, q.Model["refId"])
					}
					if q.IsExpression() {
						continue
					}
					if decoded := decode(t, q); decoded.Type != q.QueryType || q.DatasourceUID != uid || q.Range.From <= 0 || q.Range.To != 0 {
						t.Errorf("%s: query %s of type %s (%s) asks %s over %+v", r.UID, q.RefID, decoded.Type, q.QueryType, q.DatasourceUID, q.Range)
					}
				}
			}
		}
	}
}

func TestDataStoppedCanReachItsThreshold(t *testing.T) {
	r := rule(t, "fluxhound-data-stopped")
	a := r.Data[0]
	threshold := r.Data[1].Model["conditions"].([]any)[0].(map[string]any)["evaluator"].(map[string]any)["params"].([]any)[0].(int)
	if threshold != 900 || a.Range.From <= threshold || a.QueryType != "events" || r.NoDataState != "Alerting" || r.ExecErrState != "Error" {
		t.Errorf("threshold %d s in %d s of %s, no data %s, error %s", threshold, a.Range.From, a.QueryType, r.NoDataState, r.ExecErrState)
	}
}

// One instance for each detector, which fires when next to none of the events that come in can be looked at. Without events
// there is no number, and Network events stopped fires.
func TestDetectorBlindFiresOnNothingToLookAt(t *testing.T) {
	r := rule(t, "fluxhound-detector-blind")
	evaluator := r.Data[1].Model["conditions"].([]any)[0].(map[string]any)["evaluator"].(map[string]any)
	if evaluator["type"] != "lt" || evaluator["params"].([]any)[0] != 0.0005 {
		t.Errorf("it fires at %v", evaluator)
	}
	q := decode(t, r.Data[0])
	if q.Type != "dataQuality" || q.Format != query.Numeric || q.Params["show"] != profile.ShowMatching || q.Params["bySource"] != false {
		t.Errorf("it asks %+v", q)
	}
	if r.NoDataState != "OK" || r.ExecErrState != "Error" || r.For == "0s" {
		t.Errorf("no data is %s, an error is %s, for %s", r.NoDataState, r.ExecErrState, r.For)
	}
}

func TestDetectorFailingAsksEveryDetectorAndFiresOnErrorsOnly(t *testing.T) {
	r := rule(t, "fluxhound-detector-failing")
	var asked, watched []string
	for _, q := range r.Data {
		if !q.IsExpression() {
			asked = append(asked, q.QueryType)
			continue
		}
		for _, c := range q.Model["conditions"].([]any) {
			condition := c.(map[string]any)
			watched = append(watched, condition["query"].(map[string]any)["params"].([]any)[0].(string))
			reducer, evaluator := condition["reducer"].(map[string]any)["type"], condition["evaluator"].(map[string]any)
			if reducer != "count" || evaluator["type"] != "lt" || evaluator["params"].([]any)[0] != 0 {
				t.Errorf("%v of the rows is %v: a condition that can hold", reducer, evaluator)
			}
		}
	}
	var detectors []string
	for _, d := range catalog.Detectors() {
		detectors = append(detectors, d.Spec().Name)
	}
	if diff := cmp.Diff(detectors, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(detectors, watched); diff != "" {
		t.Errorf("watched (-want +got):\n%s", diff)
	}
	if r.ExecErrState != "Alerting" || r.NoDataState != "OK" || r.Labels["ref_id"] == "" || r.Labels["datasource_uid"] == "" {
		t.Errorf("an error is %s, no data is %s, labels %v", r.ExecErrState, r.NoDataState, r.Labels)
	}
}

// A rule about findings leads to what to do when one is real, and tells the techniques of its detector. Both are annotations: a label would
// end every alert that it is new to.
func TestRulesAboutFindingsLeadToAPlaybookAndTellTechniques(t *testing.T) {
	const docs = "https://github.com/fluxhound/fluxhound-detections-datasource/blob/main/"
	for _, r := range rules(t) {
		if r.Labels["confidence"] == "" {
			if r.Annotations["playbook_url"] != "" || r.Annotations["mitre_techniques"] != "" {
				t.Errorf("%s watches the data, and has a playbook or techniques", r.UID)
			}
			continue
		}
		path, ok := strings.CutPrefix(r.Annotations["playbook_url"], docs+"docs/playbooks/")
		if _, err := os.Stat(filepath.Join(root, "docs", "playbooks", path)); !ok || err != nil {
			t.Errorf("%s: its playbook %q: %v", r.UID, r.Annotations["playbook_url"], err)
		}
		var ids []string
		for _, seen := range techniquesOf(t, r.Labels["detector"]) {
			ids = append(ids, seen.ID)
		}
		if got, want := r.Annotations["mitre_techniques"], strings.Join(ids, ", "); got != want || want == "" {
			t.Errorf("%s tells the techniques %q, its detector %q", r.UID, got, want)
		}
	}
}

func techniquesOf(t *testing.T, detector string) []attack.Seen {
	t.Helper()
	for _, s := range querytypes.Detectors() {
		if s.Name == detector {
			return s.Techniques
		}
	}
	t.Fatalf("there is no detector %q", detector)
	return nil
}

func TestRulesLeadToAPanelAndARunbook(t *testing.T) {
	const docs = "https://github.com/fluxhound/fluxhound-detections-datasource/blob/main/"
	used := map[string]bool{}
	for _, r := range rules(t) {
		t.Run(r.UID, func(t *testing.T) {
			if r.Annotations["__dashboardUid__"] != r.DashboardUID || r.Annotations["__panelId__"] != fmt.Sprint(r.PanelID) {
				t.Errorf("it leads to %s/%d, its annotations to %s/%s", r.DashboardUID, r.PanelID, r.Annotations["__dashboardUid__"], r.Annotations["__panelId__"])
			}
			if !slices.ContainsFunc(panels(), func(at string) bool { return at == fmt.Sprintf("%s/%d", r.DashboardUID, r.PanelID) }) {
				t.Errorf("there is no panel %s/%d", r.DashboardUID, r.PanelID)
			}
			path, ok := strings.CutPrefix(r.Annotations["runbook_url"], docs)
			if !ok {
				t.Errorf("its runbook is %s", r.Annotations["runbook_url"])
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("its runbook: %v", err)
			}
			used[filepath.Base(path)] = true
		})
	}
	written, err := os.ReadDir(filepath.Join(root, "docs", "runbooks"))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range written {
		if !used[w.Name()] {
			t.Errorf("no rule leads to the runbook %s", w.Name())
		}
	}
}

// What a notification leads to must be what the rule found, and nothing else.
func TestARuleAsksWhatItsPanelAsks(t *testing.T) {
	for _, r := range rules(t) {
		if r.Labels["mitre_technique"] == "" { // the health rules ask about all data
			continue
		}
		t.Run(r.UID, func(t *testing.T) {
			asked := r.Data[0]
			shown, span := panelQuery(t, r.DashboardUID, r.PanelID)
			ruled, drawn := decode(t, asked), decode(t, shown)
			if ruled.Type != drawn.Type || len(ruled.Filters)+len(drawn.Filters) != 0 {
				t.Errorf("it asks %s, and its panel %s, with %d and %d filters", ruled.Type, drawn.Type, len(ruled.Filters), len(drawn.Filters))
			}
			if r.UID == "fluxhound-dynamic-dns" { // one alert for what its panel lists one by one
				drawn.Params["groupBy"] = "tenant"
			}
			if diff := cmp.Diff(drawn.Params, ruled.Params); diff != "" {
				t.Errorf("parameters (-panel +rule):\n%s", diff)
			}
			if span != time.Duration(asked.Range.From)*time.Second {
				t.Errorf("it looks at %d s, and its panel at %s", asked.Range.From, span)
			}
		})
	}
}

// panelQuery is what a panel asks with its dashboard's variables as they are when it opens, and over how long a time.
func panelQuery(t *testing.T, uid string, id int) (alertrules.Query, time.Duration) {
	t.Helper()
	for _, f := range dashboards.Files() {
		for _, p := range f.Dashboard.Panels {
			if f.Dashboard.UID != uid || p.ID != id {
				continue
			}
			target, model := p.Targets[0], map[string]any{}
			for name, value := range target.Params {
				if text, ok := value.(string); ok && strings.HasPrefix(text, "$") {
					value = opensWith(t, f.Dashboard, target.QueryType, text[1:])
				}
				model[name] = value
			}
			span := 7 * 24 * time.Hour
			if p.TimeFrom != "" {
				var err error
				if span, err = gtime.ParseDuration(p.TimeFrom); err != nil {
					t.Fatal(err)
				}
			}
			return alertrules.Query{RefID: "A", Model: map[string]any{"refId": "A", "queryType": target.QueryType, "format": target.Format, "params": model}}, span
		}
	}
	t.Fatalf("there is no panel %s/%d", uid, id)
	return alertrules.Query{}, 0
}

// opensWith is the value that a dashboard's variable has when it opens, in the type of the parameter of that name.
func opensWith(t *testing.T, d dashboards.Dashboard, queryType, name string) any {
	t.Helper()
	var text string
	for _, v := range d.Templating.List {
		if v.Name == name {
			text, _ = v.Current.Value.(string)
		}
	}
	for _, detector := range catalog.Detectors() {
		for _, p := range detector.Spec().Params {
			if detector.Spec().Name != queryType || p.Name != name {
				continue
			}
			if p.Kind == query.KindString || p.Kind == query.KindEnum {
				return text
			}
			var value any
			if err := json.Unmarshal([]byte(text), &value); err != nil {
				t.Fatalf("variable %s is at %q: %v", name, text, err)
			}
			return value
		}
	}
	t.Fatalf("%s has no parameter %s", queryType, name)
	return nil
}

func panels() []string {
	var list []string
	for _, f := range dashboards.Files() {
		for _, p := range f.Dashboard.Panels {
			list = append(list, fmt.Sprintf("%s/%d", f.Dashboard.UID, p.ID))
		}
	}
	return list
}

// Grafana warns of everything else in this folder at each start.
func TestTheAlertingFolderHoldsYAMLFilesOnly(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(provisioning, "alerting"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) != ".yaml" {
			t.Errorf("%s is there", e.Name())
		}
	}
}

func provisionedDataSource(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(provisioning, "datasources", "fluxhound.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Datasources []struct {
			UID string `yaml:"uid"`
		} `yaml:"datasources"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Datasources[0].UID
}

// decode reads a query as the plugin does.
func decode(t *testing.T, q alertrules.Query) query.Query {
	t.Helper()
	types := map[string]query.Type{}
	for _, d := range querytypes.At(detect.Site{}) {
		s := d.Spec()
		types[s.Name] = s.Type()
	}
	text, err := q.JSON()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := query.Decode(text, query.Options{Types: types, Now: time.Now, RowLimit: 100_000})
	if err != nil {
		t.Fatalf("query %s: %v", q.RefID, err)
	}
	return decoded
}
