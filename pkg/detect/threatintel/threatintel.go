// Package threatintel finds connections to what lists of threat intelligence name: the analytic's "IPs flagged in threat intelligence",
// and names and URLs as well.
package threatintel

import (
	_ "embed"
	"maps"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases/services"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Detector implements detect.Detector.
type Detector struct{ Site detect.Site }

var (
	_ detect.Detector = Detector{}
	_ detect.Idler    = Detector{}
)

// Name is the query type.
const Name = "threatIntel"

//go:embed threatintel.sql
var sqlText string

var sqlTemplate = statement.Parse("threatintel.sql", sqlText)

// Spec describes the detector.
func (Detector) Spec() detect.Spec {
	return detect.Spec{
		Name: Name, Label: "Threat intelligence", Kind: detect.KindDetector, AlertType: "ThreatIntelMatch",
		Summary:   "Connections to addresses, names and URLs that lists of threat intelligence name, with the sources' confidence and what speaks against.",
		Technique: detect.T1584(),
		Techniques: []attack.Seen{
			attack.Shows("T1071.001", "Lists name servers that programs take orders from, most of them over web ports."),
			attack.Shows("T1105", "URLs that lists name are what tools and malware are fetched from."),
			attack.Shows("T1583.003", "Addresses on lists belong to servers that anybody may rent."),
		},
		Formats: detect.Formats(),
		Params:  params(),
		Columns: detect.Columns([]statement.Column{
			{Name: "Risk", Kind: statement.Integer, Help: "How much to make of it, 0 to 100: the sum of the points of Why."},
			{Name: "Why", Kind: statement.List, Help: "What the sources say, and what speaks against; that comes last."},
			{Name: "DeviceId", Kind: statement.Text, Help: "The device's identifier."},
			{Name: "Indicators", Kind: statement.List, Help: "What the lists name: an address, a network, a domain, a host or a URL; the most confident first."},
			{Name: "Threats", Kind: statement.List, Help: "What the sources say that it is, such as the name of a malware."},
			{Name: "Sources", Kind: statement.List, Help: "Whose lists name it."},
		},
			statement.Column{Name: "Reference", Kind: statement.Text, Help: "Where its source tells about it."},
			statement.Column{Name: "UniqueDevices", Kind: statement.Integer, Help: "Distinct devices with such a finding about the same host."},
			statement.Column{Name: "SampleIPs", Kind: statement.List, Help: "The first of the sorted distinct addresses."},
			statement.Column{Name: "SampleUrls", Kind: statement.List, Help: "The first of the sorted distinct RemoteUrl."},
			statement.Column{Name: "FirstSeen", Kind: statement.Time, Help: "The first connection in the window."},
			statement.Column{Name: "LastSeen", Kind: statement.Time, Help: "The last connection in the window."},
		),
		AlertValue: detect.Value{Column: "Risk"},
		Details:    []detect.Label{{Name: "why", Column: "Why"}},
		Labels: []detect.Label{
			{Name: "device", Column: "DeviceName"}, {Name: "device_id", Column: "DeviceId"}, {Name: "remote_url", Column: "RemoteUrl"},
		},
		Leads:         []detect.Lead{{Column: "RemoteUrl", How: detect.Host}},
		Grades:        detect.GradesByRisk(),
		NetworkGraded: true, // a list says more of an address than its network does
		Requires:      []string{schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.ActionType, schema.RemoteIP, schema.RemoteURL},
		Optional:      []string{schema.SentBytes, schema.ReceivedBytes, schema.InitiatingProcessFileName},
	}
}

// Idle implements detect.Idler: no list is configured.
func (d Detector) Idle() bool { return d.Site.Indicators.Table == "" }

// Statement implements detect.Detector. Where the data source has a list that cannot be read, the error is a *query.Error: to find
// nothing would be no answer. Where it has none, nothing is found, and a notice says why.
func (d Detector) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	indicators := d.Site.Indicators
	if indicators.Lost {
		return statement.Statement{}, &query.Error{Field: "queryType", Reason: "the indicators of threat intelligence cannot be read, so that nothing can be told of matches; the data source's Save & test says what is wrong"}
	}
	domains, vendors := services.Lists()
	values := map[string]any{
		"threatIntel_actionTypes": q.Params.Strings(detect.ActionTypes), "threatIntel_samples": q.Params.Int(detect.Samples),
		"threatIntel_minRisk": q.Params.Int("minRisk"), "threatIntel_minConnections": q.Params.Int("minConnections"),
		"threatIntel_services": domains, "threatIntel_vendors": vendors,
	}
	maps.Copy(values, detect.PointValues(Name, Everything()))
	if indicators.Table != "" {
		values["threatIntel_newIndicatorHours"] = q.Params.Int("newIndicatorHours")
		values["threatIntel_excludeSources"] = beaconing.Lower(q.Params.Strings("excludeSources"))
	}
	plan := detect.Plan{
		Spec: d.Spec(), Site: d.Site, SQL: sqlTemplate, Key: []string{"DeviceId"}, Unique: true,
		Identity: []string{statement.Device, "RemoteUrl"}, Destination: detect.HostOr("RemoteUrl"),
		Points: "points",
		Values: values,
		Options: map[string]any{
			"Configured": indicators.Table != "", "Table": indicators.Table, "Host": statement.Host("RemoteUrl"),
			"Endings": statement.Endings("UrlHost"), "HostEndings": statement.Endings("Host"), "Points": q.Format == query.TimeSeries && !q.Keep,
			"BytesSent": statement.Total("events.Sent"), "BytesReceived": statement.Total("events.Received"),
		},
		Blind:   indicators.Table == "" || indicators.Empty,
		Notices: notices(indicators, table),
	}
	return detect.Compose(plan, q, table)
}

func notices(indicators detect.Indicators, table schema.Table) []string {
	list := detect.MissingNotices(table, map[string]string{schema.InitiatingProcessFileName: "SampleProcesses is empty"})
	switch {
	case indicators.Empty:
		list = append(list, "No indicator of threat intelligence holds, so that nothing can match: fill their table with `fluxhound intel import`.")
	case indicators.Table == "":
		list = append(list, "No indicators of threat intelligence are configured, so that nothing can match: make their table with `fluxhound schema apply --indicators`, fill it with `fluxhound intel import`, and name it in the data source's settings.")
	}
	return list
}
