package statement

import (
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Computed columns that tell one device from another.
const (
	// DeviceKey is DeviceId as it is written, or DeviceName where there is no identifier.
	DeviceKey = "DeviceKey"
	// Device is the same with case and domain folded: WS-9, ws-9.corp.example and CORP\WS-9 are one.
	Device = "Device"
)

func (s Source) device(name string) string {
	id, named := s.dictionary(schema.DeviceID), s.dictionary(schema.DeviceName)
	if name == Device {
		return FoldedDevice(id, named)
	}
	return fmt.Sprintf("multiIf(%s, %s, %s = '', %s, %s)", matches(id, plain), id, identified(id), named, id)
}

// FoldedDevice renders which device an identifier and a name stand for: the identifier, or the name where it is none, folded.
func FoldedDevice(id, named string) string {
	folded := fold(identified(id))
	return foldAtOnce(id, fmt.Sprintf("if(%s = '', %s, %s)", folded, foldAtOnce(named, fold(something(trimmed(named)))), folded))
}

// identified renders an identifier, and nothing where it is none: a GUID of nothing but zeros is what programs write for none.
func identified(id string) string {
	return fmt.Sprintf("replaceRegexpOne(%s, '^[{(]?0{8}[0-]*[)}]?$', '')", something(trimmed(id)))
}

// Most identifiers and names need little, and folding them step by step is dear: ClickHouse does it for each block of rows, and for
// each text of a dictionary even where a few rows are left. What these match is folded to the same by fold.
const (
	// plain is an identifier, or a name without a domain: it is no placeholder, for it has a digit, which is not 0.
	plain = `^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$`
	// qualified is a name with its domain, no part of which can be taken for an address.
	qualified = `^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$`
)

func matches(text, pattern string) string { return fmt.Sprintf("match(%s, '%s')", text, pattern) }

// foldAtOnce renders the folded text of a device, and otherwise where the text takes more than one look.
func foldAtOnce(text, otherwise string) string {
	return fmt.Sprintf("multiIf(%s, lower(%s), %s, lower(extract(%s, '^[^.]+')), %s)", matches(text, plain), text, matches(text, qualified), text, otherwise)
}

// fold renders the name of a device in lower case and without its domain, the $ of a machine's account, and what an address or a
// GUID may be wrapped in. What only looks like a name keeps its dots: an address, whose first label has no letter, or what ends in a
// number.
func fold(name string) string {
	name = fmt.Sprintf(`replaceRegexpOne(lowerUTF8(toValidUTF8(%s)), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1')`, name)
	name = fmt.Sprintf(`replaceRegexpOne(%s, '(?s)^(.*[^.$])[.$]+$', '\\1')`, name)
	name = fmt.Sprintf(`replaceRegexpOne(%s, '%s', '\\1\\2\\3')`, name, wrapped)
	return fmt.Sprintf("replaceRegexpOne(%s, '^([%[2]s_-]*[%[3]s][%[2]s_-]*)(?:[.][%[2]s_-]+)*[.][%[3]s][%[2]s-]+$', '\\\\1')", name, letter+"0-9", letter)
}

// letter is what stands for a letter in a name: one of ASCII, or anything beyond it. To tell letters of all alphabets takes ClickHouse
// 3 ms to prepare, which it does for each block of rows and several times while it plans.
const letter = `A-Za-z\\x{80}-\\x{10FFFF}`

// wrapped captures an IPv4, which may be IPv4-mapped, or an IPv6 without brackets, zone and port, or a GUID without braces.
const wrapped = `^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$`
