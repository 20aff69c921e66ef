// Package asn cuts ranges of addresses, as lists of autonomous systems have them, into prefixes, and fills a dictionary with them.
package asn

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// Prefixes turns each line of ranges into lines of prefixes. Ranges that are not routed have number 0 and are left out.
func Prefixes(in io.Reader, out io.Writer) error {
	return Each(in, func(prefix netip.Prefix, number uint32, name string) error {
		_, err := fmt.Fprintf(out, "%s\t%d\t%s\n", prefix, number, tabless.Replace(name))
		return err
	})
}

// Each hands over each prefix of the ranges, with the number and name of its autonomous system. The ranges may be packed with gzip.
func Each(in io.Reader, take func(prefix netip.Prefix, number uint32, name string) error) error {
	buffered := bufio.NewReader(in)
	lines := bufio.NewScanner(buffered)
	if start, err := buffered.Peek(2); err == nil && start[0] == 0x1f && start[1] == 0x8b {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return err
		}
		lines = bufio.NewScanner(unpacked)
	}
	for n := 1; lines.Scan(); n++ {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) < 5 {
			return fmt.Errorf("line %d has %d fields, want first address, last address, number, country and name, separated by tabs", n, len(fields))
		}
		first, err := netip.ParseAddr(fields[0])
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		last, err := netip.ParseAddr(fields[1])
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if first.Is4() != last.Is4() || last.Less(first) {
			return fmt.Errorf("line %d: %s to %s is no range", n, first, last)
		}
		number, err := strconv.ParseUint(fields[2], 10, 32)
		if err != nil {
			return fmt.Errorf("line %d: %q is no number of an autonomous system", n, fields[2])
		}
		if number == 0 {
			continue
		}
		for _, prefix := range cover(first, last) {
			if err := take(prefix, uint32(number), strings.Join(fields[4:], " ")); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

// tabless escapes what a text of the format TSV must not hold.
var tabless = strings.NewReplacer(`\`, `\\`)

// cover returns the fewest prefixes that hold the addresses from first to last and no others.
func cover(first, last netip.Addr) []netip.Prefix {
	var list []netip.Prefix
	for {
		prefix := largest(first, last)
		list = append(list, prefix)
		end := lastOf(prefix)
		if end == last {
			return list
		}
		first = end.Next()
	}
}

// largest returns the largest prefix that starts at first and ends at last or before.
func largest(first, last netip.Addr) netip.Prefix {
	for bits := 0; ; bits++ {
		prefix := netip.PrefixFrom(first, bits)
		if prefix.Masked().Addr() == first && !last.Less(lastOf(prefix)) {
			return prefix
		}
	}
}

// lastOf returns the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < 8*len(bytes); bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(bytes) // the length is an address's
	return last
}
