package referee

import "slices"

// AS is an autonomous system and a network that belongs to it.
type AS struct {
	Network string // CIDR
	Number  int64  // 0 for none that is known
	Name    string

	suspicious bool
}

// SuspiciousASNs is the parameter of every detector.
type SuspiciousASNs struct {
	Numbers []int64 `json:"suspiciousAsns"`
}

// DefaultSuspiciousASNs is the analytic's list.
func DefaultSuspiciousASNs() SuspiciousASNs {
	return SuspiciousASNs{[]int64{14061, 16276, 24940, 20473, 9009}}
}

// system returns the autonomous system of the smallest network that an address lies in. Number 0 is that of networks that
// nobody routes: it is none.
func (q Question) system(address string, suspicious SuspiciousASNs) AS {
	var best AS
	longest := -1
	for _, as := range q.Systems {
		if bits := length(as.Network); within(address, as.Network) && bits > longest {
			best, longest = as, bits
		}
	}
	if best.Number == 0 {
		return AS{}
	}
	best.suspicious = slices.Contains(suspicious.Numbers, best.Number)
	return best
}

// grade returns what a finding is worth: in a suspicious network it is one step more severe.
func (a AS) grade(severity, key string) Grade {
	severities := []string{"low", "medium", "high", "critical"}
	if !a.suspicious {
		return Grade{severity, 0, key, a}
	}
	return Grade{severities[min(slices.Index(severities, severity)+1, len(severities)-1)], 1, key, a}
}
