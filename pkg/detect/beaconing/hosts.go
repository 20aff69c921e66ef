package beaconing

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// byIP is the value of detect.GroupBy that is the analytic's.
const byIP = "ip"

//go:embed hosts.sql
var hostsText string

var hostsTemplate = statement.Parse("hosts.sql", hostsText)

// Hosts renders the relations hosts and judged, which put a host beside each row of a relation that has RemoteUrl and
// RemoteAddress. Their parameters start with prefix.
func Hosts(prefix, from string, ipv6 bool) (string, error) {
	text, err := statement.Render(hostsTemplate, map[string]any{
		"Prefix": prefix, "From": from, "IncludeIPv6": ipv6, "Host": statement.Host("RemoteUrl"), "Number": statement.AddressNumber("Judged", true),
	})
	return strings.TrimSpace(text), err
}

// byHostPlan makes of a plan by address one by host. A device may have several names there, so that its key is not made of
// them, and the points of a series are found by it.
func byHostPlan(p *detect.Plan, q query.Query) {
	p.Spec.Labels, p.Unique, p.Identity = hostLabels(p.Spec.Labels), true, []string{statement.Device, "RemoteUrl"}
	p.Options["Address"] = []string{}
	if q.Format == query.TimeSeries {
		p.Points, p.Options["Points"] = "points", true
	}
}

// InternalDomains is the parameter that says which names are no names of the internet.
func InternalDomains() query.Param {
	return query.Param{
		Name: "internalDomains", Label: "Internal domains", Kind: query.KindStringList, Max: 1000, Check: internalDomain,
		Default: []string{"corp", "home", "home.arpa", "internal", "intranet", "lan", "local", "localdomain", "localhost", "private"},
		Help:    "By host, names under these domains, and names without a dot, are not public by themselves: their address decides. Other names count as public, since the address may be a proxy's. Add the company's own.",
	}
}

var domainName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*$`)

func internalDomain(s string) error {
	if len(s) > 253 || !domainName.MatchString(s) {
		return fmt.Errorf("it must be a domain name such as corp.example.com or local, in ASCII, without dots at its ends")
	}
	return nil
}

// Lower returns the names in lower case, as hosts and other names are compared.
func Lower(names []string) []string {
	lowered := make([]string, len(names))
	for i, name := range names {
		lowered[i] = strings.ToLower(name)
	}
	return lowered
}

// hostLabels leave out the address, which is the first of several and so need not stay the same.
func hostLabels(labels []detect.Label) []detect.Label {
	var kept []detect.Label
	for _, l := range labels {
		if l.Column != "RemoteIP" {
			kept = append(kept, l)
		}
	}
	return kept
}
