// Package querytypes lists everything that a query can ask: the detectors and their union, the cases made of what they see, what threat
// intelligence names, names that moved, the events, and what these can be used for. A further detector is a line of the catalog, and none here.
package querytypes

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/findings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/repointed"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/threatintel"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/events"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// At returns every query type for a data source that knows the site, in the order of the editor's list.
func At(site detect.Site) []detect.Detector {
	list := append(catalog.DetectorsAt(site), catalog.AlertsAt(site), detect.Summarized{Detector: cases.Detector{Site: site}}, detect.Summarized{Detector: threatintel.Detector{Site: site}},
		detect.Summarized{Detector: repointed.Detector{Site: site}})
	kept := findings.Detector{Site: site}
	for _, d := range list {
		if spec := d.Spec(); spec.Kind == detect.KindDetector {
			kept.Of = append(kept.Of, spec)
		}
	}
	return append(list, kept, events.Events{}, profile.Quality{})
}

// Named finds a query type by its name.
func Named(name string, site detect.Site) (detect.Detector, bool) {
	for _, d := range At(site) {
		if d.Spec().Name == name {
			return d, true
		}
	}
	return nil, false
}

// Decodable describes the query types to the decoder of queries, with the defaults that the site has.
func Decodable(site detect.Site) map[string]query.Type {
	types := map[string]query.Type{}
	for _, d := range At(site) {
		spec := d.Spec()
		types[spec.Name] = spec.Type()
	}
	return types
}

// Detectors are the specs of the query types whose rows are findings of their own: those of the catalog, cases, threat intelligence and
// re-pointed names.
func Detectors() []detect.Spec {
	var specs []detect.Spec
	for _, d := range At(detect.Site{}) {
		if spec := d.Spec(); spec.Kind == detect.KindDetector {
			specs = append(specs, spec)
		}
	}
	return specs
}
