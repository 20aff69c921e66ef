package querytypes_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
)

func TestTheDocumentationHasTheTechniques(t *testing.T) {
	text, err := os.ReadFile("../../docs/detectors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n| detector | technique | what shows it |\n")
	section, _, _ = strings.Cut(section, "\n\n")
	want := []string{"|---|---|---|"}
	for _, d := range querytypes.Detectors() {
		for _, s := range d.Techniques {
			want = append(want, fmt.Sprintf("| %s | [%s](%s) %s | %s |", d.Name, s.ID, s.URL, s.Name, s.How))
		}
	}
	if diff := cmp.Diff(want, strings.Split(section, "\n")); diff != "" {
		t.Errorf("the table (-code +documentation):\n%s", diff)
	}
}

func TestEveryDetectorSaysWhatElseItsFindingsMayShow(t *testing.T) {
	for _, d := range querytypes.Detectors() {
		seen := map[string]bool{d.Technique.ID: true}
		for _, s := range d.Techniques {
			if seen[s.ID] || !strings.HasSuffix(s.How, ".") {
				t.Errorf("%s: %s stands twice, or %q is no sentence", d.Name, s.ID, s.How)
			}
			seen[s.ID] = true
		}
		if len(seen) < 2 {
			t.Errorf("%s names no technique beside %s", d.Name, d.Technique.ID)
		}
	}
}
