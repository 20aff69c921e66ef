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

// hostsRelations renders the relations that put a host in the place of RemoteUrl.
func hostsRelations(ipv6 bool) (string, error) {
	text, err := statement.Render(hostsTemplate, map[string]any{
		"IncludeIPv6": ipv6, "Host": statement.Host("RemoteUrl"), "Number": statement.AddressNumber("Judged", ipv6),
	})
	return strings.TrimSpace(text), err
}

// internalDomains is the parameter that says which names are no names of the internet.
func internalDomains() query.Param {
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

func lower(names []string) []string {
	lowered := make([]string, len(names))
	for i, name := range names {
		lowered[i] = strings.ToLower(name) // names are ASCII: internalDomain
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
