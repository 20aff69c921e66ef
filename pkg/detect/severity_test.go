package detect_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
)

func TestTheDocumentationHasTheTableOfConditions(t *testing.T) {
	text, err := os.ReadFile("../../docs/detectors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## Severity and key\n")
	if !found {
		t.Fatal("docs/detectors.md has no section Severity and key")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var got, want []string
	for _, line := range strings.Split(section, "\n") {
		if strings.HasPrefix(line, "| ") {
			got = append(got, line)
		}
	}
	want = append(want, "| detector | condition | severity |")
	for _, g := range detect.Grades() {
		want = append(want, fmt.Sprintf("| %s | %s | %s |", g.Detector, g.Condition, g.Severity))
	}
	want = append(want, fmt.Sprintf("| all but cases | %s | one step higher |", detect.Raise))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the table (-code +documentation):\n%s", diff)
	}
}

func TestEveryDetectorGradesAllItsFindings(t *testing.T) {
	for _, name := range []string{"beaconing", "dynamicDns", "fastFlux"} {
		always := func(g detect.Grade) bool { return g.Detector == name && g.SQL == "1" }
		if !slices.ContainsFunc(detect.Grades(), always) {
			t.Errorf("%s has findings without a severity", name)
		}
	}
	for _, g := range detect.Grades() {
		if !slices.Contains(detect.Severities(), g.Severity) {
			t.Errorf("%s is no severity", g.Severity)
		}
	}
}
