package detecttest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
)

// DocumentedPoints holds docs/detectors.md to a detector's points.
func DocumentedPoints(t *testing.T, all []detect.Points) {
	t.Helper()
	text, err := os.ReadFile("../../../docs/detectors.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if line := fmt.Sprintf("| %d | %s | %s |", e.Points, e.When, e.Why); !strings.Contains(string(text), line) {
			t.Errorf("docs/detectors.md has no line %s", line)
		}
	}
}
