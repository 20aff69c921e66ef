package indicators_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators"
)

func TestAnIndicatorIsWrittenAsFindingsAreComparedWithIt(t *testing.T) {
	for _, c := range []struct {
		kind  indicators.Kind
		given string
		want  string // kind, value and flag; with refused: part of the reason
	}{
		{indicators.Network, "203.0.113.7", "network 203.0.113.7/32"},
		{indicators.Network, " 203[.]0[.]113[.]7 ", "network 203.0.113.7/32"},
		{indicators.Network, "203.0.113.7/24", "network 203.0.113.0/24"},
		{indicators.Network, "203.0.113.7:4444", "network 203.0.113.7/32"},
		{indicators.Network, "::ffff:203.0.113.7", "network 203.0.113.7/32"},
		{indicators.Network, "::ffff:203.0.113.0/120", "network 203.0.113.0/24"},
		{indicators.Network, "2001:DB8::7", "network 2001:db8::7/128"},
		{indicators.Network, "[2001:db8::7]", "network 2001:db8::7/128"},
		{indicators.Network, "203.0.112.0/22", "network 203.0.112.0/22 it is a wide network"},
		{indicators.Network, "203.0.0.0/11", "refused: too wide"},
		{indicators.Network, "0.0.0.0/8", "refused: no place of the internet"},
		{indicators.Network, "0.0.0.0/0", "refused: no place of the internet"},
		{indicators.Network, "10.1.2.3", "refused: no place of the internet"},
		{indicators.Network, "127.0.0.1", "refused: no place of the internet"},
		{indicators.Network, "192.168.0.0/16", "refused: no place of the internet"},
		{indicators.Network, "fe80::1%eth0", "refused: no place of the internet"},
		{indicators.Network, "8.8.8.8", "refused: resolver"},
		{indicators.Network, "example.com", "refused: neither an address nor a network"},
		{indicators.Network, "300.1.1.1", "refused: neither an address nor a network"},
		{indicators.Domain, "Evil.EXAMPLE.", "domain evil.example"},
		{indicators.Domain, "*.evil.example", "domain evil.example"},
		{indicators.Domain, "evil[.]example", "domain evil.example"},
		{indicators.Domain, "bücher.example", "domain xn--bcher-kva.example"},
		{indicators.Domain, "_sip.evil.example", "domain _sip.evil.example"},
		{indicators.Domain, "203.0.113.7", "network 203.0.113.7/32"},
		{indicators.Domain, ".evil.example", "domain evil.example"},
		{indicators.Domain, "evil.example:8080", "domain evil.example"},
		{indicators.Domain, "203.0.113.010", "refused: no name of a host"},
		{indicators.Domain, "evil.example.1", "refused: no name of a host"},
		{indicators.Domain, "com", "refused: no name of the internet"},
		{indicators.Domain, "co.uk", "refused: anybody's names"},
		{indicators.Domain, "duckdns.org", "refused: anybody's names"},
		{indicators.Domain, "github.io", "refused: anybody's names"},
		{indicators.Domain, "x.duckdns.org", "domain x.duckdns.org"},
		{indicators.Domain, "google.com", "refused: most networks use"},
		{indicators.Domain, "localhost", "refused: no name of the internet"},
		{indicators.Domain, "two words.example", "refused: no name of a host"},
		{indicators.Host, "docs.google.com", "host docs.google.com it is a host that most networks use"},
		{indicators.Host, "a.evil.example", "host a.evil.example"},
		{indicators.URL, "http://Evil.example/a/b.exe?x=1#top", "url evil.example/a/b.exe?x=1"},
		{indicators.URL, "hxxps://evil[.]example:8443/A", "url evil.example/A"},
		{indicators.URL, "evil.example/a", "url evil.example/a"},
		{indicators.URL, "http://203.0.113.7/bin.sh", "url 203.0.113.7/bin.sh"},
		{indicators.URL, "http://203.0.113.7:8080/", "network 203.0.113.7/32"},
		{indicators.URL, "http://evil.example", "host evil.example"},
		{indicators.URL, "https://drive.google.com/uc?id=1", "url drive.google.com/uc?id=1"},
		{indicators.URL, "https://www.google.com/", "host www.google.com it is a host that most networks use"},
		{indicators.URL, "http:///nothing", "refused: no URL with a host"},
		{"sha256", "00ff", "refused: cannot be seen in connections"},
	} {
		t.Run(string(c.kind)+" "+c.given, func(t *testing.T) {
			i := indicators.Indicator{Kind: c.kind, Value: c.given}
			err := i.Settle()
			if reason, refused := strings.CutPrefix(c.want, "refused: "); refused {
				if of := new(indicators.Refusal); !errors.As(err, &of) || !strings.Contains(of.Reason, reason) {
					t.Errorf("got %+v, %v; want a refusal for %q", i, err, reason)
				}
				return
			}
			if got := strings.TrimSpace(string(i.Kind) + " " + i.Value + " " + i.Flag); err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestWhatComesWithoutAKind(t *testing.T) {
	for given, want := range map[string]indicators.Kind{
		"203.0.113.7": indicators.Network, "203.0.113.0/24": indicators.Network, "203.0.113.7:80": indicators.Network, "[2001:db8::1]": indicators.Network,
		"evil.example": indicators.Domain, "evil[.]example": indicators.Domain, "*.evil.example": indicators.Domain, "hxxp://evil.example/x": indicators.URL, "evil.example/x": indicators.URL,
		"d41d8cd98f00b204e9800998ecf8427e": "", "": "", "nobody@evil.example": "", ".evil.example": indicators.Domain, "evil.example:8080": indicators.Domain, "203.0.113.010": "", "203.0.113.5-203.0.113.9": "", "HKLM\\Software": "",
	} {
		if got, err := indicators.KindOf(given); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", given, got, err, want)
		}
	}
}

// Whatever settles is as findings are compared with it: settling it again changes nothing.
func FuzzSettle(f *testing.F) {
	for _, text := range []string{"203.0.113.7/24", "2001:db8::/32", "Evil.EXAMPLE.", "http://a.example/x?y#z", "[::1]:80", "bücher.example", "a/b", "://"} {
		for _, kind := range []string{"network", "domain", "host", "url"} {
			f.Add(kind, text)
		}
	}
	f.Fuzz(func(t *testing.T, kind, text string) {
		first := indicators.Indicator{Kind: indicators.Kind(kind), Value: text}
		if first.Settle() != nil {
			return
		}
		again := first
		again.Flag = ""
		if err := again.Settle(); err != nil || again.Value != first.Value || again.Kind != first.Kind {
			t.Errorf("%q becomes %+v and then %+v, %v", text, first, again, err)
		}
	})
}
