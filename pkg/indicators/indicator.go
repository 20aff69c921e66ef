// Package indicators says what an indicator of threat intelligence is, and which are worth looking for.
package indicators

import (
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Kind is what an indicator names.
type Kind string

// The kinds of indicators.
const (
	Network Kind = "network" // addresses of a network, or one
	Domain  Kind = "domain"  // a name and those under it
	Host    Kind = "host"    // a name alone
	URL     Kind = "url"     // a URL, by host, path and query
)

// Indicator is what one source says of one thing.
type Indicator struct {
	Kind       Kind
	Value      string // as findings are compared with it
	Source     string
	Threat     string // what it is said to be; empty where nothing is
	Confidence int    // 0 to 100
	FirstSeen  time.Time
	LastSeen   time.Time
	Expires    time.Time
	Reference  string
	Flag       string // why it says little by itself; empty where it may be believed
}

// Refusal is the reason why an indicator is not looked for.
type Refusal struct{ Value, Reason string }

func (r *Refusal) Error() string { return fmt.Sprintf("%.100q: %s", r.Value, r.Reason) }

func refuse(value, reason string) error { return &Refusal{value, reason} }

// Widths from which a network is flagged, and refused: most of what lies in it is somebody else's.
const (
	flagIPv4, refuseIPv4 = 23, 12 // a /24 is flagged not, a /11 refused
	flagIPv6, refuseIPv6 = 47, 28
)

// Settle writes the value as findings are compared with it, chooses a narrower kind where the value is one, and flags what says
// little. The error is a *Refusal.
func (i *Indicator) Settle() error {
	given := i.Value
	i.Value = Refanged(i.Value)
	switch i.Kind {
	case Network:
		return i.network(given)
	case URL:
		return i.url(given)
	case Domain, Host:
		return i.name(given)
	default:
		return refuse(given, fmt.Sprintf("indicators of the kind %q cannot be seen in connections", i.Kind))
	}
}

var defanged = strings.NewReplacer("[.]", ".", "(.)", ".", "[dot]", ".", "(dot)", ".", "[:]", ":", "[://]", "://")

// Refanged undoes what keeps people from clicking: hxxp://evil[.]example.
func Refanged(text string) string {
	text = defanged.Replace(strings.TrimSpace(text))
	if scheme := "hxxp"; len(text) >= len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
		text = "http" + text[len(scheme):]
	}
	return text
}

func (i *Indicator) network(given string) error {
	text := strings.TrimSuffix(strings.TrimPrefix(i.Value, "["), "]")
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		address, wrong := netip.ParseAddr(text)
		if wrong != nil {
			if withPort, wrong := netip.ParseAddrPort(i.Value); wrong == nil {
				address = withPort.Addr()
			} else {
				return refuse(given, "it is neither an address nor a network")
			}
		}
		address = address.Unmap().WithZone("")
		prefix = netip.PrefixFrom(address, address.BitLen())
	}
	if prefix.Addr().Is4In6() {
		if prefix.Bits() < 96 {
			return refuse(given, "it is too wide a network")
		}
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	prefix = prefix.Masked()
	flag, refused := flagIPv4, refuseIPv4
	if prefix.Addr().Is6() {
		flag, refused = flagIPv6, refuseIPv6
	}
	for _, p := range special {
		if p.Overlaps(prefix) {
			return refuse(given, "it is no place of the internet: "+p.String())
		}
	}
	switch {
	case prefix.Bits() < refused:
		return refuse(given, "it is too wide a network")
	case prefix.Bits() < flag:
		i.Flag = "it is a wide network"
	}
	if resolver, ok := resolvers[prefix]; ok {
		return refuse(given, "it is "+resolver+", which everybody asks")
	}
	i.Value = prefix.String()
	return nil
}

func (i *Indicator) url(given string) error {
	text := i.Value
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Hostname() == "" {
		return refuse(given, "it is no URL with a host")
	}
	rest := parsed.EscapedPath()
	if parsed.RawQuery != "" || parsed.ForceQuery {
		rest += "?" + parsed.RawQuery
	}
	if rest == "" || rest == "/" {
		// no more than a host: what is true of the URL is true of whatever it serves
		i.Kind, i.Value = Host, parsed.Hostname()
		if _, err := netip.ParseAddr(i.Value); err == nil {
			i.Kind = Network
		}
		return i.Settle()
	}
	host := parsed.Hostname()
	if address, err := netip.ParseAddr(host); err == nil {
		host = address.Unmap().WithZone("").String()
	} else if host, err = hostname(host); err != nil {
		return refuse(given, err.Error())
	}
	i.Value = host + rest
	return nil
}

// name settles a domain or a host.
func (i *Indicator) name(given string) error {
	if _, err := netip.ParseAddr(strings.Trim(i.Value, "[]")); err == nil {
		i.Kind = Network
		return i.network(given)
	}
	host, err := hostname(bare(i.Value))
	if err != nil {
		return refuse(given, err.Error())
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	switch {
	case !strings.Contains(host, "."):
		return refuse(given, "it is no name of the internet")
	case i.Kind == Domain && host == suffix:
		return refuse(given, "anybody's names lie under it")
	case i.Kind == Domain && crowded[host]:
		return refuse(given, "it is a domain that most networks use")
	case crowded[host]:
		i.Flag = "it is a host that most networks use"
	}
	i.Value = host
	return nil
}

// A name as sensors write it; underscores stand in some.
var hostText = regexp.MustCompile(`^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$`)

// What ends in a number is no name: an address that is written wrong.
var numbered = regexp.MustCompile(`(^|\.)[0-9]+$`)

var port = regexp.MustCompile(`:[0-9]+$`)

// bare takes off what says that all names under a domain are meant, and a port.
func bare(text string) string {
	return port.ReplaceAllString(strings.TrimPrefix(strings.TrimPrefix(text, "*"), "."), "")
}

func hostname(text string) (string, error) {
	text = strings.TrimSuffix(strings.ToLower(text), ".")
	if ascii, err := idna.Lookup.ToASCII(text); err == nil {
		text = ascii
	}
	if len(text) > 253 || !hostText.MatchString(text) || numbered.MatchString(text) {
		return "", fmt.Errorf("it is no name of a host")
	}
	return text, nil
}

// KindOf tells what a text is that comes without saying so: an address or network, a URL, or a domain. The error is a *Refusal.
func KindOf(text string) (Kind, error) {
	text = Refanged(text)
	if _, err := netip.ParsePrefix(text); err == nil {
		return Network, nil
	}
	if _, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return Network, nil
	}
	if _, err := netip.ParseAddrPort(text); err == nil {
		return Network, nil
	}
	if strings.Contains(text, "://") || strings.Contains(text, "/") && path.Clean(text) != "." {
		return URL, nil
	}
	if from, to, found := strings.Cut(text, "-"); found && isAddress(from) && isAddress(to) {
		return "", refuse(text, "it is a range of addresses: write its networks, such as 203.0.113.0/28")
	}
	if _, err := hostname(bare(text)); err == nil && strings.Contains(text, ".") {
		return Domain, nil
	}
	return "", refuse(text, "it is neither an address, a name nor a URL")
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(strings.TrimSpace(text))
	return err == nil
}
