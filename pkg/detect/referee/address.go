package referee

import (
	"fmt"
	"net/netip"
)

// Addresses is the rule "the address is public".
type Addresses struct {
	IncludeIPv6     bool     `json:"includeIPv6"`
	PrivateNetworks []string `json:"privateNetworks"` // IPv4
}

// DefaultAddresses is KQL's ipv4_is_private.
func DefaultAddresses() Addresses {
	return Addresses{PrivateNetworks: []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}}
}

// Public returns the canonical text of a public address, and false for a text that is none.
func (a Addresses) Public(text string) (string, bool) {
	address, ok := parse(Address(text))
	switch {
	case !ok:
		return "", false
	case address.Is4():
		return address.String(), !a.private(address)
	case !a.IncludeIPv6:
		return "", false
	}
	return canonical(address), globalUnicast(address)
}

// canonical writes an IPv6 address as RFC 5952 asks, with the mixed notation of its section 5 for the IPv4-compatible
// addresses.
func canonical(address netip.Addr) string {
	bytes := address.As16()
	last4 := [4]byte(bytes[12:])
	compatible := netip.MustParsePrefix("::/96").Contains(address) && (last4[0] != 0 || last4[1] != 0)
	if compatible {
		return "::" + netip.AddrFrom4(last4).String()
	}
	return address.String()
}

func (a Addresses) private(address netip.Addr) bool {
	for _, network := range a.PrivateNetworks {
		if netip.MustParsePrefix(network).Masked().Contains(address) {
			return true
		}
	}
	return false
}

func globalUnicast(address netip.Addr) bool {
	for _, out := range []string{"fc00::/7", "fe80::/10", "ff00::/8", "::1/128", "::/128"} {
		if netip.MustParsePrefix(out).Contains(address) {
			return false
		}
	}
	return true
}

// parse reads four decimal numbers without leading zeros, or an IPv6 address without zone; nothing around them.
func parse(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(text)
	return address, err == nil && address.Zone() == ""
}

// length is the length of a network as one of 128-bit addresses.
func length(network string) int {
	prefix := netip.MustParsePrefix(network)
	if prefix.Addr().Is4() {
		return prefix.Bits() + 96
	}
	return prefix.Bits()
}

// within tells whether an address begins with the bits of a network. An address is never in a network of the other family;
// the IPv4-mapped ones of either are IPv4.
func within(text, network string) bool {
	address, ok := parse(Address(text))
	if !ok {
		return false
	}
	prefix := netip.MustParsePrefix(network)
	base, bits := prefix.Addr(), prefix.Bits()
	if base.Is4In6() && bits >= 96 { // a shorter one reaches beyond the mapped addresses: it is a network of IPv6
		base, bits = base.Unmap(), bits-96
	}
	address = address.Unmap()
	return address.Is4() == base.Is4() && binary(address)[:bits] == binary(base)[:bits]
}

// binary writes an address as 32 or 128 zeros and ones.
func binary(address netip.Addr) string {
	digits := ""
	for _, octet := range address.AsSlice() {
		digits += fmt.Sprintf("%08b", octet)
	}
	return digits
}
