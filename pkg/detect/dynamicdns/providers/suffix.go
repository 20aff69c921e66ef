package providers

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Why a text is no suffix to match names with.
var (
	ErrEmpty    = errors.New("it is empty; give a domain such as duckdns.org")
	ErrDots     = errors.New("it must not start or end with a dot, nor hold two in a row; names under it match without one")
	ErrNoDomain = errors.New("it is no domain name such as duckdns.org")
	ErrPublic   = errors.New("it is a public suffix that a registry sells names under: everything there would match; give a domain under it")
)

// Suffix reads a domain that names are to lie under, and returns it in lower case and in ASCII: an internationalized name
// becomes punycode. It refuses what registries sell names under, such as com and co.uk, by the ICANN section of the Public
// Suffix List; what companies give names under, such as duckdns.org, is what suffixes are for.
func Suffix(name string) (string, error) {
	switch {
	case name == "":
		return "", ErrEmpty
	case strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, ".."):
		return "", ErrDots
	}
	ascii, err := toASCII(name)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoDomain, err)
	}
	if _, err := netip.ParseAddr(ascii); err == nil {
		return "", fmt.Errorf("%w: it is an address", ErrNoDomain)
	}
	if public, icann := publicsuffix.PublicSuffix(ascii); public == ascii && (icann || !strings.Contains(ascii, ".")) {
		return "", ErrPublic
	}
	return ascii, nil
}

// maxASCII is how long a domain name may be, in bytes (RFC 1035, section 2.3.4, without the root's dot and the first length).
const maxASCII = 253

var errTooLong = fmt.Errorf("it is longer than %d bytes", maxASCII)

// toASCII lowers and converts a name. Names in ASCII may hold underscores, which occur in the wild and which IDNA refuses;
// their punycode labels are checked all the same.
func toASCII(name string) (string, error) {
	switch {
	case !utf8.ValidString(name):
		return "", errors.New("it is not valid UTF-8")
	case len(name) > maxASCII*utf8.UTFMax: // punycode takes at least a byte for a character, and its time grows with the square
		return "", errTooLong
	}
	ascii, err := idna.Lookup.ToASCII(strings.ReplaceAll(name, "_", "x"))
	if err != nil {
		return "", err
	}
	if len(ascii) > maxASCII {
		return "", errTooLong
	}
	for _, label := range strings.Split(ascii, ".") {
		if label == "" || len(label) > 63 {
			return "", errors.New("each of its labels must have 1 to 63 bytes")
		}
	}
	if strings.Contains(name, "_") {
		if strings.ToLower(strings.ReplaceAll(name, "_", "x")) != ascii {
			return "", errors.New("an internationalized name has no underscores")
		}
		return strings.ToLower(name), nil
	}
	return ascii, nil
}
