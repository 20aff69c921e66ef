package statement

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Names of the computed columns that Select knows beside the canonical ones.
const (
	// RemoteAddress is the address in RemoteIP, written canonically, an IPv4-mapped one as its IPv4; empty where there is none.
	RemoteAddress = "RemoteAddress"
	// RemoteIPv4Number is the number of RemoteAddress, which is selected beside it, as a UInt32: 0 where it is no IPv4.
	RemoteIPv4Number = "RemoteIPv4Number"
	// RemoteIPNumber is the same as a Nullable(UInt128), IPv4 in its IPv4-mapped form: NULL where it is none.
	RemoteIPNumber = "RemoteIPNumber"
)

func (s Source) address(name string) (string, bool) {
	switch name {
	case RemoteAddress:
		return s.addressText(schema.RemoteIP), true
	case RemoteIPv4Number:
		return AddressNumber(RemoteAddress, false), true
	case RemoteIPNumber:
		return AddressNumber(RemoteAddress, true), true
	}
	return "", false
}

// addressText is the address in a column of any type that may carry one.
func (s Source) addressText(column string) string {
	text := s.expression(column)
	switch schema.Base(s.table.Column(column).Type) {
	case "IPv4", "IPv6": // written canonically already
		return text
	default:
		return AddressText(text)
	}
}

// number is the number of the address in a column, as RemoteIPNumber is.
func (s Source) number(column string) string {
	switch raw := s.raw(column); schema.Base(s.table.Column(column).Type) {
	case "IPv4":
		return fmt.Sprintf("toUInt128(toIPv6(%s))", raw)
	case "IPv6":
		return fmt.Sprintf("toUInt128(%s)", raw)
	default:
		return fmt.Sprintf("arrayMap(address -> %s, [%s])[1]", AddressNumber("address", true), s.addressText(column))
	}
}

// AddressText renders the address that a text stands for, written canonically, an IPv4-mapped one as its IPv4; the empty text
// where it stands for none. Blanks and quotes around it, brackets, a port and a zone are no part of it.
//
// Most texts are a canonical IPv4 and stay as they are. The others are the branches of one condition: ClickHouse evaluates
// them where they hold, unless another expression needs the same.
func AddressText(text string) string {
	return fmt.Sprintf("multiIf(%s, %s, %s = '', '', match(%s, '^[0-9A-Fa-f:]+$'), %s, %s)",
		canonicalIPv4(text), text, text, text, hexAddressText(text), oddAddressText(text))
}

// canonicalIPv4 tells a text that is an IPv4 in its canonical form: one that is as long as its four numbers are. Writing the
// number again, to compare, takes twice the time.
func canonicalIPv4(text string) string {
	number := AddressNumber(text, false)
	octets := fmt.Sprintf("(%[1]s >= 0x0A000000) + (%[1]s >= 0x64000000)", number)
	for _, octet := range []string{"0000", "00", ""} {
		octets += fmt.Sprintf(" + (bitAnd(%[1]s, 0xFF%[2]s) >= 0x0A%[2]s) + (bitAnd(%[1]s, 0xFF%[2]s) >= 0x64%[2]s)", number, octet)
	}
	return fmt.Sprintf("(%s != 0 OR %s = '0.0.0.0') AND length(%s) = 7 + %s", number, text, text, octets)
}

// hexAddressText is AddressText of an IPv6 address that is written without dots: it has some only where it is IPv4-mapped or
// IPv4-compatible. No capturing expression is needed, which would take most of the time.
func hexAddressText(text string) string {
	canonical := fmt.Sprintf("ifNull(toString(toIPv6OrNull(%s)), '')", text)
	return fmt.Sprintf("if(position(%s, '.') = 0, %s, replaceOne(%s, '::ffff:', ''))", canonical, canonical, canonical)
}

// oddAddressText is AddressText of any text, and dear.
func oddAddressText(text string) string {
	return ipv6Text(fmt.Sprintf("toIPv6OrNull(extract(toValidUTF8(%s), '%s'))", text, oddAddress))
}

// AnyAddressText is AddressText without the short ways, dear to compute and short to write, and of a list as JSON or of several texts joined
// by commas that of the first.
func AnyAddressText(text string) string {
	return ipv6Text(fmt.Sprintf("toIPv6OrNull(extract(toValidUTF8(%s), '%s'))", text, firstAddress))
}

const firstAddress = `^\\[?[` + edges + `]*(?:(?:null|"")?,)*[` + edges + `]*` + anAddress + `[` + edges + `]*(?:[],].*)?$`

// oddAddress captures an address among what may stand around it. A number of a dotted IPv4 with a leading zero is read as octal
// by some: that is no address.
const oddAddress = `^[` + edges + `]*` + anAddress + `[` + edges + `]*$`

const anAddress = `\\[?((?:[0-9A-Fa-f:]*:)?` + octet + `[.]` + octet + `[.]` + octet + `[.]` + octet + `|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?`

const octet = `(?:0|[1-9][0-9]*)`

// AddressNumber renders the number of a canonical address in a text: as RemoteIPv4Number is, or with IPv6 as RemoteIPNumber is,
// for which most addresses, that are IPv4, go without the dearer reading.
func AddressNumber(text string, includeIPv6 bool) string {
	if !includeIPv6 {
		return fmt.Sprintf("IPv4StringToNumOrDefault(%s)", text)
	}
	ipv4 := AddressNumber(text, false)
	return fmt.Sprintf("if(%s != 0, toNullable(toUInt128(0xFFFF00000000 + %s)), toUInt128(toIPv6OrNull(%s)))", ipv4, ipv4, text)
}

// IPv4Hex is what AddressHex of every IPv4 address starts with, and of no IPv6 address.
const IPv4Hex = "00000000000000000000FFFF"

// AddressHex renders a canonical address in a text as the 32 hexadecimal digits of its 128-bit number, IPv4 in its IPv4-mapped
// form: they sort as the numbers do. What is no address is the empty text.
func AddressHex(text string) string {
	return fmt.Sprintf("ifNull(hex(toIPv6OrNull(%s)), '')", text)
}

// ipv6Text writes an IPv6 value canonically, an IPv4-mapped one as its IPv4.
func ipv6Text(ipv6 string) string {
	return fmt.Sprintf("replaceRegexpOne(ifNull(toString(%s), ''), '^::ffff:([0-9]+[.])', '\\\\1')", ipv6)
}

// Public renders the rule "the address is public" for a SELECT that carries RemoteAddress and RemoteIPv4Number (or, with
// IPv6, RemoteIPNumber). What is no address is not public: KQL's ipv4_is_private gives null for it, and `where not(null)`
// drops the row. Parameter names start with the given prefix; PublicValues gives their values.
func Public(prefix string, includeIPv6 bool, private []string) string {
	if includeIPv6 {
		return PublicOf(RemoteAddress, RemoteIPNumber, prefix, true, private)
	}
	return PublicOf(RemoteAddress, RemoteIPv4Number, prefix, false, private)
}

// PublicOf is Public for a text column with a canonical address and the column with its AddressNumber. Without IPv6, what has
// the number 0 is no IPv4, but for 0.0.0.0.
func PublicOf(text, column, prefix string, includeIPv6 bool, private []string) string {
	chType, parses := "UInt32", fmt.Sprintf("(number != 0 OR %s = '0.0.0.0')", text)
	if includeIPv6 {
		chType, parses = "UInt128", "isNotNull(number)"
	}
	var b strings.Builder
	for i := range private {
		fmt.Fprintf(&b, "NOT (number BETWEEN {%s_private%d_first:%s} AND {%s_private%d_last:%s})\n      AND ", prefix, i, chType, prefix, i, chType)
	}
	if includeIPv6 {
		for _, p := range notGlobalUnicast {
			first, last := bounds(netip.MustParsePrefix(p))
			fmt.Fprintf(&b, "NOT (number BETWEEN toUInt128('%s') AND toUInt128('%s')) -- %s\n      AND ", first, last, p)
		}
	}
	// A list of one: ClickHouse's planner writes out what a number is computed from at each of its uses, and takes tens of
	// milliseconds for each.
	return fmt.Sprintf("arrayExists(number -> %s, [%s])", b.String()+parses, column)
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

// SpecialNetworks are IPv4's special-purpose networks: RFC 6890 and IANA's registry of them. The networks for documentation are
// none here: examples and demonstrations use them, and nothing else does.
func SpecialNetworks() []string {
	return []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.88.99.0/24",
		"192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
	}
}
