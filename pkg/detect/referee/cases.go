package referee

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Cases are what devices do at destinations, with what it is worth. Lists are the query's, since they are data and no rule.
type Cases struct {
	MinRisk         int64    `json:"minRisk"`
	MinConnections  int64    `json:"minConnections"`
	MaxConnections  int64    `json:"maxConnections"`
	LongSeconds     int64    `json:"longSeconds"`
	ActionTypes     []string `json:"actionTypes"`
	PrivateNetworks []string `json:"privateNetworks"`
	InternalDomains []string `json:"internalDomains"`
	HostingASNs     []int64  `json:"hostingAsns"`
	UsualPorts      []int64  `json:"usualPorts"`
	SuspiciousASNs
	// Points are what each piece of evidence is worth, by the name of its parameter.
	Points map[string]int64 `json:"-"`
	// Services maps a domain to its vendor.
	Services map[string]string `json:"-"`
	// Rotating maps a domain to the service whose names rotate by design, and ShortTTLs are names whose answers hold for minutes.
	Rotating  map[string]string `json:"-"`
	ShortTTLs map[string]bool   `json:"-"`
	// Listed is the confidence of what lists of threat intelligence name: domains and addresses.
	Listed map[string]int64
	// Moved are names that lead elsewhere since, with what is told of them.
	Moved map[string]string `json:"-"`
	// Remembered is what a ledger of destinations knows; nil for none.
	Remembered         *Remembered `json:"-"`
	NewDays, KnownDays int64       `json:"-"`
	// ScriptHosts and Browsers are names of programs in lower case; UserFolder tells a folder that its user may write to.
	ScriptHosts []string          `json:"-"`
	Browsers    []string          `json:"-"`
	UserFolder  func(string) bool `json:"-"`
}

// Case is one device and host.
type Case struct {
	Device, Host        string
	Risk                int64
	Why                 []string
	MedianInterval      float64
	Regularity          int64 // percent
	ActiveBins          int64
	ConnectionCount     int64
	OpenTime            float64 // s
	LongestConnection   float64 // s
	UniqueDevices       int64
	FirstSeen, LastSeen time.Time
	// What is known since KnownSince of all devices.
	FirstSeenEver, KnownSince time.Time
	DevicesEver               int64
	Prevalence                float64
}

// port is one with its protocol.
type port struct {
	number   int64
	protocol string
}

// channel is what a case is made of.
type channel struct {
	Case
	named                bool
	addresses            []string
	seconds              []int64
	ports                []port
	processes, folders   []string
	sent, received       *int64
	fleet                int64
	namedShare           float64   // of the device's destinations
	namesUnknown         bool      // of some connection of the device
	deviceSince          time.Time // the device was first seen
	hostSince            time.Time // the first of all devices went there
	known                bool      // a ledger has the host
	recalls              bool      // a ledger goes back far enough to tell what is new
	daysEver             int64
	networks             int // distinct
	systems              []AS
	dynamic              string
	intervals            []int64
	regularity, coverage float64
	window               Window
}

// Find returns the cases in no order that matters. Filters choose among them: a case is what it is whatever is asked for.
func (p Cases) Find(events []Event, q Question) []Case {
	by := p.byHost()
	wanted := q.Filters
	q.Filters = nil
	rows := slices.DeleteFunc(q.seen(events), func(e Event) bool { return !slices.Contains(p.ActionTypes, e.ActionType) || !by.publicHost(e) })
	var all []*channel
	for _, ofDevice := range groups(rows, device) {
		all = append(all, p.channels(groups(ofDevice, by.host), q)...)
	}
	fleet, visitors, since := map[string]bool{}, map[string]int64{}, map[string]time.Time{}
	for _, c := range all {
		fleet[c.Device] = true
		visitors[c.Host]++
		if first, ok := since[c.Host]; !ok || c.FirstSeen.Before(first) {
			since[c.Host] = c.FirstSeen
		}
	}
	matching := map[string]bool{}
	for _, e := range rows {
		if pass(wanted, e) {
			matching[device(e)+"\x00"+by.host(e)] = true
		}
	}
	var found []Case
	for _, c := range all {
		if !matching[c.Device+"\x00"+c.Host] {
			continue
		}
		c.fleet, c.UniqueDevices, c.hostSince = int64(len(fleet)), visitors[c.Host], since[c.Host]
		if p.MaxConnections > 0 && c.ConnectionCount > p.MaxConnections {
			continue
		}
		if c.ConnectionCount < p.MinConnections && c.LongestConnection < float64(p.LongSeconds) {
			continue
		}
		c.measure()
		p.recall(c)
		p.judge(c)
		if c.Risk >= p.MinRisk {
			found = append(found, c.Case)
		}
	}
	return found
}

// byHost says what the hosts are, and which are places of the internet.
func (p Cases) byHost() Beaconing {
	return Beaconing{GroupBy: "host", InternalDomains: p.InternalDomains, Addresses: Addresses{IncludeIPv6: true, PrivateNetworks: p.PrivateNetworks}}
}

// channels are those of one device.
func (p Cases) channels(byHost map[string][]Event, q Question) []*channel {
	known := q.knownDomains()
	var list []*channel
	named, unasked := 0, false
	var since time.Time
	for host, group := range byHost {
		c := &channel{window: q.Window, Case: Case{Device: device(group[0]), Host: host, ConnectionCount: int64(len(group))}}
		_, err := netip.ParseAddr(host)
		c.named = err != nil
		c.FirstSeen, c.LastSeen = span(group)
		c.addresses = distinct(group, address) // the empty one stands for none
		for _, e := range group {
			c.seconds = append(c.seconds, e.Timestamp.Unix())
			at := port{e.RemotePort, strings.ToLower(e.Protocol)}
			if !slices.Contains(c.ports, at) {
				c.ports = append(c.ports, at)
			}
			if e.DurationMs != nil {
				c.OpenTime += float64(*e.DurationMs) / 1000
				c.LongestConnection = max(c.LongestConnection, float64(*e.DurationMs)/1000)
			}
			unasked = unasked || e.NameSource == "unknown"
		}
		slices.Sort(c.seconds)
		c.processes = distinctTexts(group, process)
		c.folders = distinctTexts(group, func(e Event) string { return e.InitiatingProcessFolderPath })
		c.sent = total(group, func(e Event) *int64 { return e.SentBytes })
		c.received = total(group, func(e Event) *int64 { return e.ReceivedBytes })
		networks := map[string]bool{}
		for _, a := range c.addresses {
			if as := q.system(a, p.SuspiciousASNs); as.Number != 0 {
				c.systems = append(c.systems, as)
				networks[fmt.Sprint("AS", as.Number)] = true
				continue
			}
			networks[a[:max(0, strings.IndexAny(a, ".:"))]] = true
		}
		c.networks = len(networks)
		c.dynamic, _ = knownSuffix(known, host)
		if c.named {
			named++
		}
		if since.IsZero() || c.FirstSeen.Before(since) {
			since = c.FirstSeen
		}
		list = append(list, c)
	}
	for _, c := range list {
		c.namedShare, c.namesUnknown, c.deviceSince = float64(named)/float64(len(list)), unasked, since
	}
	return list
}
