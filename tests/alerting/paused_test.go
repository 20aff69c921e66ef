//go:build e2e

package alerting_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
)

// paused are the rules that ship paused, with the group of their notifications about what is planted, how they say that they
// fail, and of how many alerts they have: the planted beacon and the one to a dynamic name are regular both.
var paused = map[string]struct {
	group, fails string
	alerts       int
}{
	"fluxhound-regular-beaconing":     {"Regular beaconing/beaconing/" + planted.Device, "Regular beaconing could not be evaluated", 2},
	"fluxhound-dynamic-dns-beaconing": {"Beaconing to dynamic DNS/dynamicDns/", "Beaconing to dynamic DNS could not be evaluated", 1},
	"fluxhound-fast-flux-host":        {"Fast flux of a host/fastFlux/", "Fast flux of hosts could not be evaluated", 1},
}

func TestARuleThatShipsPausedTellsNothingUntilItIsResumed(t *testing.T) {
	t.Parallel()
	s := start(t)
	now := time.Now()
	s.insert(t, append(append(attack(now), planted.DynamicBeacon(now)...), heartbeats(now)...)...)
	firing := counted("firing", attackGroups...)
	s.awaitGroups(t, firing)
	s.evaluations(t, 3)
	s.hasGroups(t, "while they are paused", firing)
	for uid, r := range s.rules(t) {
		if _, want := paused[uid]; r.IsPaused != want {
			t.Errorf("%s is paused: %v", uid, r.IsPaused)
		}
		if r.IsPaused && (len(r.Alerts) > 0 || !r.LastEvaluation.IsZero()) {
			t.Errorf("%s is paused and was evaluated at %v: %v", uid, r.LastEvaluation, r.instances())
		}
	}

	s.resume(t)
	for _, p := range paused {
		firing[p.group+" firing"] = 1
	}
	s.awaitGroups(t, firing)
	s.pausedFire(t)
	s.evaluations(t, 3)
	s.hasGroups(t, "after they were resumed", firing)
	logIsClean(t, s)

	s.inbox.forget()
	s.setPassword(t, "wrong")
	for uid, p := range paused {
		s.eventually(t, s.slackHas("FIRING: ", p.fails, "[auth]"))
		if got, want := s.rules(t)[uid].instances()["Error"], 1; got != want {
			t.Errorf("%s has %d errors, want %d", uid, got, want)
		}
	}
	s.setPassword(t, password)
	s.pausedFire(t)
	s.hasGroups(t, "after the fault", map[string]int{})
}

func (s *system) pausedFire(t *testing.T) {
	t.Helper()
	for uid, p := range paused {
		s.awaitInstances(t, uid, map[string]int{"Alerting": p.alerts})
	}
}

// resume resumes every rule that ships paused as the provisioning folder's README says: in its file, which Grafana then reads again.
func (s *system) resume(t *testing.T) {
	t.Helper()
	const pause = "        isPaused: true\n"
	path := filepath.Join(s.options.Provisioning, "alerting", "high-fidelity.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if found := strings.Count(string(text), pause); found != len(paused) {
		t.Fatalf("%s pauses %d rules, want %d", path, found, len(paused))
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), pause, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	s.call(t, http.MethodPost, "/api/admin/provisioning/alerting/reload", nil, nil)
}
