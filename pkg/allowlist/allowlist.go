// Package allowlist knows the findings that somebody has looked at and does not want to see: what an entry says, whether
// it is valid, and the condition that it becomes. What is not certain never hides anything.
package allowlist

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

// Fields are an entry as it is written in the settings or in a table. A field that is left out, or empty, fits every
// finding; all others must fit.
type Fields struct {
	Domain   string `json:"domain"`   // the hosts are this domain or lie under it
	Network  string `json:"network"`  // the addresses lie in it, and are of its family; CIDR or one address
	Process  string `json:"process"`  // the processes have this file name, in any case; of a path its file name counts
	Device   string `json:"device"`   // the devices have this name or identifier, case counts
	Detector string `json:"detector"` // it is a finding of this detector
	Reason   string `json:"reason"`
	Owner    string `json:"owner"`
	Expires  string `json:"expires"` // a day, which is in, or an instant; empty for never
}

// Entry is a valid entry.
type Entry struct {
	Domain   string       // in lower case, in ASCII
	Network  netip.Prefix // IPv4, IPv4-mapped never, or IPv6; invalid for none
	Process  string       // A to Z in lower case
	Device   string
	Detector string
	Reason   string
	Owner    string
	Expires  time.Time // the first instant at which it hides nothing any more; the zero value for never
}

// Fault is an entry that hides nothing, and why.
type Fault struct {
	Where  string // such as allowlist[2]
	Reason error
}

// List is the entries of a data source.
type List struct {
	Entries []Entry
	Faults  []Fault
}

// MaxEntries bounds an allowlist: its entries travel with each statement.
const MaxEntries = 5000

// maxText bounds a text of an entry, in bytes.
const maxText = 1000

// Decode reads an entry from JSON. A key that stands twice, or in another case, is refused: a later one would take a
// field's place, and an entry without it hides more.
func Decode(data json.RawMessage, detectors []string) (Entry, error) {
	var f Fields
	if err := strictjson.Struct(data, &f); err != nil {
		return Entry{}, fmt.Errorf("it must be an object with the texts domain, network, process, device, detector, reason, owner and expires: %w", err)
	}
	return f.Entry(detectors)
}

// Entry validates the fields.
func (f Fields) Entry(detectors []string) (Entry, error) {
	e := Entry{Process: foldASCII(fileName(f.Process)), Device: f.Device, Detector: f.Detector, Reason: f.Reason, Owner: f.Owner}
	for _, text := range []string{f.Domain, f.Network, f.Process, f.Device, f.Detector, f.Reason, f.Owner, f.Expires} {
		if len(text) > maxText || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return Entry{}, fmt.Errorf("each of its texts must be valid UTF-8 without NUL characters, of at most %d bytes", maxText)
		}
	}
	var err error
	switch {
	case f.Domain == "" && f.Network == "" && f.Process == "" && f.Device == "":
		return Entry{}, errors.New("it says nothing of what it hides: give at least one of domain, network, process and device")
	case strings.TrimSpace(f.Reason) == "":
		return Entry{}, errors.New("reason is missing: say why its findings are harmless")
	case strings.TrimSpace(f.Owner) == "":
		return Entry{}, errors.New("owner is missing: say who answers for it")
	case f.Process != "" && e.Process == "":
		return Entry{}, fmt.Errorf("process %q names no file", f.Process)
	case f.Detector != "" && !slices.Contains(detectors, f.Detector):
		return Entry{}, fmt.Errorf("detector %q is none; it may be %s, or empty for all", f.Detector, strings.Join(detectors, ", "))
	}
	if f.Domain != "" {
		if e.Domain, err = providers.Suffix(f.Domain); err != nil {
			return Entry{}, fmt.Errorf("domain %q: %w", f.Domain, err)
		}
	}
	if f.Network != "" {
		if e.Network, err = network(f.Network); err != nil {
			return Entry{}, fmt.Errorf("network %q: %w", f.Network, err)
		}
	}
	if f.Expires != "" {
		if e.Expires, err = expiry(f.Expires); err != nil {
			return Entry{}, fmt.Errorf("expires %q: %w", f.Expires, err)
		}
	}
	return e, nil
}

// fileName is what stands behind a path's last slash, of either kind: a finding knows its processes by that alone.
func fileName(process string) string {
	process = strings.Trim(process, ` "'`)
	return process[strings.LastIndexAny(process, `/\`)+1:]
}

// network reads a CIDR or an address. What is written in IPv4-mapped form is its IPv4, as findings' addresses are. A CIDR
// with bits beyond its length may mean one address as well as the network, and is refused; so is the whole Internet.
func network(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err == nil && p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	switch {
	case err != nil:
		return netip.Prefix{}, errors.New("it is no network such as 203.0.113.0/24 or 2001:db8::/32, and no address")
	case p.Bits() == 0:
		return netip.Prefix{}, errors.New("it is every address there is")
	case p.Masked() != p:
		return netip.Prefix{}, fmt.Errorf("it may mean %s or only %s; write which", p.Masked(), p.Addr())
	}
	return p, nil
}

func expiry(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if day, noDay := time.Parse(time.DateOnly, text); noDay == nil {
		at, err = day.AddDate(0, 0, 1), nil
	}
	switch {
	case err != nil:
		return time.Time{}, errors.New("it must be a day such as 2030-12-31, in UTC, or an instant such as 2030-12-31T12:00:00Z")
	case at.Year() < 1900: // among them the instant that stands for never
		return time.Time{}, errors.New("it is before 1900; leave it out for an entry that does not expire")
	}
	return at.UTC(), nil
}

// Expired reports whether the entry hides nothing any more.
func (e Entry) Expired(now time.Time) bool { return !e.Expires.IsZero() && !now.Before(e.Expires) }

// Active returns the entries that are valid at an instant. It is the present, whatever window a query looks at: an entry
// that has expired hides nothing, of the past neither.
func Active(entries []Entry, now time.Time) []Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool { return e.Expired(now) })
}

// String tells what the entry hides, why and for whom.
func (e Entry) String() string {
	var parts []string
	for _, p := range []struct{ name, value string }{
		{"domain", e.Domain}, {"process", e.Process}, {"device", e.Device}, {"detector", e.Detector},
	} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	if e.Network.IsValid() {
		parts = append(parts, "network "+e.Network.String())
	}
	return fmt.Sprintf("%s: %s (%s)", strings.Join(parts, ", "), e.Reason, e.Owner)
}

// foldASCII lowers A to Z and nothing else, as ClickHouse's lower() does.
func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
