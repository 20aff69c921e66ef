// Package dashboards builds the dashboards that ship with the plugin. The JSON files in the folder dashboards are its
// output: `go test ./internal/dashboards -update` writes them, and its tests hold files and package equal. Panels are
// built from the same few functions, so that units, no-data texts, colours and links are the same everywhere.
package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
)

// UIDs of the dashboards. Rules, notifications, runbooks and the plugin's own links name them: they never change.
const (
	WallUID       = "fluxhound-wall"
	BeaconingUID  = "fluxhound-beaconing"
	DynamicDNSUID = "fluxhound-dynamic-dns"
	FastFluxUID   = "fluxhound-fast-flux"
	CasesUID      = "fluxhound-cases"
	IntelUID      = "fluxhound-threat-intel"
	RepointedUID  = "fluxhound-repointed"
	DeviceUID     = "fluxhound-device"
	QualityUID    = "fluxhound-data-quality"
	FindingsUID   = "fluxhound-findings"
	HuntingUID    = "fluxhound-hunting"
	EventsUID     = "fluxhound-events"
)

// File is a dashboard with the name of its file in the folder dashboards.
type File struct {
	Name      string
	Dashboard Dashboard
}

// Files returns every dashboard, in the order of their mutual links.
func Files() []File {
	return []File{
		{"wall.json", wall()},
		{"findings.json", kept()},
		{"beaconing.json", beaconing()},
		{"dynamic-dns.json", dynamicDNS()},
		{"fast-flux.json", fastFlux()},
		{"cases.json", riskCases()},
		{"threat-intel.json", threatIntel()},
		{"repointed.json", repointed()},
		{"device.json", device()},
		{"events.json", eventsBoard()},
		{"hunting.json", hunt()},
		{"data-quality.json", quality()},
	}
}

// JSON returns the file's text.
func (f File) JSON() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(f.Dashboard); err != nil {
		return nil, fmt.Errorf("encode dashboard %s: %w", f.Name, err)
	}
	return text.Bytes(), nil
}

// spec returns the description of a detector by its query type.
func spec(queryType string) detect.Spec {
	for _, s := range querytypes.Detectors() {
		if s.Name == queryType {
			return s
		}
	}
	panic("dashboards: no detector is called " + queryType) // a programmer's error: the name stands in this package
}
