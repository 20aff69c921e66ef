package providers_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
)

func TestTheTableHoldsTheAnalyticsDomainsAndManyMore(t *testing.T) {
	known := providers.Known()
	if len(known) < 150 {
		t.Errorf("%d domains, want at least 150", len(known))
	}
	for _, name := range []string{
		"duckdns.org", "no-ip.com", "hopto.org", "ddns.net", "servebeer.com", "myftp.biz", "redirectme.net", "serveftp.com",
		"zapto.org", "sytes.net", "myddns.me", "dynalias.com",
	} {
		if !slices.ContainsFunc(known, func(d providers.Domain) bool { return d.Suffix == name && d.Provider != "" }) {
			t.Errorf("%s is missing", name)
		}
	}
	if !slices.IsSortedFunc(known, func(a, b providers.Domain) int { return strings.Compare(a.Suffix, b.Suffix) }) {
		t.Error("the domains are not sorted")
	}
}

// The comment of a block stands right before its provider, and names a page of the provider's or the Public Suffix List.
func TestEachBlockSaysWhereItsDomainsAreDocumented(t *testing.T) {
	known := providers.Known()
	if i := slices.IndexFunc(known, func(d providers.Domain) bool { return d.Suffix == "" || d.Provider == "" }); i >= 0 {
		t.Errorf("%+v has no provider", known[i])
	}
	seen := checkBlocks(t, providers.Text())
	for _, d := range known {
		if !seen["["+d.Provider+"]"] {
			t.Errorf("%s has the provider %s, who has no block", d.Suffix, d.Provider)
		}
	}
}

// checkBlocks returns the providers of a file's blocks, as they are written there.
func checkBlocks(t *testing.T, text string) map[string]bool {
	t.Helper()
	var comment string
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			comment += line
		case strings.HasPrefix(line, "["):
			if !strings.Contains(comment, "https://") && !strings.Contains(comment, "http://") && !strings.Contains(comment, "Public Suffix List") {
				t.Errorf("line %d: the comment %q of %s does not say where its domains are documented", i+1, comment, line)
			}
			if seen[line] || !strings.HasSuffix(line, "]") || len(line) < 3 {
				t.Errorf("line %d: %s is no new provider in brackets", i+1, line)
			}
			seen[line], comment = true, ""
		default:
			comment = ""
		}
	}
	return seen
}

// A host that is listed as a provider's own lies under a domain that names are given under, or it need not be listed.
func TestProvidersOwnHostsLieUnderTheirDomains(t *testing.T) {
	known := providers.Known()
	for _, host := range []string{"members.dyndns.org", "checkip.dyndns.org", "www.duckdns.org", "dynupdate.no-ip.com", "ip1.dynupdate.no-ip.com"} {
		if !slices.Contains(providers.OwnHosts(), host) {
			t.Errorf("%s is missing", host)
		}
	}
	for _, host := range providers.OwnHosts() {
		if !slices.ContainsFunc(known, func(d providers.Domain) bool { return strings.HasSuffix(host, "."+d.Suffix) }) {
			t.Errorf("%s lies under no listed domain", host)
		}
		if slices.ContainsFunc(known, func(d providers.Domain) bool { return d.Suffix == host }) {
			t.Errorf("%s is listed as a domain to give names under as well", host)
		}
	}
	checkBlocks(t, providers.HostsText())
}

func TestTunnelServicesAreAKindOfTheirOwn(t *testing.T) {
	kinds := map[string]string{}
	for _, d := range providers.Known() {
		kinds[d.Suffix] = d.Kind()
	}
	for _, name := range []string{
		"ngrok.io", "ngrok-free.app", "ngrok.app", "trycloudflare.com", "localtonet.com", "portmap.io", "ply.gg", "devtunnels.ms", "loca.lt", "serveo.net",
		"lhr.life", "pagekite.me", "share.zrok.io", "telebit.io", "pinggy.link", "tunnelmole.net", "packetriot.net", "loclx.io",
	} {
		if kinds[name] != "tunnel" {
			t.Errorf("%s is of kind %q", name, kinds[name])
		}
	}
	if kinds["duckdns.org"] != "dynamicDns" {
		t.Errorf("duckdns.org is of kind %q", kinds["duckdns.org"])
	}
}

func TestMoreDomainsJoinTheTableAndRenameAProvider(t *testing.T) {
	all := providers.With([]providers.Domain{{Suffix: "dyn.example.com", Provider: "Ours"}, {Suffix: "duckdns.org", Provider: "Duck"}})
	if got, want := len(all), len(providers.Known())+1; got != want {
		t.Errorf("%d domains, want %d", got, want)
	}
	for _, want := range []providers.Domain{{Suffix: "dyn.example.com", Provider: "Ours"}, {Suffix: "duckdns.org", Provider: "Duck"}} {
		if !slices.Contains(all, want) {
			t.Errorf("%v is missing", want)
		}
	}
}

func TestASuffixIsReadAndRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text, want string
		err        error
	}{
		"a domain":                         {"duckdns.org", "duckdns.org", nil},
		"upper case":                       {"DuckDNS.Org", "duckdns.org", nil},
		"below a registrable name":         {"dyn.example.co.uk", "dyn.example.co.uk", nil},
		"what a company gives names under": {"github.io", "github.io", nil},
		"an underscore":                    {"_x.Example.com", "_x.example.com", nil},
		"Unicode becomes punycode":         {"Häuser.example", "xn--huser-gra.example", nil},
		"punycode stays":                   {"xn--huser-gra.example", "xn--huser-gra.example", nil},
		"empty":                            {"", "", providers.ErrEmpty},
		"a leading dot":                    {".duckdns.org", "", providers.ErrDots},
		"a trailing dot":                   {"duckdns.org.", "", providers.ErrDots},
		"two dots":                         {"duckdns..org", "", providers.ErrDots},
		"only a dot":                       {".", "", providers.ErrDots},
		"a top-level domain":               {"com", "", providers.ErrPublic},
		"in upper case":                    {"COM", "", providers.ErrPublic},
		"a second-level registry":          {"co.uk", "", providers.ErrPublic},
		"one in Unicode":                   {"рф", "", providers.ErrPublic},
		"a name without dots":              {"localhost", "", providers.ErrPublic},
		"a wildcard":                       {"*.duckdns.org", "", providers.ErrNoDomain},
		"a URL":                            {"https://duckdns.org/", "", providers.ErrNoDomain},
		"a blank":                          {"duck dns.org", "", providers.ErrNoDomain},
		"broken punycode":                  {"xn--a.example.com", "", providers.ErrNoDomain},
		"an address":                       {"203.0.113.7", "", providers.ErrNoDomain},
		"an address in wide digits":        {"１２７.0.0.1", "", providers.ErrNoDomain},
		"a byte that is no UTF-8":          {"\xff.example", "", providers.ErrNoDomain},
		"a long label":                     {strings.Repeat("a", 64) + ".com", "", providers.ErrNoDomain},
		"a very long name":                 {strings.Repeat("ä", 1<<20) + ".com", "", providers.ErrNoDomain},
		"a long name":                      {strings.Repeat("abcdefg.", 40) + "com", "", providers.ErrNoDomain},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := providers.Suffix(c.text)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}
