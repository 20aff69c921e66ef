package plugin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
)

// site is what the data source knows beside the events table, with what is wrong with it.
type site struct {
	lists []lists.Entries // in the order of knowledge.lists
	// Faults of the lists, by their step of the health check; each hides and widens nothing.
	faults map[string][]string
	// The same without what entries say, which is for administrators.
	told map[string][]string
	// What is wrong with the lists, for the frames' notices: a line each.
	notices []string
	// What the settings alone tell.
	settled detect.Site
}

// defaults is what the settings alone tell the detectors: what a query that says nothing of it asks.
func (d *Datasource) defaults() detect.Site { return detect.Site{Weights: d.settings.CaseWeights} }

// knownSite returns what is known. A list that cannot be read is the one that was read last; where none ever was, a viewer
// sees more than they should and is told, which is better than a detector that is silent, and an alert rule is an error.
func (d *Datasource) knownSite(ctx context.Context) (site, error) { return d.siteOf(ctx, false) }

// renewedSite reads the lists anew, as somebody who presses Save & test has perhaps just mended one.
func (d *Datasource) renewedSite(ctx context.Context) (site, error) { return d.siteOf(ctx, true) }

func (d *Datasource) siteOf(ctx context.Context, anew bool) (site, error) {
	s := site{faults: map[string][]string{}, told: map[string][]string{}, settled: d.defaults()}
	for _, list := range d.known.lists {
		k, err := known(ctx, list.lookup, anew)
		if err != nil {
			return site{}, err
		}
		spec := list.Spec()
		name := spec.What + " " + list.Source(d.settings)
		if spec.Optional && unusable(k.Fault) { // naming it would fail each statement
			k.Generation = 0
		}
		if !spec.Optional {
			if err := decidable(ctx, name, k, d.now()); err != nil {
				return site{}, err
			}
		}
		if k.Generation == 0 {
			k.Value.entries = list.With(d.settings, nil)
		}
		s.lists = append(s.lists, k.Value.entries)
		s.note(spec.Name, lastGood(name, spec.Effect, k))
		s.noteFaults(spec, k.Value.entries.Faults())
	}
	return s, nil
}

// unusable reports whether a fault says that a thing is not there, rather than that it could not be asked just now.
func unusable(fault error) bool {
	var of *clickhouse.Error
	return errors.As(fault, &of) && !slices.Contains([]clickhouse.Category{clickhouse.Network, clickhouse.Timeout, clickhouse.Limit}, of.Category)
}

// note keeps that a list could not be read.
func (s *site) note(step, text string) {
	if text != "" {
		s.faults[step], s.told[step], s.notices = append(s.faults[step], text), append(s.told[step], text), append(s.notices, text)
	}
}

// noteFaults keeps what is wrong with entries of a list. A frame's notice tells how many there are: what they say is for
// administrators.
func (s *site) noteFaults(of lists.Spec, faults []string) {
	if len(faults) == 0 {
		return
	}
	s.faults[of.Name] = append(s.faults[of.Name], faults...)
	text := "1 entry " + of.One
	switch {
	case of.One == "": // it has no entries, and what it says is no secret
		s.told[of.Name], s.notices = append(s.told[of.Name], faults...), append(s.notices, faults...)
		return
	case len(faults) > 1:
		text = fmt.Sprintf("%d entries %s", len(faults), of.Many)
	}
	text += ": the data source's Save & test tells an administrator why."
	s.told[of.Name], s.notices = append(s.told[of.Name], text), append(s.notices, text)
}

// at is what the detectors are told: what holds now.
func (s site) at(now time.Time) detect.Site {
	told := s.settled
	for _, list := range s.lists {
		list.Tell(&told, now)
	}
	return told
}

// checkSite reports what is wrong with the lists.
func (d *Datasource) checkSite(ctx context.Context) ([]check, error) {
	s, err := d.knownSite(ctx)
	if err != nil {
		return nil, err
	}
	named := administers(ctx)
	if !named {
		s.faults = s.told
	}
	var checks []check
	for i, list := range d.known.lists {
		if s.lists[i].Configured() {
			checks = append(checks, s.check(list.Spec().Name, s.lists[i].Text(d.now(), named)))
		}
	}
	return checks, nil
}

// check is a list's step: it fails with the first of its faults, of which there may be many. text tells what is there all
// the same.
func (s site) check(name, text string) check {
	faults := s.faults[name]
	if len(faults) == 0 {
		return check{Name: name, OK: true, Message: text}
	}
	return check{Name: name, Message: strings.TrimSpace(lists.First(faults, lists.Most) + ". " + text), Hint: "Correct what is named; everything else works meanwhile."}
}
