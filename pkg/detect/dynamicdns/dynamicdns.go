// Package dynamicdns finds connections to names under dynamic DNS providers: the analytic's SuspiciousDynamicDNS.
package dynamicdns

import (
	_ "embed"
	"maps"
	"slices"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Detector implements detect.Detector.
type Detector struct{ Site detect.Site }

var _ detect.Detector = Detector{}

//go:embed dynamicdns.sql
var sqlText string

var sqlTemplate = statement.Parse("dynamicdns.sql", sqlText)

// Spec describes the detector.
func (Detector) Spec() detect.Spec {
	return detect.Spec{
		Name: "dynamicDns", Label: "Dynamic DNS", Kind: detect.KindDetector, AlertType: "SuspiciousDynamicDNS",
		Summary:   "Connections to names of dynamic DNS providers, which attackers use to move their servers without changing the name.",
		Technique: detect.T1584(),
		Techniques: []attack.Seen{
			attack.Shows("T1568", "The name stays and its address moves."),
			attack.Shows("T1572", "ProviderKind tunnel: the name leads through a tunnel service to a computer anywhere."),
		},
		Formats: detect.Formats(),
		Params:  params(),
		Columns: detect.Columns([]statement.Column{
			{Name: "UniqueDevices", Kind: statement.Integer, Help: "Distinct devices that connected."},
			{Name: "SampleDevices", Kind: statement.List, Help: "The first of the sorted distinct device names."},
			{Name: "SampleIPs", Kind: statement.List, Help: "The first of the sorted distinct addresses."},
			{Name: "FirstSeen", Kind: statement.Time, Help: "The first connection in the window."},
			{Name: "LastSeen", Kind: statement.Time, Help: "The last connection in the window."},
		},
			statement.Column{Name: "Provider", Kind: statement.Text, Help: "The dynamic DNS provider or tunnel service that the host lies under; empty where it lies under none, or is its own."},
			statement.Column{Name: "Tenant", Kind: statement.Text, Help: "The provider's domain with the label before it: whoever holds that holds the host."},
			statement.Column{Name: "ProviderKind", Kind: statement.Text, Help: "dynamicDns, or tunnel for a service that leads to a computer anywhere; empty where there is no provider."},
		),
		AlertValue: detect.Value{Column: "ConnectionCount"},
		Peaks:      []string{"UniqueDevices"},
		Labels:     []detect.Label{{Name: "remote_url", Column: "RemoteUrl"}},
		Leads: []detect.Lead{
			{Column: "RemoteUrl", How: detect.Host, Param: "match", Values: []string{"suffix"}},
			{Column: "RemoteUrl", How: detect.Host, Param: detect.GroupBy, Values: []string{tenant}},
		},
		Grades: []detect.Grade{
			detect.Always(detect.Medium),
			{
				Condition: "a device beacons to the host: its connections to it, whatever the addresses, pass beaconing's default rules by host; and the name is no provider's own host",
				SQL:       "Beacons AND Host NOT IN {" + detect.OwnHostsParam + ":Array(String)}", Severity: detect.Critical,
			},
		},
		Requires: []string{schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.ActionType, schema.RemoteIP, schema.RemoteURL},
		Optional: []string{schema.RemotePort, schema.SentBytes, schema.InitiatingProcessFileName},
	}
}

// Statement implements detect.Detector.
func (d Detector) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	own, listed := ownDomains(q), "dynamicDns_domains"
	values := map[string]any{
		"dynamicDns_actionTypes":    q.Params.Strings(detect.ActionTypes),
		"dynamicDns_minConnections": q.Params.Int("minConnections"),
		"dynamicDns_samples":        q.Params.Int(detect.Samples),
	}
	if own == nil {
		listed = detect.SuffixesParam
	} else {
		values["dynamicDns_domains"] = own
	}
	bySuffix := q.Params.String("match") == suffix
	key := statement.DeviceKey
	if bySuffix {
		key = statement.Device
	}
	options := map[string]any{
		"Suffix": bySuffix, "Domains": listed, "Own": own != nil, "Key": key, "Device": []string{key}, "BeaconColumns": []string{},
		"Graded": q.Graded(), "Ranked": q.Keep || q.Format != query.Table, "Pairs": pairs(q), "OnlyBeacons": q.Params.Bool("onlyBeacons"), "Actions": "ActionType IN {dynamicDns_actionTypes:Array(String)}",
		"Host": statement.Host("RemoteUrl"), "HostEnding": detect.DynamicSuffix("UrlHost", listed),
		"Known": detect.DynamicSuffix("UrlHost", detect.SuffixesParam), "Tenant": statement.Tenant("UrlHost", "DynamicSuffix"), "HostTenant": statement.Tenant("UrlHost", "Ending"),
		"ByTenant": q.Params.String(detect.GroupBy) == tenant,
	}
	if pairs(q) {
		rule, err := beaconing.DefaultByHost("dynamicDns_beacon", "found", q.Params.String(detect.UnknownBytes), table)
		if err != nil {
			return statement.Statement{}, err
		}
		maps.Copy(values, rule.Values)
		maps.Copy(options, map[string]any{
			"Hosts": rule.Hosts, "Looked": rule.Looked, "Thresholds": rule.Thresholds, "BytesSent": statement.TotalOver("LookedBytes", "device"), "BeaconColumns": []string{schema.RemotePort, statement.Sent},
			"Actions": "(ActionType IN {dynamicDns_actionTypes:Array(String)} OR ActionType IN {dynamicDns_beacon_actionTypes:Array(String)})",
		})
		if !bySuffix {
			options["Device"] = []string{key, statement.Device}
		}
	}
	return detect.Compose(detect.Plan{
		Spec:    d.Spec(),
		Site:    d.Site,
		SQL:     sqlTemplate,
		Key:     []string{"RemoteUrl"},
		Points:  "events",
		Devices: "Devices", Destination: detect.HostOr("RemoteUrl"),
		Graded:  []statement.Column{{Name: "Beacons", Kind: statement.Boolean}, {Name: "Host", Kind: statement.Text}},
		Values:  values,
		Options: options,
		Notices: notices(q, table),
	}, q, table)
}

// ownDomains returns the domains to look for; nil for those of every known provider, which match: suffix takes unless the
// query names some itself.
func ownDomains(q query.Query) []string {
	if q.Params.String("match") == suffix && !slices.Contains(q.Given, "domains") {
		return nil
	}
	domains := make([]string, 0, maxDomains)
	for _, name := range q.Params.Strings("domains") {
		domain, err := providers.Suffix(name)
		if err != nil { // decoding has refused it
			domain = name
		}
		domains = append(domains, domain)
	}
	return domains
}

// pairs reports whether an answer needs to know which names beacon: a table for the severity, others where a query asks.
func pairs(q query.Query) bool {
	return q.Graded() || q.Params.Bool("onlyBeacons")
}

// notices say what is off for want of a column. Only whether a name beacons needs the port and the bytes.
func notices(q query.Query, table schema.Table) []string {
	effects := map[string]string{schema.InitiatingProcessFileName: "SampleProcesses is empty"}
	if pairs(q) {
		effects[schema.RemotePort] = "whether a device beacons to a dynamic DNS name is decided from connections to every port"
		effects[schema.SentBytes] = "whether a device beacons to a dynamic DNS name is decided without bytes"
	}
	return detect.MissingNotices(table, effects)
}
