package runs

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Asked is a question that the job asks, by its name for people.
type Asked struct {
	detect.Question
	Name  string
	Every time.Duration
}

// Every is how often the job asks, unless a question says otherwise.
const Every = 5 * time.Minute

// Questions returns what the job asks of the table: what dashboards ask at their defaults, what the shipped rules ask, and the
// settings' own. Each stands once, also where several ask it.
func Questions(site detect.Site, s settings.Settings, table schema.Table) ([]Asked, error) {
	own := s.KeptQuestions
	for _, d := range catalog.Detectors() {
		spec := d.Spec()
		own = append(slices.Clip(own), settings.KeptQuestion{Name: spec.Label, QueryType: spec.Name, Lookback: query.DefaultLookback, Every: Every})
	}
	for _, r := range catalog.ShippedRules() {
		own = append(own, settings.KeptQuestion{Name: r.Rule, QueryType: r.QueryType, Params: r.Params, Lookback: time.Duration(r.LookbackSeconds) * time.Second, Every: time.Duration(r.EverySeconds) * time.Second})
	}
	var asked []Asked
	for _, o := range own {
		question, ok, err := questionOf(o, site, s, table)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.Name, err)
		}
		i := slices.IndexFunc(asked, func(a Asked) bool { return a.Key == question.Key })
		switch {
		case !ok || question.Lookback < shortest:
		case i >= 0:
			asked[i].Every = min(asked[i].Every, o.Every)
		default:
			asked = append(asked, Asked{question, o.Name, o.Every})
		}
	}
	return asked, nil
}

// shortest is the shortest look-back that findings are kept of: what is shorter is as soon asked.
const shortest = 2 * time.Hour

func questionOf(o settings.KeptQuestion, site detect.Site, s settings.Settings, table schema.Table) (detect.Question, bool, error) {
	text, err := json.Marshal(map[string]any{"queryType": o.QueryType, "params": o.Params})
	if err != nil {
		return detect.Question{}, false, err
	}
	q, err := query.Decode(text, query.Options{
		Types: querytypes.Decodable(detect.Site{Weights: site.Weights}), Range: query.Window{From: detect.Start, To: detect.Start.Add(o.Lookback)},
		Now: time.Now, RowLimit: s.RowLimit,
	})
	if err != nil {
		return detect.Question{}, false, err
	}
	d, _ := querytypes.Named(q.Type, site) // decoding has checked it
	if detect.Idle(d) {
		return detect.Question{}, false, nil
	}
	return detect.Ask(d, q, table)
}
