package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/frame"
)

// strictGroups are the rule groups of provisioning/alerting whose findings the demo holds against the analytic's.
var strictGroups = []string{"T1584 cases", "T1584 slow cases", "T1584 high fidelity"}

// strictFindings are what the stricter alert rules fire on, each finding of a rule once however often it was seen.
type strictFindings struct {
	rules []strictRule
	took  time.Duration
	asks  int // evaluations
}

type strictRule struct {
	title string
	seen  map[strictFinding]bool
}

// strictFinding is an instance of a stricter rule: a host, and where the rule names one the device that connects to it.
type strictFinding struct{ device, host string }

// strictly asks the shipped rules' own queries, as Grafana would through the week: each over its own look-back, which
// moves by six hours from one evaluation to the next. Grafana evaluates every few minutes; what is seen here is seen there.
func (h hunt) strictly(ctx context.Context, rules string) (strictFindings, error) {
	groups, err := alertrules.Read(rules)
	if err != nil {
		return strictFindings{}, err
	}
	var found strictFindings
	for _, name := range strictGroups {
		at := slices.IndexFunc(groups, func(g alertrules.Group) bool { return g.Name == name })
		if at < 0 {
			return strictFindings{}, fmt.Errorf("read the alert rules: there is no group %q in %s", name, rules)
		}
		for _, rule := range groups[at].Rules {
			if rule.IsPaused {
				continue
			}
			asked := strictRule{title: rule.Title, seen: map[strictFinding]bool{}}
			for _, q := range rule.Data {
				if !q.Decides() {
					continue
				}
				if err := h.evaluate(ctx, q, asked, &found); err != nil {
					return strictFindings{}, fmt.Errorf("rule %s: %w", rule.UID, err)
				}
			}
			found.rules = append(found.rules, asked)
		}
	}
	return found, nil
}

// evaluate asks one rule's query through the week.
func (h hunt) evaluate(ctx context.Context, q alertrules.Query, rule strictRule, found *strictFindings) error {
	const step = 6 * time.Hour
	text, err := q.JSON()
	if err != nil {
		return err
	}
	span := time.Duration(q.Range.From) * time.Second
	for to := h.scenario.End; !to.Add(-span).Before(h.scenario.Start); to = to.Add(-step) {
		answer, err := h.send(ctx, backend.DataQuery{
			RefID: q.RefID, QueryType: q.QueryType, JSON: text, Interval: time.Minute, MaxDataPoints: 1000,
			TimeRange: backend.TimeRange{From: to.Add(-span), To: to},
		})
		if err != nil {
			return err
		}
		found.took += answer.took
		found.asks++
		for _, f := range instances(answer.frames) {
			rule.seen[f] = true
		}
	}
	return nil
}

// instances reads the labels of a numeric answer, which has a frame with one field for each finding.
func instances(frames data.Frames) []strictFinding {
	var list []strictFinding
	for _, f := range frames {
		for _, field := range f.Fields {
			if field.Labels[frame.Overflow] != "" { // how many findings the rule does not show, which is none
				continue
			}
			list = append(list, strictFinding{field.Labels["device"], field.Labels["remote_url"]})
		}
	}
	return list
}

// fidelity is what a rule's findings are, or several rules' together.
type fidelity struct {
	rule            string
	benign, nobodys int      // findings that are benign programs', and nobody's
	programs        []string // benign ones that it flags, sorted
	kept, attacks   int      // planted attacks on which it fires, of how many
	lost            []string // the others
}

// all is all rules together, in which a finding counts once.
const allRules = "all of them"

// compare counts by rule; the last is all of them.
func (f strictFindings) compare(s *scenario.Scenario) []fidelity {
	all := strictRule{title: allRules, seen: map[strictFinding]bool{}}
	var list []fidelity
	for _, rule := range f.rules {
		list = append(list, rule.fidelity(s))
		for finding := range rule.seen {
			all.seen[finding] = true
		}
	}
	return append(list, all.fidelity(s))
}

func (r strictRule) fidelity(s *scenario.Scenario) fidelity {
	f := fidelity{rule: r.title}
	firesOn := map[string]bool{}
	for finding := range r.seen {
		switch owner := s.HostOwner(finding.host); {
		case owner == scenario.Owner{}:
			f.nobodys++
		case owner.Benign:
			f.benign++
			f.programs = append(f.programs, owner.Name)
		default:
			firesOn[owner.Name] = true
		}
	}
	slices.Sort(f.programs)
	f.programs = slices.Compact(f.programs)
	for _, a := range s.Attacks() {
		if f.attacks++; firesOn[a.Name] {
			f.kept++
		} else {
			f.lost = append(f.lost, a.Name)
		}
	}
	return f
}
