// Package beaconing finds devices that keep connecting to one public address at a steady rate: the analytic's
// PotentialBeaconing.
package beaconing

import (
	_ "embed"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Detector implements detect.Detector.
type Detector struct{ Site detect.Site }

var _ detect.Detector = Detector{}

//go:embed beaconing.sql
var sqlText string

var sqlTemplate = statement.Parse("beaconing.sql", sqlText)

// Spec describes the detector.
func (Detector) Spec() detect.Spec {
	return detect.Spec{
		Name: "beaconing", Label: "Beaconing", Kind: detect.KindDetector, AlertType: "PotentialBeaconing",
		Summary:   "A device that keeps connecting to one public address and name at a steady hourly rate, as malware does that asks its server for orders.",
		Technique: detect.T1584(),
		Techniques: []attack.Seen{
			attack.Shows("T1071.001", "A program that asks its server for orders over web ports keeps an even rate."),
			attack.Shows("T1571", "Of the ports that it looks at, 1080, 3128, 4443, 4444, 8080 and 8443 are seldom a vendor's."),
			attack.Shows("T1029", "Data that leaves in portions by a timer connects as a beacon does."),
		},
		Formats: detect.Formats(),
		Params:  params(),
		Columns: detect.Columns([]statement.Column{
			{Name: "DeviceId", Kind: statement.Text, Help: "The device's identifier."},
			{Name: "FirstSeen", Kind: statement.Time, Help: "The first connection in the window."},
			{Name: "LastSeen", Kind: statement.Time, Help: "The last connection in the window."},
			{Name: "DurationHours", Kind: statement.Integer, Unit: "h", Help: "Hour boundaries crossed between the first and the last connection."},
			{Name: "BeaconRate", Kind: statement.Number, Unit: "1/h", Help: "ConnectionCount / DurationHours."},
			{Name: "UniqueRemotePorts", Kind: statement.Integer, Help: "Distinct remote ports."},
			scoreColumns()[0],
		}, append(scoreColumns()[1:], statement.Column{Name: "BytesKnown", Kind: statement.Boolean, Help: "Whether the sensor counted the bytes of any of the connections. Where it did not, the threshold on bytes does not apply."})...),
		AlertValue: detect.Value{Column: "BeaconRate", Unit: "1/h"},
		Peaks:      []string{"BeaconRate", "DurationHours"},
		Labels: []detect.Label{
			{Name: "device", Column: "DeviceName"}, {Name: "device_id", Column: "DeviceId"},
			{Name: "remote_ip", Column: "RemoteIP"}, {Name: "remote_url", Column: "RemoteUrl"},
		},
		Leads: []detect.Lead{
			{Column: "RemoteIP", How: detect.Varies, Param: detect.GroupBy, Values: []string{detect.ByHost}},
			{Column: "RemoteUrl", How: detect.Host, Param: detect.GroupBy, Values: []string{detect.ByHost}},
		},
		Grades: []detect.Grade{
			detect.Always(detect.Medium),
			{
				Condition: "the host of RemoteUrl lies under a domain of a dynamic DNS provider or tunnel service, and is none of theirs",
				SQL:       detect.DynamicSuffix("RemoteHost", detect.SuffixesParam) + " != ''", Severity: detect.Critical,
			},
		},
		Requires: []string{schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.ActionType, schema.RemoteIP, schema.RemoteURL},
		Optional: []string{schema.RemotePort, schema.SentBytes, schema.ReceivedBytes, schema.InitiatingProcessFileName},
	}
}

// Statement implements detect.Detector.
func (d Detector) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	spec := d.Spec()
	ipv6, byHost := q.Params.Bool(detect.IncludeIPv6), q.Params.String(detect.GroupBy) == detect.ByHost
	rule, err := newRule("beaconing", "mapped", q.Params, table)
	if err != nil {
		return statement.Statement{}, err
	}
	values := rule.Values
	values["beaconing_samples"] = q.Params.Int(detect.Samples)
	few := q.Params.Int("maxDevices")
	if few > 0 {
		values["beaconing_maxDevices"] = few
	}
	if scored(q) {
		values["beaconing_from"], values["beaconing_to"], values["beaconing_minScore"] = q.Window.From, q.Window.To, q.Params.Float("minScore")
	}
	plan := detect.Plan{
		Spec:   spec,
		Site:   d.Site,
		SQL:    sqlTemplate,
		Key:    []string{"DeviceId"},
		Points: "events",
		Values: values,
		Options: map[string]any{
			"BytesSent": statement.Total(statement.Sent), "BytesReceived": statement.Total(statement.Received), "Address": detect.AddressColumn(ipv6), "Looked": rule.Looked, "Thresholds": rule.Thresholds, "Hosts": rule.Hosts, "Device": []string{}, "Points": false,
			"Keyed": keyed(q, byHost || few > 0), "MaxDevices": few > 0, "Score": scoreRelations(q),
			"HasRemotePort": table.Has(schema.RemotePort),
		},
		Notices:     missingNotices(table),
		Destination: destination(byHost),
	}
	if few > 0 || byHost {
		plan.Options["Device"] = []string{statement.Device}
	}
	if byHost {
		byHostPlan(&plan, q)
	}
	return detect.Compose(plan, q, table)
}

func missingNotices(table schema.Table) []string {
	return detect.MissingNotices(table, map[string]string{
		schema.RemotePort:                "connections to every port count, and UniqueRemotePorts is 0",
		schema.SentBytes:                 "the threshold on bytes sent is off, and BytesSent and SizeScore are empty",
		schema.ReceivedBytes:             "BytesReceived is empty",
		schema.InitiatingProcessFileName: "SampleProcesses is empty",
	})
}

// keyed returns the column by which groups that pass are told before their names are read. It is none where one group has several
// keys (a host has several names and addresses), and where the groups that cannot pass are needed to count a destination's
// devices. And a time series reads its groups again for its points, which is dearer than it spares.
func keyed(q query.Query, without bool) []string {
	if without || q.Format == query.TimeSeries {
		return nil
	}
	return []string{statement.GroupKey}
}

// destination is what a finding leads to: one host has many URLs.
func destination(byHost bool) string {
	if byHost {
		return "RemoteUrl"
	}
	return detect.HostOr("RemoteIP")
}
