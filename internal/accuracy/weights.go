package accuracy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
)

// Weight is what becomes of all captures' last evaluations when one weight is another.
type Weight struct {
	Name           string
	Points, Before int64
	Found          int     // channels that the rule about cases still finds
	First          int     // channels of which no benign finding has the same risk or a higher one
	Benign         float64 // findings a device and day, of the capture with most
}

// factors are what each weight is changed by, alone.
var factors = []float64{0.75, 1.25}

// weigh measures the last evaluation with each weight changed.
func (m measurement) weigh(ctx context.Context, q question, report *Report) error {
	list := m.evaluations()
	last := list[len(list)-1]
	for _, e := range cases.Everything() {
		for _, factor := range factors {
			// away from zero, so that a small weight changes as well
			points := int64(factor * float64(e.Points))
			if factor > 1 {
				points = e.Points + (e.Points - int64(0.75*float64(e.Points)))
			}
			params := maps.Clone(q.model["params"].(map[string]any))
			params["minRisk"], params[e.Name] = 0, points
			frames, err := m.ask(ctx, q, "table", params, last)
			if err != nil {
				return fmt.Errorf("%s at %d: %w", e.Name, points, err)
			}
			var found []Finding
			for _, f := range frames {
				found = append(found, findingsOf(q, f)...)
			}
			m.note(report.weight(e.Name, points, e.Points), found, float64(q.least))
		}
	}
	return nil
}

// note adds one capture to what is known of a weight.
func (m measurement) note(w *Weight, found []Finding, least float64) {
	benign, gravest := 0, -1.0
	for _, f := range found {
		if m.capture.Truth.has(f) {
			continue
		}
		gravest = max(gravest, f.Value)
		if f.Value >= least {
			benign++
		}
	}
	for _, channel := range m.capture.Truth.Channels {
		at := slices.IndexFunc(found, channel.matches)
		if at >= 0 && found[at].Value >= least {
			w.Found++
		}
		if at >= 0 && found[at].Value > gravest {
			w.First++
		}
	}
	w.Benign = max(w.Benign, float64(benign)/(float64(m.devices)*m.days()))
}

// weight is the line of a changed weight.
func (r *Report) weight(name string, points, before int64) *Weight {
	at := slices.IndexFunc(r.Weights, func(w Weight) bool { return w.Name == name && w.Points == points })
	if at < 0 {
		r.Weights = append(r.Weights, Weight{Name: name, Points: points, Before: before})
		at = len(r.Weights) - 1
	}
	return &r.Weights[at]
}

// weights writes the table of changed weights.
func (r *Report) weights() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| weight | changed | channels found | channels with the gravest risk of their capture | benign findings a device and day, at most |\n|---|---:|---|---|---:|\n")
	for _, w := range r.Weights {
		fmt.Fprintf(&b, "| %s | %d to %d | %d of %d | %d of %d | %.1f |\n", w.Name, w.Before, w.Points, w.Found, r.channels(), w.First, r.channels(), w.Benign)
	}
	return b.String()
}
