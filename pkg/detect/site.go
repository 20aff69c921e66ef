package detect

import (
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
)

// Site is what a data source knows beside its events table, the same for every detector. The zero value is a data source
// that knows nothing more.
type Site struct {
	// Suffixes are domains of dynamic DNS providers beside the known ones.
	Suffixes []providers.Domain
	// Allowlist is the entries that are valid now.
	Allowlist []allowlist.Entry
}

// Names of the parameters that hold the dynamic DNS domains, the same in every detector.
const (
	SuffixesParam  = "dynamicSuffixes"
	ProvidersParam = "dynamicProviders"
)

// values returns those of the site's parameters that a statement's text names.
func (s Site) values(text string) map[string]any {
	var suffixes, names []string
	for _, d := range providers.With(s.Suffixes) {
		suffixes, names = append(suffixes, d.Suffix), append(names, d.Provider)
	}
	values := map[string]any{}
	for name, value := range map[string]any{SuffixesParam: suffixes, ProvidersParam: names} {
		if strings.Contains(text, "{"+name+":") {
			values[name] = value
		}
	}
	return values
}
