package referee

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// HostFlux is one finding of FastFlux by host.
type HostFlux struct {
	Host                      string
	DeviceName                string
	UniqueIPs, UniqueNetworks int64
	Fluxiness                 float64
	Churn                     float64
	ChurnHours                int64
	ConnectionCount           int64
	UniqueDevices             int64
	SampleProcesses           []string
	SampleDevices             []string
	SampleIPs                 []string
	FirstSeen, LastSeen       time.Time
	AS                        AS
}

// FindHosts returns the findings by host in no order that matters.
func (p FastFlux) FindHosts(events []Event, q Question) []HostFlux {
	rows := slices.DeleteFunc(q.seen(events), func(e Event) bool { return !p.looksAt(e) || hostName(e.RemoteURL) == "" })
	var found []HostFlux
	for host, group := range groups(rows, func(e Event) string { return hostName(e.RemoteURL) }) {
		f := HostFlux{Host: host, ConnectionCount: int64(len(group)), SampleProcesses: samples(group, p.Samples, process)}
		f.countAddresses(group, p, q)
		f.countDevices(group, p.Samples)
		f.Churn, f.ChurnHours = p.churn(group)
		f.FirstSeen, f.LastSeen = span(group)
		if f.Fluxiness >= p.MinFluxiness && !q.hides("fastFlux", group) {
			found = append(found, f)
		}
	}
	return found
}

func (f *HostFlux) countAddresses(group []Event, p FastFlux, q Question) {
	addresses := distinct(group, p.address)
	networks := map[string]bool{}
	for _, text := range addresses {
		address, bits := netip.MustParseAddr(text), 16
		if address.Is6() {
			bits = 32
		}
		network, _ := address.Prefix(bits)
		name := network.String()
		if as := q.system(text, p.SuspiciousASNs); as.Number != 0 {
			name = fmt.Sprint("AS", as.Number)
		}
		networks[name] = true
	}
	f.UniqueIPs, f.UniqueNetworks = int64(len(addresses)), int64(len(networks))
	nA, nN := float64(f.UniqueIPs), float64(f.UniqueNetworks)
	f.Fluxiness = (nN / nA) * (1.32*nA + 18.54*nN)
	f.SampleIPs = addresses[:min(p.Samples, len(addresses))]
	f.AS = q.system(first(f.SampleIPs), p.SuspiciousASNs)
}

func (f *HostFlux) countDevices(group []Event, n int) {
	f.UniqueDevices = int64(len(distinct(group, device)))
	f.DeviceName = "Multiple"
	if f.UniqueDevices == 1 {
		f.DeviceName = newest(group)
	}
	f.SampleDevices = samples(group, n, func(e Event) string { return e.DeviceName })
}

// churn returns the share of the hours' addresses that no earlier hour had, and how many hours in a row had a share
// above the parameter.
func (p FastFlux) churn(group []Event) (share float64, longest int64) {
	byHour := groups(group, func(e Event) int64 { return hour(e.Timestamp) })
	before := map[string]bool{}
	var all, fresh, run, last int64
	for _, h := range slices.Sorted(maps.Keys(byHour)) {
		addresses := distinct(byHour[h], p.address)
		var unseen int64
		for _, address := range addresses {
			if !before[address] {
				unseen++
			}
			before[address] = true
		}
		all, fresh = all+int64(len(addresses)), fresh+unseen
		switch {
		case float64(unseen)/float64(len(addresses)) <= p.ChurnOver:
			run = 0
		case h == last+1:
			run++
		default:
			run = 1
		}
		last, longest = h, max(longest, run)
	}
	return float64(fresh) / float64(all), longest
}

func (p FastFlux) address(e Event) string {
	text, _ := p.Public(e.RemoteIP)
	return text
}

// Common returns the nine columns that every detector has.
func (f HostFlux) Common() Row {
	return Row{
		f.LastSeen, f.DeviceName, first(f.SampleIPs), f.Host, PotentialFastFluxActivity, f.ConnectionCount,
		int64(0), int64(0), f.SampleProcesses,
	}
}

// Row returns all columns.
func (f HostFlux) Row() Row {
	main := Row{f.UniqueIPs, f.UniqueNetworks, f.Fluxiness, f.Churn, f.ChurnHours, f.UniqueDevices}
	return f.Grade().columns(f.Common(), main, f.SampleDevices, f.SampleIPs, f.FirstSeen, f.LastSeen)
}
