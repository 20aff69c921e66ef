package settings

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/tests/contract"
)

// The config editor repeats bounds and defaults, which it shows, and names that it refuses.
func TestTheConfigEditorKnowsTheSettingsAsTheyAreDecoded(t *testing.T) {
	type number struct {
		Name    string `json:"name"`
		Unit    string `json:"unit"`
		Default int    `json:"default"`
		Min     int    `json:"min"`
		Max     int    `json:"max"`
	}
	type port struct {
		Protocol Protocol `json:"protocol"`
		Secure   bool     `json:"secure"`
		Port     int      `json:"port"`
	}
	var answer struct {
		Limits   []number          `json:"limits"`
		Ports    []port            `json:"ports"`
		Reserved []string          `json:"reserved"`
		Texts    map[string]string `json:"texts"`
		Aliases  map[string]string `json:"aliases"`
		Internal []string          `json:"internalNetworks"`
	}
	for _, s := range []span{queryTimeout, rowLimit, cacheTTL, dialTimeout, maxOpen, maxIdle, connLifetime} {
		answer.Limits = append(answer.Limits, number{s.field, s.unit, s.byDefault, s.lo, s.hi})
	}
	for _, p := range []Protocol{Native, HTTP} {
		for _, secure := range []bool{false, true} {
			answer.Ports = append(answer.Ports, port{p, secure, DefaultPort(p, secure)})
		}
	}
	answer.Reserved, answer.Aliases = reserved, aliases
	answer.Internal = PrivateNetworks()
	answer.Texts = map[string]string{"username": DefaultUsername, "database": DefaultDatabase, "table": DefaultTable}
	contract.Check(t, "settings.json", answer)
}
