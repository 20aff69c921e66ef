package referee

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Grade is what a finding is worth.
type Grade struct {
	Severity   string
	Suspicious int64 // 1 in a suspicious network
	Key        string
	AS         AS
}

// Grade returns what the finding is worth.
func (b Beacon) Grade() Grade {
	severity := "medium"
	if b.DynamicName {
		severity = "critical"
	}
	if b.ByHost {
		return b.AS.grade(severity, Key("beaconing", b.Device, b.RemoteURL))
	}
	return b.AS.grade(severity, Key("beaconing", b.DeviceName, b.DeviceID, b.RemoteIP, b.RemoteURL))
}

// Grade returns what the finding is worth.
func (d DynamicName) Grade() Grade {
	severity := "medium"
	if d.Beacons && !d.OwnHost {
		severity = "critical"
	}
	return d.AS.grade(severity, Key("dynamicDns", d.RemoteURL))
}

// Grade returns what the finding is worth.
func (f Flux) Grade() Grade {
	return AS{}.grade("low", Key("fastFlux", f.DeviceName, f.DeviceID))
}

// Grade returns what the finding is worth.
func (f HostFlux) Grade() Grade {
	severity := "low"
	if f.Fluxiness >= 142.38 {
		severity = "high"
	}
	return f.AS.grade(severity, Key("fastFlux", f.Host))
}

// Key hashes texts, each with its length in front.
func Key(parts ...string) string {
	text := ""
	for _, part := range parts {
		text += fmt.Sprintf("%d:%s", len(part), part)
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
