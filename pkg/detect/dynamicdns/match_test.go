package dynamicdns_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func providers() []string {
	return []string{
		"duckdns.org", "no-ip.com", "hopto.org", "ddns.net", "servebeer.com", "myftp.biz", "redirectme.net", "serveftp.com",
		"zapto.org", "sytes.net", "myddns.me", "dynalias.com",
	}
}

// match is a rule about one URL: shown is the RemoteUrl of its finding, empty for none.
func match(t *testing.T, p referee.DynamicDNS, url, shown string) detecttest.Rule {
	r := detecttest.Rule{
		Rule: fmt.Sprintf("%q is no hit", url), Detector: p, Columns: []string{"RemoteUrl"}, Events: []referee.Event{to(t, url)},
		Numbers: []referee.Number{},
	}
	if shown != "" {
		r.Rule, r.Want = fmt.Sprintf("%q is a hit, as %q", url, shown), [][]any{{shown}}
		r.Numbers = []referee.Number{{Labels: map[string]string{"remote_url": shown}, Value: 1}}
	}
	return r
}

func TestContainsIsTheAnalyticsUnanchoredRegex(t *testing.T) {
	var rules []detecttest.Rule
	p := referee.DefaultDynamicDNS()
	for _, domain := range providers() {
		rules = append(rules, match(t, p, "host."+domain, "host."+domain), match(t, p, strings.ToUpper(domain), strings.ToUpper(domain)))
	}
	for _, hit := range []string{
		"notduckdns.org", "duckdns.org.evil.com", "x.com/?r=ddns.net", "duckdns.org", "DuckDNS.Org", "https://u:p@A.duckdns.org:8443/x",
		"a.duckdns.org.", "häuser.ddns.net", `'"\duckdns.org`, "duckdns.org\n", "xduckdns.orgduckdns.org",
	} {
		rules = append(rules, match(t, p, hit, hit))
	}
	for _, miss := range []string{
		"", "example.com", "duckdns_org", "duckdnsXorg", "duckdns", "duckdns.or", "duckdns. org", "ddns,net", "noip.com", "duckdnſ.org",
	} {
		rules = append(rules, match(t, p, miss, ""))
	}
	rules = append(rules,
		match(t, with(func(p *referee.DynamicDNS) { p.Domains = []string{"Custom.Test"} }), "x.CUSTOM.test/y", "x.CUSTOM.test/y"),
		match(t, with(func(p *referee.DynamicDNS) { p.Domains = []string{"custom.test"} }), "a.duckdns.org", ""),
		match(t, with(func(p *referee.DynamicDNS) { p.Domains = []string{} }), "a.duckdns.org", ""),
	)
	detecttest.CheckRules(t, detecttest.Start(t), rules)
}

func TestSuffixNeedsAHostUnderAListedDomain(t *testing.T) {
	var rules []detecttest.Rule
	for _, domain := range providers() {
		rules = append(rules, match(t, suffix(), "host."+domain, "host."+domain), match(t, suffix(), domain, ""))
	}
	for url, host := range map[string]string{
		"a.duckdns.org": "a.duckdns.org", "A.DuckDNS.ORG": "a.duckdns.org", "a.b.duckdns.org": "a.b.duckdns.org",
		// scheme, userinfo, port, path and trailing dot are off
		"https://a.duckdns.org": "a.duckdns.org", "HTTPS://a.duckdns.org": "a.duckdns.org", "wss+x.1-y://a.duckdns.org": "a.duckdns.org", "//a.duckdns.org/x": "a.duckdns.org",
		"user@a.duckdns.org": "a.duckdns.org", "http://user:pass@a.duckdns.org": "a.duckdns.org", "http://u@v@a.duckdns.org": "a.duckdns.org",
		"a.duckdns.org:8080": "a.duckdns.org", "a.duckdns.org:": "a.duckdns.org", "http://a.duckdns.org:8080/x:y": "a.duckdns.org",
		"a.duckdns.org/": "a.duckdns.org", "a.duckdns.org/path/x.html": "a.duckdns.org", "a.duckdns.org?x=1": "a.duckdns.org", "a.duckdns.org#f": "a.duckdns.org",
		"a.duckdns.org.": "a.duckdns.org", "https://u:p@A.duckdns.org.:443/p?q#f": "a.duckdns.org", "http://x.com@a.duckdns.org/": "a.duckdns.org",
		"-.duckdns.org": "-.duckdns.org", "häuser.ddns.net": "häuser.ddns.net",
		// the domain itself is not under it
		"duckdns.org": "", "https://duckdns.org/": "", "duckdns.org.": "", ".duckdns.org": "", "DUCKDNS.ORG:443": "",
		// nor is a name that only ends alike, and nothing beside the host counts
		"notduckdns.org": "", "duckdns.org.evil.com": "", "a.duckdns.org.evil.com": "", "x.com/?r=ddns.net": "", "x.com/a.duckdns.org": "",
		"x.com#a.duckdns.org": "", "https://x.com/http://a.duckdns.org/": "", "https://a.duckdns.org@x.com/": "", "https://a.duckdns.org:80@x.com/": "", "x.com?u=v@a.duckdns.org": "",
		"a.duckdns-org": "", "": "",
		// as sensors write it
		"a.duckdns.org..": "a.duckdns.org", "a.duckdns.org:https": "a.duckdns.org", "a.duckdns.org ": "a.duckdns.org", " a.duckdns.org\r\n": "a.duckdns.org", "\"a.duckdns.org\"": "a.duckdns.org", "a.duckdns.org\x00": "a.duckdns.org",
		`http:\\a.duckdns.org`: "a.duckdns.org", `https:\/\/a.duckdns.org\/x`: "a.duckdns.org", "https:/a.duckdns.org": "a.duckdns.org", "http:///a.duckdns.org": "a.duckdns.org", `\\a.duckdns.org\share`: "a.duckdns.org",
		"z\xffq.duckdns.org": "z\uFFFDq.duckdns.org", "\xc3.duckdns.org": "\uFFFD.duckdns.org", "a.duck\x01dns.org": "a.duckdns.org", "a.duckdns\u200b.org": "a.duckdns.org",
		"ａ.ｄｕｃｋｄｎｓ．ｏｒｇ": "a.duckdns.org", "a。duckdns｡org": "a.duckdns.org", "HÄUSER.ddns.net": "häuser.ddns.net", "a.duckdnſ.org": "a.duckdns.org",
	} {
		rules = append(rules, match(t, suffix(), url, host))
	}
	custom := suffix()
	custom.Domains = []string{"Custom.Test"}
	rules = append(rules, match(t, custom, "X.custom.TEST", "x.custom.test"), match(t, custom, "a.duckdns.org", ""))
	custom.Domains = []string{}
	rules = append(rules, match(t, custom, "a.duckdns.org", ""))
	detecttest.CheckRules(t, detecttest.Start(t), rules)
}
