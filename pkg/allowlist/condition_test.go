package allowlist_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// finding is what entries are compared with: the distinct values of its connections.
type finding struct {
	hosts     []string // of the URLs, as the finding was made
	urls      []string
	addresses []string
	processes []string
	devices   [][2]string // identifier and name
}

func (f finding) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{f.urls, f.addresses, f.processes, f.devices})
}

// FuzzAnEntryHidesNoMoreThanItSays lets ClickHouse compare entries with findings that lie around what the entries say, and
// judges each pair a second time. A finding that is hidden must be what one entry says in all of its values; one that is not
// hidden must be what no entry says, in a reading that is sure.
func FuzzAnEntryHidesNoMoreThanItSays(f *testing.F) {
	hides := engine(f)
	for seed, c := range [][8]string{
		{"example.com", "203.0.113.0/24", "agent.exe", "WS-1", "c2.example.com", "203.0.113.7", "Agent.EXE", "ws-1"},
		{"c2.Example.com", "::/1", "É.exe", "", "example.com", "203.0.113.7", "é.exe", "WS-1"},
		{"häuser.example", "::ffff:203.0.113.0/120", "", "d", "xn--huser-gra.example", "::ffff:203.0.113.7", "", ""},
		{"a.b.duckdns.org", "2001:db8::/32", "\u212a.exe", "'", "a.b.duckdns.org.evil.com", "2001:DB8:0::1", "k.exe", "\x00"},
		{"co.uk", "::/80", "", `\`, ".example.co.uk", "::203.0.113.7", "", "{x:String}"},
		{"", "::/96", "svchost.exe", "", "", "08.8.8.8", "svchost.exe ", "WS-1"},
		{"_x.example.com", "::fffe:0:0/95", "", "Ünï-机器", "x.example.com", "8.8.8.8 ", "", "u\u0308nï-机器"},
		{"example.com", "0.0.0.0/1", "a", "b", "example.com..", "fe80::1%eth0", "A", "B"},
		{"", "255.255.255.255/32", "", "", "", "::ffff:ffff:ffff", "", ""},
		{"", "ffff::/16", "", "", "", "", "", ""}, {"x.test", "", "", "", "x.test\n", "n/a", "", ""},
	} {
		for i := range 4 {
			f.Add(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], uint64(10*seed+i))
		}
	}
	f.Fuzz(func(t *testing.T, domain, network, process, device, host, address, ran, reached string, seed uint64) {
		g := &pools{Rand: rand.New(rand.NewPCG(seed, 6))}
		written, entries := g.entries(domain, network, process, device)
		if len(entries) == 0 {
			return
		}
		g.fill(written[0], host, address, ran, reached)
		findings := make([]finding, 60)
		for i := range findings {
			findings[i] = g.finding()
		}
		for _, detector := range detectors() {
			for i, by := range hides(t, detector, entries, findings) {
				judge(t, detector, written, findings[i], by)
			}
		}
	})
}

// judge compares what ClickHouse says of a finding with what is written. by tells of an entry by its reason; empty for none.
func judge(t *testing.T, detector string, written []allowlist.Fields, f finding, by string) {
	t.Helper()
	for _, w := range written {
		switch {
		case by != "" && strings.HasSuffix(by, ": "+w.Reason+" (o)"):
			if w.Detector != "" && w.Detector != detector || !says(w, f, strings.EqualFold) {
				t.Errorf("%s: the entry %q hides %q", detector, w, f)
			}
			return
		case by == "" && (w.Detector == "" || w.Detector == detector) && says(w, f, equalFoldASCII):
			t.Errorf("%s: the entry %q does not hide %q", detector, w, f)
		}
	}
	if by != "" {
		t.Errorf("%s: no entry is %q", detector, by)
	}
}

// says tells whether an entry speaks of every value of a finding.
func says(w allowlist.Fields, f finding, sameProcess func(a, b string) bool) bool {
	every := func(values []string, holds func(string) bool) bool {
		return !slices.ContainsFunc(values, func(v string) bool { return !holds(v) })
	}
	return (w.Domain == "" || every(f.hosts, func(host string) bool { return liesUnder(host, w.Domain) })) &&
		(w.Network == "" || every(f.addresses, func(address string) bool { return holds(w.Network, address) })) &&
		(w.Process == "" || every(f.processes, func(process string) bool { return sameProcess(w.Process, process) })) &&
		(w.Device == "" || !slices.ContainsFunc(f.devices, func(d [2]string) bool { return d[0] != w.Device && d[1] != w.Device }))
}

// liesUnder compares label by label. What a domain in Unicode is in ASCII is proven with suffixes; here it is one of a few.
func liesUnder(host, domain string) bool {
	domain = strings.ReplaceAll(domain, "häuser", "xn--huser-gra")
	labels, under := strings.Split(strings.ToLower(domain), "."), strings.Split(host, ".")
	return len(under) >= len(labels) && slices.Equal(labels, under[len(under)-len(labels):])
}

func holds(network, text string) bool {
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return false
	}
	prefix, err := netip.ParsePrefix(network)
	if err != nil {
		one := netip.MustParseAddr(network).Unmap()
		prefix = netip.PrefixFrom(one, one.BitLen())
	}
	if prefix.Addr().Is4In6() {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return prefix.Contains(address.Unmap()) // which never holds across families
}

func equalFoldASCII(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x != y && (x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z') {
			return false
		}
	}
	return true
}

// engine returns how ClickHouse judges findings: for each the label of the entry that hides it, empty for none.
func engine(f *testing.F) func(t *testing.T, detector string, entries []allowlist.Entry, findings []finding) []string {
	client, err := clickhouse.New(chtest.Shared(f).Settings(settings.Native), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = client.Close() })
	return func(t *testing.T, detector string, entries []allowlist.Entry, findings []finding) []string {
		t.Helper()
		condition, values, err := allowlist.Condition(detector, entries)
		if err != nil {
			t.Fatal(err)
		}
		list, err := json.Marshal(findings)
		if err != nil {
			t.Fatal(err)
		}
		values["findings"] = string(list)
		s, err := statement.New(fmt.Sprintf(`SELECT toInt64(AllowedBy) AS AllowedBy FROM
(
    SELECT *, %s
    FROM
    (
        SELECT numbered.1 AS Number, numbered.2.1 AS EveryUrl, numbered.2.2 AS EveryAddress, numbered.2.3 AS EveryProcess, numbered.2.4 AS EveryDevice
        FROM
        (
            SELECT
                JSONExtract({findings:String}, 'Array(Tuple(Array(String), Array(String), Array(String), Array(Tuple(String, String))))') AS list,
                arrayJoin(arrayZip(arrayEnumerate(list), list)) AS numbered
        )
    )
)
ORDER BY Number`, condition), values, []statement.Column{{Name: "AllowedBy", Kind: statement.Integer}})
		if err != nil {
			t.Fatal(err)
		}
		result, err := client.Query(t.Context(), s, clickhouse.Origin{Detector: "test"})
		if err != nil {
			t.Fatal(err)
		}
		numbers, labels := result.Data[0].([]int64), allowlist.Labels(entries)
		if len(numbers) != len(findings) {
			t.Fatalf("%d answers to %d findings", len(numbers), len(findings))
		}
		by := make([]string, len(numbers))
		for i, n := range numbers {
			if n > 0 {
				by[i] = labels[n-1]
			}
		}
		return by
	}
}

// pools are the values that findings are made of.
type pools struct {
	*rand.Rand
	hosts, addresses, processes, devices []string
}

// entries makes an entry of every choice of the fields, with a detector or without; those that are refused are left out.
// The first has the most fields.
func (g *pools) entries(domain, network, process, device string) (written []allowlist.Fields, entries []allowlist.Entry) {
	for choice := 15; choice > 0; choice-- {
		w := allowlist.Fields{Reason: fmt.Sprintf("reason %d", choice), Owner: "o", Detector: []string{"", "", "beaconing", "fastFlux"}[g.IntN(4)]}
		for i, field := range []struct {
			into  *string
			value string
		}{{&w.Domain, domain}, {&w.Network, network}, {&w.Process, process}, {&w.Device, device}} {
			if choice&(1<<i) != 0 {
				*field.into = field.value
			}
		}
		if strings.IndexFunc(strings.ReplaceAll(w.Domain, "häuser", ""), func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			continue // see liesUnder
		}
		if choice != 15 && g.IntN(3) == 0 {
			continue
		}
		if e, err := w.Entry(detectors()); err == nil {
			written, entries = append(written, w), append(entries, e)
		}
	}
	return written, entries
}

// fill takes the values of an entry, their neighbours, and others.
func (g *pools) fill(w allowlist.Fields, host, address, process, device string) {
	domain := strings.ReplaceAll(w.Domain, "häuser", "xn--huser-gra")
	_, parent, _ := strings.Cut(domain, ".")
	g.hosts = []string{domain, domain, "a." + domain, "a.b." + domain, strings.ToUpper(domain), "a" + domain, "." + domain, domain + ".x", parent, host, ""}
	g.hosts = slices.DeleteFunc(g.hosts, func(h string) bool { return strings.ContainsAny(h, "/?#:@") || !utf8.ValidString(h) })
	g.addresses = append(around(w.Network), address, address+" ", "0"+address, "", "n/a", "203.0.113.7", "2001:db8::7")
	g.processes = []string{w.Process, w.Process, strings.ToUpper(w.Process), strings.ToLower(w.Process), w.Process + " ", strings.ReplaceAll(w.Process, "k", "\u212a"), process, ""}
	g.devices = []string{w.Device, w.Device, w.Device, strings.ToUpper(w.Device), w.Device + " ", device, ""}
	for _, pool := range []*[]string{&g.addresses, &g.processes, &g.devices} {
		*pool = slices.DeleteFunc(*pool, func(s string) bool { return !utf8.ValidString(s) })
	}
}

// around returns the addresses at both sides of a network's ends, in several spellings.
func around(network string) []string {
	prefix, err := netip.ParsePrefix(network)
	if err != nil {
		address, err := netip.ParseAddr(network)
		if err != nil {
			return nil
		}
		prefix = netip.PrefixFrom(address, address.BitLen())
	}
	first := prefix.Masked().Addr()
	last := first.AsSlice()
	for bit := prefix.Bits(); bit < 8*len(last); bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	end, _ := netip.AddrFromSlice(last)
	var texts []string
	for _, a := range []netip.Addr{first, first, end, end, first.Prev(), end.Next()} {
		if !a.IsValid() {
			continue
		}
		low := [4]byte(a.AsSlice()[len(a.AsSlice())-4:])
		texts = append(texts, a.String(), strings.ToUpper(a.StringExpanded()), "::ffff:"+netip.AddrFrom4(low).String(), "::"+netip.AddrFrom4(low).String(), netip.AddrFrom4(low).String())
	}
	return texts
}

// finding takes one to three values of each pool.
func (g *pools) finding() finding {
	var f finding
	pick := func(from []string) string { return from[g.IntN(len(from))] }
	few := func() int { return 1 + g.IntN(3)*g.IntN(2) }
	for range few() {
		host := pick(g.hosts)
		url := []string{"%s", "%s", "https://%s/", "%s:443", "ftp://u:p@%s:21/x@y/?q#f", "//%s?q=https://x.test/", "%s."}[g.IntN(7)]
		f.urls = append(f.urls, fmt.Sprintf(url, host))
		f.hosts = append(f.hosts, lowerASCII(strings.TrimRight(printable(host), ".")))
	}
	for range few() {
		f.addresses = append(f.addresses, pick(g.addresses))
	}
	for range few() {
		f.processes = append(f.processes, pick(g.processes))
	}
	for range few() {
		f.devices = append(f.devices, [2]string{pick(g.devices), pick(g.devices)})
	}
	return f
}

// printable leaves out control characters, which are no part of a host.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

func lowerASCII(s string) string {
	lower := []byte(s)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b | 0x20
		}
	}
	return string(lower)
}
