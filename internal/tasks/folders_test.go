package tasks

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFoldersBehindATargetAreNoTargets(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	in := func(names ...string) []string {
		for i, name := range names {
			names[i] = filepath.Join(here, name)
		}
		return names
	}
	for _, c := range []struct{ line, left, captures, logs []string }{
		{[]string{"mage", "accuracy"}, []string{"mage", "accuracy"}, nil, nil},
		{[]string{"mage", "-v", "Accuracy", "a", "b c"}, []string{"mage", "-v", "Accuracy"}, in("a", "b c"), nil},
		{[]string{"mage", "hunt", "logs"}, []string{"mage", "hunt", "logs"}, nil, nil},
		{[]string{"mage"}, []string{"mage"}, nil, nil},
		{[]string{"mage", "grafana"}, []string{"mage", "grafana"}, nil, nil},
		{[]string{"mage", "grafana", "test"}, []string{"mage", "grafana", "test"}, nil, nil},
		{[]string{"mage", "grafana", "--data"}, []string{"mage", "grafana", "--data"}, nil, nil},
		{[]string{"mage", "grafana", "--data", "logs"}, []string{"mage", "grafana"}, nil, in("logs")},
		{[]string{"mage", "Grafana", "--data=a", "b c"}, []string{"mage", "Grafana"}, nil, in("a", "b c")},
		{[]string{"mage", "grafana", "-data", "/var/log"}, []string{"mage", "grafana", "-data", "/var/log"}, nil, nil},
		{[]string{"mage", "grafana", "--data", "/var/log"}, []string{"mage", "grafana"}, nil, []string{"/var/log"}},
	} {
		t.Setenv(capturesVariable, "")
		t.Setenv(logsVariable, "")
		if diff := cmp.Diff(c.left, TakeFolders(c.line)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.line, diff)
		}
		for variable, want := range map[string][]string{capturesVariable: c.captures, logsVariable: c.logs} {
			var got []string
			if got = append(got, takenFolders(variable)...); !cmp.Equal(want, got) {
				t.Errorf("%s of %q: got %q, want %q", variable, c.line, got, want)
			}
		}
	}
}
