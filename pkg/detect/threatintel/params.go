package threatintel

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// params are the detector's. Attempts and failures count: a block list that holds leaves them alone behind.
func params() []query.Param {
	return []query.Param{
		{Name: "minRisk", Label: "Lowest risk", Kind: query.KindInteger, Unit: "of 100", Min: 0, Max: 100, Default: int64(0), Least: "Risk",
			Help: "Matches of a lower risk are left out. From 60 a match is high, from 80 critical."},
		detect.MinConnections(1, "to one host"),
		{Name: "newIndicatorHours", Label: "Indicators of the last", Kind: query.KindInteger, Unit: "h", Min: 0, Max: 8760, Default: int64(0),
			Help: "Only indicators that were first imported so many hours ago or later: over a long range, what is found is what was not known then. 0 for all."},
		{Name: "excludeSources", Label: "Sources left out", Kind: query.KindStringList, Max: 100, Default: []string{},
			Help: "Indicators of these sources do not count. Upper and lower case are the same."},
		detect.ActionTypesParam("ConnectionSuccess", "ConnectionAttempt", "ConnectionFailed", "ConnectionRequest", "ConnectionSuccessAggregatedReport"),
		detect.SamplesParam("SampleProcesses, SampleIPs and SampleUrls"),
	}
}
