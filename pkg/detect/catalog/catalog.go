// Package catalog holds the one explicit list of detectors, and the union of their findings that is built from it.
package catalog

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/fastflux"
)

// Detectors returns every detector, in the order of the analytic. A new detector is one line here.
func Detectors() []detect.Detector {
	return []detect.Detector{
		beaconing.Detector{},
		dynamicdns.Detector{},
		fastflux.Detector{},
	}
}
