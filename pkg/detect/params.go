package detect

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// Names of the parameters that detectors share.
const (
	IncludeIPv6     = "includeIPv6"
	PrivateNetworks = "privateNetworks"
	ActionTypes     = "actionTypes"
	Samples         = "samples"
	SuspiciousASNs  = "suspiciousAsns"
	GroupBy         = "groupBy"
	UnknownBytes    = "unknownBytes"
)

// Values of UnknownBytes.
const (
	KeepUnknown = "keep"
	DropUnknown = "drop"
)

// UnknownBytesParam returns the parameter that says what becomes of connections whose bytes nobody counted.
func UnknownBytesParam() query.Param {
	return query.Param{
		Name: UnknownBytes, Label: "Unknown bytes", Kind: query.KindEnum, Default: KeepUnknown, Options: []string{KeepUnknown, DropUnknown},
		Help: "keep: where the sensor counted the bytes of none of the connections, beaconing's threshold on bytes does not apply. drop is the analytic's letter: unknown bytes are 0. Microsoft Defender counts none.",
	}
}

// ByHost is the value of GroupBy that joins what goes to one name.
const ByHost = "host"

// GroupByParam returns the parameter that says what findings are about; the first option is the analytic's.
func GroupByParam(options []string, help string) query.Param {
	return query.Param{Name: GroupBy, Label: "Group by", Kind: query.KindEnum, Default: options[0], Options: options, Help: help}
}

// AddressParams returns the parameters of the rule "the address is public".
func AddressParams() []query.Param {
	return []query.Param{
		{
			Name: IncludeIPv6, Label: "Include IPv6", Kind: query.KindBoolean, Default: false,
			Help: "Also look at global unicast IPv6 addresses, and at IPv4-mapped ones as their IPv4. The analytic drops them.",
		},
		{
			Name: PrivateNetworks, Label: "Private networks", Kind: query.KindStringList, Max: 64,
			Default: []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}, Check: IPv4Network,
			Help: "IPv4 networks that do not count as public. The default is KQL's ipv4_is_private: loopback, link-local, 100.64.0.0/10 and multicast count as public.",
		},
	}
}

// ActionTypesParam returns the parameter that names the ActionType values to look at.
func ActionTypesParam(defaults ...string) query.Param {
	return query.Param{
		Name: ActionTypes, Label: "Action types", Kind: query.KindStringList, Max: 50, Default: defaults, Check: notEmpty,
		Help: "Only events with one of these ActionType values count. Upper and lower case differ.",
	}
}

// SamplesParam returns the parameter that bounds the sample lists.
func SamplesParam(what string) query.Param {
	return query.Param{
		Name: Samples, Label: "Samples", Kind: query.KindInteger, Unit: "values", Min: 1, Max: 100, Default: int64(5),
		Help: "How many values " + what + " show: the first of the sorted distinct ones, empty ones left out.",
	}
}

// SuspiciousASNsParam returns the parameter that lists suspicious autonomous systems. The analytic declares these five
// and does not use them.
func SuspiciousASNsParam() query.Param {
	return query.Param{
		Name: SuspiciousASNs, Label: "Suspicious ASNs", Kind: query.KindIntegerList, Max: 1000, Check: asn,
		Default: []int64{14061, 16276, 24940, 20473, 9009},
		Help:    "A finding whose address belongs to one of these autonomous systems is one step more severe. None is left out by it. Needs a dictionary in the data source's settings.",
	}
}

func asn(s string) error {
	if n, err := strconv.ParseInt(s, 10, 64); err != nil || n < 1 || n > 4294967295 {
		return fmt.Errorf("the number of an autonomous system is 1 to 4294967295")
	}
	return nil
}

// MinConnections returns the parameter with a lower bound, both ends in, on ConnectionCount.
func MinConnections(defaults int64, per string) query.Param {
	return query.Param{
		Name: "minConnections", Label: "Minimum connections", Kind: query.KindInteger, Unit: "connections", Min: 1, Max: 1e12, Default: defaults,
		Help: "A finding has at least this many connections " + per + ".",
	}
}

// IPv4Network checks that a text is an IPv4 network.
func IPv4Network(s string) error {
	p, err := netip.ParsePrefix(s)
	if err != nil || !p.Addr().Is4() {
		return fmt.Errorf("it must be an IPv4 network such as 10.0.0.0/8")
	}
	return nil
}

func notEmpty(s string) error {
	if s == "" {
		return fmt.Errorf("it must not be empty")
	}
	return nil
}
