package dashboards_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
)

var update = flag.Bool("update", false, "write the dashboards' JSON files")

const root = "../.."

// folder holds the JSON files.
var folder = filepath.Join(root, "dashboards")

func TestTheJSONFilesAreWhatThePackageBuilds(t *testing.T) {
	want := map[string]string{}
	for _, f := range dashboards.Files() {
		text, err := f.JSON()
		if err != nil {
			t.Fatal(err)
		}
		want[f.Name] = string(text)
		if *update {
			if err := os.WriteFile(filepath.Join(folder, f.Name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(want, filesIn(t, folder)); diff != "" {
		t.Errorf("run `go test ./internal/dashboards -update` after a change of the package (-want +got):\n%s", diff)
	}
}

func filesIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = string(text)
	}
	return files
}

func TestThePluginIncludesEveryDashboard(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "plugin.json"))
	if err != nil {
		t.Fatal(err)
	}
	type include struct{ Type, Name, Path string }
	var manifest struct{ Includes []include }
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	var want []include
	for _, f := range dashboards.Files() {
		want = append(want, include{"dashboard", f.Dashboard.Title, "dashboards/" + f.Name})
	}
	if diff := cmp.Diff(want, manifest.Includes); diff != "" {
		t.Errorf("plugin.json's includes (-want +got):\n%s", diff)
	}
	// The front end's build looks in src.
	target, err := filepath.EvalSymlinks(filepath.Join(root, "src", "dashboards"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(folder, target); diff != "" {
		t.Errorf("src/dashboards (-want +got):\n%s", diff)
	}
}
