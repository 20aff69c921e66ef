package detect

import (
	"fmt"
	"maps"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Site is what a data source knows beside its events table, the same for every detector. The zero value is a data source
// that knows nothing more.
type Site struct {
	// Suffixes are domains of dynamic DNS providers beside the known ones.
	Suffixes []providers.Domain
	// Allowlist is the entries that are valid now.
	Allowlist []allowlist.Entry
	// Unnamed withholds what the entries say from whoever asks: that one hides a finding is shown, and no more.
	Unnamed bool
	// ASNDictionary names the dictionary of autonomous systems; empty for none.
	ASNDictionary string
	// Indicators are where threat intelligence is looked up; the zero value for nowhere.
	Indicators Indicators
	// Ledger is where it stands which networks names led to; the zero value for nowhere.
	Ledger Ledger
	// Destinations is where it stands since when devices connect where; the zero value for nowhere.
	Destinations Ledger
	// Verdicts says that analysts' verdicts are kept, and may be read.
	Verdicts bool
	// Muted are the findings that an analyst calls benign: they are in no number.
	Muted []Muted
	// Weights are points by the name of a piece of evidence, where they are not the detector's own.
	Weights map[string]int64
	// Params is what further lists tell: parameters of statements, by their names.
	Params map[string]any
}

// Indicators are the table of indicators of threat intelligence and the dictionaries on it.
type Indicators struct {
	Table           string // quoted, with its database; empty for none
	Networks, Names string // of the dictionaries, with their database
	Lost            bool   // there is a table, and it cannot be read
	Empty           bool   // there is a table, and nothing in it holds
}

// Muted is a finding that was called benign, when it had the severity. One that has become graver is not muted.
type Muted struct{ FindingKey, Severity string }

// Names of the parameters that hold the dynamic DNS domains, the same in every detector.
const (
	SuffixesParam  = "dynamicSuffixes"
	ProvidersParam = "dynamicProviders"
	KindsParam     = "dynamicKinds" // of each suffix: dynamicDns or tunnel
	OwnHostsParam  = "dynamicOwnHosts"
	// ASNDictionaryParam holds the name of the dictionary of autonomous systems.
	ASNDictionaryParam = "asnDictionary"
	// IndicatorNetworksParam and IndicatorNamesParam hold the names of the dictionaries of indicators.
	IndicatorNetworksParam = "indicatorNetworks"
	IndicatorNamesParam    = "indicatorNames"
)

// DynamicSuffix renders the longest of the domains in a parameter that a host lies under, empty for none: a provider's own
// hosts are nobody's tenants.
func DynamicSuffix(host, domains string) string {
	return fmt.Sprintf("if(%s IN {%s:Array(String)}, '', %s)", host, OwnHostsParam, statement.LongestSuffix(host, domains))
}

// values returns those of the site's parameters that a statement's text names.
func (s Site) values(text string) map[string]any {
	var suffixes, names, kinds []string
	for _, d := range providers.With(s.Suffixes) {
		suffixes, names, kinds = append(suffixes, d.Suffix), append(names, d.Provider), append(kinds, d.Kind())
	}
	params := map[string]any{
		SuffixesParam: suffixes, ProvidersParam: names, KindsParam: kinds, OwnHostsParam: providers.OwnHosts(), ASNDictionaryParam: s.ASNDictionary,
		IndicatorNetworksParam: s.Indicators.Networks, IndicatorNamesParam: s.Indicators.Names,
	}
	maps.Copy(params, s.Params)
	values := map[string]any{}
	for name, value := range params {
		if strings.Contains(text, "{"+name+":") {
			values[name] = value
		}
	}
	return values
}

// ASNProbe looks one address up in a dictionary of autonomous systems: that needs the dictionary, its attributes and the
// right to read it.
func ASNProbe(dictionary string) (statement.Statement, error) {
	return statement.New(
		"SELECT toInt64(tupleElement(dictGetOrDefault({"+ASNDictionaryParam+":String}, ('ASN', 'Name'), toIPv6('::1'), (toUInt32(0), '')), 1)) AS ASN",
		map[string]any{ASNDictionaryParam: dictionary}, []statement.Column{{Name: "ASN", Kind: statement.Integer}},
	)
}
