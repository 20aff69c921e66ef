package hunt

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/tablerow"
)

// Sensor is what one sensor's events can be used for, by a sample of them.
type Sensor struct {
	Name            string
	Events, Sampled int64
	Detectors       []Seen
	Gaps            []Gap // what its events lack, whichever detector looks at them
}

// Seen is what share of a sensor's events one detector can look at, and why not the rest.
type Seen struct {
	Detector string
	Share    float64 // 0 to 1
	Why      []Gap
}

// Gap is one reason.
type Gap struct {
	Share    float64 // of the sensor's sampled events, 0 to 1
	Meaning  string  // behind "of the events"
	Examples string
	Fix      string // empty where there is nothing to do
}

// fewestShown is the share from which on a reason is shown.
const fewestShown = 0.01

// putQuality asks what the events can be used for, over the logs' whole span.
func (a asker) putQuality(ctx context.Context, report *Report) error {
	text, err := json.Marshal(map[string]any{"queryType": "dataQuality", "format": "table"})
	if err != nil {
		return err
	}
	frames, err := a.query(ctx, backend.DataQuery{
		RefID: "quality", QueryType: "dataQuality", JSON: text, Interval: time.Minute, MaxDataPoints: 1000,
		TimeRange: backend.TimeRange{From: report.Facts.First, To: report.end()},
	})
	if err != nil {
		return fmt.Errorf("look at what the events can be used for: %w", err)
	}
	for _, frame := range frames {
		for i := range frame.Rows() {
			report.addQuality(tablerow.Of(frame, i))
		}
	}
	return nil
}

func (r *Report) addQuality(in tablerow.Row) {
	i := slices.IndexFunc(r.Sensors, func(s Sensor) bool { return s.Name == in.Text("Source") })
	if i < 0 {
		events, _ := in.Number("EventsInWindow")
		sampled, _ := in.Number("Sampled")
		i, r.Sensors = len(r.Sensors), append(r.Sensors, Sensor{Name: in.Text("Source"), Events: int64(events), Sampled: int64(sampled)})
	}
	s := &r.Sensors[i]
	share, _ := in.Number("Share")
	gap := Gap{Share: share, Meaning: in.Text("Meaning"), Examples: strings.Join(tablerow.List[string](in, "Examples"), ", "), Fix: in.Text("Fix")}
	name := in.Text("Detector")
	if name == "" {
		if share >= fewestShown {
			s.Gaps = append(s.Gaps, gap)
		}
		return
	}
	at := slices.IndexFunc(s.Detectors, func(d Seen) bool { return d.Detector == name })
	if at < 0 {
		at, s.Detectors = len(s.Detectors), append(s.Detectors, Seen{Detector: name})
	}
	switch d := &s.Detectors[at]; {
	case in.Text("Reason") == "match":
		d.Share = share
	case share >= fewestShown:
		d.Why = append(d.Why, gap)
	}
}

func (g Gap) String() string {
	text := fmt.Sprintf("%s %s", percent(g.Share), g.Meaning)
	if g.Examples != "" {
		text += " (" + g.Examples + ")"
	}
	return text
}

// percent writes a share. What is not all is never written as all, nor what is something as nothing.
func percent(share float64) string {
	switch {
	case share > 0 && share < 0.01:
		return "under 1 %"
	case share < 1 && share > 0.99:
		return "over 99 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
