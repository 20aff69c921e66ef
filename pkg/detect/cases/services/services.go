// Package services knows the domains of vendors' own services, which their products ask at even intervals, and of services whose names rotate by
// design.
package services

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

var (
	//go:embed services.txt
	text string
	//go:embed rotating.txt
	rotatingText string
)

// known maps a domain, or an address, to its vendor, and rotating one to its service. They are read at start; a file that does not parse is a
// programmer's error.
var (
	known    = must("services.txt", text)
	rotating = must("rotating.txt", rotatingText)
)

// Lists returns the domains and addresses, sorted, and the vendor of each.
func Lists() (domains, vendors []string) { return lists(known) }

// Rotating returns the domains of services whose names lead to many networks by design, sorted, and the service of each.
func Rotating() (domains, names []string) { return lists(rotating) }

func lists(of map[string]string) (domains, names []string) {
	domains = slices.Sorted(maps.Keys(of))
	for _, domain := range domains {
		names = append(names, of[domain])
	}
	return domains, names
}

func must(file, text string) map[string]string {
	vendors, err := parse(text)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", file, err))
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
