package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// PrivateNetworks are inside unless somebody says otherwise: RFC 1918's, and what corresponds to them in IPv6 and on a link.
func PrivateNetworks() []string {
	return []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"}
}

// ReadNetworks reads networks, such as 10.0.0.0/8, and addresses, which are a network each. What is empty is left out, and bits
// behind a network's length are of no account. The error names each entry that is neither; the others are returned all the same.
func ReadNetworks(list []string) ([]string, error) {
	var read []string
	var faults []error
	for _, entry := range list {
		entry = strings.TrimSpace(entry)
		prefix, err := netip.ParsePrefix(entry)
		if address, addressErr := netip.ParseAddr(entry); addressErr == nil && address.Zone() == "" {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err == nil && prefix.Addr().Is4In6() { // ClickHouse finds no IPv4 address in it
			prefix, err = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96), nil
		}
		switch {
		case entry == "":
		case err != nil || !prefix.IsValid():
			faults = append(faults, fmt.Errorf("%q is no network such as 10.0.0.0/8 or fd00::/8", entry))
		default:
			read = append(read, prefix.Masked().String())
		}
	}
	return read, errors.Join(faults...)
}

// NetworksOf reads networks with commas between them; where the text names none, the others count.
func NetworksOf(text string, others []string) ([]string, error) {
	read, err := ReadNetworks(strings.Split(text, ","))
	if err != nil {
		return nil, err
	}
	if len(read) == 0 {
		return others, nil
	}
	return read, nil
}

// storedNetworks is a list of networks, or, as an environment variable gives it, one text with commas between them.
type storedNetworks []string

func (n *storedNetworks) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return json.Unmarshal(data, (*[]string)(n))
	}
	var text word
	if err := text.UnmarshalJSON(data); err != nil {
		return errNoNetworks
	}
	*n = strings.Split(string(text), ",")
	return nil
}

// internalNetworks reads which networks are inside. No query asks: one that cannot be read is told, and stops none.
func internalNetworks(s *Settings, stored storedNetworks) error {
	if len(stored) > maxLists {
		return refuse("internalNetworks", "it has %d entries; at most %d are allowed", len(stored), maxLists)
	}
	read, err := ReadNetworks(stored)
	if err != nil {
		s.Ignored = append(s.Ignored, &Error{"internalNetworks", strings.ReplaceAll(err.Error(), "\n", "; ")})
	}
	if s.InternalNetworks = read; len(read) == 0 && err == nil {
		s.InternalNetworks = PrivateNetworks()
	}
	return nil
}
