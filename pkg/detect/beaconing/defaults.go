package beaconing

import (
	"maps"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Defaults returns the detector's default thresholds as parameters whose names start with prefix, for another detector
// that asks whether its own connections are a beacon, and the condition that an address is public. Where the table lacks
// a column its rule is off, as in this detector.
func Defaults(prefix string, table schema.Table) (values map[string]any, public string) {
	defaults := query.Values{}
	for _, p := range params() {
		defaults[p.Name] = p.Default
	}
	values = rules(prefix, defaults, table)
	private := defaults.Strings(detect.PrivateNetworks)
	maps.Copy(values, statement.PublicValues(prefix, false, private))
	return values, statement.Public(prefix, false, private)
}

// rules are the parameters of the rules that choose connections and groups, under names that start with prefix. Where the
// table lacks a column its rule is off.
func rules(prefix string, params query.Values, table schema.Table) map[string]any {
	values := map[string]any{
		prefix + "_actionTypes":       params.Strings(detect.ActionTypes),
		prefix + "_minConnections":    params.Int("minConnections"),
		prefix + "_durationHoursOver": params.Int("durationHoursOver"),
		prefix + "_minBeaconRate":     params.Float("minBeaconRate"),
		prefix + "_maxBeaconRate":     params.Float("maxBeaconRate"),
	}
	if table.Has(schema.RemotePort) {
		values[prefix+"_ports"] = params.Ints("ports")
	}
	if table.Has(schema.SentBytes) {
		values[prefix+"_bytesSentOver"] = params.Int("bytesSentOver")
	}
	return values
}
