package beaconing

import (
	_ "embed"
	"maps"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

var (
	//go:embed looked.sql
	lookedText string
	//go:embed thresholds.sql
	thresholdsText string

	lookedTemplate     = statement.Parse("looked.sql", lookedText)
	thresholdsTemplate = statement.Parse("thresholds.sql", thresholdsText)
)

// Rule says whether connections are a beacon: the one place for every detector that asks. Where the table lacks a column its
// part of the rule is off.
type Rule struct {
	// Values are the parameters of the texts below, whose names start with the rule's prefix.
	Values map[string]any
	// Hosts are the relations hosts and judged, which put a host beside each connection; empty where groups are by address.
	Hosts string
	// Looked is the condition on a connection, of judged where there is one.
	Looked string
	// Thresholds is the condition on a group, with ConnectionCount, BytesSent (NULL where it is not known), DurationHours and
	// BeaconRate.
	Thresholds string
}

// DefaultByHost is the rule by host with its default parameters, for the connections of a relation that has RemoteUrl,
// RemoteAddress, ActionType and RemotePort. unknownBytes is a value of detect.UnknownBytes.
func DefaultByHost(prefix, from, unknownBytes string, table schema.Table) (Rule, error) {
	defaults := query.Values{}
	for _, p := range params() {
		defaults[p.Name] = p.Default
	}
	defaults[detect.GroupBy], defaults[detect.UnknownBytes] = detect.ByHost, unknownBytes
	return newRule(prefix, from, defaults, table)
}

func newRule(prefix, from string, params query.Values, table schema.Table) (Rule, error) {
	r := Rule{Values: rules(prefix, params, table)}
	ipv6, private := params.Bool(detect.IncludeIPv6), params.Strings(detect.PrivateNetworks)
	byHost := params.String(detect.GroupBy) == detect.ByHost
	public := statement.Public(prefix, ipv6, private)
	if byHost {
		// An address that stands for a host counts, of whatever family: the device has named it itself.
		public = statement.PublicOf("Judged", "JudgedNumber", prefix, true, private)
		r.Values[prefix+"_internalDomains"] = Lower(params.Strings("internalDomains"))
		text, err := Hosts(prefix, from, ipv6)
		if err != nil {
			return Rule{}, err
		}
		r.Hosts = text
	}
	maps.Copy(r.Values, statement.PublicValues(prefix, ipv6 || byHost, private))
	public = strings.ReplaceAll(public, "\n      ", "\n")
	data := map[string]any{
		"Prefix": prefix, "Hosts": byHost, "Public": public, "Keep": params.String(detect.UnknownBytes) == detect.KeepUnknown,
		"HasRemotePort": table.Has(schema.RemotePort), "HasSentBytes": table.Has(schema.SentBytes),
	}
	var err error
	if r.Looked, err = statement.Render(lookedTemplate, data); err != nil {
		return Rule{}, err
	}
	r.Thresholds, err = statement.Render(thresholdsTemplate, data)
	r.Looked, r.Thresholds = indented(r.Looked, 6), indented(r.Thresholds, 7)
	return r, err
}

// indented lays a condition out behind a WHERE or HAVING, each part under the first.
func indented(text string, spaces int) string {
	comment, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return comment + "\n" + strings.Repeat(" ", spaces) + strings.ReplaceAll(rest, "\n", "\n"+strings.Repeat(" ", spaces))
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
