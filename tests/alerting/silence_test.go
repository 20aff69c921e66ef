//go:build e2e

package alerting_test

import (
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
)

func TestWithoutDataOnlyDataStoppedFiresUntilDataComesIn(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.awaitInstances(t, "fluxhound-data-stopped", map[string]int{"Alerting": 1})
	for _, uid := range append([]string{"fluxhound-detector-failing"}, detections...) {
		s.awaitInstances(t, uid, map[string]int{"Normal (NoData)": 1})
	}
	s.eventually(t, s.slackHas("No network event for 1h 0m 0s", "FIRING: 1", "Network events stopped"))

	s.insert(t, planted.Heartbeat(time.Now().Add(-20*time.Minute)))
	s.evaluations(t, 2)
	s.awaitInstances(t, "fluxhound-data-stopped", map[string]int{"Alerting": 1})

	s.insert(t, heartbeats(time.Now())...)
	s.awaitInstances(t, "fluxhound-data-stopped", map[string]int{"Normal": 1})
	s.eventually(t, s.slackHas("RESOLVED: 1", "Network events stopped"))
	s.hasGroups(t, "in the end", map[string]int{})
	logIsClean(t, s)
}
