// Package beaconing finds devices that keep connecting to one public address at a steady rate: the analytic's
// PotentialBeaconing.
package beaconing

import (
	_ "embed"
	"maps"
	"slices"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
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
		Formats:   detect.Formats(),
		Params:    params(),
		Columns: detect.Columns([]statement.Column{
			{Name: "DeviceId", Kind: statement.Text, Help: "The device's identifier."},
			{Name: "FirstSeen", Kind: statement.Time, Help: "The first connection in the window."},
			{Name: "LastSeen", Kind: statement.Time, Help: "The last connection in the window."},
			{Name: "DurationHours", Kind: statement.Integer, Unit: "h", Help: "Hour boundaries crossed between the first and the last connection."},
			{Name: "BeaconRate", Kind: statement.Number, Unit: "1/h", Help: "ConnectionCount / DurationHours."},
			{Name: "UniqueRemotePorts", Kind: statement.Integer, Help: "Distinct remote ports."},
			scoreColumns()[0],
		}, scoreColumns()[1:]...),
		AlertValue: detect.Value{Column: "BeaconRate", Unit: "1/h"},
		Labels: []detect.Label{
			{Name: "device", Column: "DeviceName"}, {Name: "device_id", Column: "DeviceId"},
			{Name: "remote_ip", Column: "RemoteIP"}, {Name: "remote_url", Column: "RemoteUrl"},
		},
		Requires: []string{schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.ActionType, schema.RemoteIP, schema.RemoteURL},
		Optional: []string{schema.RemotePort, schema.SentBytes, schema.ReceivedBytes, schema.InitiatingProcessFileName},
	}
}

// Statement implements detect.Detector. What the beacon roll-ups can answer is asked of them, and of everything else where a
// hash of theirs stands for several groups; and so is what events with the hash of their group can answer.
func (d Detector) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	s, err := d.exact(q, table)
	if err != nil {
		return statement.Statement{}, err
	}
	use, why := d.fromBeacons(q, table)
	if why != "" {
		s.Notices = append(slices.Clone(s.Notices), "Read from the roll-ups of every column rather than from the beacon roll-ups, which is slower: "+why+".")
	}
	quick := d.quick
	switch {
	case use:
	case d.fromHashes(q, table):
		quick = d.hashed
	default:
		return s, nil
	}
	by, err := quick(q, table)
	by.Otherwise = &s
	return by, err
}

// exact builds the statement that decides by names, from events or from the roll-ups of every column.
func (d Detector) exact(q query.Query, table schema.Table) (statement.Statement, error) {
	spec := d.Spec()
	ipv6, private := q.Params.Bool(detect.IncludeIPv6), q.Params.Strings(detect.PrivateNetworks)
	address, public, hosts := detect.AddressColumn(ipv6), statement.Public("beaconing", ipv6, private), ""
	byHost := q.Params.String(detect.GroupBy) == detect.ByHost
	if byHost {
		relations, err := hostsRelations(ipv6)
		if err != nil {
			return statement.Statement{}, err
		}
		spec.Labels, hosts = hostLabels(spec.Labels), relations
		address, public = address[1:], statement.PublicOf("Judged", "JudgedNumber", "beaconing", ipv6, private)
	}
	values := rules("beaconing", q.Params, table)
	values["beaconing_samples"] = q.Params.Int(detect.Samples)
	if byHost {
		values["beaconing_internalDomains"] = lower(q.Params.Strings("internalDomains"))
	}
	few := q.Params.Int("maxDevices")
	if few > 0 {
		values["beaconing_maxDevices"] = few
	}
	if scored(q) {
		values["beaconing_from"], values["beaconing_to"], values["beaconing_minScore"] = q.Window.From, q.Window.To, q.Params.Float("minScore")
	}
	maps.Copy(values, statement.PublicValues("beaconing", ipv6, private))
	return detect.Compose(detect.Plan{
		Spec:     spec,
		Site:     d.Site,
		SQL:      sqlTemplate,
		Key:      []string{"DeviceId"},
		Points:   "events",
		Grains:   statement.RollupGrains(q.Format, q.Interval),
		Unrolled: unrolled(q),
		Values:   values,
		Options: map[string]any{
			"IncludeIPv6": ipv6, "Address": address, "Public": public, "Hosts": hosts,
			"GroupHash": preselection(q, ipv6 || byHost || few > 0), "MaxDevices": few > 0, "Score": scoreRelations(q),
			"HasRemotePort": table.Has(schema.RemotePort), "HasSentBytes": table.Has(schema.SentBytes),
		},
		Notices: missingNotices(table),
	}, q, table)
}

func missingNotices(table schema.Table) []string {
	return detect.MissingNotices(table, map[string]string{
		schema.RemotePort:                "connections to every port count, and UniqueRemotePorts is 0",
		schema.SentBytes:                 "the threshold on bytes sent is off, BytesSent is 0, and SizeScore takes every size for 0",
		schema.ReceivedBytes:             "BytesReceived is 0",
		schema.InitiatingProcessFileName: "SampleProcesses is empty",
	})
}

// preselection returns the column to preselect groups by. It is none where one group may have several hashes (IPv6 has
// several texts for one address, and a host several names and addresses), and where the groups that cannot pass are
// needed to count a destination's devices. And a time series reads the events again for its points, which is dearer
// than it spares.
func preselection(q query.Query, without bool) []string {
	if without || q.Format == query.TimeSeries {
		return nil
	}
	return []string{statement.GroupHash}
}
