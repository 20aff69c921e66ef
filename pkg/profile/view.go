package profile

import "time"

// View is a profile as the editors read it.
type View struct {
	From    time.Time    `json:"from"` // of the sample
	To      time.Time    `json:"to"`
	Events  int64        `json:"events"` // in the window
	Sampled int64        `json:"sampled"`
	Sensors []SensorView `json:"sensors"`
	// Verdicts are what is not well, the gravest first.
	Verdicts []Verdict `json:"verdicts"`
}

// SensorView is one sensor's part.
type SensorView struct {
	Name      string         `json:"name"`
	Events    int64          `json:"events"`
	Sampled   int64          `json:"sampled"`
	Detectors []DetectorView `json:"detectors"`
	Gaps      []ReasonView   `json:"gaps"`
}

// DetectorView tells what share of a sensor's events a detector can look at, and why not the rest.
type DetectorView struct {
	Name     string       `json:"name"`
	Label    string       `json:"label"`
	CanMatch float64      `json:"canMatch"` // 0 to 1
	Reasons  []ReasonView `json:"reasons"`
}

// ReasonView is one reason.
type ReasonView struct {
	Name     string   `json:"name"`
	Meaning  string   `json:"meaning"` // after "of the events"
	Share    float64  `json:"share"`   // 0 to 1
	Examples []string `json:"examples"`
}

// View returns the profile as the editors read it.
func (p Profile) View() View {
	v := View{Verdicts: append([]Verdict{}, p.Judge()...), Sensors: []SensorView{}}
	v.Events, v.Sampled = p.Events()
	v.From, v.To = p.Span()
	for _, s := range p.Sensors {
		one := Profile{Sensors: []Sensor{s}}
		sensor := SensorView{Name: s.Name, Events: s.Events, Sampled: s.Sampled, Gaps: views(s, one.sum("")), Detectors: []DetectorView{}}
		for _, r := range p.rules {
			sensor.Detectors = append(sensor.Detectors, DetectorView{r.Detector, r.Label, s.share(r.Detector, match), views(s, one.sum(r.Detector))})
		}
		v.Sensors = append(v.Sensors, sensor)
	}
	return v
}

func views(s Sensor, marks []Mark) []ReasonView {
	list := []ReasonView{}
	for _, m := range marks {
		list = append(list, ReasonView{m.Reason, reasonOf(m.Reason).Meaning, s.share(m.Detector, m.Reason), append([]string{}, m.Examples...)})
	}
	return list
}
