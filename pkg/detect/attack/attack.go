// Package attack names techniques of MITRE ATT&CK (https://attack.mitre.org), for whoever says which of them it looks at.
package attack

import (
	"slices"
	"strings"
)

// Technique is an entry of MITRE ATT&CK, enterprise matrix.
type Technique struct {
	ID      string   `json:"id"` // T1071, or T1071.001 for a sub-technique
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Tactics []string `json:"-"` // as the Navigator writes them: command-and-control
}

// Seen is a technique that a detector sees something of, beside the one that it is for.
type Seen struct {
	Technique
	How string `json:"how"` // what of the detector shows it, in one sentence
}

// Named returns the technique of an identifier, and false where this package does not know it.
func Named(id string) (Technique, bool) {
	i := slices.IndexFunc(known, func(t Technique) bool { return t.ID == id })
	if i < 0 {
		return Technique{}, false
	}
	t := known[i]
	t.URL, t.Tactics = address(id), slices.Clone(t.Tactics)
	return t, true
}

// Shows is a technique with what shows it. It panics where this package does not know the identifier, which a programmer wrote.
func Shows(id, how string) Seen {
	t, ok := Named(id)
	if !ok {
		panic("attack: no technique " + id + " is known")
	}
	return Seen{t, how}
}

// address is a technique's page: a sub-technique lies under its technique.
func address(id string) string {
	return "https://attack.mitre.org/techniques/" + strings.ReplaceAll(id, ".", "/") + "/"
}
