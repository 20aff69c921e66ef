package alertrules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
)

// notifications is what the files in provisioning/notifications hold together.
type notifications struct {
	ContactPoints []struct {
		Name      string `yaml:"name"`
		Receivers []struct {
			UID      string         `yaml:"uid"`
			Type     string         `yaml:"type"`
			Settings map[string]any `yaml:"settings"`
		} `yaml:"receivers"`
	} `yaml:"contactPoints"`
	Templates []struct {
		Name     string `yaml:"name"`
		Template string `yaml:"template"`
	} `yaml:"templates"`
	Policies  []policy `yaml:"policies"`
	MuteTimes []struct {
		Name string `yaml:"name"`
	} `yaml:"muteTimes"`
}

type policy struct {
	Receiver string     `yaml:"receiver"`
	GroupBy  []string   `yaml:"group_by"`
	Matchers [][]string `yaml:"object_matchers"`
	Mute     []string   `yaml:"mute_time_intervals"`
	Repeat   string     `yaml:"repeat_interval"`
	Continue bool       `yaml:"continue"`
	Routes   []policy   `yaml:"routes"`
}

func readNotifications(t *testing.T) (all notifications, files []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(provisioning, "notifications", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file notifications
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all.ContactPoints = append(all.ContactPoints, file.ContactPoints...)
		all.Templates = append(all.Templates, file.Templates...)
		all.Policies = append(all.Policies, file.Policies...)
		all.MuteTimes = append(all.MuteTimes, file.MuteTimes...)
		files = append(files, filepath.Base(path))
	}
	return all, files
}

func TestTheREADMESaysWhatEachFileReplaces(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(provisioning, "notifications", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, files := readNotifications(t)
	for _, name := range files {
		if !strings.Contains(string(readme), "| `"+name+"` |") {
			t.Errorf("%s has no line in the table", name)
		}
	}
}

func TestContactPointsTakeTheirAddressFromTheEnvironment(t *testing.T) {
	all, _ := readNotifications(t)
	address := map[string]string{"email": "addresses", "webhook": "url", "slack": "url"}
	var types []string
	for _, c := range all.ContactPoints {
		for _, r := range c.Receivers {
			types = append(types, r.Type)
			if value, _ := r.Settings[address[r.Type]].(string); !regexp.MustCompile(`^\$FLUXHOUND_[A-Z_]+$`).MatchString(value) {
				t.Errorf("%s sends to %q", c.Name, value)
			}
		}
	}
	slices.Sort(types)
	if !slices.Equal(types, []string{"email", "slack", "webhook"}) {
		t.Errorf("there are contact points of the types %v", types)
	}
}

func TestThePolicyNamesWhatIsThere(t *testing.T) {
	all, _ := readNotifications(t)
	receivers, mutes := []string{"grafana-default-email"}, []string{}
	for _, c := range all.ContactPoints {
		receivers = append(receivers, c.Name)
	}
	for _, m := range all.MuteTimes {
		mutes = append(mutes, m.Name)
	}
	var check func(policy)
	check = func(p policy) {
		if !slices.Contains(receivers, p.Receiver) {
			t.Errorf("there is no contact point %q", p.Receiver)
		}
		for _, m := range p.Mute {
			if !slices.Contains(mutes, m) {
				t.Errorf("there is no mute timing %q", m)
			}
		}
		for _, r := range p.Routes {
			check(r)
		}
	}
	if len(all.Policies) != 1 || len(all.Policies[0].Routes) != 1 {
		t.Fatalf("the policies are %+v", all.Policies)
	}
	check(all.Policies[0])
	if ours := all.Policies[0].Routes[0]; !slices.Contains(ours.GroupBy, "detector") || !slices.Contains(ours.GroupBy, "device") {
		t.Errorf("alerts are grouped by %v", ours.GroupBy)
	}
}

// receivers are those that alerts with the labels go to, each with how often it is told again; a route that does not say takes
// its parent's.
func (p policy) receivers(t *testing.T, labels map[string]string) []string {
	t.Helper()
	var list []string
	for _, route := range p.Routes {
		if !route.matches(t, labels) {
			continue
		}
		if route.Repeat == "" {
			route.Repeat = p.Repeat
		}
		list = append(list, route.receivers(t, labels)...)
		if !route.Continue {
			break
		}
	}
	if list == nil {
		list = []string{p.Receiver + " " + p.Repeat}
	}
	return list
}

func (p policy) matches(t *testing.T, labels map[string]string) bool {
	t.Helper()
	for _, m := range p.Matchers {
		switch name, operator, value := m[0], m[1], m[2]; operator {
		case "=":
			if labels[name] != value {
				return false
			}
		case "=~":
			if !regexp.MustCompile("^(?:" + value + ")$").MatchString(labels[name]) {
				return false
			}
		default:
			t.Fatalf("operator %s", operator)
		}
	}
	return true
}

func TestAlertsAreRoutedBySeverity(t *testing.T) {
	all, _ := readNotifications(t)
	want := map[string][]string{
		"critical": {"Fluxhound webhook 1h", "Fluxhound Slack 1h"},
		"high":     {"Fluxhound webhook 12h", "Fluxhound Slack 12h"},
		"medium":   {"Fluxhound e-mail 24h"},
		"low":      {"Fluxhound e-mail 24h"},
	}
	for _, severity := range detect.Severities() {
		got := all.Policies[0].receivers(t, map[string]string{"app": "fluxhound", "alertname": "Potential beaconing", "severity": severity})
		if diff := cmp.Diff(want[severity], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", severity, diff)
		}
	}
	for _, r := range rules(t) {
		labels := expanded(t, r.Labels, nil)
		labels["alertname"] = r.Title
		wanted := want[labels["severity"]]
		if labels["mitre_technique"] == "" {
			wanted = []string{"Fluxhound Slack 12h"} // a fault, which is in maintenance
		}
		if diff := cmp.Diff(wanted, all.Policies[0].receivers(t, labels)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.UID, diff)
		}
	}
}

// The route for faults names rules by their titles.
func TestThePolicyKnowsTheHealthRules(t *testing.T) {
	all, _ := readNotifications(t)
	titles := all.Policies[0].Routes[0].Routes[0].Matchers[0][2]
	for _, uid := range []string{"fluxhound-data-stopped", "fluxhound-detector-failing", "fluxhound-detector-blind"} {
		if title := rule(t, uid).Title; !slices.Contains(strings.Split(titles, "|"), title) {
			t.Errorf("%q is not among %s", title, titles)
		}
	}
}

func TestContactPointsUseTemplatesThatAreDefined(t *testing.T) {
	all, _ := readNotifications(t)
	var defined []string
	for _, d := range regexp.MustCompile(`define "([^"]+)"`).FindAllStringSubmatch(all.Templates[0].Template, -1) {
		defined = append(defined, d[1])
	}
	use := regexp.MustCompile(`template "([^"]+)"`)
	texts := []string{all.Templates[0].Template}
	for _, c := range all.ContactPoints {
		for _, s := range c.Receivers[0].Settings {
			if text, ok := s.(string); ok {
				texts = append(texts, text)
			}
		}
	}
	for _, text := range texts {
		for _, u := range use.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(defined, u[1]) {
				t.Errorf("nothing defines %q", u[1])
			}
		}
	}
}
