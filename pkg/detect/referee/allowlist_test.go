package referee_test

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// someEntries returns no entry half of the time. An entry is made of one of the set's events, so that it speaks of that
// event at least, or of a part of it and anything.
func (g *generator) someEntries() []referee.AllowEntry {
	if g.chance(2) || len(g.events) == 0 {
		return nil
	}
	entries := make([]referee.AllowEntry, 1+g.IntN(6))
	for i := range entries {
		entries[i] = g.entry(pick(g, g.events))
		entries[i].Reason = fmt.Sprint("seen ", i)
	}
	if g.ignore = g.chance(3); g.ignore {
		g.edges["the allowlist ignored"] = true
	}
	return entries
}

// someLookups gives half of the sets a dictionary of autonomous systems, and some a few dynamic DNS domains of their own.
func (g *generator) someLookups() {
	if g.chance(2) {
		g.systems = systems()
	}
	if g.chance(3) {
		g.suffixes = some(g, suffixes(), 5)
	}
	if len(g.suffixes) > 0 {
		g.edges["more domains"] = true
	}
}

func (g *generator) entry(like referee.Event) referee.AllowEntry {
	a := referee.AllowEntry{Owner: "soc", Detector: pick(g, []string{"", "", "beaconing", "dynamicDns", "fastFlux"})}
	if g.chance(10) {
		like = g.noise()
	}
	if g.chance(2) {
		a.Domain = g.domain(referee.Host(like.RemoteURL))
	}
	if g.chance(3) {
		a.Network = g.network(like.RemoteIP)
	}
	if g.chance(5) {
		a.Process = pick(g, []string{asked(like.InitiatingProcessFileName), strings.ToUpper(asked(like.InitiatingProcessFileName))})
	}
	if g.chance(3) || a.Domain == "" && a.Network == "" && a.Process == "" {
		a.Device = pick(g, []string{asked(like.DeviceName), asked(like.DeviceID)})
	}
	if a.Domain == "" && a.Network == "" && a.Process == "" && a.Device == "" {
		a.Network = pick(g, []string{"0.0.0.0/1", "128.0.0.0/1", "198.51.100.0/24"})
	}
	return a
}

// domain returns a host, or a domain that it lies under: one that an entry may name.
func (g *generator) domain(host string) string {
	if _, err := netip.ParseAddr(host); err == nil { // an address is no domain
		return "custom.test"
	}
	for _, r := range host {
		if r > 'z' || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.-", r) {
			return "custom.test"
		}
	}
	labels := strings.Split(host, ".")
	for len(labels) > 2 && g.chance(2) {
		labels = labels[1:]
	}
	domain := strings.Join(labels, ".")
	if len(labels) < 2 || strings.Contains(domain, "..") || strings.Trim(domain, ".-") != domain || strings.Contains(domain, "-.") {
		return "duckdns.org"
	}
	return domain
}

// network returns a network that an address lies in: from the address alone to half of all.
func (g *generator) network(text string) string {
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return "203.0.113.0/24"
	}
	address = address.Unmap()
	longest := address.BitLen()
	bits := pick(g, []int{longest, longest - 1, longest - 8, longest / 2, 1, 1 + g.IntN(longest)})
	prefix, err := address.Prefix(bits)
	if err != nil {
		panic(err)
	}
	return prefix.String()
}
