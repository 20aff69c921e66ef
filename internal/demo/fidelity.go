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

// strictGroup is the rule group of provisioning/alerting whose findings the demo holds against the analytic's.
const strictGroup = "T1584 high fidelity"

// casesGroup holds the rule about cases, whose findings are of every kind of attack.
const casesGroup = "T1584 cases"

// strictFindings are what the stricter alert rules fire on, by detector, each finding once however often it was seen.
type strictFindings struct {
	seen map[string]map[strictFinding]bool
	took time.Duration
	asks int // evaluations
}

// strictFinding is an instance of a stricter rule: a host, and for beaconing the device that connects to it.
type strictFinding struct{ device, host string }

// strictly asks the shipped rules' own queries, as Grafana would through the week: each over its own look-back, which
// moves by six hours from one evaluation to the next. Grafana evaluates every five minutes; what is seen here is seen there.
func (h hunt) strictly(ctx context.Context, rules string) (strictFindings, error) {
	groups, err := alertrules.Read(rules)
	if err != nil {
		return strictFindings{}, err
	}
	found := strictFindings{seen: map[string]map[strictFinding]bool{}}
	for _, name := range []string{strictGroup, casesGroup} {
		at := slices.IndexFunc(groups, func(g alertrules.Group) bool { return g.Name == name })
		if at < 0 {
			return strictFindings{}, fmt.Errorf("read the alert rules: there is no group %q in %s", name, rules)
		}
		for _, rule := range groups[at].Rules {
			for _, q := range rule.Data {
				if q.IsExpression() {
					continue
				}
				if err := h.evaluate(ctx, q, &found); err != nil {
					return strictFindings{}, fmt.Errorf("rule %s: %w", rule.UID, err)
				}
			}
		}
	}
	return found, nil
}

// evaluate asks one rule's query through the week.
func (h hunt) evaluate(ctx context.Context, q alertrules.Query, found *strictFindings) error {
	const step = 6 * time.Hour
	text, err := q.JSON()
	if err != nil {
		return err
	}
	seen := map[strictFinding]bool{}
	found.seen[q.QueryType] = seen
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
			seen[f] = true
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

// fidelity is what the rules' findings are, for one detector.
type fidelity struct {
	detector        string
	analytic        int      // benign findings of the analytic
	benign, nobodys int      // findings of the stricter rule: benign programs', and nobody's
	programs        []string // that the stricter rule flags, sorted
	kept, attacks   int      // planted attacks on which the detector's stricter rule fires, of how many
	lost            []string
}

// compare counts by detector. An attack is kept where the stricter rule of its own detector fires on it.
func (f findings) compare(s *scenario.Scenario) []fidelity {
	verdict := s.Judge(f.list)
	var list []fidelity
	for _, detector := range detectors() {
		c := fidelity{detector: detector}
		for _, known := range verdict.FalsePositives {
			c.analytic += known.Findings[detector]
		}
		firesOn := map[string]bool{}
		for finding := range f.strict.seen[detector] {
			switch owner := s.HostOwner(finding.host); {
			case owner == scenario.Owner{}:
				c.nobodys++
			case owner.Benign:
				c.benign++
				c.programs = append(c.programs, owner.Name)
			default:
				firesOn[owner.Name] = true
			}
		}
		slices.Sort(c.programs)
		c.programs = slices.Compact(c.programs)
		for _, a := range s.Attacks() {
			if a.Detector != detector {
				continue
			}
			if c.attacks++; firesOn[a.Name] {
				c.kept++
			} else {
				c.lost = append(c.lost, a.Name)
			}
		}
		list = append(list, c)
	}
	return list
}

// caseFidelity is what the rule about cases fires on.
type caseFidelity struct {
	benign, nobodys int      // cases that are benign programs', and nobody's
	programs, lost  []string // benign programs that it flags, and planted attacks that it does not, sorted
	kept, attacks   int
}

// ofCases counts the cases by whose they are.
func (f findings) ofCases(s *scenario.Scenario) caseFidelity {
	var c caseFidelity
	firesOn := map[string]bool{}
	for finding := range f.strict.seen["cases"] {
		switch owner := s.HostOwner(finding.host); {
		case owner == scenario.Owner{}:
			c.nobodys++
		case owner.Benign:
			c.benign++
			c.programs = append(c.programs, owner.Name)
		default:
			firesOn[owner.Name] = true
		}
	}
	for _, a := range s.Attacks() {
		if c.attacks++; firesOn[a.Name] {
			c.kept++
		} else {
			c.lost = append(c.lost, a.Name)
		}
	}
	for _, list := range []*[]string{&c.programs, &c.lost} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return c
}
