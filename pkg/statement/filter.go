package statement

import (
	"fmt"
	"math/big"
	"net/netip"
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
	return compare(asText(s.raw(f.Column), s.table.Column(f.Column).Type), f.Operator, name, "String")
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

// inSubnets compares addresses as 128-bit numbers, IPv4 in its IPv4-mapped form; what is no address is in no subnet. An
// IPv6 subnet that lies around the IPv4-mapped addresses says nothing of IPv4, and leaves them out.
func (s Source) inSubnets(name string, f query.Filter) string {
	number := s.number(f.Column)
	ranges := make([]string, len(f.Values))
	for i, v := range f.Values {
		ranges[i] = fmt.Sprintf("%s BETWEEN {%s_%d_first:UInt128} AND {%s_%d_last:UInt128}", number, name, i, name, i)
		if p := netip.MustParsePrefix(v); p.Bits() < mapped.Bits() && p.Overlaps(mapped) {
			ranges[i] += fmt.Sprintf(" AND bitShiftRight(%s, 32) != 0xFFFF", number)
		}
	}
	return fmt.Sprintf("ifNull(%s, 0)", strings.Join(ranges, " OR "))
}

// mapped holds the IPv6 addresses that stand for IPv4.
var mapped = netip.MustParsePrefix("::ffff:0:0/96")

// filterValues adds the values of filter number i under the names that condition uses. Decoding has checked them.
func filterValues(values map[string]any, i int, f query.Filter) {
	name := fmt.Sprintf("filter%d", i)
	column, _ := schema.Lookup(f.Column)
	switch {
	case f.Operator == query.InSubnet:
		for j, v := range f.Values {
			first, last := bounds(netip.MustParsePrefix(v))
			values[fmt.Sprintf("%s_%d_first", name, j)] = first
			values[fmt.Sprintf("%s_%d_last", name, j)] = last
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
