package referee

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Alerts is the parameters of the analytic's union.
type Alerts struct {
	Beaconing  Beaconing  `json:"beaconing"`
	DynamicDNS DynamicDNS `json:"dynamicDns"`
	FastFlux   FastFlux   `json:"fastFlux"`
}

// DefaultAlerts is the analytic.
func DefaultAlerts() Alerts {
	return Alerts{DefaultBeaconing(), DefaultDynamicDNS(), DefaultFastFlux()}
}

// Rows returns the columns that all findings share, in the union's order.
func (p Alerts) Rows(events []Event, q Question) []Row {
	var rows []Row
	for _, b := range p.Beaconing.Find(events, q) {
		rows = append(rows, b.Grade().columns(b.Common(), nil))
	}
	for _, d := range p.DynamicDNS.Find(events, q) {
		rows = append(rows, d.Grade().columns(d.Common(), nil))
	}
	for _, f := range p.FastFlux.Rows(events, q) {
		var row Row
		for _, name := range p.Columns() {
			row = append(row, f[slices.Index(p.FastFlux.Columns(), name)])
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, CompareAlerts)
	return rows
}

// Numbers returns the numeric format of all findings: each detector's own, told apart by the label detector, with an
// empty text for a label that a detector does not have.
func (p Alerts) Numbers(events []Event, q Question) []Number {
	var all []Number
	for detector, numbers := range map[string][]Number{
		"beaconing":  p.Beaconing.Numbers(events, q),
		"dynamicDns": p.DynamicDNS.Numbers(events, q),
		"fastFlux":   p.FastFlux.Numbers(events, q),
	} {
		for _, n := range numbers {
			labels := map[string]string{"device": "", "device_id": "", "remote_ip": "", "remote_url": ""}
			maps.Copy(labels, n.Labels)
			labels["detector"] = detector
			all = append(all, Number{labels, n.Value})
		}
	}
	return all
}

// CompareAlerts is the union's order: newest first, then AlertType, DeviceName, RemoteIP, RemoteUrl.
func CompareAlerts(a, b Row) int {
	text := func(r Row, column int) string { return r[column].(string) }
	return cmp.Or(
		b[0].(time.Time).Compare(a[0].(time.Time)),
		cmp.Compare(text(a, 4), text(b, 4)),
		cmp.Compare(text(a, 1), text(b, 1)),
		cmp.Compare(text(a, 2), text(b, 2)),
		cmp.Compare(text(a, 3), text(b, 3)),
	)
}
