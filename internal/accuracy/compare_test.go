package accuracy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/accuracy"
)

func report(found int, rate float64, rank int) *accuracy.Report {
	return &accuracy.Report{
		Results:  []accuracy.Result{{Capture: "c", Data: accuracy.Complete, Set: accuracy.Stricter, Channels: 1, Found: found, Rate: rate}},
		Outcomes: []accuracy.Outcome{{Capture: "c", Data: accuracy.Complete, Set: accuracy.Stricter, Channel: "d → a", After: 6 * time.Hour, Value: 90, Rank: rank, Of: 9}},
	}
}

func TestWhatIsWorseThanThePageIsTold(t *testing.T) {
	page := report(1, 0.5, 2).Page()
	for name, c := range map[string]struct {
		now   *accuracy.Report
		worse string // empty for nothing
	}{
		"the same":          {report(1, 0.5, 2), ""},
		"better":            {report(1, 0, 1), ""},
		"lost":              {report(0, 0.5, 2), "0 of 1"},
		"more benign":       {report(1, 0.6, 2), "0.6"},
		"a lower rank":      {report(1, 0.5, 3), "3 of 9"},
		"not ranked at all": {report(1, 0.5, 0), "none"},
		"another capture":   {&accuracy.Report{}, ""},
	} {
		got := strings.Join(c.now.Worse(page), "\n")
		if (got == "") != (c.worse == "") || !strings.Contains(got, c.worse) {
			t.Errorf("%s: %q, want %q in it", name, got, c.worse)
		}
	}
}

func TestCapturesBringTheirTruthOrHaveItKept(t *testing.T) {
	if _, err := accuracy.Find([]string{t.TempDir()}, "truth"); err == nil || !strings.Contains(err.Error(), "truth.json") {
		t.Errorf("of a folder without captures: %v", err)
	}
}
