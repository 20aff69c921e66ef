// Package providers knows the domains that dynamic DNS providers and tunnel services give names under, and which hosts there
// are their own.
package providers

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed providers.txt
var providersText string

//go:embed tunnels.txt
var tunnelsText string

//go:embed hosts.txt
var hostsText string

// Text returns providers.txt and tunnels.txt.
func Text() string { return providersText + tunnelsText }

// TunnelsText returns tunnels.txt.
func TunnelsText() string { return tunnelsText }

// HostsText returns hosts.txt.
func HostsText() string { return hostsText }

// Domain is a domain that a provider gives names under.
type Domain struct {
	Suffix   string // in lower case, in ASCII, without dots at its ends
	Provider string // for people
	Tunnel   bool   // a name under it leads through a service to a computer anywhere, and not to an address that may change
}

// Kind is the word for what a name under the domain is.
func (d Domain) Kind() string {
	if d.Tunnel {
		return "tunnel"
	}
	return "dynamicDns"
}

// Known returns the domains of providers.txt and tunnels.txt, sorted by suffix.
func Known() []Domain { return slices.Clone(known) }

// OwnHosts returns the providers' own hosts, which lie under such domains and are nobody's tenants, sorted.
func OwnHosts() []string { return slices.Clone(ownHosts) }

// known and ownHosts are read at start; a file that does not parse is a programmer's error and panics.
var (
	known    = merged(must("providers.txt", providersText, false), must("tunnels.txt", tunnelsText, true))
	ownHosts = suffixes(must("hosts.txt", hostsText, false))
)

func must(file, text string, tunnel bool) []Domain {
	domains, err := parse(text, tunnel)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", file, err))
	}
	return domains
}

// parse reads blocks: a provider in brackets, then its domains, separated by blanks or ends of lines. A line that starts
// with # is a comment.
func parse(text string, tunnel bool) ([]Domain, error) {
	var domains []Domain
	seen := map[string]bool{}
	provider := ""
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if name, ok := strings.CutPrefix(line, "["); ok {
			provider = strings.TrimSuffix(name, "]")
			continue
		}
		for _, name := range strings.Fields(line) {
			suffix, err := Suffix(name)
			switch {
			case err != nil:
				return nil, fmt.Errorf("line %d: %s: %w", i+1, name, err)
			case suffix != name:
				return nil, fmt.Errorf("line %d: %s must be written %s", i+1, name, suffix)
			case provider == "":
				return nil, fmt.Errorf("line %d: %s has no provider", i+1, name)
			case seen[name]:
				return nil, fmt.Errorf("line %d: %s is listed twice", i+1, name)
			}
			seen[name] = true
			domains = append(domains, Domain{name, provider, tunnel})
		}
	}
	return domains, nil
}

// With returns the known domains and more; where both have a suffix, the later entry names its provider.
func With(more []Domain) []Domain { return merged(known, more) }

// merged returns lists as one, sorted by suffix, without two of one suffix: the last stays.
func merged(lists ...[]Domain) []Domain {
	domains := slices.Concat(lists...)
	slices.Reverse(domains)
	slices.SortStableFunc(domains, func(a, b Domain) int { return cmp.Compare(a.Suffix, b.Suffix) })
	return slices.CompactFunc(domains, func(a, b Domain) bool { return a.Suffix == b.Suffix })
}

func suffixes(domains []Domain) []string {
	names := make([]string, len(domains))
	for i, d := range domains {
		names[i] = d.Suffix
	}
	slices.Sort(names)
	return names
}
