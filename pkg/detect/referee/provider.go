package referee

import (
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
)

// Suffix is a dynamic DNS domain of a data source. Its JSON form is the settings'.
type Suffix struct {
	Suffix   string `json:"suffix"`
	Provider string `json:"provider,omitempty"` // empty for the domain itself
}

// knownDomains reads the provider table, which is data: the domains of the dynamic DNS providers, and whose each is. A data
// source has more, and may name another provider.
func (q Question) knownDomains() map[string]string {
	domains := listed(providers.Text())
	for _, own := range q.Suffixes {
		suffix := foldASCII(own.Suffix)
		domains[suffix] = own.Provider
		if own.Provider == "" {
			domains[suffix] = suffix
		}
	}
	return domains
}

// listed reads blocks of names, each with its block's title.
func listed(text string) map[string]string {
	names, title := map[string]string{}, ""
	for _, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			title = strings.Trim(line, "[]")
		default:
			for _, name := range strings.Fields(line) {
				names[name] = title
			}
		}
	}
	return names
}

// isProviders holds for a provider's own host, which is nobody's tenant.
func isProviders(host string) bool { return listed(providers.HostsText())[host] != "" }

// kindOf says what a name under a suffix is.
func kindOf(suffix string) string {
	switch {
	case suffix == "":
		return ""
	case listed(providers.TunnelsText())[suffix] != "":
		return "tunnel"
	default:
		return "dynamicDns"
	}
}

// knownSuffix returns the longest known domain that a host lies under, and whose it is; none for a provider's own host.
func knownSuffix(known map[string]string, host string) (suffix, provider string) {
	if isProviders(host) {
		return "", ""
	}
	suffix = longest(host, func(domain string) bool { return known[domain] != "" })
	return suffix, known[suffix]
}

// longest returns the longest listed domain that a host lies under; nothing for none.
func longest(host string, listed func(string) bool) string {
	for i := 1; i < len(host); i++ { // something stands before the dot
		if host[i] == '.' && listed(host[i+1:]) {
			return host[i+1:]
		}
	}
	return ""
}

// tenant returns a suffix of a host with the label before it.
func tenant(host, suffix string) string {
	if suffix == "" {
		return ""
	}
	before := strings.TrimSuffix(host, "."+suffix)
	return before[strings.LastIndexByte(before, '.')+1:] + "." + suffix
}
