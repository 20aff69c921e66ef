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

func TestFiveHundredFindingsAreToldOnceAndOneMoreIsAnError(t *testing.T) {
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

	s.insert(t, planted.Beacons(now, bound+1)[bound*20:]...)
	s.awaitInstances(t, "fluxhound-beaconing", map[string]int{"Alerting": bound, "Error": 1})
	s.eventually(t, s.slackHas("FIRING: 1", "Beaconing could not be evaluated", "[limit]"))
	s.evaluations(t, 2)
	s.hasGroups(t, "over the bound", firing)
}
