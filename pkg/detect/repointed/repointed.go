// Package repointed finds names that stayed in their networks for a long time and lead elsewhere now: the analytic's "DNS resolutions to newly
// re-pointed hostnames". It reads the ledger of names (package ledger), and no event.
package repointed

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
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
const Name = "repointed"

//go:embed repointed.sql
var sqlText string

//go:embed moves.sql
var movesText string

var (
	sqlTemplate   = statement.Parse("repointed.sql", sqlText)
	movesTemplate = statement.Parse("moves.sql", movesText)
)

// Moves renders the relations up to settled, one row a name that moved in [from, to), which are SQL, and adds the parameters of how long it
// must have stayed to values: those of a query, or the detector's own.
func Moves(site detect.Site, from, to string, params query.Values, values map[string]any) (string, error) {
	for _, p := range (Detector{}).Spec().Params {
		switch p.Name {
		case "stableDays", "minDaysSeen", "maxNetworks":
			values[Name+"_"+p.Name] = p.Default
			if own, ok := params[p.Name]; ok {
				values[Name+"_"+p.Name] = own
			}
		}
	}
	text, err := statement.Render(movesTemplate, map[string]any{
		"Configured": site.Ledger.Table != "", "Table": site.Ledger.Table, "MostDevices": schema.LedgerDevices, "ASN": site.ASNDictionary != "", "From": from, "To": to,
	})
	return strings.TrimSpace(text), err
}

// Spec describes the detector.
func (Detector) Spec() detect.Spec {
	return detect.Spec{
		Name: Name, Label: "Re-pointed names", Kind: detect.KindDetector, AlertType: "RepointedName",
		Summary:   "Names that stayed in their networks for two weeks or more and lead to another one now, as names do that somebody has taken over.",
		Technique: detect.T1584(),
		Techniques: []attack.Seen{
			attack.Shows("T1584.001", "Who takes a domain over points its name at servers of his own."),
			attack.Shows("T1584.002", "Who holds the DNS server of a domain answers for its names."),
			attack.Shows("T1583.003", "The new network is mostly one where anybody may rent a server."),
		},
		Formats: detect.Formats(),
		Params:  params(),
		Columns: detect.Columns([]statement.Column{
			{Name: "Risk", Kind: statement.Integer, Help: "How much to make of it, 0 to 100: the sum of the points of Why."},
			{Name: "Why", Kind: statement.List, Help: "What speaks for a name that was taken over, and what speaks against; that comes last."},
			{Name: "NetworksBefore", Kind: statement.List, Help: "Where it was, the first first: autonomous systems where a dictionary tells them, otherwise networks."},
			{Name: "NetworksNow", Kind: statement.List, Help: "Where it was never seen before the move."},
			{Name: "StayedDays", Kind: statement.Integer, Help: "For how many days it had come to no other network before."},
			{Name: "UniqueDevices", Kind: statement.Integer, Help: fmt.Sprintf("Devices that went to the new networks or asked for the name; from %d on there may be more.", schema.LedgerDevices)},
		},
			statement.Column{Name: "SampleDevices", Kind: statement.List, Help: "The first of their sorted distinct names."},
			statement.Column{Name: "SampleIPs", Kind: statement.List, Help: "Addresses in the new networks."},
			statement.Column{Name: "FirstSeen", Kind: statement.Time, Help: "Since when the name is known."},
			statement.Column{Name: "LastSeen", Kind: statement.Time, Help: "When it was seen last in the new networks."},
		),
		AlertValue:    detect.Value{Column: "Risk"},
		Labels:        []detect.Label{{Name: "remote_url", Column: "RemoteUrl"}},
		Details:       []detect.Label{{Name: "why", Column: "Why"}},
		Leads:         []detect.Lead{{Column: "RemoteUrl", How: detect.Host}},
		Grades:        detect.GradesByRisk(),
		Beside:        true,
		NetworkGraded: true, // its points count the suspicious networks already
		Requires:      []string{schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.RemoteIP, schema.RemoteURL},
	}
}

// Idle implements detect.Idler: there is no ledger.
func (d Detector) Idle() bool { return d.Site.Ledger.Table == "" && !d.Site.Ledger.Withheld }

// Statement implements detect.Detector. Where the data source has a ledger that cannot be read, or an alert rule asks one that is not kept
// up, the error is a *query.Error: to find nothing would be no answer. Where it has none, nothing is found, and a notice says why.
func (d Detector) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	ledger, days := d.Site.Ledger, q.Params.Int("stableDays")
	behind := ledger.Table != "" && !q.Keep && ledger.Behind(earliest(q.Window.To, q.Now))
	switch {
	case ledger.Withheld:
		return statement.Statement{}, refused("a row policy bounds the events that the user may see, and the ledger of names is made of all; ask with a data source whose user sees all events")
	case ledger.Lost:
		return statement.Statement{}, refused("the ledger of names cannot be read, so that nothing can be told of names that moved; the data source's Save & test says what is wrong")
	case behind && q.Format == query.Numeric:
		return statement.Statement{}, refused(behindText(ledger))
	}
	for i, f := range q.Filters {
		if !table.LedgerTable().Has(f.Column) {
			return statement.Statement{}, &query.Error{Field: fmt.Sprintf("filters[%d].column", i), Reason: "names that moved are known by device, name and address alone; remove the filter on " + f.Column}
		}
	}
	source, err := statement.NewSource(table.LedgerTable(), q.Window, q.Filters)
	if err != nil {
		return statement.Statement{}, err
	}
	domains, vendors := services.Lists()
	values := map[string]any{
		"repointed_services": domains, "repointed_vendors": vendors, "repointed_samples": q.Params.Int(detect.Samples), "repointed_minRisk": q.Params.Int("minRisk"),
	}
	moves, err := Moves(d.Site, "{from:DateTime64(3, 'UTC')}", "{to:DateTime64(3, 'UTC')}", q.Params, values)
	if err != nil {
		return statement.Statement{}, err
	}
	for _, name := range []string{detect.SuspiciousASNs, detect.HostingASNs, "deliveryAsns"} {
		values[Name+"_"+name] = q.Params.Ints(name)
	}
	maps.Copy(values, detect.PointValues(Name, Everything()))
	notices, blind := told(ledger, q, days)
	if behind {
		notices = append(notices, behindText(ledger))
	}
	return detect.Compose(detect.Plan{
		Spec: d.Spec(), Site: d.Site, SQL: sqlTemplate, Key: []string{"RemoteUrl"}, Unique: true,
		Points: "findings", Measure: "max(Risk)",
		Devices: "Devices", Destination: "RemoteUrl",
		Values: values,
		Options: map[string]any{
			"Moves": moves, "Endings": statement.Endings("Name"), "Filtered": len(q.Filters) > 0, "Filters": source.Conditions(),
		},
		Blind: blind, Notices: notices,
	}, q, table)
}

// told says what the ledger does not know, and whether nothing can be found for that reason.
func told(ledger detect.Ledger, q query.Query, days int64) (notices []string, blind bool) {
	switch {
	case ledger.Table == "":
		return []string{"There is no ledger of names, so that nothing is known of where they led: make it with `fluxhound schema apply --ledger`, and name it in the data source's settings."}, true
	case ledger.Since.IsZero():
		return []string{"The ledger of names was never filled, so that nothing is known of where they led: run `fluxhound schema apply --ledger`."}, true
	case q.Keep: // its window stands for another
		return nil, false
	}
	if known := q.Window.To.Sub(ledger.Since); known < time.Duration(days)*24*time.Hour {
		return []string{fmt.Sprintf("The ledger of names begins at %s UTC, and who stays for %d days cannot be told before it has so many.", ledger.Since.Format(time.DateTime), days)}, true
	}
	return nil, false
}

func behindText(ledger detect.Ledger) string {
	return "The ledger of names is not kept up: it ends at " + ledger.Until.Format(time.DateTime) + " UTC, and what moved since is not known. Run `fluxhound schema apply --ledger`, or `fluxhound watch`."
}

func refused(reason string) error { return &query.Error{Field: "queryType", Reason: reason} }

func earliest(times ...time.Time) time.Time { return slices.MinFunc(times, time.Time.Compare) }
