package scenario

import (
	"slices"
	"time"
)

// Attack is a planted attack and what must be found of it.
type Attack struct {
	Name     string
	Detector string    // beaconing, dynamicDns or fastFlux
	How      string    // what it does, in a few words
	Expect   []Finding // every one must be there
}

// Names of the detectors.
const (
	Beaconing  = "beaconing"
	DynamicDNS = "dynamicDns"
	FastFlux   = "fastFlux"
)

// Finding is what identifies one finding of a detector. Fields that do not identify are left empty.
type Finding struct {
	Detector   string
	DeviceName string    // beaconing, fastFlux
	RemoteIP   string    // beaconing
	RemoteURL  string    // beaconing, dynamicDns
	Hour       time.Time // fastFlux: its start
}

// Attacks returns the planted attacks.
func (s *Scenario) Attacks() []Attack { return s.attacks }

// plant makes every attack, sorts its events into the hours of the window and notes whose they are. Attacks begin 14 h into the window and
// later: whoever looks at the last seven days half a day after the scenario was made still sees them whole.
func (s *Scenario) plant() {
	s.planted = make([][]Event, int(Length/time.Hour))
	s.traces = newTraces()
	for owner, plant := range slices.Concat(beacons(), dynamicNames(), fluxes()) {
		attack, events := plant(s)
		s.attacks = append(s.attacks, attack)
		for _, e := range events {
			i := int(e.Timestamp.Sub(s.Start) / time.Hour)
			s.planted[i] = append(s.planted[i], e)
			s.traces.follow(owner, e)
		}
	}
	for i, a := range s.known {
		s.admit(len(s.attacks)+i, a)
	}
}

// planter makes one attack with its events.
type planter func(*Scenario) (Attack, []Event)

// at returns a time in the window: so many hours after its start.
func (s *Scenario) at(hours float64) time.Time {
	return s.Start.Add(time.Duration(hours * float64(time.Hour))).Truncate(time.Millisecond)
}
