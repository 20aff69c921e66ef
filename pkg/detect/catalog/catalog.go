// Package catalog holds the one explicit list of detectors, and the union of their findings that is built from it.
package catalog

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/fastflux"
)

// Detectors returns every detector, in the order of the analytic, for a data source that knows nothing beside its events.
func Detectors() []detect.Detector { return DetectorsAt(detect.Site{}) }

// DetectorsAt returns every detector for a data source. A new detector is one line here.
func DetectorsAt(site detect.Site) []detect.Detector {
	list := []detect.Detector{
		beaconing.Detector{Site: site},
		dynamicdns.Detector{Site: site},
		fastflux.Detector{Site: site},
	}
	for i, d := range list {
		list[i] = detect.Summarized{Detector: d}
	}
	return list
}
