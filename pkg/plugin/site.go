package plugin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
)

// site is what the data source knows beside the events table, with what is wrong with it.
type site struct {
	suffixes  []providers.Domain
	allowlist allowlist.List
	// asn is the dictionary of autonomous systems, where it can be read.
	asn string
	// Faults of the lists, by their step of the health check; each hides and widens nothing.
	faults map[string][]string
	// The same without what entries say, which is for administrators.
	told map[string][]string
	// What is wrong with the lists, for the frames' notices: a line each.
	notices []string
}

// Names of the steps of the health check.
const (
	allowlistStep = "allowlist"
	suffixStep    = "dynamicDnsSuffixes"
	asnStep       = "asnDictionary"
)

// knownSite returns what is known. A list that cannot be read is the one that was read last; where none ever was, a viewer
// sees more than they should and is told, which is better than a detector that is silent, and an alert rule is an error.
func (d *Datasource) knownSite(ctx context.Context) (site, error) { return d.siteOf(ctx, false) }

// renewedSite reads the lists anew, as somebody who presses Save & test has perhaps just mended one.
func (d *Datasource) renewedSite(ctx context.Context) (site, error) { return d.siteOf(ctx, true) }

func (d *Datasource) siteOf(ctx context.Context, anew bool) (site, error) {
	s := site{faults: map[string][]string{}, told: map[string][]string{}}
	allowed, err := known(ctx, d.known.allowlist, anew)
	if err != nil {
		return site{}, err
	}
	name := "the allowlist's table " + d.settings.AllowlistTable
	if err := decidable(ctx, name, allowed, d.now()); err != nil {
		return site{}, err
	}
	if allowed.Generation == 0 {
		allowed.Value = d.allowedWith(nil)
	}
	s.allowlist = allowed.Value.list
	s.note(allowlistStep, lastGood(name, "it hides nothing", allowed))
	var faults []string
	for _, f := range s.allowlist.Faults {
		faults = append(faults, fmt.Sprintf("%s hides nothing: %v", f.Where, f.Reason))
	}
	s.noteFaults(allowlistStep, faults, "of the allowlist hides nothing", "of the allowlist hide nothing")

	suffixes, err := known(ctx, d.known.suffixes, anew)
	if err != nil {
		return site{}, err
	}
	name = "the table of dynamic DNS domains " + d.settings.SuffixTable
	if err := decidable(ctx, name, suffixes, d.now()); err != nil {
		return site{}, err
	}
	if suffixes.Generation == 0 {
		suffixes.Value = d.domainsWith(nil)
	}
	s.suffixes = suffixes.Value.list
	s.note(suffixStep, lastGood(name, "its domains are not looked for", suffixes))
	s.noteFaults(suffixStep, suffixes.Value.faults, "of the dynamic DNS domains is not looked for", "of the dynamic DNS domains are not looked for")

	asn, err := known(ctx, d.known.asn, anew)
	if err != nil {
		return site{}, err
	}
	if unusable(asn.Fault) { // what cannot be read now would fail each statement: it decides on no finding, and goes
		asn.Value, asn.Generation = "", 0
	}
	s.asn = asn.Value
	s.note(asnStep, lastGood("the dictionary of autonomous systems "+d.settings.ASNDictionary, "ASN is empty and no network suspicious", asn))
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
func (s *site) noteFaults(step string, faults []string, one, many string) {
	if len(faults) == 0 {
		return
	}
	s.faults[step] = append(s.faults[step], faults...)
	text := "1 entry " + one
	if len(faults) > 1 {
		text = fmt.Sprintf("%d entries %s", len(faults), many)
	}
	text += ": the data source's Save & test tells an administrator why."
	s.told[step], s.notices = append(s.told[step], text), append(s.notices, text)
}

// firstOf joins some texts and counts the others.
func firstOf(texts []string, most int) string {
	shown := strings.Join(texts[:min(most, len(texts))], "; ")
	if more := len(texts) - most; more > 0 {
		shown += fmt.Sprintf("; and %d more", more)
	}
	return shown
}

// at is what the detectors are told: the entries that are valid now.
func (s site) at(now time.Time) detect.Site {
	return detect.Site{Suffixes: s.suffixes, Allowlist: allowlist.Active(s.allowlist.Entries, now), ASNDictionary: s.asn}
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
	if len(d.settings.Allowlist) > 0 || d.settings.AllowlistTable != "" {
		checks = append(checks, s.check(allowlistStep, s.allowlistText(d.now(), named)))
	}
	if len(d.settings.Suffixes) > 0 || d.settings.SuffixTable != "" {
		checks = append(checks, s.check(suffixStep, s.suffixText()))
	}
	if d.settings.ASNDictionary != "" {
		text := ""
		if s.asn != "" {
			text = "Autonomous systems are read from " + s.asn + "."
		}
		checks = append(checks, s.check(asnStep, text))
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
	return check{Name: name, Message: strings.TrimSpace(firstOf(faults, mostShown) + ". " + text), Hint: "Correct what is named; everything else works meanwhile."}
}

// mostShown is how many entries of a list the health check names.
const mostShown = 5

func (s site) suffixText() string {
	if len(s.suffixes) == 1 {
		return "1 more dynamic DNS domain is looked for."
	}
	return fmt.Sprintf("%d more dynamic DNS domains are looked for.", len(s.suffixes))
}

// allowlistText counts the entries. named says whether it may tell what is in them.
func (s site) allowlistText(now time.Time, named bool) string {
	active := allowlist.Active(s.allowlist.Entries, now)
	text := fmt.Sprintf("The allowlist has %d entries.", len(active))
	if len(active) == 1 {
		text = "The allowlist has 1 entry."
	}
	var expired []string
	for _, e := range s.allowlist.Entries {
		if e.Expired(now) {
			expired = append(expired, e.String())
		}
	}
	shown := ""
	if named {
		shown = ": " + firstOf(expired, mostShown)
	}
	switch len(expired) {
	case 0:
		return text
	case 1:
		return text + " 1 has expired and hides nothing" + shown + "."
	default:
		return text + fmt.Sprintf(" %d have expired and hide nothing%s.", len(expired), shown)
	}
}
