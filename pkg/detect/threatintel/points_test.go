package threatintel_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/threatintel"
)

func TestTheDocumentationHasEachPoint(t *testing.T) {
	text, err := os.ReadFile("../../../docs/detectors.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range threatintel.Everything() {
		if line := fmt.Sprintf("| %d | %s | %s |", e.Points, e.When, e.Why); !strings.Contains(string(text), line) {
			t.Errorf("docs/detectors.md has no line %s", line)
		}
	}
}
