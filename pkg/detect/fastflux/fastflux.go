// Package fastflux finds processes that reach many addresses within one hour: the analytic's
// PotentialFastFluxActivity.
package fastflux

import (
	_ "embed"
	"maps"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Detector implements detect.Detector.
type Detector struct{ Site detect.Site }

var _ detect.Detector = Detector{}

//go:embed fastflux.sql
var sqlText string

//go:embed hosts.sql
var hostsText string

var (
	sqlTemplate   = statement.Parse("fastflux.sql", sqlText)
	hostsTemplate = statement.Parse("hosts.sql", hostsText)
)

// Spec describes the detector.
func (Detector) Spec() detect.Spec {
	return detect.Spec{
		Name: "fastFlux", Label: "Fast flux", Kind: detect.KindDetector, AlertType: "PotentialFastFluxActivity",
		Summary:   "A device on which processes other than browsers reach many public addresses within one hour, as names whose addresses change all the time make them do.",
		Technique: detect.T1584(),
		Techniques: []attack.Seen{
			attack.Shows("T1568.001", "A name with many addresses in many networks, which change all the time."),
			attack.Shows("T1584.005", "The addresses of a fast-flux name are mostly computers of others that were broken into."),
		},
		Formats: detect.Formats(),
		Params:  params(),
		Columns: detect.Columns([]statement.Column{
			{Name: "DeviceId", Kind: statement.Text, Help: "The device's identifier."},
			{Name: "UniqueIPs", Kind: statement.Integer, Help: "Distinct addresses in the hour, over all domains."},
			{Name: "UniqueDomains", Kind: statement.Integer, Help: "Distinct RemoteUrl values in the hour, empty ones left out."},
			{Name: "DomainList", Kind: statement.List, Help: "The first of the sorted distinct RemoteUrl values."},
		}),
		AlertValue: detect.Value{Column: "UniqueIPs"},
		Peaks:      []string{"UniqueIPs"},
		Labels:     append(deviceLabels(), hostLabels()...),
		Leads: []detect.Lead{
			{Column: "RemoteUrl", How: detect.Varies, Param: detect.GroupBy, Values: []string{byDevice}},
			{Column: "DeviceName", How: detect.Varies, Param: detect.GroupBy, Values: []string{detect.ByHost}},
			{Column: "DeviceId", How: detect.Varies, Param: detect.GroupBy, Values: []string{detect.ByHost}},
			{Column: "RemoteUrl", How: detect.Host, Param: detect.GroupBy, Values: []string{detect.ByHost}},
		},
		Grades: []detect.Grade{
			detect.Always(detect.Low),
			{Condition: "by host, Fluxiness ≥ 142.38", SQL: "Fluxiness >= 142.38", Severity: detect.High, Column: "Fluxiness"},
		},
		Requires: []string{schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.ActionType, schema.RemoteIP, schema.RemoteURL},
		Optional: []string{schema.InitiatingProcessFileName},
	}
}

// Statement implements detect.Detector.
func (d Detector) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	plan := d.byDevice(q)
	if q.Params.String(detect.GroupBy) == detect.ByHost {
		plan = d.byHost(q)
	}
	ipv6, private := q.Params.Bool(detect.IncludeIPv6), q.Params.Strings(detect.PrivateNetworks)
	maps.Copy(plan.Values, map[string]any{
		"fastFlux_actionTypes":      q.Params.Strings(detect.ActionTypes),
		"fastFlux_excludeProcesses": foldASCII(q.Params.Strings("excludeProcesses")),
		"fastFlux_samples":          q.Params.Int(detect.Samples),
	})
	maps.Copy(plan.Values, statement.PublicValues("fastFlux", ipv6, private))
	maps.Copy(plan.Options, map[string]any{
		"IncludeIPv6": ipv6, "Address": detect.AddressColumn(ipv6), "Public": statement.Public("fastFlux", ipv6, private),
	})
	plan.Notices = append(plan.Notices, detect.MissingNotices(table, map[string]string{
		schema.InitiatingProcessFileName: "no process is excluded, and SampleProcesses is empty",
	})...)
	return detect.Compose(plan, q, table)
}

// byDevice is the analytic: a device and hour.
func (d Detector) byDevice(q query.Query) detect.Plan {
	spec := d.Spec()
	spec.Labels = deviceLabels()
	return detect.Plan{
		Spec: spec,
		Site: d.Site,
		SQL:  sqlTemplate,
		Key:  []string{"DeviceId"},
		// The series shows the hours that are findings; the alert value is the highest of them.
		Points:  "findings",
		Measure: "max(UniqueIPs)",
		Values: map[string]any{
			"fastFlux_minUniqueIPs":   q.Params.Int("minUniqueIPs"),
			"fastFlux_minConnections": q.Params.Int("minConnections"),
			"fastFlux_domainSamples":  q.Params.Int("domainSamples"),
		},
		Options: map[string]any{},
	}
}

func deviceLabels() []detect.Label {
	return []detect.Label{{Name: "device", Column: "DeviceName"}, {Name: "device_id", Column: "DeviceId"}}
}

// foldASCII lowers A to Z and nothing else, as ClickHouse's lower() does on the other side of the comparison.
func foldASCII(names []string) []string {
	folded := make([]string, len(names))
	for i, name := range names {
		folded[i] = strings.Map(func(r rune) rune {
			if 'A' <= r && r <= 'Z' {
				return r - 'A' + 'a'
			}
			return r
		}, name)
	}
	return folded
}
