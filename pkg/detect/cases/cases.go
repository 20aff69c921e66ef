// Package cases puts together what one device does at one destination, and says by its evidence how much of it speaks for a
// channel of an attacker. It is not the analytic: it has a risk in place of thresholds.
package cases

import (
	_ "embed"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases/services"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/repointed"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Detector implements detect.Detector.
type Detector struct{ Site detect.Site }

var _ detect.Detector = Detector{}

// Name is the query type.
const Name = "cases"

var (
	//go:embed cases.sql
	casesText string
	//go:embed shape.sql
	shapeText string
	//go:embed evidence.sql
	evidenceText string

	casesTemplate    = statement.Parse("cases.sql", casesText)
	evidenceTemplate = statement.Parse("evidence.sql", evidenceText)
)

// Spec describes the detector.
func (d Detector) Spec() detect.Spec {
	return detect.Spec{
		Name: Name, Label: "Cases", Kind: detect.KindDetector, AlertType: "HighRiskCase",
		Summary:   "What one device does at one destination, with a risk of 0 to 100 and the reasons for it: timers, persistence, missing names, networks, ports and processes, and what speaks against.",
		Technique: detect.T1584(),
		Techniques: []attack.Seen{
			attack.Shows("T1071.001", "Points of regular, persistent and frequent: check-ins by a timer, day and night."),
			attack.Shows("T1571", "Points of oddPort: every port of the channel is outside the usual ones."),
			attack.Shows("T1095", "Points of noName and long: an address without a name, and a connection that stays open."),
			attack.Shows("T1568", "Points of dynamicDns: a name that anybody may take."),
			attack.Shows("T1568.001", "Points of flux and shortTtl: a name's addresses lie in many networks, and its answers hold for minutes."),
			attack.Shows("T1572", "Points of dynamicDns for a tunnel service's names."),
			attack.Shows("T1583.003", "Points of suspiciousNetwork and hostingNetwork: a server that anybody may rent."),
			attack.Shows("T1584.004", "The same networks hold servers that were broken into."),
			attack.Shows("T1059", "Points of scriptHost: an interpreter connects."),
			attack.Shows("T1218", "Points of scriptHost: a signed program that runs others' code connects."),
			attack.Shows("T1204", "Points of userFolder: what a user was brought to run lies where the user may write."),
			attack.Shows("T1036.005", "Points of userFolder: a program of a good name in a wrong folder."),
			attack.Shows("T1041", "Points of upload: more is sent than received."),
		},
		Formats: detect.Formats(),
		Params:  params(d.Site.Weights),
		Columns: detect.Columns([]statement.Column{
			{Name: "Risk", Kind: statement.Integer, Help: "How much speaks for a channel of an attacker, 0 to 100: the sum of the points of Why."},
			{Name: "Why", Kind: statement.List, Help: "The reasons for the risk, the gravest first; what speaks against comes last."},
			{Name: "DeviceId", Kind: statement.Text, Help: "The device's identifier."},
		},
			statement.Column{Name: "MedianInterval", Kind: statement.Number, Unit: "s", Help: "The median time between check-ins."},
			statement.Column{Name: "Regularity", Kind: statement.Integer, Unit: "percent", Help: "The share of intervals in the three most frequent steps."},
			statement.Column{Name: "ActiveBins", Kind: statement.Integer, Help: "In how many of 24 equal parts of the window there was a connection."},
			statement.Column{Name: "OpenTime", Kind: statement.Number, Unit: "s", Help: "How long its connections were open, all together."},
			statement.Column{Name: "LongestConnection", Kind: statement.Number, Unit: "s", Help: "How long the longest connection was open."},
			statement.Column{Name: "UniqueDevices", Kind: statement.Integer, Help: "Distinct devices that connect to the destination in the window."},
			statement.Column{Name: "DevicesEver", Kind: statement.Integer, Help: "Distinct devices that are known to have connected to it since KnownSince; in the hundreds and more to about 2 %."},
			statement.Column{Name: "Prevalence", Kind: statement.Number, Unit: "percentunit", Help: "The share of all devices, as far as they are known since KnownSince, that are among DevicesEver."},
			statement.Column{Name: "SamplePorts", Kind: statement.List, Help: "The first of the sorted distinct ports, with their protocol."},
			statement.Column{Name: "SampleIPs", Kind: statement.List, Help: "The first of the sorted distinct addresses."},
			statement.Column{Name: "FirstSeen", Kind: statement.Time, Help: "The first connection in the window."},
			statement.Column{Name: "LastSeen", Kind: statement.Time, Help: "The last connection in the window."},
			statement.Column{Name: "FirstSeenEver", Kind: statement.Time, Help: "The first connection of any device to the destination that is known since KnownSince."},
			statement.Column{Name: "KnownSince", Kind: statement.Time, Help: "How far back FirstSeenEver, DevicesEver and Prevalence look: the beginning of the ledger of destinations, or that of the window where there is no ledger."},
			statement.Column{Name: "Sparkline", Kind: statement.Series, Help: "Connections in each of 24 equal parts of the window."},
		),
		AlertValue: detect.Value{Column: "Risk"},
		Details:    []detect.Label{{Name: "why", Column: "Why"}},
		Peaks:      []string{"Risk", "LongestConnection"},
		Labels: []detect.Label{
			{Name: "device", Column: "DeviceName"}, {Name: "device_id", Column: "DeviceId"}, {Name: "remote_url", Column: "RemoteUrl"},
		},
		Leads:         []detect.Lead{{Column: "RemoteUrl", How: detect.Host}},
		Grades:        detect.GradesByRisk(),
		NetworkGraded: true, // by Risk
		Requires:      []string{schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.ActionType, schema.RemoteIP, schema.RemoteURL},
		Optional:      []string{schema.RemotePort, schema.Protocol, schema.SentBytes, schema.ReceivedBytes, schema.DurationMs, schema.NameSource, schema.InitiatingProcessFileName, schema.InitiatingProcessFolderPath},
	}
}

// Statement implements detect.Detector.
func (d Detector) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	hosts, err := beaconing.Hosts("cases", "written", true)
	if err != nil {
		return statement.Statement{}, err
	}
	values, moves := map[string]any{}, ""
	if d.Site.Ledger.Table != "" {
		const to = "{cases_to:DateTime64(3, 'UTC')}"
		if moves, err = repointed.Moves(d.Site, "("+to+" - toIntervalDay(7))", to, nil, values); err != nil {
			return statement.Statement{}, err
		}
	}
	destinations, reaches := d.Site.Destinations.Table, ""
	if destinations != "" {
		values["cases_newDays"], values["cases_knownDays"] = q.Params.Int("newDays"), q.Params.Int("knownDays")
		if reaches, err = detect.Reaches(destinations); err != nil {
			return statement.Statement{}, err
		}
	}
	evidence, err := statement.Render(evidenceTemplate, map[string]any{
		"Endings": statement.Endings("Host"), "ASN": d.Site.ASNDictionary != "", "Indicators": d.Site.Indicators.Table != "", "Moves": strings.ReplaceAll(moves, "\n", "\n    "),
		"Names": d.Site.Ledger.Table, "Destinations": destinations, "Reaches": strings.ReplaceAll(reaches, "\n", "\n        "), "DynamicSuffix": detect.DynamicSuffix("Host", detect.SuffixesParam),
	})
	if err != nil {
		return statement.Statement{}, err
	}
	private := q.Params.Strings(detect.PrivateNetworks)
	domains, vendors := services.Lists()
	rotating, rotators := services.Rotating()
	maps.Copy(values, map[string]any{
		"cases_actionTypes": q.Params.Strings(detect.ActionTypes), "cases_internalDomains": beaconing.Lower(q.Params.Strings("internalDomains")),
		"cases_samples": q.Params.Int(detect.Samples), "cases_services": domains, "cases_vendors": vendors,
		"cases_rotating": rotating, "cases_rotators": rotators,
		"cases_suspiciousAsns": q.Params.Ints(detect.SuspiciousASNs), "cases_hostingAsns": q.Params.Ints("hostingAsns"),
		"cases_usualPorts": q.Params.Ints("usualPorts"), "cases_scriptHosts": scriptHosts, "cases_userFolders": userFolders, "cases_browsers": browsers,
		"cases_from": q.Window.From, "cases_to": q.Window.To,
	})
	for _, name := range []string{"minRisk", "minConnections", "maxConnections", "longSeconds"} {
		values["cases_"+name] = q.Params.Int(name)
	}
	for _, e := range Everything() {
		values["cases_"+e.Name] = q.Params.Int(e.Name)
	}
	maps.Copy(values, statement.PublicValues("cases", true, private))
	return detect.Compose(detect.Plan{
		Spec: d.Spec(), Site: d.Site, SQL: casesTemplate, Key: []string{"DeviceId"}, Unique: true,
		Identity: []string{statement.Device, "RemoteUrl"}, Destination: detect.HostOr("RemoteUrl"),
		Points: "findings", Measure: "max(Risk)", FilterFindings: true,
		Values: values,
		Options: map[string]any{
			"BytesSent": statement.Total("OwnSent"), "BytesReceived": statement.Total("OwnReceived"), "Hosts": hosts,
			"Device": statement.FoldedDevice("IdText", "NameText"), "Address": statement.AddressText("RemoteIP"), "Process": statement.Process("FileText"), "Shape": strings.TrimSpace(shapeText), "Evidence": strings.TrimSpace(evidence),
			"Public": statement.PublicOf("Judged", "JudgedNumber", "cases", true, private),
		},
		Notices: append(detect.MissingNotices(table, map[string]string{
			schema.RemotePort: "ports are no evidence", schema.DurationMs: "long connections are not seen",
			schema.InitiatingProcessFileName: "processes are no evidence",
		}), untold(d.Site.Destinations, q)...),
	}, q, table)
}

// untold says why a ledger of destinations does not tell what is new.
func untold(ledger detect.Ledger, q query.Query) []string {
	days := 2 * q.Params.Int("newDays")
	switch {
	case ledger.Table == "" || ledger.Since.IsZero() || q.Keep: // there is none, that is told of the list, or the window stands for another
		return nil
	case ledger.Until.Before(q.Window.From):
		return []string{"The ledger of destinations is not kept up: it ends at " + ledger.Until.Format(time.DateTime) + " UTC, before the window begins, so that what is new to all devices is not known. Run `fluxhound schema apply --ledger`, or `fluxhound watch`."}
	case q.Window.To.Sub(ledger.Since) < time.Duration(days)*24*time.Hour:
		return []string{fmt.Sprintf("The ledger of destinations begins at %s UTC: what is new to all devices is told where it goes back %d days.", ledger.Since.Format(time.DateTime), days)}
	default:
		return nil
	}
}
