package beaconing

import (
	"fmt"
	"strconv"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// params returns the parameters of detectors.md: Beaconing, with the analytic's defaults.
func params() []query.Param {
	return append([]query.Param{
		detect.MinConnections(20, "to one address and name"),
		{
			Name: "bytesSentOver", Label: "Bytes sent over", Kind: query.KindInteger, Unit: "bytes", Min: -1, Max: 1e15, Default: int64(1000),
			Help: "A finding has sent more than this many bytes in all; -1 admits findings that sent none.",
		},
		detect.UnknownBytesParam(),
		{
			Name: "durationHoursOver", Label: "Duration over", Kind: query.KindInteger, Unit: "hours", Min: 0, Max: 100_000, Default: int64(1),
			Help: "A finding has crossed more than this many hour boundaries between its first and last connection, as KQL's datetime_diff counts.",
		},
		{
			Name: "minBeaconRate", Label: "Lowest beacon rate", Kind: query.KindNumber, Unit: "connections/h", Min: 0, Max: 1e9, Default: 0.5,
			Help: "Connections an hour, this end included.",
		},
		{
			Name: "maxBeaconRate", Label: "Highest beacon rate", Kind: query.KindNumber, Unit: "connections/h", Min: 0, Max: 1e9, Default: 200.0,
			Help: "Connections an hour, this end included.",
		},
		detect.GroupByParam([]string{byIP, detect.ByHost}, "ip is the analytic: an address and name. host joins what goes to one host, whatever the address: a server that changes addresses, or one behind a proxy."),
		InternalDomains(),
		minScore(),
		{
			Name: "maxDevices", Label: "Most devices", Kind: query.KindInteger, Unit: "devices", Min: 0, Max: 1e9, Default: int64(0),
			Help: "A finding's destination has at most this many devices that connect to it, among the events that the query looks at; 0 is the analytic, which does not ask. Update services and agents have many.",
		},
		{
			Name: "ports", Label: "Remote ports", Kind: query.KindIntegerList, Max: 1000, Check: port,
			Default: []int64{80, 443, 8080, 8443, 4443, 4444, 1080, 3128},
			Help:    "Only connections to these ports count.",
		},
		actionTypes(),
		detect.SamplesParam("SampleProcesses"),
		detect.SuspiciousASNsParam(),
	}, detect.AddressParams()...)
}

func actionTypes() query.Param {
	p := detect.ActionTypesParam("ConnectionSuccess", "ConnectionAttempt")
	p.Help += " A sensor that writes both an attempt and a success of each connection doubles its rate; by host each counts once where both are too many."
	return p
}

func port(s string) error {
	if n, err := strconv.Atoi(s); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("a port is 0 to 65535")
	}
	return nil
}
