//go:build e2e

package alerting_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// detections are the rules that attack fires.
var detections = []string{"fluxhound-beaconing", "fluxhound-dynamic-dns", "fluxhound-fast-flux", "fluxhound-high-risk-case", "fluxhound-high-risk-slow-case"}

func TestAFaultIsToldAndKeepsWhatFires(t *testing.T) {
	t.Parallel()
	s := attacked(t)
	// In an hour no beacon can be found, and that is an answer without data: well, all the same.
	well := map[string]int{"Normal (NoData)": 1}
	s.awaitInstances(t, "fluxhound-detector-failing", well)

	for _, fault := range []struct {
		name, category string
		begin, end     func()
	}{
		{"ClickHouse stopped", "[network]", s.clickhouse.Kill, s.clickhouse.Restart},
		{"wrong password", "[auth]", func() { s.setPassword(t, "wrong") }, func() { s.setPassword(t, password) }},
	} {
		t.Run(fault.name, func(t *testing.T) {
			s.inbox.forget()
			fault.begin()
			for _, uid := range detections {
				r := s.awaitInstances(t, uid, map[string]int{"Alerting": 1, "Error": 1})
				if r.Health != "error" || !strings.Contains(r.LastError, fault.category) {
					t.Errorf("%s is %s: %s", uid, r.Health, r.LastError)
				}
			}
			s.awaitInstances(t, "fluxhound-data-stopped", map[string]int{"Error": 1})
			failing := s.awaitInstances(t, "fluxhound-detector-failing", map[string]int{"Alerting (Error)": 1})
			if text := failing.Alerts[0].Annotations["Error"]; !strings.Contains(text, fault.category) {
				t.Errorf("Detector failing says %q", text)
			}
			for _, of := range []string{"Beaconing could not be evaluated", "Dynamic DNS could not be evaluated", "Fast flux could not be evaluated", "Cases could not be evaluated", "Slow cases could not be evaluated", "A detector cannot run"} {
				// two rules of one detector share a group: whichever fails first is told first, then both are
				s.eventually(t, s.slackHas("FIRING: ", of, fault.category))
			}

			fault.end()
			for _, uid := range detections {
				s.awaitInstances(t, uid, map[string]int{"Alerting": 1})
			}
			s.awaitInstances(t, "fluxhound-data-stopped", map[string]int{"Normal": 1})
			s.awaitInstances(t, "fluxhound-detector-failing", well)
			s.eventually(t, s.slackHas("RESOLVED: 1", "A detector cannot run"))
			s.hasGroups(t, "after the fault", map[string]int{}) // what fired is neither resolved nor told again
		})
	}
}

// An hour is what keepFiringFor and missing_series_evals_to_resolve say; the runbook detector-failing tells it.
func TestAFaultOfOverAnHourResolvesWhatFiresAndItsEndTellsItAgain(t *testing.T) {
	t.Parallel()
	s := attacked(t)
	groups := s.inbox.groups()
	s.setPassword(t, "wrong")
	s.eventually(t, s.slackHas("FIRING: 1", "A detector cannot run", "[auth]"))
	for _, group := range attackGroups {
		groups[group+" resolved"] = 1
	}
	s.awaitGroups(t, groups)
	for _, uid := range detections {
		s.awaitInstances(t, uid, map[string]int{"Error": 1})
	}
	s.awaitInstances(t, "fluxhound-detector-failing", map[string]int{"Alerting (Error)": 1})

	s.setPassword(t, password)
	for _, group := range attackGroups {
		groups[group+" firing"] = 2
	}
	s.awaitGroups(t, groups)
}

// attacked is a system that has told the attack.
func attacked(t *testing.T) *system {
	t.Helper()
	s := start(t)
	now := time.Now()
	s.insert(t, append(attack(now), heartbeats(now)...)...)
	s.awaitGroups(t, counted("firing", attackGroups...))
	return s
}

// slackHas checks that one Slack message has all of the texts.
func (s *system) slackHas(texts ...string) func() error {
	return func() error {
		if len(s.inbox.slack(texts...)) == 0 {
			return fmt.Errorf("no Slack message has all of %q", texts)
		}
		return nil
	}
}
