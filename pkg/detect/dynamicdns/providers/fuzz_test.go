package providers_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
)

// FuzzSuffix proves that any text is refused for one of the named reasons, or becomes a domain that names can lie under:
// it is written as hosts are, and somebody may have registered it.
func FuzzSuffix(f *testing.F) {
	for _, seed := range []string{
		"duckdns.org", "DuckDNS.Org", "Häuser.example", "xn--huser-gra.example", "_x.Example.com", "_x.häuser.example", "com", "co.uk", "рф", "foo.ck", "www.ck",
		"github.io", "", ".", "a..b", "a.com.", "a。com", "a.com。", "１２７.0.0.1", "::1", "127.0.0.1", "xn--a.example.com", "_n--a.example.com", "*.duckdns.org", "a b.com",
		"ſ.example", "\u212a_.example", "ß.example", "a\u00ad.example", "\xff.example", "-a.example.com", "a\n.com", strings.Repeat("a", 64) + ".com",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		suffix, err := providers.Suffix(name)
		if err != nil {
			if suffix != "" {
				t.Errorf("%q: %q beside the error %v", name, suffix, err)
			}
			for _, reason := range []error{providers.ErrEmpty, providers.ErrDots, providers.ErrNoDomain, providers.ErrPublic} {
				if errors.Is(err, reason) {
					return
				}
			}
			t.Fatalf("%q: the error %v is none of the named", name, err)
		}
		checkSuffix(t, name, suffix)
	})
}

func checkSuffix(t *testing.T, name, suffix string) {
	again, err := providers.Suffix(suffix)
	if again != suffix || err != nil {
		t.Errorf("%q became %q, and that %q, %v", name, suffix, again, err)
	}
	labels := strings.Split(suffix, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 {
			t.Errorf("%q became %q, with the label %q", name, suffix, label)
		}
	}
	for _, r := range suffix {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_.", r) {
			t.Errorf("%q became %q, which holds %q", name, suffix, r)
		}
	}
	if _, err := netip.ParseAddr(suffix); err == nil || len(labels) < 2 || len(suffix) > 253 {
		t.Errorf("%q became %q, which is no domain under another", name, suffix)
	}
	if public, icann := publicsuffix.PublicSuffix(suffix); icann && public == suffix {
		t.Errorf("%q became %q, which registries sell names under", name, suffix)
	}
	ascii := strings.IndexFunc(name, func(r rune) bool { return r > 127 }) < 0
	if ascii && !strings.EqualFold(name, suffix) {
		t.Errorf("%q became %q", name, suffix)
	}
}
