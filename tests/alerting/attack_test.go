//go:build e2e

package alerting_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// The groups of notifications about the attack: one for what one device has from one detector.
const (
	beaconOfVictim = "Potential beaconing/beaconing/" + planted.Device
	beaconOfOther  = "Potential beaconing/beaconing/WS-0001"
	beaconOfLate   = "Potential beaconing/beaconing/WS-0002" // begins while Grafana is down
	dynamicName    = "Suspicious dynamic DNS/dynamicDns/"
	flux           = "Potential fast flux/fastFlux/" + planted.Device
	// of the rules about cases: the other devices' beacons are too short for their risk
	caseOfVictim = "High-risk case/cases/" + planted.Device
	slowCase     = "High-risk slow case/cases/" + slowDevice
)

// attackGroups are those of attack.
var attackGroups = []string{beaconOfVictim, dynamicName, flux, caseOfVictim, slowCase}

// slowDevice is the one of attack whose beacon the rule about slow cases alone sees.
const slowDevice = "WS-SLOW"

// attack is planted.Attack, and another device's beacon to one name. It is too slow for a day, and moves between two addresses, of which
// neither has as many connections as the analytic asks for.
func attack(now time.Time) []chtest.Event {
	slow := planted.SlowBeacon(now)
	for i := range slow {
		slow[i].DeviceName, slow[i].DeviceID = slowDevice, "id-slow"
		if i%2 == 1 {
			slow[i].RemoteIP = "203.0.113.12"
		}
	}
	return append(planted.Attack(now), slow...)
}

// counted says that of each group one notification of the state was sent.
func counted(state string, groups ...string) map[string]int {
	counts := map[string]int{}
	for _, g := range groups {
		counts[g+" "+state] = 1
	}
	return counts
}

// heartbeats are a harmless event a minute from now on, so that data comes in for as long as the test runs. An event is
// seen once its time has come. Each is of a device of its own: one that has several ahead of now has a wrong clock, and says
// nothing about whether data comes in.
func heartbeats(now time.Time) []chtest.Event {
	var events []chtest.Event
	for i := range 120 {
		beat := planted.Heartbeat(now.Add(time.Duration(i) * time.Minute))
		beat.DeviceName, beat.DeviceID, beat.RemoteURL = fmt.Sprintf("HEART-%03d", i), fmt.Sprintf("heart-%03d", i), ""
		events = append(events, beat)
	}
	return events
}

func TestAnAttackIsNotifiedOnceThroughARestartAndResolvesWhenItStops(t *testing.T) {
	t.Parallel()
	s := start(t)
	now := time.Now()
	other := planted.Beacons(now, 1)
	s.insert(t, append(append(attack(now), other...), heartbeats(now)...)...)

	firing := counted("firing", append([]string{beaconOfOther}, attackGroups...)...)
	s.awaitGroups(t, firing)
	s.awaitInstances(t, "fluxhound-beaconing", map[string]int{"Alerting": 2})
	s.awaitInstances(t, "fluxhound-dynamic-dns", map[string]int{"Alerting": 1})
	s.awaitInstances(t, "fluxhound-fast-flux", map[string]int{"Alerting": 1})
	s.awaitInstances(t, "fluxhound-high-risk-case", map[string]int{"Alerting": 1})
	s.awaitInstances(t, "fluxhound-high-risk-slow-case", map[string]int{"Alerting": 1})
	s.awaitInstances(t, "fluxhound-data-stopped", map[string]int{"Normal": 1})
	notificationsAreComplete(t, s)

	s.evaluations(t, 3)
	s.hasGroups(t, "after three more evaluations", firing)

	s.stopGrafana(t)
	s.insert(t, planted.Beacons(now, 2)[len(other):]...)
	s.startGrafana(t)
	firing[beaconOfLate+" firing"] = 1
	s.awaitGroups(t, firing)
	s.evaluations(t, 3)
	s.awaitInstances(t, "fluxhound-beaconing", map[string]int{"Alerting": 3})
	s.hasGroups(t, "after a restart", firing)

	// A week and a day later the attack lies outside of the detectors' window; another device's beacon goes on.
	s.empty(t)
	s.insert(t, append(append(attack(now.Add(-8*24*time.Hour)), other...), heartbeats(now)...)...)
	resolved := maps.Clone(firing)
	maps.Copy(resolved, counted("resolved", append([]string{beaconOfLate}, attackGroups...)...))
	s.awaitGroups(t, resolved)
	s.awaitInstances(t, "fluxhound-beaconing", map[string]int{"Alerting": 1})
	s.evaluations(t, 3)
	s.hasGroups(t, "after the end", resolved)
	logIsClean(t, s)
}

func (s *system) awaitGroups(t *testing.T, want map[string]int) {
	t.Helper()
	s.eventually(t, func() error { return s.groupsAre(want) })
}

func (s *system) hasGroups(t *testing.T, when string, want map[string]int) {
	t.Helper()
	if err := s.groupsAre(want); err != nil {
		t.Fatalf("%s %v", when, err)
	}
}

// groupsAre checks which groups have been told so far, and how often.
func (s *system) groupsAre(want map[string]int) error {
	if diff := cmp.Diff(want, s.inbox.groups()); diff != "" {
		return fmt.Errorf("the notifications are (-want +got):\n%s", diff)
	}
	return nil
}

func notificationsAreComplete(t *testing.T, s *system) {
	t.Helper()
	const runbooks = "https://github.com/fluxhound/fluxhound-detections-datasource/blob/main/docs/runbooks/"
	for _, c := range []struct {
		group          string
		labels         map[string]string
		value          float64
		dashboard      string
		panel          int
		runbook        string
		texts          []string // of the message for people
		leadsToADevice bool
	}{
		{
			beaconOfVictim, map[string]string{
				"alertname": "Potential beaconing", "detector": "beaconing", "device": planted.Device, "device_id": "id-0000",
				"remote_ip": planted.BeaconIP, "remote_url": planted.BeaconURL, "finding_key": "f44f69436cac8425",
			}, 48.0 / 47, "fluxhound-beaconing", 9, "beaconing.md",
			[]string{"WS-VICTIM beacons to c2[.]example", "1.0 times an hour", "last 7 days", "Device: WS-VICTIM (id id-0000)", "Destination: 203[.]0[.]113[.]9 c2[.]example", "Value: 1.021"}, true,
		},
		{
			dynamicName, map[string]string{"alertname": "Suspicious dynamic DNS", "detector": "dynamicDns", "remote_url": planted.DynamicURL, "finding_key": "072b3c64a6dd2a3a"},
			planted.FluxAddresses, "fluxhound-dynamic-dns", 9, "dynamic-dns.md",
			[]string{"dropzone[.]duckdns[.]org", "12 times", "last 7 days", "Value: 12"}, false,
		},
		{
			flux, map[string]string{"alertname": "Potential fast flux", "detector": "fastFlux", "device": planted.Device, "device_id": "id-0000", "finding_key": "c8afa4db7d45e3c6"},
			planted.FluxAddresses, "fluxhound-fast-flux", 9, "fast-flux.md",
			[]string{"WS-VICTIM reached 12 addresses within one hour", "Device: WS-VICTIM (id id-0000)", "Value: 12"}, true,
		},
		{
			caseOfVictim, map[string]string{
				"alertname": "High-risk case", "detector": "cases", "confidence": "high", "device": planted.Device, "device_id": "id-0000",
				"remote_url": planted.BeaconURL, "finding_key": "0d7686465d2ce7e2",
			}, 60, "fluxhound-cases", 10, "high-risk-case.md",
			[]string{"WS-VICTIM at c2[.]example: risk 60 of 100", "have come to a risk of 60 of 100 (high)", "Why: checks in every 60 min", "connected by wscript[.]exe, which runs scripts", "Device: WS-VICTIM (id id-0000)", "Value: 60"}, true,
		},
		{
			slowCase, map[string]string{
				"alertname": "High-risk slow case", "detector": "cases", "confidence": "high", "device": slowDevice, "device_id": "id-slow",
				"remote_url": "slow.example", "finding_key": referee.Key("cases", referee.Device("id-slow", slowDevice), "slow.example"),
			}, 60, "fluxhound-cases", 11, "high-risk-case.md",
			[]string{"WS-SLOW slowly at slow[.]example: risk 60 of 100", "In the last week the few connections of WS-SLOW", "have come to a risk of 60 of 100 (high)", "Why: checks in every", "Value: 60"}, true,
		},
	} {
		t.Run(c.group, func(t *testing.T) {
			n := s.inbox.last(t, c.group+" firing")
			if n.Receiver != "Fluxhound webhook" || len(n.Alerts) != 1 {
				t.Fatalf("receiver %q, %d alerts", n.Receiver, len(n.Alerts))
			}
			a := n.Alerts[0]
			want := map[string]string{"app": "fluxhound", "data_source": "fluxhound", "grafana_folder": "Fluxhound", "severity": "high", "confidence": "medium", "mitre_technique": "T1584"}
			maps.Copy(want, c.labels)
			if diff := cmp.Diff(want, a.Labels); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			values := map[string]float64{"A": c.value, "B": 1}
			if c.labels["detector"] == "cases" { // the query that asks why has the same number
				values["W"] = c.value
			}
			if diff := cmp.Diff(values, a.Values); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			for name, link := range map[string]string{
				"panel": a.PanelURL, "dashboard": a.DashboardURL, "silence": a.SilenceURL, "runbook": a.Annotations["runbook_url"],
			} {
				want := map[string]string{
					"panel": externalURL + "/d/" + c.dashboard + "?", "dashboard": externalURL + "/d/" + c.dashboard,
					"silence": externalURL + "/alerting/silence/new?", "runbook": runbooks + c.runbook,
				}[name]
				if !strings.HasPrefix(link, want) {
					t.Errorf("the link to the %s is %q, want %q…", name, link, want)
				}
			}
			if !strings.HasSuffix(a.PanelURL, fmt.Sprintf("viewPanel=%d", c.panel)) && !strings.Contains(a.PanelURL, fmt.Sprintf("viewPanel=%d&", c.panel)) {
				t.Errorf("the link to the panel is %q", a.PanelURL)
			}
			if device := a.Annotations["device_url"]; c.leadsToADevice && device != externalURL+"/d/fluxhound-device?orgId=1&var-datasource=fluxhound&var-device="+c.labels["device"]+"&from=now-7d&to=now" {
				t.Errorf("the link to the device is %q", device)
			}
			for _, text := range append(c.texts, a.PanelURL+"&var-datasource=fluxhound", runbooks+c.runbook, "MITRE ATT&CK T1584") {
				if !strings.Contains(n.Message, text) {
					t.Errorf("%q is not in the message:\n%s", text, n.Message)
				}
			}
			if messages := s.inbox.slack(c.texts[0]); len(messages) != 1 {
				t.Errorf("Slack got %d messages about it, want one", len(messages))
			}
		})
	}
}
