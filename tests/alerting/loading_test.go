//go:build e2e

package alerting_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/grafana"
)

const plugin = "fluxhound-detections-datasource"

// The provisioning folder is read as it ships, without any copy: its rules and dashboards are there, linked with each
// other, and the organization's own notification policy stays.
func TestGrafanaLoadsTheShippedFilesWithoutAWarning(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *grafana.Options) {
		var err error
		if o.Provisioning, err = filepath.Abs(filepath.Join(root, "provisioning")); err != nil {
			t.Fatal(err)
		}
	})
	panels := s.loadedPanels(t)
	s.rulesLeadToPanels(t, panels)
	s.pluginOffersItsDashboards(t)
	var policy struct{ Receiver, Provenance string }
	s.call(t, http.MethodGet, "/api/v1/provisioning/policies", nil, &policy)
	if policy.Receiver != "grafana-default-email" || policy.Provenance != "" {
		t.Errorf("the notification policy is %+v, want Grafana's own", policy)
	}
	var health struct{ Status, Message string }
	s.call(t, http.MethodGet, "/api/datasources/uid/fluxhound/health", nil, &health)
	if health.Status != "OK" {
		t.Errorf("the data source's health is %+v", health)
	}
	s.stopGrafana(t)
	logIsClean(t, s)
}

// loadedPanels checks that Grafana has every dashboard from its file, and returns what panels it has, as dashboard/id.
func (s *system) loadedPanels(t *testing.T) map[string]bool {
	t.Helper()
	panels := map[string]bool{}
	for _, f := range dashboards.Files() {
		want := map[int]string{}
		for _, p := range f.Dashboard.Panels {
			want[p.ID] = p.Title
		}
		var loaded struct {
			Meta struct {
				Provisioned bool   `json:"provisioned"`
				FolderTitle string `json:"folderTitle"`
			} `json:"meta"`
			Dashboard dashboards.Dashboard `json:"dashboard"`
		}
		// Grafana answers before it has read the dashboards.
		s.eventually(t, func() error { return s.ask(t, http.MethodGet, "/api/dashboards/uid/"+f.Dashboard.UID, nil, &loaded) })
		if !loaded.Meta.Provisioned || loaded.Meta.FolderTitle != "Fluxhound" {
			t.Errorf("%s: %+v", f.Name, loaded.Meta)
		}
		got := map[int]string{}
		for _, p := range loaded.Dashboard.Panels {
			got[p.ID], panels[fmt.Sprintf("%s/%d", f.Dashboard.UID, p.ID)] = p.Title, true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: panels (-want +got):\n%s", f.Name, diff)
		}
	}
	return panels
}

func (s *system) rulesLeadToPanels(t *testing.T, panels map[string]bool) {
	t.Helper()
	var rules []struct {
		UID         string            `json:"uid"`
		Provenance  string            `json:"provenance"`
		IsPaused    bool              `json:"isPaused"`
		Annotations map[string]string `json:"annotations"`
	}
	s.call(t, http.MethodGet, "/api/v1/provisioning/alert-rules", nil, &rules)
	if len(rules) < 5 {
		t.Errorf("Grafana has %d rules", len(rules))
	}
	for _, r := range rules {
		if to := r.Annotations["__dashboardUid__"] + "/" + r.Annotations["__panelId__"]; !panels[to] || r.Provenance != "file" {
			t.Errorf("%s comes from %q and leads to %s, which Grafana does not have", r.UID, r.Provenance, to)
		}
		if _, want := paused[r.UID]; r.IsPaused != want {
			t.Errorf("%s is paused: %v, want %v", r.UID, r.IsPaused, want)
		}
	}
}

// pluginOffersItsDashboards checks that Grafana can read what the manifest includes.
func (s *system) pluginOffersItsDashboards(t *testing.T) {
	t.Helper()
	want := map[string]string{}
	for _, f := range dashboards.Files() {
		want["dashboards/"+f.Name] = f.Dashboard.UID
	}
	var included []struct{ Path, UID string }
	s.call(t, http.MethodGet, "/api/plugins/"+plugin+"/dashboards", nil, &included)
	got := map[string]string{}
	for _, i := range included {
		got[i.Path] = i.UID
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dashboards that the plugin brings (-want +got):\n%s", diff)
	}
}

// logIsClean checks that Grafana has neither warned nor failed over anything of this project.
func logIsClean(t *testing.T, s *system) {
	t.Helper()
	log := s.log(t)
	// What every Grafana says of a plugin that is not signed, and of one that root runs.
	const unsigned = "Permitting unsigned plugin"
	// Rules that ship every 5 minutes are evaluated every 10 seconds here, which a busy machine may not keep up with.
	const hastened = "Tick dropped because alert rule evaluation is too slow"
	expected := []string{unsigned, "Plugin is unsigned", "running with elevated privileges", hastened}
	if !strings.Contains(log, unsigned) {
		t.Errorf("Grafana's log does not say %q: it holds no warnings, and nothing can be told from it", unsigned)
	}
	for line := range strings.Lines(log) {
		bad := strings.Contains(line, "level=warn") || strings.Contains(line, "level=error")
		contains := func(text string) bool { return strings.Contains(line, text) }
		if bad && slices.ContainsFunc(ours, contains) && !slices.ContainsFunc(expected, contains) && !s.wasStopping(line) {
			t.Errorf("Grafana's log: %s", line)
		}
	}
}

// wasStopping reports whether Grafana was being stopped when it wrote the line: it then cancels the evaluations that run, and
// says of each that it failed.
func (s *system) wasStopping(line string) bool {
	found := regexp.MustCompile(`\bt=(\S+)`).FindStringSubmatch(line)
	if found == nil {
		return false
	}
	at, err := time.Parse(time.RFC3339Nano, found[1])
	return err == nil && slices.ContainsFunc(s.stops, func(stop span) bool { return !at.Before(stop.from) && !at.After(stop.to) })
}

// ours are in the lines of those parts of Grafana that read the project's files and evaluate its rules. The rest, such as
// its own migrations, is Grafana's business.
var ours = []string{"luxhound", "logger=provisioning", "logger=dashboard", "logger=datasource", "logger=ngalert", "logger=plugin", "logger=expr"}
