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
	domains := map[string]string{}
	provider := ""
	for _, line := range strings.Split(providers.Text(), "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			provider = strings.Trim(line, "[]")
		default:
			for _, domain := range strings.Fields(line) {
				domains[domain] = provider
			}
		}
	}
	for _, own := range q.Suffixes {
		suffix := foldASCII(own.Suffix)
		domains[suffix] = own.Provider
		if own.Provider == "" {
			domains[suffix] = suffix
		}
	}
	return domains
}

// knownSuffix returns the longest known domain that a host lies under, and whose it is.
func knownSuffix(known map[string]string, host string) (suffix, provider string) {
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
