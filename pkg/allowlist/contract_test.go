package allowlist_test

import (
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/tests/contract"
)

// The config editor judges entries as they are typed. It must neither refuse what is accepted here nor, as far as it can
// see, accept what is refused.
func TestTheConfigEditorJudgesEntriesAsTheyAreJudgedHere(t *testing.T) {
	type verdict struct {
		Text string `json:"text"`
		OK   bool   `json:"ok"`
	}
	var answer struct {
		Networks []verdict `json:"networks"`
		Domains  []verdict `json:"domains"`
		Expiries []verdict `json:"expiries"`
		// Registries are the country codes whose registries sell names under a label, by the label: uk for co.
		Registries map[string]string `json:"registries"`
	}
	judge := func(of func(text string) allowlist.Fields, texts ...string) (verdicts []verdict) {
		for _, text := range texts {
			f := of(text)
			f.Reason, f.Owner = "r", "o"
			_, err := f.Entry(nil)
			verdicts = append(verdicts, verdict{text, err == nil})
		}
		return verdicts
	}
	answer.Networks = judge(func(text string) allowlist.Fields { return allowlist.Fields{Network: text} },
		"203.0.113.0/24", "203.0.113.7", "10.1.2.3/32", "0.0.0.0", "255.255.255.255", "2001:db8::/32", "2001:DB8::1", "2001:db8::1/128",
		"::1", "::ffff:203.0.113.7", "1:2:3:4:5:6:203.0.113.7", "1:2:3:4:5:6:7::",
		"dead", "x", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/08", "1.2.3.4/+8", "1.2.3.4/8/8", " 1.2.3.4",
		"203.0.113.7/24", "203.0.113.64/25", "0.0.0.0/0", "1.2.3.4/0", "::/0", "2001:db8::1/32", "2001:db8:1::/33", "2001:db8::/129", "2001:db8::/",
		"::ffff:203.0.113.0/120", "fe80::1%eth0", "fe80::%eth0/64", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8::", "12345::",
		"1.2.3.4::", "::1.2.3",
	)
	answer.Domains = judge(func(text string) allowlist.Fields { return allowlist.Fields{Domain: text} },
		"updates.example.com", "Updates.EXAMPLE.com", "example.com", "a-b.example.co.uk", "_srv.example.com", "1.example.com", "xn--bcher-kva.example",
		"bücher.example", "duckdns.org", "foo.duckdns.org", "blogspot.com", "com.de", "co.de", strings.Repeat("a", 63)+".example.com",
		"ab--cd.example.com", "com", "localhost", "co.uk", "CO.UK", "com.au", "gov.br", ".com", "example.com.", "a..example.com", ".", "example .com", "*.example.com",
		"http://example.com", "example.com:443", "example.com/a", "-a.example.com", "a-.example.com", "203.0.113.7", "2001:db8::1",
		strings.Repeat("a", 64)+".example.com", strings.Repeat("a.", 130)+"example.com",
	)
	answer.Expiries = judge(func(text string) allowlist.Fields { return allowlist.Fields{Device: "WS-1", Expires: text} },
		"2030-12-31", "2028-02-29", "2030-12-31T12:00:00Z", "2030-12-31T12:00:00.5+02:00", "2030-12-31T12:00:00-23:00",
		"2030-02-30", "2030-02-29", "2030-02-30T12:00:00Z", "2030-12-31T12:00:60Z", "2030-1-1", "31.12.2030", "2030-12-31 12:00:00", "2030-12-31T12:00:00", "2030-12-31T12:00Z", "2030-12-31T24:00:00Z",
		"2030-12-31T12:60:00Z", "2030-13-01", "tomorrow", " 2030-12-31",
	)
	answer.Registries = registries("ac", "co", "com", "edu", "go", "gov", "mil", "ne", "net", "or", "org")
	contract.Check(t, "allowlist.json", answer)
}

// registries finds the two-letter domains that are registries' own under each of the labels.
func registries(labels ...string) map[string]string {
	found := map[string]string{}
	for _, label := range labels {
		var codes []string
		for a := 'a'; a <= 'z'; a++ {
			for b := 'a'; b <= 'z'; b++ {
				code := string([]rune{a, b})
				if suffix, icann := publicsuffix.PublicSuffix(label + "." + code); icann && suffix == label+"."+code {
					codes = append(codes, code)
				}
			}
		}
		found[label] = strings.Join(codes, " ")
	}
	return found
}
