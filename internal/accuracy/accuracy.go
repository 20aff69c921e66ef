// Package accuracy measures the alert rules on labelled captures of real traffic: it asks each day's window every six hours, as
// Grafana would, and holds what the rules fire on against what each capture is known to hold.
package accuracy

import (
	"context"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
)

// Options say what is measured, and with what.
type Options struct {
	Captures []Capture
	Plugin   *host.Host
	JSONData []byte   // of a data source on a server where databases may be made
	Prefix   string   // of the databases' names, which must not exist yet
	Rules    string   // the folder of the alert rules
	Sets     []string // those to measure; nil for all
	Weights  bool     // change each weight of a case as well
	Say      func(format string, args ...any)
}

// step is how far a rule's window moves from one evaluation to the next. Grafana evaluates every five minutes: what is seen
// here is seen there.
const step = 6 * time.Hour

// What is known beside a capture's connections.
const (
	Complete    = "complete"
	NoSystems   = "no autonomous systems"
	NoDNS       = "no DNS log"
	NoneOfThese = "neither of these"
)

// Run measures every set of rules on every capture, with and without what may be known beside it.
func Run(ctx context.Context, o Options) (*Report, error) {
	sets, err := questions(o.Rules)
	if err != nil {
		return nil, err
	}
	report := &Report{}
	for i, c := range o.Captures {
		for _, withDNS := range []bool{true, false} {
			if withDNS && !c.hasDNS() {
				continue
			}
			l, err := o.load(ctx, c, withDNS, fmt.Sprintf("%s%d_%v", o.Prefix, i+1, withDNS))
			if err != nil {
				return nil, fmt.Errorf("load %s: %w", c.Name, err)
			}
			asked := map[any][]Finding{}
			for _, withSystems := range []bool{true, false} {
				if withSystems && c.Ranges == "" {
					continue
				}
				m := measurement{Options: o, capture: c, loaded: l, data: known(withDNS, withSystems), asked: asked, fullest: withDNS == c.hasDNS() && withSystems == (c.Ranges != "")}
				if m.source, err = o.jsonData(l.database, withSystems); err != nil {
					return nil, err
				}
				o.Say("%-12s %-22s %s to %s", c.Name, m.data, l.first.Format(time.DateTime), l.last.Format(time.DateTime))
				if err := m.all(ctx, sets, report); err != nil {
					return nil, fmt.Errorf("%s, %s: %w", c.Name, m.data, err)
				}
				if o.Weights && m.fullest { // once a capture
					if err := m.weigh(ctx, sets[Stricter][0], report); err != nil {
						return nil, fmt.Errorf("%s: %w", c.Name, err)
					}
				}
			}
		}
	}
	return report, nil
}

func known(withDNS, withSystems bool) string {
	switch {
	case withDNS && withSystems:
		return Complete
	case withDNS:
		return NoSystems
	case withSystems:
		return NoDNS
	default:
		return NoneOfThese
	}
}
