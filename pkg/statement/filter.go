package statement

import (
	"fmt"
	"maps"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// condition renders filter number i. A NULL counts as the empty text or 0, so that a negated operator keeps it.
func (s Source) condition(i int, f query.Filter) string {
	column, _ := schema.Lookup(f.Column)
	name := fmt.Sprintf("filter%d", i)
	if f.Operator == query.InSubnet {
		return s.inSubnets(name, f)
	}
	if column.Kind == schema.Integer {
		value := s.raw(f.Column)
		if schema.Nullable(s.table.Column(f.Column).Type) {
			value = fmt.Sprintf("ifNull(%s, 0)", value)
		}
		return compare(value, f.Operator, name, "Int64")
	}
	text := asText(s.raw(f.Column), s.table.Column(f.Column).Type)
	if column.Kind == schema.Address {
		return s.compareAddress(f.Column, text, f.Operator, name)
	}
	if f.Column == schema.RemoteURL && f.Operator == query.Contains {
		// A host is the same in either case, and a finding of one has it in lower case, whatever its events' text.
		return fmt.Sprintf("positionCaseInsensitive(%s, {%s:String}) > 0", text, name)
	}
	return compare(text, f.Operator, name, "String")
}

// compareAddress takes a value for the text as it stands, or for the address in it: findings show the address alone, and their
// events must be found by it.
func (s Source) compareAddress(column, text string, operator query.Operator, name string) string {
	and := " OR "
	switch operator {
	case query.NotEqual, query.NotIn:
		and = " AND "
	case query.Equal, query.In:
	default:
		return compare(text, operator, name, "String")
	}
	address := s.addressText(column)
	if address == text {
		return compare(text, operator, name, "String")
	}
	return "(" + compare(text, operator, name, "String") + and + compare(address, operator, name, "String") + ")"
}

func compare(value string, operator query.Operator, name, chType string) string {
	switch operator {
	case query.In, query.NotIn:
		word := map[query.Operator]string{query.In: "IN", query.NotIn: "NOT IN"}[operator]
		return fmt.Sprintf("%s %s {%s:Array(%s)}", value, word, name, chType)
	case query.Contains:
		return fmt.Sprintf("position(%s, {%s:String}) > 0", value, name)
	case query.StartsWith:
		return fmt.Sprintf("startsWith(%s, {%s:String})", value, name)
	case query.EndsWith:
		return fmt.Sprintf("endsWith(%s, {%s:String})", value, name)
	default: // = and !=
		return fmt.Sprintf("%s %s {%s:%s}", value, operator, name, chType)
	}
}

// inSubnets compares addresses as 128-bit numbers, IPv4 in its IPv4-mapped form; what is no address is in no subnet. The
// subnets of one length are one list of their leading bits, which ClickHouse looks up by hash, however many they are. An
// IPv6 subnet that lies around the IPv4-mapped addresses says nothing of IPv4, and leaves them out.
func (s Source) inSubnets(name string, f query.Filter) string {
	subnets := byLength(f.Values)
	var conditions []string
	for _, length := range slices.Sorted(maps.Keys(subnets)) {
		condition := fmt.Sprintf("bitShiftRight(number, %d) IN {%s:Array(UInt128)}", 128-length, subnetsParam(name, length))
		if length == 0 {
			condition = "isNotNull(number)"
		}
		if length < mapped.Bits() {
			condition += " AND bitShiftRight(number, 32) != 0xFFFF"
		}
		conditions = append(conditions, condition)
	}
	// a list of one, as in PublicOf
	return fmt.Sprintf("arrayExists(number -> ifNull(%s, 0), [%s])", strings.Join(conditions, " OR "), s.number(f.Column))
}

// byLength returns the leading bits of subnets by how many they are of 128.
func byLength(values []string) map[int][]*big.Int {
	subnets := map[int][]*big.Int{}
	for _, v := range values {
		p := netip.MustParsePrefix(v)
		length := p.Bits()
		if p.Addr().Is4() {
			length += mapped.Bits()
		}
		first, _ := bounds(p)
		subnets[length] = append(subnets[length], first.Rsh(first, uint(128-length)))
	}
	return subnets
}

func subnetsParam(name string, length int) string { return fmt.Sprintf("%s_%dbits", name, length) }

// mapped holds the IPv6 addresses that stand for IPv4.
var mapped = netip.MustParsePrefix("::ffff:0:0/96")

// filterValues adds the values of filter number i under the names that condition uses. Decoding has checked them.
func filterValues(values map[string]any, i int, f query.Filter) {
	name := fmt.Sprintf("filter%d", i)
	column, _ := schema.Lookup(f.Column)
	switch {
	case f.Operator == query.InSubnet:
		for length, leading := range byLength(f.Values) {
			if length > 0 {
				values[subnetsParam(name, length)] = leading
			}
		}
	case column.Kind == schema.Integer:
		numbers := make([]int64, len(f.Values))
		for j, v := range f.Values {
			numbers[j], _ = strconv.ParseInt(v, 10, 64)
		}
		values[name] = oneOrAll(f.Operator, numbers)
	default:
		values[name] = oneOrAll(f.Operator, f.Values)
	}
}

func oneOrAll[T any](operator query.Operator, all []T) any {
	if operator == query.In || operator == query.NotIn {
		return all
	}
	return all[0]
}

// bounds returns the first and last address of a prefix as 128-bit numbers, IPv4 in its IPv4-mapped form.
func bounds(p netip.Prefix) (first, last *big.Int) {
	from := p.Masked().Addr().As16()
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	first = new(big.Int).SetBytes(from[:])
	size := new(big.Int).Lsh(big.NewInt(1), uint(128-bits))
	last = new(big.Int).Sub(new(big.Int).Add(first, size), big.NewInt(1))
	return first, last
}
