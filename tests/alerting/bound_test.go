//go:build e2e

package alerting_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
)

// bound is the limit of the detection rules.
const bound = 500

func TestFiveHundredFindingsAreToldOnceAndSoIsHowManyMoreThereAre(t *testing.T) {
	t.Parallel()
	s := start(t)
	now := time.Now()
	s.insert(t, append(planted.Beacons(now, bound), heartbeats(now)...)...)
	firing := map[string]int{}
	for i := range bound {
		firing[fmt.Sprintf("Potential beaconing/beaconing/WS-%04d firing", i+1)] = 1
	}
	s.awaitInstances(t, "fluxhound-beaconing", map[string]int{"Alerting": bound})
	s.awaitGroups(t, firing)
	s.evaluations(t, 3)
	s.hasGroups(t, "after three more evaluations", firing)
	s.awaitInstances(t, "fluxhound-beaconing", map[string]int{"Alerting": bound})

	s.insert(t, planted.Beacons(now, bound+3)[bound*20:]...)
	firing["Potential beaconing/beaconing/ firing"] = 1 // of no device
	s.awaitInstances(t, "fluxhound-beaconing", map[string]int{"Alerting": bound + 1})
	s.eventually(t, s.slackHas("FIRING: 1", "3 more findings are not shown"))
	s.awaitGroups(t, firing)
	over := s.inbox.last(t, "Potential beaconing/beaconing/ firing").Alerts[0]
	if over.Labels["overflow"] != "true" || over.Labels["finding_key"] != "" || over.Values["A"] != 3 {
		t.Errorf("what is over the bound has the labels %v and the values %v", over.Labels, over.Values)
	}
	s.evaluations(t, 2)
	s.hasGroups(t, "over the bound", firing)
}
