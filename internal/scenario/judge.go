package scenario

import "slices"

// Verdict says what findings mean.
type Verdict struct {
	Attacks        []AttackVerdict        // one for each planted attack, in their order
	FalsePositives []FalsePositiveVerdict // one for each known false positive, in their order
	// Unexplained are findings that belong to no attack and to no known false positive.
	Unexplained []Finding
}

// AttackVerdict says what was found of one attack.
type AttackVerdict struct {
	Attack
	Missing []Finding // expected and not found
	Beside  int       // findings of any detector that belong to the attack beyond what is expected
}

// Found reports whether every expected finding is there.
func (a AttackVerdict) Found() bool { return len(a.Missing) == 0 }

// FalsePositiveVerdict says what was flagged of one benign program.
type FalsePositiveVerdict struct {
	KnownFalsePositive
	Findings map[string]int // by detector
}

// Flagged returns the number of findings of all detectors.
func (f FalsePositiveVerdict) Flagged() int {
	total := 0
	for _, n := range f.Findings {
		total += n
	}
	return total
}

// Judge sorts the detectors' findings into attacks, known false positives and the rest.
func (s *Scenario) Judge(findings []Finding) Verdict {
	var v Verdict
	beside := make([]int, len(s.attacks))
	flagged := make([]map[string]int, len(s.known))
	for i := range flagged {
		flagged[i] = map[string]int{}
	}
	for _, f := range findings {
		switch owner, known := s.traces.owner(f); {
		case !known:
			v.Unexplained = append(v.Unexplained, f)
		case owner < len(s.attacks):
			if !slices.Contains(s.attacks[owner].Expect, f) {
				beside[owner]++
			}
		default:
			flagged[owner-len(s.attacks)][f.Detector]++
		}
	}
	there := map[Finding]bool{}
	for _, f := range findings {
		there[f] = true
	}
	for i, a := range s.attacks {
		missing := slices.DeleteFunc(slices.Clone(a.Expect), func(f Finding) bool { return there[f] })
		v.Attacks = append(v.Attacks, AttackVerdict{Attack: a, Missing: missing, Beside: beside[i]})
	}
	for i, k := range s.KnownFalsePositives() {
		v.FalsePositives = append(v.FalsePositives, FalsePositiveVerdict{KnownFalsePositive: k, Findings: flagged[i]})
	}
	return v
}

// Owner is whose doing a finding is; the zero value is nobody's.
type Owner struct {
	Name   string // of the attack or the program
	Benign bool
}

// Owner returns whose doing a finding is.
func (s *Scenario) Owner(f Finding) Owner {
	n, known := s.traces.owner(f)
	return s.named(n, known)
}

// HostOwner returns whose the connections to a host are: a name in lower case, or an address that has none.
func (s *Scenario) HostOwner(host string) Owner {
	n, known := s.traces.hosts[host]
	return s.named(n, known)
}

func (s *Scenario) named(n int, known bool) Owner {
	switch {
	case !known:
		return Owner{}
	case n < len(s.attacks):
		return Owner{Name: s.attacks[n].Name}
	default:
		return Owner{Name: s.known[n-len(s.attacks)].name, Benign: true}
	}
}
