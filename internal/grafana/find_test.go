package grafana

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheGrafanaIsTheVariablesOrThePaths(t *testing.T) {
	home := install(t)
	for name, c := range map[string]struct {
		variable, path, want string
		says                 string // of the error; empty for none
	}{
		"GRAFANA_HOME":                     {variable: home, want: home},
		"GRAFANA_HOME goes first":          {variable: home, path: filepath.Join(install(t), "bin"), want: home},
		"PATH":                             {path: filepath.Join(home, "bin"), want: home},
		"a link on the PATH":               {path: linkTo(t, filepath.Join(home, "bin", "grafana")), want: home},
		"GRAFANA_HOME without a Grafana":   {variable: t.TempDir(), says: "bin/grafana"},
		"nowhere":                          {path: t.TempDir(), says: "GRAFANA_HOME"},
		"a grafana on the PATH, no home":   {path: linkTo(t, "/bin/true"), says: "GRAFANA_HOME"},
		"GRAFANA_HOME is no folder at all": {variable: filepath.Join(home, "nowhere"), says: "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(HomeVariable, c.variable)
			t.Setenv("PATH", c.path)
			got, err := Find()
			if c.says == "" && (err != nil || got != c.want) {
				t.Errorf("home = %q, %v; want %q", got, err, c.want)
			}
			if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("error = %v, want %q in it", err, c.says)
			}
		})
	}
}

func TestWithoutAGrafanaOneLineSaysHowToGetOne(t *testing.T) {
	t.Setenv(HomeVariable, "")
	t.Setenv("PATH", t.TempDir())
	_, err := Find()
	if !errors.Is(err, ErrMissing) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "grafana.com/grafana/download") {
		t.Errorf("error = %v, want ErrMissing in one line with where to get a Grafana", err)
	}
}

func TestThePluginIsLinkedIntoGrafanasFolderEveryTime(t *testing.T) {
	o := Options{Folder: t.TempDir(), Plugin: t.TempDir()}
	for range 2 {
		if err := o.prepare(); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.Readlink(filepath.Join(o.Folder, "plugins", pluginID)); err != nil || got != o.Plugin {
		t.Errorf("link = %q, %v; want %q", got, err, o.Plugin)
	}
}

func install(t *testing.T) string {
	t.Helper()
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"bin/grafana": 0o700, "conf/defaults.ini": 0o600} {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

func linkTo(t *testing.T, path string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Symlink(path, filepath.Join(folder, "grafana")); err != nil {
		t.Fatal(err)
	}
	return folder
}
