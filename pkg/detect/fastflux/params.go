package fastflux

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// params returns the parameters of detectors.md: Fast flux, with the analytic's defaults.
func params() []query.Param {
	return append([]query.Param{
		{
			Name: "minUniqueIPs", Label: "Minimum addresses", Kind: query.KindInteger, Unit: "addresses", Min: 1, Max: 1e12, Default: int64(5),
			Help: "A finding reaches at least this many distinct addresses in the hour, over all domains together.",
		},
		detect.MinConnections(10, "in the hour"),
		{
			Name: "excludeProcesses", Label: "Excluded processes", Kind: query.KindStringList, Max: 1000,
			Default: []string{
				"chrome.exe", "firefox.exe", "msedge.exe", "iexplore.exe", "safari", "opera.exe", "brave.exe",
				"svchost.exe", "MsMpEng.exe", "SenseIR.exe", "MsSense.exe", "SenseCncProxy.exe",
			},
			Help: "Connections of these processes do not count: browsers and the sensor itself reach many addresses. Upper and lower case are the same.",
		},
		detect.ActionTypesParam("ConnectionSuccess"),
		{
			Name: "domainSamples", Label: "Domain samples", Kind: query.KindInteger, Unit: "values", Min: 1, Max: 100, Default: int64(10),
			Help: "How many values DomainList shows: the first of the sorted distinct ones, empty ones left out.",
		},
		detect.SamplesParam("SampleProcesses"),
	}, detect.AddressParams()...)
}
