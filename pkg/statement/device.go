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
	// a GUID of nothing but zeros is what programs write for none
	known := fmt.Sprintf("replaceRegexpOne(%s, '^[{(]?0{8}[0-]*[)}]?$', '')", something(trimmed(id)))
	if name == Device {
		id, named, known = FoldDevice(known), FoldDevice(something(trimmed(named))), FoldDevice(known)
	}
	return fmt.Sprintf("if(%s = '', %s, %s)", known, named, id)
}

// FoldDevice renders the name of a device in lower case and without its domain, the $ of a machine's account, and what an address or a
// GUID may be wrapped in. What only looks like a name keeps its dots: an address, whose first label has no letter, or what ends in a
// number.
func FoldDevice(name string) string {
	name = fmt.Sprintf(`replaceRegexpOne(lowerUTF8(toValidUTF8(%s)), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1')`, name)
	name = fmt.Sprintf(`replaceRegexpOne(%s, '(?s)^(.*[^.$])[.$]+$', '\\1')`, name)
	name = fmt.Sprintf(`replaceRegexpOne(%s, '%s', '\\1\\2\\3')`, name, wrapped)
	return fmt.Sprintf(`replaceRegexpOne(%s, '^([\\pL\\pN_-]*\\pL[\\pL\\pN_-]*)(?:[.][\\pL\\pN_-]+)*[.]\\pL[\\pL\\pN-]+$', '\\1')`, name)
}

// wrapped captures an IPv4, which may be IPv4-mapped, or an IPv6 without brackets, zone and port, or a GUID without braces.
const wrapped = `^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$`
