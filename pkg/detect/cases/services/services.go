// Package services knows the domains of vendors' own services, which their products ask at even intervals.
package services

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

//go:embed services.txt
var text string

// known maps a domain, or an address, to its vendor. It is read at start; a file that does not parse is a programmer's error.
var known = must(parse(text))

// Lists returns the domains and addresses, sorted, and the vendor of each.
func Lists() (domains, vendors []string) {
	domains = slices.Sorted(maps.Keys(known))
	for _, domain := range domains {
		vendors = append(vendors, known[domain])
	}
	return domains, vendors
}

func must(vendors map[string]string, err error) map[string]string {
	if err != nil {
		panic(fmt.Sprintf("services.txt: %v", err))
	}
	return vendors
}

// parse reads blocks: a vendor in brackets, then its domains, separated by blanks or ends of lines. A line that starts with #
// is a comment.
func parse(text string) (map[string]string, error) {
	vendors, vendor := map[string]string{}, ""
	for i, line := range strings.Split(text, "\n") {
		switch line = strings.TrimSpace(line); {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			vendor = strings.Trim(line, "[]")
		case vendor == "":
			return nil, fmt.Errorf("line %d: a domain stands before the first vendor", i+1)
		default:
			for domain := range strings.FieldsSeq(line) {
				if other, twice := vendors[domain]; twice {
					return nil, fmt.Errorf("line %d: %s stands twice, also under %s", i+1, domain, other)
				}
				vendors[domain] = vendor
			}
		}
	}
	return vendors, nil
}
