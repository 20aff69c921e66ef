package bench_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/bench"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
)

// The benchmark runs from end to end: every way finds the same, and a hundred viewers read no more than one.
// Times are not judged.
func TestTheBenchmarkRunsAndWritesItsReport(t *testing.T) {
	folder := t.TempDir()
	var out strings.Builder
	err := bench.Run(t.Context(), bench.Options{
		Engine: hosttest.Build(t, "clickhouse-devserver", filepath.Join("..", "..", "devenv", "clickhouse"), "."), Root: ".",
		Plugin: hosttest.Build(t, "gpx_fluxhound", "", "github.com/fluxhound/fluxhound-detections-datasource/pkg"),
		Events: []int64{20_000, 100_000}, Rounds: 1, Folder: folder, Out: &out, Now: time.Now,
	})
	t.Log(out.String())
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string][]string{
		"performance.md":             {"## 100,000 events", "| beaconing | from hours |", "| beaconing | with the score |", "| fastFlux | from hours | 1 |", "network_events_hours", "| 100 |", "| High-risk case | 5 min |", "| Fluxhound SOC wall |"},
		"performance-beaconing.svg":  {"<svg", "polyline"},
		"performance-dynamicDns.svg": {"<svg", "polyline"},
		"performance-fastFlux.svg":   {"<svg", "polyline"},
	} {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range want {
			if !strings.Contains(string(text), part) {
				t.Errorf("%s lacks %q:\n%s", file, part, text)
			}
		}
		if strings.Contains(string(text), "| [limit] |") {
			t.Errorf("%s has a refusal:\n%s", file, text)
		}
		if strings.Contains(string(text), "all together -") {
			t.Errorf("%s: the job's questions take less than no time:\n%s", file, text)
		}
		if strings.Contains(string(text), "NaN") {
			t.Errorf("%s has a NaN:\n%s", file, text)
		}
	}
}
