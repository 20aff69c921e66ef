//go:build e2e

package alerting_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// faster are the durations of the files with what stands in their place here: thirty times as fast or more, so that a test that
// waits for an hour takes two minutes. All else is read as it ships.
var faster = []struct{ was, is string }{
	{"group_interval: 5m\n", "group_interval: 10s\n"}, // before interval, which it ends with
	{"interval: 5m\n", "interval: 10s\n"},
	{"interval: 15m #", "interval: 30s #"},
	{"interval: 10m #", "interval: 30s #"},
	{"interval: 1h #", "interval: 30s #"}, // a test that waits for three evaluations ends before it gives up
	{"interval: 1m\n", "interval: 10s\n"},
	{"keepFiringFor: 1h\n", "keepFiringFor: 2m\n"},
	{"for: 5m\n", "for: 10s\n"},
	{"group_wait: 30s\n", "group_wait: 1s\n"},
	// The test may run in maintenance.
	{"weekdays: [sunday]\n", "weekdays: [sunday]\n        months: ['1']\n        years: ['1999']\n"},
}

// provisioningFor copies the provisioning folder with the notifications where Grafana reads them, as their README says.
func provisioningFor(t *testing.T) string {
	t.Helper()
	from, err := filepath.Abs(filepath.Join(root, "provisioning"))
	if err != nil {
		t.Fatal(err)
	}
	to, used := t.TempDir(), map[string]bool{}
	for _, folder := range []struct{ from, to string }{
		{"datasources", "datasources"}, {"dashboards", "dashboards"}, {"plugins", "plugins"}, {"alerting", "alerting"}, {"notifications", "alerting"},
	} {
		if err := os.MkdirAll(filepath.Join(to, folder.to), 0o755); err != nil {
			t.Fatal(err)
		}
		paths, err := filepath.Glob(filepath.Join(from, folder.from, "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			hastened := string(text)
			for _, f := range faster {
				used[f.was] = used[f.was] || strings.Contains(hastened, f.was)
				hastened = strings.ReplaceAll(hastened, f.was, f.is)
			}
			if err := os.WriteFile(filepath.Join(to, folder.to, filepath.Base(path)), []byte(hastened), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, f := range faster {
		if !used[f.was] {
			t.Fatalf("no file has %q any more: the test would wait for what it is not told", f.was)
		}
	}
	return to
}
