package profile

import (
	"maps"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Rule says which events a detector looks at, one at a time: what its parameters and their values tell, whatever the
// detector. What several events come to together is no part of it.
type Rule struct {
	Detector string // its query type
	Label    string // for people

	actionTypes []string
	address     bool // needs a public address
	includeIPv6 bool
	private     []string
	nameInstead bool // a name does as well as an address
	name        bool // needs a name
	ports       []int64
	exclude     []string // processes, in lower case
	bytesOver   int64    // of all of a finding's events together
	boundsBytes bool
}

// Rules returns the rule of each detector of the catalog, at its defaults.
func Rules() []Rule {
	var rules []Rule
	for _, d := range catalog.Detectors() {
		rules = append(rules, ruleOf(d.Spec(), defaults(d.Spec())))
	}
	return rules
}

// RulesOf returns what a query's detectors look at: with the query's parameters where it asks one of them or the union, and
// the detectors' defaults for the others, so that queries with the same parameters share a profile. asked names the detectors
// that the query asks; it is empty where the query type finds nothing.
func RulesOf(q query.Query) (rules []Rule, asked []string) {
	for _, d := range catalog.Detectors() {
		spec := d.Spec()
		params := defaults(spec)
		switch q.Type {
		case spec.Name:
			params, asked = q.Params, append(asked, spec.Name)
		case catalog.Alerts().Spec().Name:
			asked = append(asked, spec.Name)
			for name := range params {
				params[name] = q.Params[spec.Name+"."+name]
			}
		}
		rules = append(rules, ruleOf(spec, params))
	}
	return rules, asked
}

func defaults(spec detect.Spec) query.Values {
	values := query.Values{}
	for _, p := range spec.Params {
		values[p.Name] = p.Default
	}
	return values
}

// ruleOf reads the parameters that say which events count. A parameter of these names means the same in every detector.
func ruleOf(spec detect.Spec, params query.Values) Rule {
	r := Rule{Detector: spec.Name, Label: spec.Label}
	if _, ok := params[detect.ActionTypes]; ok {
		r.actionTypes = params.Strings(detect.ActionTypes)
	}
	if _, r.address = params[detect.PrivateNetworks]; r.address {
		r.includeIPv6, r.private = params.Bool(detect.IncludeIPv6), params.Strings(detect.PrivateNetworks)
	}
	_, r.name = params["domains"]
	if by, ok := params[detect.GroupBy]; ok && by == detect.ByHost {
		_, hasInternal := params["internalDomains"] // its names may do without a public address
		r.nameInstead, r.name = hasInternal, !hasInternal
	}
	if _, ok := params["ports"]; ok {
		r.ports = params.Ints("ports")
	}
	if _, ok := params["excludeProcesses"]; ok {
		for _, name := range params.Strings("excludeProcesses") {
			r.exclude = append(r.exclude, strings.ToLower(name))
		}
	}
	if _, r.boundsBytes = params["bytesSentOver"]; r.boundsBytes {
		r.bytesOver = params.Int("bytesSentOver")
	}
	return r
}

// condition keeps an event out, for a reason; both are SQL.
type condition struct{ If, Reason string }

// conditions are what keeps an event out, in the order in which they are asked. Without a column its condition is off, as in the
// detector.
func (r Rule) conditions(table schema.Table) []condition {
	var list []condition
	prefix := r.prefix()
	if r.actionTypes != nil {
		list = append(list, condition{"ActionType NOT IN {" + prefix + "_actionTypes:Array(String)}", "if(startsWith(ActionType, 'InboundConnection'), 'inbound', 'actionType')"})
	}
	if r.name {
		list = append(list, condition{"Nameless", "'nameMissing'"})
	}
	if r.address {
		public := indented(statement.Public(prefix, r.includeIPv6, r.private), 12)
		if r.nameInstead {
			public = "NOT Nameless AND position(RemoteUrl, '.') > 0\n                OR " + public
		}
		class := "AddressClass"
		if r.includeIPv6 { // then one that is not public is private
			class = "if(AddressClass = 'addressIPv6', 'addressPrivate', AddressClass)"
		}
		list = append(list, condition{"NOT ifNull(" + public + ", 0)", class})
	}
	if r.ports != nil && table.Has(schema.RemotePort) {
		list = append(list, condition{"NOT ifNull(RemotePort IN {" + prefix + "_ports:Array(Int64)}, 0)", "if(" + portUnknown(table.Has) + ", 'portMissing', 'port')"})
	}
	if r.exclude != nil && table.Has(schema.InitiatingProcessFileName) {
		list = append(list, condition{"lower(ProcessName) IN {" + prefix + "_exclude:Array(String)}", "'process'"})
	}
	return list
}

// portUnknown renders the condition that no port is known: protocols without ports have none.
func portUnknown(has func(column string) bool) string {
	text := "ifNull(RemotePort, 0) = 0"
	if has(schema.Protocol) {
		text += " AND NOT startsWith(lower(Protocol), 'icmp')"
	}
	return text
}

func (r Rule) prefix() string { return "profile_" + r.Detector }

// values are the parameters of the conditions.
func (r Rule) values(table schema.Table) map[string]any {
	prefix, values := r.prefix(), map[string]any{}
	if r.actionTypes != nil {
		values[prefix+"_actionTypes"] = r.actionTypes
	}
	if r.address {
		maps.Copy(values, statement.PublicValues(prefix, r.includeIPv6, r.private))
	}
	if r.ports != nil && table.Has(schema.RemotePort) {
		values[prefix+"_ports"] = r.ports
	}
	if r.exclude != nil && table.Has(schema.InitiatingProcessFileName) {
		values[prefix+"_exclude"] = slices.Clone(r.exclude)
	}
	return values
}
