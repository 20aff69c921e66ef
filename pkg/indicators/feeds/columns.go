package feeds

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators"
)

// Columns as feeds name them.
const (
	valueColumn      = "value"
	kindColumn       = "kind"
	threatColumn     = "threat"
	confidenceColumn = "confidence"
	firstColumn      = "first"
	lastColumn       = "last"
	expiresColumn    = "expires"
	referenceColumn  = "reference"
	noteColumn       = "note"
	detectColumn     = "detect" // whether MISP's people mean it to be looked for
)

// columns are the names by which feeds call them, in lower case; of several in one feed the first of a list counts.
var columns = map[string][]string{
	valueColumn:      {"ioc_value", "ioc", "indicator", "value", "url", "dst_ip", "ip_address", "ip", "domain", "host", "hostname", "network", "cidr", "address"},
	kindColumn:       {"ioc_type", "indicator_type", "type", "kind"},
	threatColumn:     {"malware_printable", "malware", "threat", "threat_type", "family"},
	confidenceColumn: {"confidence_level", "confidence"},
	firstColumn:      {"first_seen_utc", "first_seen", "dateadded", "date_added", "valid_from", "date"},
	lastColumn:       {"last_seen_utc", "last_seen", "last_online"},
	expiresColumn:    {"valid_until", "expires", "expiration"},
	referenceColumn:  {"urlhaus_link", "reference", "link"},
	noteColumn:       {"comment", "description", "note"},
	detectColumn:     {"to_ids"},
}

func columnOf(name string) string {
	name = strings.ToLower(strings.Trim(strings.TrimSpace(name), `"`))
	for column, list := range columns {
		if slices.Contains(list, name) {
			return column
		}
	}
	return ""
}

// implied is the kind of what stands in a column of that name.
var implied = map[string]indicators.Kind{
	"url": indicators.URL, "dst_ip": indicators.Network, "ip_address": indicators.Network, "ip": indicators.Network, "network": indicators.Network, "cidr": indicators.Network,
	"address": indicators.Network, "domain": indicators.Domain, "host": indicators.Host, "hostname": indicators.Host,
}

// kinds are the words for kinds in abuse.ch's feeds, MISP's attributes, STIX's objects and lists of one's own.
var kinds = map[string]indicators.Kind{
	"ip": indicators.Network, "ipv4": indicators.Network, "ipv6": indicators.Network, "ip:port": indicators.Network, "ip-dst": indicators.Network, "ip-src": indicators.Network,
	"ip-dst|port": indicators.Network, "ip-src|port": indicators.Network, "ipv4-addr": indicators.Network, "ipv6-addr": indicators.Network, "network": indicators.Network, "cidr": indicators.Network, "netblock": indicators.Network,
	"domain": indicators.Domain, "domain-name": indicators.Domain, "domain|ip": indicators.Domain, "fqdn": indicators.Domain,
	"hostname": indicators.Host, "host": indicators.Host, "hostname|port": indicators.Host,
	"url": indicators.URL, "uri": indicators.URL, "link": indicators.URL,
}

// row is what a feed says of one thing, by the names that it has for them, in lower case.
type row map[string]string

// of returns what stands in a column, and the feed's own name of it.
func (r row) of(column string) (text, name string) {
	for _, name := range columns[column] {
		if text := strings.TrimSpace(r[name]); text != "" && !strings.EqualFold(text, "none") && !strings.EqualFold(text, "null") {
			return text, name
		}
	}
	return "", ""
}

func (r row) text(column string) string {
	text, _ := r.of(column)
	return text
}

// entry reads a row.
func (r row) entry(where string) Entry {
	value, name := r.of(valueColumn)
	e := Entry{Where: where, Indicator: indicators.Indicator{
		Value: value, Threat: threatOf(r), Confidence: -1, Reference: r.text(referenceColumn),
		FirstSeen: instant(r.text(firstColumn)), LastSeen: instant(r.text(lastColumn)), Expires: instant(r.text(expiresColumn)),
	}}
	if n, err := strconv.ParseFloat(strings.TrimSuffix(r.text(confidenceColumn), "%"), 64); err == nil && n >= 0 && n <= 100 {
		e.Confidence = int(n)
	}
	if detect := strings.ToLower(r.text(detectColumn)); detect == "0" || detect == "false" {
		e.Problem = &indicators.Refusal{Value: value, Reason: "its source does not mean it to be looked for (to_ids)"}
		return e
	}
	word := strings.ToLower(r.text(kindColumn))
	switch kind, ok := kinds[word]; {
	case value == "":
		e.Problem = &indicators.Refusal{Reason: "it has no value"}
	case ok:
		e.Kind, e.Value = kind, alone(kind, word, value)
	case implied[name] != "":
		e.Kind = implied[name]
	case word != "":
		e.Problem = &indicators.Refusal{Value: value, Reason: "indicators of the kind " + strconv.Quote(word) + " cannot be seen in connections"}
	default:
		e.Kind, e.Problem = indicators.KindOf(value)
	}
	return e
}

func threatOf(r row) string {
	if threat := r.text(threatColumn); threat != "" && !strings.EqualFold(threat, "unknown malware") {
		return threat
	}
	return r.text(noteColumn)
}

// alone takes what stands beside a value off it: a port, or the address of a domain.
func alone(kind indicators.Kind, word, value string) string {
	if strings.Contains(word, "|") {
		value, _, _ = strings.Cut(value, "|")
	}
	if kind == indicators.Network {
		if withPort, err := netip.ParseAddrPort(value); err == nil {
			return withPort.Addr().String()
		}
	}
	return value
}

// instant reads a time as feeds write them, in UTC where they do not say; the zero time for none.
func instant(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05 UTC", time.DateTime, "2006-01-02T15:04:05", time.DateOnly, "20060102"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds > 0 && seconds < 1<<33 {
		return time.Unix(seconds, 0).UTC()
	}
	return time.Time{}
}
