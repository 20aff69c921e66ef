// Package providers knows the domains of dynamic DNS providers, and which of them a name lies under.
package providers

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

//go:embed providers.txt
var text string

// Text returns providers.txt.
func Text() string { return text }

// Domain is a domain that a provider gives names under.
type Domain struct {
	Suffix   string // in lower case, in ASCII, without dots at its ends
	Provider string // for people
}

// Known returns the domains of providers.txt, sorted by suffix.
func Known() []Domain { return slices.Clone(known) }

// known is read at start; a file that does not parse is a programmer's error and panics.
var known = must(parse(text))

func must(domains []Domain, err error) []Domain {
	if err != nil {
		panic(fmt.Sprintf("providers.txt: %v", err))
	}
	return domains
}

// parse reads blocks: a provider in brackets, then its domains, separated by blanks or ends of lines. A line that starts
// with # is a comment.
func parse(text string) ([]Domain, error) {
	providers := map[string]string{}
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
			case providers[name] != "":
				return nil, fmt.Errorf("line %d: %s is listed twice", i+1, name)
			}
			providers[name] = provider
		}
	}
	return sorted(providers), nil
}

// With returns the known domains and more; where both have a suffix, the later entry names its provider.
func With(more []Domain) []Domain {
	providers := map[string]string{}
	for _, d := range append(Known(), more...) {
		providers[d.Suffix] = d.Provider
	}
	return sorted(providers)
}

func sorted(providers map[string]string) []Domain {
	domains := make([]Domain, 0, len(providers))
	for _, suffix := range slices.Sorted(maps.Keys(providers)) {
		domains = append(domains, Domain{suffix, providers[suffix]})
	}
	return domains
}
