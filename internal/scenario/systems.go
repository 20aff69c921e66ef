package scenario

import (
	"fmt"
	"io"
	"net/netip"
)

// System is an autonomous system of the scenario's made-up internet: a range of addresses.
type System struct {
	First, Last netip.Addr
	Number      uint32 // for private use, RFC 6996
	Name        string
}

// Systems are those of all public addresses of the scenario. A large service is one; of the addresses that attackers move between,
// each /16 belongs to another provider of homes.
func (s *Scenario) Systems() []System {
	const first = 4200000000
	list := []System{
		{netip.MustParseAddr("198.18.0.0"), netip.MustParseAddr("198.18.255.255"), first + 1, "Parcel Content Network"},
		{netip.MustParseAddr("198.19.0.0"), netip.MustParseAddr("198.19.255.255"), first + 2, "Harbour Software Hosting"},
		{netip.MustParseAddr("192.0.2.0"), netip.MustParseAddr("192.0.2.255"), first + 3, "Lowland Servers"},
		{netip.MustParseAddr("198.51.100.0"), netip.MustParseAddr("198.51.100.255"), first + 4, "Northgate Servers"},
		{netip.MustParseAddr("203.0.113.0"), netip.MustParseAddr("203.0.113.255"), first + 5, "Tidewater Servers"},
	}
	for network := firstFlux; network <= lastFlux; network++ {
		for part := range 256 {
			n := first + 1000 + uint32(network-firstFlux)*256 + uint32(part)
			from := [4]byte{byte(network), byte(part), 0, 0}
			to := [4]byte{byte(network), byte(part), 255, 255}
			list = append(list, System{netip.AddrFrom4(from), netip.AddrFrom4(to), n, fmt.Sprintf("Homes of Region %d", n-first-999)})
		}
	}
	return list
}

// WriteSystems writes ranges of addresses with their systems, as iptoasn.com does: first, last, number, country, name.
func (s *Scenario) WriteSystems(out io.Writer) error {
	for _, system := range s.Systems() {
		if _, err := fmt.Fprintf(out, "%s\t%s\t%d\tNone\t%s\n", system.First, system.Last, system.Number, system.Name); err != nil {
			return err
		}
	}
	return nil
}
