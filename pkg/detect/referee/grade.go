package referee

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Grade returns the columns that every detector's findings end with.
func (b Beacon) Grade() Row {
	severity := "medium"
	if b.DynamicName {
		severity = "critical"
	}
	if b.ByHost {
		return b.AS.grade(severity, key("beaconing", b.DeviceName, b.DeviceID, b.RemoteURL))
	}
	return b.AS.grade(severity, key("beaconing", b.DeviceName, b.DeviceID, b.RemoteIP, b.RemoteURL))
}

// Grade returns the columns that every detector's findings end with.
func (d DynamicName) Grade() Row {
	severity := "medium"
	if d.Beacons {
		severity = "critical"
	}
	return d.AS.grade(severity, key("dynamicDns", d.RemoteURL))
}

// Grade returns the columns that every detector's findings end with.
func (f Flux) Grade() Row {
	return AS{}.grade("low", key("fastFlux", f.DeviceName, f.DeviceID))
}

// Grade returns the columns that every detector's findings end with.
func (f HostFlux) Grade() Row {
	severity := "low"
	if f.Fluxiness >= 142.38 {
		severity = "high"
	}
	return f.AS.grade(severity, key("fastFlux", f.Host))
}

// key hashes texts, each with its length in front.
func key(parts ...string) string {
	text := ""
	for _, part := range parts {
		text += fmt.Sprintf("%d:%s", len(part), part)
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
