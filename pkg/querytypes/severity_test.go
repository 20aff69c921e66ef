package querytypes_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
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
	var got []string
	for _, line := range strings.Split(section, "\n") {
		if strings.HasPrefix(line, "| ") {
			got = append(got, line)
		}
	}
	want, others := []string{"| detector | condition | severity |"}, []string{}
	for _, d := range querytypes.Detectors() {
		for _, g := range d.Grades {
			want = append(want, fmt.Sprintf("| %s | %s | %s |", d.Name, g.Condition, g.Severity))
		}
		if d.NetworkGraded {
			others = append(others, d.Name)
		}
	}
	want = append(want, fmt.Sprintf("| all but %s | %s | one step higher |", strings.Join(others[:len(others)-1], ", ")+" and "+others[len(others)-1], detect.Raise))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the table (-code +documentation):\n%s", diff)
	}
}

func TestEveryDetectorGradesAllItsFindings(t *testing.T) {
	for _, d := range querytypes.Detectors() {
		if !slices.ContainsFunc(d.Grades, func(g detect.Grade) bool { return g.SQL == "1" }) {
			t.Errorf("%s has findings without a severity", d.Name)
		}
		for _, g := range d.Grades {
			if !slices.Contains(detect.Severities(), g.Severity) {
				t.Errorf("%s: %s is no severity", d.Name, g.Severity)
			}
		}
	}
}

// A link to a finding's events asks for the columns of its labels: a lead of another column, or on another parameter, would lead
// nowhere.
func TestLeadsAreOfLabelsAndParameters(t *testing.T) {
	for _, d := range querytypes.Detectors() {
		for _, l := range d.Leads {
			labelled := slices.ContainsFunc(d.Labels, func(of detect.Label) bool { return of.Column == l.Column })
			decides := l.Param == "" && l.Values == nil
			for _, p := range d.Params {
				if p.Name == l.Param && len(l.Values) > 0 {
					decides = !slices.ContainsFunc(l.Values, func(v string) bool { return !slices.Contains(p.Options, v) })
				}
			}
			if !labelled || !decides || l.How != detect.Varies && l.How != detect.Host {
				t.Errorf("%s: %+v", d.Name, l)
			}
		}
	}
}
