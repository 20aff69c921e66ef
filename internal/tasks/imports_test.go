package tasks

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/fluxhound/fluxhound-detections-datasource"

// TestTheImportDirectionIsHeld makes a project of empty packages with our names and our .depguard.yaml, and lets each
// package import what it must not and what it may.
func TestTheImportDirectionIsHeld(t *testing.T) {
	refused := map[string][]string{ // package → what it must not import
		"pkg/schema":            {"pkg/leaf"},
		"pkg/settings":          {"pkg/query", "pkg/clickhouse"},
		"pkg/query":             {"pkg/statement", "pkg/clickhouse"},
		"pkg/statement":         {"pkg/detect", "pkg/clickhouse"},
		"pkg/allowlist":         {"pkg/detect"},
		"pkg/detect":            {"pkg/clickhouse", "pkg/frame"},
		"pkg/detect/beaconing":  {"pkg/clickhouse", "pkg/plugin"},
		"pkg/detect/referee":    {"pkg/schema"},
		"pkg/events":            {"pkg/clickhouse", "clickhouse-go/v2"},
		"pkg/clickhouse":        {"pkg/frame", "internal/scenario"},
		"pkg/clickhouse/chtest": {"internal/scenario"},
		"pkg/frame":             {"pkg/plugin", "clickhouse-go/v2", "pkg/host"},
		"pkg/host":              {"pkg/schema"},
		"internal/scenario":     {"clickhouse-go/v2"},
		"cmd/fluxhound":         {"pkg/plugin"},
	}
	allowed := map[string][]string{
		"pkg/settings":         {"pkg/schema"},
		"pkg/query":            {"pkg/schema"},
		"pkg/statement":        {"pkg/query", "pkg/schema"},
		"pkg/allowlist":        {"pkg/statement"},
		"pkg/detect":           {"pkg/query", "pkg/statement", "pkg/allowlist"},
		"pkg/detect/beaconing": {"pkg/detect"},
		"pkg/events":           {"pkg/detect"},
		"pkg/clickhouse":       {"pkg/statement", "clickhouse-go/v2"},
		"pkg/frame":            {"pkg/clickhouse", "pkg/detect", "pkg/events"},
		"pkg/plugin":           {"pkg/frame", "pkg/clickhouse", "pkg/detect"},
		"cmd/fluxhound":        {"pkg/host", "pkg/clickhouse", "internal/scenario"},
	}
	got := depguard(t, refused)
	want := map[string][]string{}
	for from, list := range refused {
		for _, to := range list {
			want[from] = append(want[from], importPath(to))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refused imports (-want +got):\n%s", diff)
	}
	if got := depguard(t, allowed); len(got) > 0 {
		t.Errorf("refused, but allowed: %v", got)
	}
}

var complaint = regexp.MustCompile(`(?m)^(.+)/file\.go:\d+:\d+: import '([^']+)' is not allowed`)

// depguard returns, for each package, the imports that the linter refuses.
func depguard(t *testing.T, imports map[string][]string) map[string][]string {
	t.Helper()
	// Import cycles are no matter of the linter, and Go refuses them: each package is judged in a tree of its own, where
	// what it imports imports nothing.
	got := map[string][]string{}
	for from, list := range imports {
		root := tree(t, from, list)
		command := exec.Command(linter(t), "./...")
		command.Dir = root
		command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		output, err := command.CombinedOutput()
		complaints := complaint.FindAllStringSubmatch(string(output), -1)
		if err != nil && len(complaints) == 0 {
			t.Fatalf("depguard on %s: %v\n%s", from, err, output)
		}
		for _, c := range complaints {
			folder, err := filepath.Rel(root, c[1])
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(got[folder], c[2]) { // two rules may refuse the same import
				got[folder] = append(got[folder], c[2])
			}
		}
	}
	return got
}

// tree writes a module like ours with one package that imports the others.
func tree(t *testing.T, from string, imports []string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile(filepath.Join("..", "..", ".depguard.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, root, ".depguard.yaml", string(rules))
	write(t, root, "go.mod", "module "+module+"\n\ngo 1.26\n\nrequire github.com/ClickHouse/clickhouse-go/v2 v2.0.0\n\nreplace github.com/ClickHouse/clickhouse-go/v2 => ./driver\n")
	write(t, root, "driver/go.mod", "module github.com/ClickHouse/clickhouse-go/v2\n\ngo 1.26\n")
	write(t, root, "driver/driver.go", "package clickhouse\n")
	var text strings.Builder
	text.WriteString("package p\n")
	for _, to := range imports {
		fmt.Fprintf(&text, "import _ %q\n", importPath(to))
		if to != "clickhouse-go/v2" {
			write(t, root, to+"/file.go", "package p\n")
		}
	}
	write(t, root, from+"/file.go", text.String())
	return root
}

func importPath(short string) string {
	if short == "clickhouse-go/v2" {
		return "github.com/ClickHouse/" + short
	}
	return module + "/" + short
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func linter(t *testing.T) string {
	t.Helper()
	path, err := exec.Command("go", "tool", "-n", "depguard").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(path))
}
