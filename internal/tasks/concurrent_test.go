package tasks

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPackagesThatStartGoroutinesRunUnderTheRaceDetector(t *testing.T) {
	for rule, c := range map[string]struct {
		body string
		want bool
	}{
		"a go statement":    {"go f()", true},
		"a group's Go":      {"var g sync.WaitGroup; g.Go(f)", true},
		"deep inside":       {"func() { if true { for { go f() } } }()", true},
		"a field called Go": {"_ = t.Go", false},
		"a comment":         {"// go f()", false},
		"nothing":           {"f()", false},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"a.go": "package p\n", "b.go": "package p\nfunc x() {\n" + c.body + "\n}\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := startsGoroutines(dir, []string{"a.go", "b.go"}); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", rule, got, err)
		}
	}
}

// No package is left out, and the ones that answer Grafana are among those that start goroutines.
func TestEachPackageIsTestedOnce(t *testing.T) {
	p := Project{Root: filepath.Join("..", ".."), Out: t.Output()}
	with, without, err := p.concurrent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := p.output(t.Context(), line("go", "list", "./..."))
	if err != nil {
		t.Fatal(err)
	}
	got, want := slices.Concat(with, without), strings.Fields(all)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("tested are %q, want %q", got, want)
	}
	for _, name := range []string{"pkg/plugin", "pkg/clickhouse", "pkg/lookup", "pkg/ingest"} {
		if !slices.ContainsFunc(with, func(path string) bool { return strings.HasSuffix(path, "/"+name) }) {
			t.Errorf("%s runs without the race detector", name)
		}
	}
}
