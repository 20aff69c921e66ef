package referee

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// DynamicDNS is the detector's parameters.
type DynamicDNS struct {
	Domains        []string `json:"domains,omitzero"` // nil in a query that names none: the analytic's, or with suffix all known
	Match          string   `json:"match"`            // contains or suffix
	GroupBy        string   `json:"groupBy"`          // url or tenant
	MinConnections int64    `json:"minConnections"`
	OnlyBeacons    bool     `json:"onlyBeacons"`
	UnknownBytes   string   `json:"unknownBytes"` // keep or drop
	ActionTypes    []string `json:"actionTypes"`
	Samples        int      `json:"samples"`
	SuspiciousASNs
}

// DefaultDynamicDNS is the analytic.
func DefaultDynamicDNS() DynamicDNS {
	return DynamicDNS{
		Domains: []string{
			"duckdns.org", "no-ip.com", "hopto.org", "ddns.net", "servebeer.com", "myftp.biz", "redirectme.net",
			"serveftp.com", "zapto.org", "sytes.net", "myddns.me", "dynalias.com",
		},
		Match:          "contains",
		UnknownBytes:   "keep",
		GroupBy:        "url",
		MinConnections: 1,
		ActionTypes:    []string{"ConnectionSuccess"},
		Samples:        5,
		SuspiciousASNs: DefaultSuspiciousASNs(),
	}
}

// DynamicName is one finding.
type DynamicName struct {
	RemoteURL       string // with suffix the host
	ConnectionCount int64
	UniqueDevices   int64
	SampleProcesses []string
	SampleDevices   []string
	SampleIPs       []string
	FirstSeen       time.Time
	LastSeen        time.Time
	Provider        string
	Tenant          string
	ProviderKind    string
	AS              AS
	Beacons         bool // one of its devices beacons to it
	OwnHost         bool // its host is a provider's own
}

// Find returns the findings in no order that matters.
func (p DynamicDNS) Find(events []Event, q Question) []DynamicName {
	known := q.knownDomains()
	named := slices.DeleteFunc(q.seen(events), func(e Event) bool { return !p.isNamed(e, known) })
	holder := func(e Event) string { return p.holder(e.RemoteURL, known) }
	if p.GroupBy == "tenant" { // who holds a name takes its place, and is not read as a URL again
		named = slices.Clone(named)
		for i, e := range named {
			named[i].RemoteURL = p.holder(e.RemoteURL, known)
		}
		holder = func(e Event) string { return e.RemoteURL }
	}
	beacons := p.beacons(named)
	rows := slices.DeleteFunc(slices.Clone(named), func(e Event) bool { return !slices.Contains(p.ActionTypes, e.ActionType) })
	key := deviceKey
	if p.Match == "suffix" {
		key = device
	}
	var found []DynamicName
	for name, group := range groups(rows, holder) {
		d := DynamicName{
			RemoteURL:       name,
			ConnectionCount: int64(len(group)),
			UniqueDevices:   int64(len(distinct(group, key))),
			SampleProcesses: samples(group, p.Samples, process),
			SampleDevices:   samples(group, p.Samples, func(e Event) string { return e.DeviceName }),
			SampleIPs:       samples(group, p.Samples, address),
		}
		d.FirstSeen, d.LastSeen = span(group)
		d.Provider, d.Tenant, d.ProviderKind = p.provider(Host(name), known)
		// any way that its name is written and its device
		d.Beacons = slices.ContainsFunc(named, func(e Event) bool { return holder(e) == name && beacons[DefaultBeaconing().host(e)] })
		d.OwnHost = isProviders(Host(name))
		d.AS = q.system(first(d.SampleIPs), p.SuspiciousASNs)
		if d.ConnectionCount >= p.MinConnections && (d.Beacons || !p.OnlyBeacons) && !q.hides("dynamicDns", group) {
			found = append(found, d)
		}
	}
	return found
}

// provider says whose a host is: the known provider's, or a listed domain's own.
func (p DynamicDNS) provider(host string, known map[string]string) (provider, holder, kind string) {
	suffix, provider := knownSuffix(known, host)
	if suffix == "" && !isProviders(host) {
		suffix = longest(host, func(domain string) bool {
			return slices.ContainsFunc(p.Domains, func(listed string) bool { return foldASCII(listed) == domain })
		})
		provider = suffix
	}
	return provider, tenant(host, suffix), kindOf(suffix)
}

// holder is what findings are grouped by: a URL or host, or who holds it.
func (p DynamicDNS) holder(url string, known map[string]string) string {
	host := Host(url)
	if p.GroupBy != "tenant" {
		return p.name(url)
	}
	suffix, _ := knownSuffix(known, host)
	if p.Match == "suffix" && p.Domains != nil {
		suffix = longest(host, func(domain string) bool {
			return slices.ContainsFunc(p.Domains, func(listed string) bool { return foldASCII(listed) == domain })
		})
	}
	return cmp.Or(tenant(host, suffix), host, url)
}

// beacons returns the hosts to which a device beacons, by host and the analytic's thresholds.
func (p DynamicDNS) beacons(named []Event) map[string]bool {
	type pair struct{ device, host string }
	b := DefaultBeaconing()
	b.GroupBy, b.UnknownBytes = "host", p.UnknownBytes
	looked := slices.DeleteFunc(slices.Clone(named), func(e Event) bool { return !b.looksAt(e) })
	hosts := map[string]bool{}
	for to, group := range groups(looked, func(e Event) pair { return pair{device(e), b.host(e)} }) {
		var found Beacon
		if b.summarize(&found, group); b.keeps(found) {
			hosts[to.host] = true
		}
	}
	return hosts
}

func (p DynamicDNS) isNamed(e Event, known map[string]string) bool {
	if e.RemoteURL == "" {
		return false
	}
	name := foldASCII(p.name(e.RemoteURL))
	if p.Match == "suffix" && isProviders(name) {
		return false
	}
	if p.Match == "suffix" && p.Domains == nil {
		suffix, _ := knownSuffix(known, name)
		return suffix != ""
	}
	return slices.ContainsFunc(p.Domains, func(domain string) bool {
		if p.Match == "suffix" {
			return isUnder(name, foldASCII(domain))
		}
		return strings.Contains(name, foldASCII(domain))
	})
}

// isUnder holds for a.b under b, but neither for b itself nor for .b, which has nothing before the dot.
func isUnder(name, domain string) bool {
	label, found := strings.CutSuffix(name, "."+domain)
	return found && label != ""
}

func (p DynamicDNS) name(url string) string {
	if p.Match == "suffix" {
		return Host(url)
	}
	return url
}

// Common returns the nine columns that every detector has.
func (d DynamicName) Common() Row {
	return Row{
		d.LastSeen, "Multiple", first(d.SampleIPs), d.RemoteURL, SuspiciousDynamicDNS, d.ConnectionCount,
		int64(0), int64(0), d.SampleProcesses,
	}
}

// Row returns all columns.
func (d DynamicName) Row() Row {
	main := Row{d.UniqueDevices, d.SampleDevices, d.SampleIPs, d.FirstSeen, d.LastSeen}
	return d.Grade().columns(d.Common(), main, d.Provider, d.Tenant, d.ProviderKind)
}

// Rows returns the table format of the findings, newest first.
func (p DynamicDNS) Rows(events []Event, q Question) []Row {
	var rows []Row
	for _, finding := range p.Find(events, q) {
		rows = append(rows, finding.Row())
	}
	slices.SortFunc(rows, CompareAlerts)
	return rows
}

// Numbers returns the numeric format of the findings.
func (p DynamicDNS) Numbers(events []Event, q Question) []Number {
	var numbers []Number
	for _, d := range p.Find(events, q) {
		numbers = append(numbers, Number{map[string]string{"remote_url": d.RemoteURL}, float64(d.ConnectionCount)})
	}
	return numbers
}
