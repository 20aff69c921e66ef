package navigator_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hunting"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/navigator"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
)

var update = flag.Bool("update", false, "write docs/attack-layer.json anew")

func TestTheLayerOfTheDocumentationGolden(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "attack-layer.json")
	got, err := navigator.Layer(querytypes.Detectors(), hunting.Questions())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run the test with -update if the change is meant (-want +got):\n%s", diff)
	}
}

func TestATechniqueHasItsHighestScoreAndEveryReason(t *testing.T) {
	text, err := navigator.Layer(
		[]detect.Spec{{Label: "One", Summary: "It finds.", Technique: detect.T1584(), Techniques: []attack.Seen{attack.Shows("T1571", "Odd ports.")}}},
		[]hunting.Question{{Title: "Odd?", Techniques: []string{"T1571", "T1133"}}})
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Techniques []struct {
			TechniqueID, Tactic, Comment string
			Score                        int
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	want := "[{T1133 persistence Hunting question: Odd? 1} {T1133 initial-access Hunting question: Odd? 1} {T1571 command-and-control One: Odd ports.\nHunting question: Odd? 2} {T1584 resource-development One: It finds. 3}]"
	if diff := cmp.Diff(want, fmt.Sprint(file.Techniques)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := navigator.Layer(nil, []hunting.Question{{Techniques: []string{"T9999"}}}); err == nil {
		t.Error("a technique that is not known is no error")
	}
}
