package fastflux

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// params returns the parameters of detectors.md: Fast flux, with the analytic's defaults.
func params() []query.Param {
	return append([]query.Param{
		detect.GroupByParam([]string{byDevice, detect.ByHost}, "device is the analytic: a device and hour, over all domains together. host looks at each name over the whole window, over all devices together, and needs the lowest fluxiness instead of the minimum of addresses and connections."),
		{
			Name: "minFluxiness", Label: "Lowest fluxiness", Kind: query.KindNumber, Min: 0, Max: 1e9, Default: 142.38,
			Help: "By host, a finding has at least this fluxiness: (networks / addresses) × (1.32 × addresses + 18.54 × networks).",
		},
		{
			Name: "churnOver", Label: "Churn over", Kind: query.KindNumber, Min: 0, Max: 1, Default: 0.5,
			Help: "By host, ChurnHours counts the hours in a row in which more than this share of the addresses was never seen in an earlier hour of the window.",
		},
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
		detect.SuspiciousASNsParam(),
	}, detect.AddressParams()...)
}
