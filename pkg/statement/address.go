package statement

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Names of the computed columns that Select knows beside the canonical ones.
const (
	// RemoteIPv4Number is RemoteIP as a UInt32: 0 where RemoteIP is no dotted IPv4.
	RemoteIPv4Number = "RemoteIPv4Number"
	// RemoteIPNumber is RemoteIP as a Nullable(UInt128), IPv4 in its IPv4-mapped form: NULL where it is no address.
	RemoteIPNumber = "RemoteIPNumber"
	// RemoteIPCanonical is RemoteIP written canonically, an IPv4-mapped address as its IPv4; empty where it is none.
	RemoteIPCanonical = "RemoteIPCanonical"
)

func (s Source) address(name string) (string, bool) {
	switch name {
	case RemoteIPv4Number:
		return s.ipv4Number(schema.RemoteIP), true
	case RemoteIPNumber:
		return s.number(schema.RemoteIP), true
	case RemoteIPCanonical:
		return ipv6Text(s.ipv6(schema.RemoteIP)), true
	}
	return "", false
}

func (s Source) ipv4Number(column string) string {
	own, raw := s.table.Column(column), s.raw(column)
	if schema.Nullable(own.Type) && schema.Base(own.Type) != "String" && schema.Base(own.Type) != "FixedString" {
		raw = fmt.Sprintf("assumeNotNull(%s)", raw) // a NULL reads as some number, and its text is empty
	}
	switch schema.Base(own.Type) {
	case "IPv4":
		return fmt.Sprintf("toUInt32(%s)", raw)
	case "IPv6":
		number := fmt.Sprintf("toUInt128(%s)", raw)
		return fmt.Sprintf("if(bitShiftRight(%s, 32) = 0xFFFF, toUInt32(bitAnd(%s, 0xFFFFFFFF)), 0)", number, number)
	default:
		return fmt.Sprintf("IPv4StringToNumOrDefault(%s)", asText(raw, own.Type))
	}
}

func (s Source) number(column string) string {
	return fmt.Sprintf("toUInt128(%s)", s.ipv6(column))
}

// ipv6 reads the column as a Nullable(IPv6) or IPv6.
func (s Source) ipv6(column string) string {
	own, raw := s.table.Column(column), s.raw(column)
	switch schema.Base(own.Type) {
	case "IPv4":
		return fmt.Sprintf("toIPv6(%s)", raw)
	case "IPv6":
		return raw
	default:
		text := asText(raw, own.Type)
		return fmt.Sprintf("if(%s, NULL, toIPv6OrNull(%s))", zeroPadded(text), text)
	}
}

// AddressNumber renders the number of the address in a text column: as RemoteIPv4Number is of RemoteIP, or with IPv6 as
// RemoteIPNumber is.
func AddressNumber(text string, includeIPv6 bool) string {
	if !includeIPv6 {
		return fmt.Sprintf("IPv4StringToNumOrDefault(%s)", text)
	}
	return fmt.Sprintf("toUInt128(if(%s, NULL, toIPv6OrNull(%s)))", zeroPadded(text), text)
}

// zeroPadded holds where a number of a dotted IPv4 has a leading zero. Some read such a number as octal: it is no
// address, although ClickHouse would take it for one.
func zeroPadded(text string) string {
	return fmt.Sprintf("match(%s, '(?:^|:)0[0-9]+[.]|[.]0[0-9]')", text)
}

// IPv4Hex is what AddressHex of every IPv4 address starts with, and of no IPv6 address.
const IPv4Hex = "00000000000000000000FFFF"

// AddressHex renders an address that is written in a text as the 32 hexadecimal digits of its 128-bit number, IPv4 in its
// IPv4-mapped form: they sort as the numbers do. What is no address is the empty text.
func AddressHex(text string) string {
	return fmt.Sprintf("if(%s, '', ifNull(hex(toIPv6OrNull(%s)), ''))", zeroPadded(text), text)
}

// ipv6Text writes an IPv6 value canonically, an IPv4-mapped one as its IPv4.
func ipv6Text(ipv6 string) string {
	return fmt.Sprintf("replaceRegexpOne(ifNull(toString(%s), ''), '^::ffff:([0-9]+[.])', '\\\\1')", ipv6)
}

// Public renders the rule "the address is public" for a SELECT that carries RemoteIP and RemoteIPv4Number (or, with
// IPv6, RemoteIPNumber). What parses as no address is not public: KQL's ipv4_is_private gives null for it, and
// `where not(null)` drops the row. A text is an IPv4 when its number, written again, is the same text. Parameter names
// start with the given prefix; PublicValues gives their values.
func Public(prefix string, includeIPv6 bool, private []string) string {
	if includeIPv6 {
		return PublicOf(schema.RemoteIP, RemoteIPNumber, prefix, true, private)
	}
	return PublicOf(schema.RemoteIP, RemoteIPv4Number, prefix, false, private)
}

// PublicOf is Public for a text column with an address and the column with its AddressNumber.
func PublicOf(text, column, prefix string, includeIPv6 bool, private []string) string {
	chType, parses := "UInt32", fmt.Sprintf("IPv4NumToString(%s) = %s", column, text)
	if includeIPv6 {
		chType, parses = "UInt128", fmt.Sprintf("isNotNull(%s)", column)
	}
	var b strings.Builder
	for i := range private {
		fmt.Fprintf(&b, "NOT (%s BETWEEN {%s_private%d_first:%s} AND {%s_private%d_last:%s})\n      AND ", column, prefix, i, chType, prefix, i, chType)
	}
	if includeIPv6 {
		for _, p := range notGlobalUnicast {
			first, last := bounds(netip.MustParsePrefix(p))
			fmt.Fprintf(&b, "NOT (%s BETWEEN toUInt128('%s') AND toUInt128('%s')) -- %s\n      AND ", column, first, last, p)
		}
	}
	return b.String() + parses
}

// PublicValues returns the parameters of Public's text.
func PublicValues(prefix string, includeIPv6 bool, private []string) map[string]any {
	values := map[string]any{}
	for i, p := range private {
		first, last := bounds(netip.MustParsePrefix(p))
		var f, l any = first, last
		if !includeIPv6 {
			f, l = uint32(first.Uint64()), uint32(last.Uint64())
		}
		values[fmt.Sprintf("%s_private%d_first", prefix, i)] = f
		values[fmt.Sprintf("%s_private%d_last", prefix, i)] = l
	}
	return values
}

// notGlobalUnicast is what includeIPv6 never admits: unspecified and loopback, unique local, link local, multicast
// (https://www.iana.org/assignments/ipv6-address-space).
var notGlobalUnicast = []string{"::/127", "fc00::/7", "fe80::/10", "ff00::/8"}
