// Package navigator writes what Fluxhound looks at as a layer of MITRE's ATT&CK Navigator (https://mitre-attack.github.io/attack-navigator/).
package navigator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hunting"
)

// Scores of a technique, by which the Navigator colours it.
const (
	asked    = 1 // a hunting question looks for it
	detected = 2 // a detector's findings may show it
	aimed    = 3 // it is what the detectors are for
)

// layer is a layer file of version 4.5: https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md.
type layer struct {
	Name        string            `json:"name"`
	Versions    map[string]string `json:"versions"`
	Domain      string            `json:"domain"`
	Description string            `json:"description"`
	Techniques  []technique       `json:"techniques"`
	Gradient    gradient          `json:"gradient"`
	LegendItems []legend          `json:"legendItems"`
	HideOthers  bool              `json:"hideDisabled"`
}

type technique struct {
	ID      string `json:"techniqueID"`
	Tactic  string `json:"tactic"`
	Score   int    `json:"score"`
	Comment string `json:"comment"`
	Enabled bool   `json:"enabled"`
	Expand  bool   `json:"showSubtechniques"`
}

type gradient struct {
	Colors   []string `json:"colors"`
	MinValue int      `json:"minValue"`
	MaxValue int      `json:"maxValue"`
}

type legend struct {
	Label string `json:"label"`
	Color string `json:"color"`
}

// colors are those of the scores, the lowest first.
var colors = []string{"#cfe3f7", "#6aaed6", "#d9572b"}

// Layer returns the layer file's text, for the detectors and the questions. The same ones give the same text.
func Layer(detectors []detect.Spec, questions []hunting.Question) ([]byte, error) {
	of := map[string]*covered{}
	for _, d := range detectors {
		if d.Technique != nil {
			cover(of, d.Technique.ID, aimed, d.Label+": "+d.Summary)
		}
		for _, t := range d.Techniques {
			cover(of, t.ID, detected, d.Label+": "+t.How)
		}
	}
	for _, q := range questions {
		for _, id := range q.Techniques {
			cover(of, id, asked, "Hunting question: "+q.Title)
		}
	}
	file := layer{
		Name: "Fluxhound", Versions: map[string]string{"layer": "4.5"}, Domain: "enterprise-attack",
		Description: "What Fluxhound's detectors are for, what their findings may show beside it, and what its hunting questions look for.",
		Gradient:    gradient{colors, asked, aimed},
		LegendItems: []legend{{"a hunting question looks for it", colors[0]}, {"a detector's findings may show it", colors[1]}, {"the detectors are for it", colors[2]}},
	}
	ids := make([]string, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		known, ok := attack.Named(id)
		if !ok {
			return nil, fmt.Errorf("technique %s is not known", id)
		}
		for _, tactic := range known.Tactics {
			file.Techniques = append(file.Techniques, technique{
				ID: id, Tactic: tactic, Score: of[id].score, Comment: strings.Join(of[id].reasons, "\n"), Enabled: true, Expand: strings.Contains(id, "."),
			})
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(file); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// covered is what looks at one technique.
type covered struct {
	score   int
	reasons []string
}

func cover(of map[string]*covered, id string, score int, reason string) {
	if of[id] == nil {
		of[id] = &covered{}
	}
	of[id].score = max(of[id].score, score)
	of[id].reasons = append(of[id].reasons, reason)
}
