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
	known := something(trimmed(id))
	if name == Device {
		id, named, known = FoldDevice(known), FoldDevice(something(trimmed(named))), FoldDevice(known)
	}
	return fmt.Sprintf("if(%s = '', %s, %s)", known, named, id)
}

// FoldDevice renders the name of a device in lower case and without its domain. What only looks like one keeps its dots: an
// address, whose first label has no letter, or what ends in a number.
func FoldDevice(name string) string {
	return fmt.Sprintf(`replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(%s)), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '^([a-z0-9_-]*[a-z][a-z0-9_-]*)(?:[.][a-z0-9_-]+)*[.][a-z][a-z0-9-]+[.]?$', '\\1')`, name)
}
