// Package dynamicdns finds connections to names under dynamic DNS providers: the analytic's SuspiciousDynamicDNS.
package dynamicdns

import (
	_ "embed"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Detector implements detect.Detector.
type Detector struct{}

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
		Formats:   detect.Formats(),
		Params:    params(),
		Columns: append(detect.CommonColumns(),
			statement.Column{Name: "UniqueDevices", Kind: statement.Integer, Help: "Distinct devices that connected."},
			statement.Column{Name: "SampleDevices", Kind: statement.List, Help: "The first of the sorted distinct device names."},
			statement.Column{Name: "SampleIPs", Kind: statement.List, Help: "The first of the sorted distinct addresses."},
			statement.Column{Name: "FirstSeen", Kind: statement.Time, Help: "The first connection in the window."},
			statement.Column{Name: "LastSeen", Kind: statement.Time, Help: "The last connection in the window."},
		),
		AlertValue: detect.Value{Column: "ConnectionCount"},
		Labels:     []detect.Label{{Name: "remote_url", Column: "RemoteUrl"}},
		Requires:   []string{schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.ActionType, schema.RemoteIP, schema.RemoteURL},
		Optional:   []string{schema.InitiatingProcessFileName},
	}
}

// Statement implements detect.Detector.
func (d Detector) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	domains := make([]string, 0, maxDomains)
	for _, name := range q.Params.Strings("domains") {
		domains = append(domains, strings.ToLower(name)) // names are ASCII: detect.Domain
	}
	return detect.Compose(detect.Plan{
		Spec:   d.Spec(),
		SQL:    sqlTemplate,
		Key:    []string{"RemoteUrl"},
		Points: "events",
		Grains: statement.RollupGrains(q.Format, q.Interval),
		Values: map[string]any{
			"dynamicDns_actionTypes":    q.Params.Strings(detect.ActionTypes),
			"dynamicDns_domains":        domains,
			"dynamicDns_minConnections": q.Params.Int("minConnections"),
			"dynamicDns_samples":        q.Params.Int(detect.Samples),
		},
		Options: map[string]any{"Suffix": q.Params.String("match") == suffix},
		Notices: detect.MissingNotices(table, map[string]string{schema.InitiatingProcessFileName: "SampleProcesses is empty"}),
	}, q, table)
}
