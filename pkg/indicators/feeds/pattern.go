package feeds

import (
	"regexp"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators"
)

// STIX 2.1, part 9 (https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_e8slinrhxcc9): comparisons within brackets, which AND and
// OR join.
var (
	comparison = regexp.MustCompile(`(?i)\b(ipv4-addr|ipv6-addr|domain-name|url|network-traffic):(value|dst_ref\.value)\s*(=|IN)\s*(?:'((?:[^'\\]|\\.)*)'|\(([^)]*)\))`)
	anyPath    = regexp.MustCompile(`(?i)[a-z0-9-]+:[a-z0-9_.'\[\]*-]+\s*(?:=|!=|IN|LIKE|MATCHES|ISSUBSET|ISSUPERSET|<|>|NOT)`)
	joined     = regexp.MustCompile(`(?i)\b(AND|FOLLOWEDBY|NOT)\b`)
	quoted     = regexp.MustCompile(`'((?:[^'\\]|\\.)*)'`)
	escaped    = strings.NewReplacer(`\'`, `'`, `\\`, `\`)
)

// fromPattern reads a STIX indicator. A pattern of several conditions that must all hold is none: each alone would say more than its
// source does.
func fromPattern(o object, where string) []Entry {
	like := Entry{Where: where, Indicator: indicators.Indicator{
		Threat: textOf(o["name"]), Confidence: -1, FirstSeen: instant(textOf(o["valid_from"])), Expires: instant(textOf(o["valid_until"])), Reference: referenceOf(o),
	}}
	like.Revoked = o["revoked"] == true
	if n, ok := o["confidence"]; ok {
		like.Confidence = rowOf(object{"confidence": n}).entry("").Confidence
	}
	pattern := textOf(o["pattern"])
	wrong := func(reason string) []Entry {
		like.Problem = &indicators.Refusal{Value: pattern, Reason: reason}
		return []Entry{like}
	}
	if kind := textOf(o["pattern_type"]); kind != "" && kind != "stix" {
		return wrong("it is a rule of " + kind + ", and no list of values")
	}
	bare := quoted.ReplaceAllString(pattern, "''")
	if joined.MatchString(bare) {
		return wrong("its pattern has several conditions that must hold together")
	}
	found := comparison.FindAllStringSubmatch(pattern, -1)
	if len(found) == 0 || len(found) != len(anyPath.FindAllString(bare, -1)) {
		return wrong("its pattern asks for what cannot be seen in connections")
	}
	var entries []Entry
	for _, match := range found {
		values := []string{match[4]}
		if strings.EqualFold(match[3], "IN") {
			values = nil
			for _, one := range quoted.FindAllStringSubmatch(match[5], -1) {
				values = append(values, one[1])
			}
		}
		for _, value := range values {
			e := like
			e.Value = escaped.Replace(value)
			switch strings.ToLower(match[1]) {
			case "domain-name":
				e.Kind = indicators.Domain
			case "url":
				e.Kind = indicators.URL
			case "network-traffic":
				e.Kind, e.Problem = indicators.KindOf(e.Value)
			default:
				e.Kind = indicators.Network
			}
			entries = append(entries, e)
		}
	}
	return entries
}

// referenceOf is the first page that an object refers to.
func referenceOf(o object) string {
	list, _ := o["external_references"].([]any)
	for _, item := range list {
		if of, ok := item.(object); ok && textOf(of["url"]) != "" {
			return textOf(of["url"])
		}
	}
	return ""
}
