package referee

import (
	"slices"
	"strings"
	"time"
)

// DynamicDNS is the detector's parameters.
type DynamicDNS struct {
	Domains        []string `json:"domains,omitzero"` // nil in a query that names none: the analytic's, or with suffix all known
	Match          string   `json:"match"`            // contains or suffix
	MinConnections int64    `json:"minConnections"`
	OnlyBeacons    bool     `json:"onlyBeacons"`
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
	AS              AS
	Beacons         bool // one of its devices beacons to it
}

// Find returns the findings in no order that matters.
func (p DynamicDNS) Find(events []Event, q Question) []DynamicName {
	known := q.knownDomains()
	rows := slices.DeleteFunc(q.seen(events), func(e Event) bool { return !p.looksAt(e, known) })
	var found []DynamicName
	for name, group := range groups(rows, func(e Event) string { return p.name(e.RemoteURL) }) {
		d := DynamicName{
			RemoteURL:       name,
			ConnectionCount: int64(len(group)),
			UniqueDevices:   int64(len(distinct(group, func(e Event) string { return e.DeviceID }))),
			SampleProcesses: samples(group, p.Samples, process),
			SampleDevices:   samples(group, p.Samples, func(e Event) string { return e.DeviceName }),
			SampleIPs:       samples(group, p.Samples, func(e Event) string { return e.RemoteIP }),
		}
		d.FirstSeen, d.LastSeen = span(group)
		d.Provider, d.Tenant = p.provider(Host(name), known)
		d.Beacons = beacons(group)
		d.AS = q.system(first(d.SampleIPs), p.SuspiciousASNs)
		if d.ConnectionCount >= p.MinConnections && (d.Beacons || !p.OnlyBeacons) && !q.hides("dynamicDns", group) {
			found = append(found, d)
		}
	}
	return found
}

// provider says whose a host is: the known provider's, or a listed domain's own.
func (p DynamicDNS) provider(host string, known map[string]string) (provider, holder string) {
	suffix, provider := knownSuffix(known, host)
	if suffix == "" {
		suffix = longest(host, func(domain string) bool {
			return slices.ContainsFunc(p.Domains, func(listed string) bool { return foldASCII(listed) == domain })
		})
		provider = suffix
	}
	return provider, tenant(host, suffix)
}

// beacons tells whether the connections of one of the devices to one address are a beacon by the analytic's thresholds.
func beacons(group []Event) bool {
	type pair struct{ deviceID, deviceName, remoteIP string }
	p := DefaultBeaconing()
	looked := slices.DeleteFunc(slices.Clone(group), func(e Event) bool { return !p.looksAt(e) })
	for _, pairs := range groups(looked, func(e Event) pair { return pair{e.DeviceID, e.DeviceName, e.RemoteIP} }) {
		var b Beacon
		if b.summarize(pairs, 0); p.keeps(b) {
			return true
		}
	}
	return false
}

func (p DynamicDNS) looksAt(e Event, known map[string]string) bool {
	if !slices.Contains(p.ActionTypes, e.ActionType) || e.RemoteURL == "" {
		return false
	}
	name := foldASCII(p.name(e.RemoteURL))
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

// Host takes scheme, path, userinfo, port and the trailing dot off, and lowers the rest.
func Host(url string) string {
	// A scheme stands in front of the first slash: what looks like one in a path or a query is none.
	if scheme, rest, found := strings.Cut(url, "//"); found && isScheme(scheme) {
		url = rest
	}
	if end := strings.IndexAny(url, "/?#"); end >= 0 {
		url = url[:end]
	}
	url = url[strings.LastIndexByte(url, '@')+1:]
	if name, port, found := cutLast(url, ':'); found && strings.Trim(port, "0123456789") == "" {
		url = name
	}
	return foldASCII(strings.TrimSuffix(url, "."))
}

// isScheme holds for "https:", and for the nothing in front of a link that leaves its scheme open.
func isScheme(s string) bool {
	name, colon := strings.CutSuffix(foldASCII(s), ":")
	letter := name != "" && 'a' <= name[0] && name[0] <= 'z'
	return s == "" || colon && letter && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}

func cutLast(s string, b byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, b)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
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
	return d.Grade().columns(d.Common(), main, d.Provider, d.Tenant)
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
