package dynamicdns

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// The words of the parameter match.
const (
	contains = "contains"
	suffix   = "suffix"
)

// The words of the parameter groupBy.
const (
	byURL  = "url"
	tenant = "tenant"
)

// params returns the parameters of detectors.md: Dynamic DNS, with the analytic's defaults.
func params() []query.Param {
	return []query.Param{
		{
			Name: "domains", Label: "Provider domains", Kind: query.KindStringList, Max: maxDomains, Check: domain,
			Default: []string{
				"duckdns.org", "no-ip.com", "hopto.org", "ddns.net", "servebeer.com", "myftp.biz",
				"redirectme.net", "serveftp.com", "zapto.org", "sytes.net", "myddns.me", "dynalias.com",
			},
			Help: "Domains of dynamic DNS providers. With match: suffix, a query that names none looks at every known provider's.",
		},
		{
			Name: "match", Label: "Match", Kind: query.KindEnum, Default: contains, Options: []string{contains, suffix},
			Help: "contains is the analytic: a domain anywhere in RemoteUrl, so notduckdns.org hits as well. suffix looks at the host only, and needs a name under a domain.",
		},
		detect.GroupByParam([]string{byURL, tenant}, "url is the analytic: a RemoteUrl as it is written, or with match: suffix a host. tenant joins what one customer of a provider holds, such as every URL and name under x.duckdns.org; a host that lies under no known domain stands for itself."),
		detect.MinConnections(1, "to one name"),
		{
			Name: "onlyBeacons", Label: "Only beacons", Kind: query.KindBoolean, Default: false,
			Help: "Only names to which a device beacons: its connections to the host, whatever the addresses, pass beaconing's default rules by host.",
		},
		detect.UnknownBytesParam(),
		detect.ActionTypesParam("ConnectionSuccess"),
		detect.SamplesParam("SampleProcesses, SampleDevices and SampleIPs"),
		detect.SuspiciousASNsParam(),
	}
}

// maxDomains is what multiSearchAny takes:
// https://clickhouse.com/docs/sql-reference/functions/string-search-functions#multisearchany.
const maxDomains = 255

func domain(name string) error {
	_, err := providers.Suffix(name)
	return err
}
