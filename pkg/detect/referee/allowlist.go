package referee

import (
	"slices"
	"strings"
)

// AllowEntry is one entry of an allowlist. Its JSON form is the settings'.
type AllowEntry struct {
	Domain   string `json:"domain,omitempty"`
	Network  string `json:"network,omitempty"` // CIDR
	Process  string `json:"process,omitempty"`
	Device   string `json:"device,omitempty"`
	Detector string `json:"detector,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Owner    string `json:"owner,omitempty"`
	Expires  string `json:"expires,omitempty"`
}

// hides tells whether an allowlist hides a finding: one of its entries says so of every connection of it.
func (q Question) hides(detector string, group []Event) bool {
	return slices.ContainsFunc(q.Allowlist, func(a AllowEntry) bool {
		return (a.Detector == "" || a.Detector == detector) && !slices.ContainsFunc(group, func(e Event) bool { return !a.says(e) })
	})
}

// says tells whether an entry speaks of a connection.
func (a AllowEntry) says(e Event) bool {
	host := Host(e.RemoteURL)
	return (a.Domain == "" || host == a.Domain || strings.HasSuffix(host, "."+a.Domain)) &&
		(a.Network == "" || within(e.RemoteIP, a.Network)) &&
		(a.Process == "" || foldASCII(fileName(a.Process)) == foldASCII(process(e))) &&
		(a.Device == "" || a.Device == e.DeviceID || a.Device == e.DeviceName)
}

// fileName is an entry's process, which may be a path.
func fileName(process string) string {
	process = strings.Trim(process, ` "'`)
	return process[strings.LastIndexAny(process, `/\`)+1:]
}

// Hidden returns how many findings of a detector the allowlist hides.
func Hidden(d Detector, events []Event, q Question) int {
	all := q
	all.Allowlist = nil
	return len(d.Rows(events, all)) - len(d.Rows(events, q))
}
