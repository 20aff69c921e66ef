package fastflux

import (
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// byDevice is the value of detect.GroupBy that is the analytic's.
const byDevice = "device"

// byHost is not the analytic: a name over the whole window.
func (d Detector) byHost(q query.Query) detect.Plan {
	spec := d.Spec()
	spec.Columns, spec.Labels, spec.AlertValue = hostColumns(), hostLabels(), detect.Value{Column: "Fluxiness"}
	n := networks(q.Params.Bool(detect.IncludeIPv6))
	if d.Site.ASNDictionary != "" {
		n = autonomousSystems(n)
	}
	return detect.Plan{
		Spec: spec,
		Site: d.Site,
		SQL:  hostsTemplate,
		Key:  []string{"RemoteUrl"},
		// The series shows how many addresses the host had in each interval.
		Points:  "events",
		Devices: "Devices", Destination: "RemoteUrl",
		Measure: "uniqExact(RemoteIP)",
		Values: map[string]any{
			"fastFlux_minFluxiness": q.Params.Float("minFluxiness"),
			"fastFlux_churnOver":    q.Params.Float("churnOver"),
		},
		Options: map[string]any{"Host": statement.Host("RemoteUrl"), "Network": n.sql, "Ranked": q.Keep || q.Format != query.Table},
		Notices: []string{n.notice},
	}
}

func hostLabels() []detect.Label { return []detect.Label{{Name: "remote_url", Column: "RemoteUrl"}} }

func hostColumns() []statement.Column {
	return detect.Columns([]statement.Column{
		{Name: "UniqueIPs", Kind: statement.Integer, Help: "Distinct addresses of the host in the window."},
		{Name: "UniqueNetworks", Kind: statement.Integer, Help: "Distinct networks of these addresses."},
		{Name: "Fluxiness", Kind: statement.Number, Help: "(networks / addresses) × (1.32 × addresses + 18.54 × networks)."},
		{Name: "Churn", Kind: statement.Number, Help: "The share of an hour's addresses never seen in an earlier hour of the window, over all hours together: 0 to 1."},
		{Name: "ChurnHours", Kind: statement.Integer, Unit: "h", Help: "The longest run of hours in which that share stayed above churnOver."},
		{Name: "UniqueDevices", Kind: statement.Integer, Help: "Distinct devices that connected."},
	},
		statement.Column{Name: "SampleDevices", Kind: statement.List, Help: "The first of the sorted distinct device names."},
		statement.Column{Name: "SampleIPs", Kind: statement.List, Help: "The first of the sorted distinct addresses."},
		statement.Column{Name: "FirstSeen", Kind: statement.Time, Help: "The first connection in the window."},
		statement.Column{Name: "LastSeen", Kind: statement.Time, Help: "The last connection in the window."},
	)
}

// network says which addresses count as one network: an expression on RemoteIP, and what to tell of it.
type network struct{ sql, notice string }

// networks takes the first 16 bits of an IPv4 address for its network, and the first 32 of an IPv6 address, which is what
// providers are usually given.
func networks(ipv6 bool) network {
	if !ipv6 {
		return network{
			"bitShiftRight(IPv4StringToNumOrDefault(RemoteIP), 16)",
			"Networks are /16 networks: no table of autonomous systems is read.",
		}
	}
	return network{
		"if(isIPv4String(RemoteIP), toString(bitShiftRight(IPv4StringToNumOrDefault(RemoteIP), 16)), toString(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(RemoteIP), 32), 1)))",
		"Networks are /16 networks, of IPv6 addresses /32: no table of autonomous systems is read.",
	}
}

// autonomousSystems takes an address's autonomous system for its network, and where that is not known the network as it
// is without a dictionary.
func autonomousSystems(without network) network {
	return network{
		fmt.Sprintf("if((dictGetOrDefault({%s:String}, 'ASN', toIPv6OrDefault(RemoteIP), toUInt32(0)) AS System) = 0, concat('net ', toString(%s)), concat('AS', toString(System)))", detect.ASNDictionaryParam, without.sql),
		"Networks are autonomous systems; an address that the dictionary does not know counts for its /16, an IPv6 address for its /32.",
	}
}
