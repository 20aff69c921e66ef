package alertrules_test

import (
	"strings"
	"testing"
	"text/template"
	"time"
)

// alert and group have the fields of Grafana's notification data that the template uses
// (https://grafana.com/docs/grafana/latest/alerting/configure-notifications/template-notifications/reference/).
type alert struct {
	Labels, Annotations  map[string]string
	Values               map[string]float64
	StartsAt             time.Time
	PanelURL, SilenceURL string
}

type alerts struct{ Firing, Resolved []alert }

type group struct {
	Alerts                    alerts
	CommonLabels, GroupLabels map[string]string
}

func render(t *testing.T, name string, g group) string {
	t.Helper()
	all, _ := readNotifications(t)
	parsed, err := template.New("fluxhound").Option("missingkey=zero").Funcs(template.FuncMap{"reReplaceAll": reReplaceAll}).Parse(all.Templates[0].Template)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := parsed.ExecuteTemplate(&b, name, g); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var beacon = alert{
	Labels: map[string]string{
		"alertname": "Potential beaconing", "device": "WS-1", "device_id": "id-1", "remote_ip": "203.0.113.9", "remote_url": "c2.example",
		"severity": "high", "confidence": "medium", "mitre_technique": "T1584", "finding_key": "84c6bebc9075486d", "data_source": "fluxhound",
	},
	Annotations: map[string]string{
		"summary": "WS-1 beacons to c2[.]example", "description": "Steady connections.", "why": "checks in every 33 s; no name leads to this address", "runbook_url": "https://docs.example/beaconing",
		"playbook_url": "https://docs.example/playbook", "mitre_techniques": "T1071.001, T1571",
		"device_url": "https://grafana.example/d/fluxhound-device", "finding_url": "https://grafana.example/explore",
	},
	Values:   map[string]float64{"A": 6.25, "B": 1},
	StartsAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), PanelURL: "https://grafana.example/d/fluxhound-beaconing?orgId=1&viewPanel=9", SilenceURL: "https://grafana.example/silence",
}

func TestANotificationSaysWhatAnAnalystNeeds(t *testing.T) {
	g := group{
		Alerts:       alerts{Firing: []alert{beacon}},
		CommonLabels: map[string]string{"alertname": "Potential beaconing"}, GroupLabels: map[string]string{"device": "WS-1"},
	}
	if got, want := render(t, "fluxhound.title", g), "[FIRING: 1] Potential beaconing on WS-1"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	want := `WS-1 beacons to c2[.]example
Steady connections.
Why: checks in every 33 s; no name leads to this address

Device: WS-1 (id id-1)
Destination: 203[.]0[.]113[.]9 c2[.]example
Value: 6.25
Finding: 84c6bebc9075486d
Severity high, confidence medium, MITRE ATT&CK T1584; it may show T1071.001, T1571
Since 2026-01-02 03:04 UTC
What to do: https://docs.example/beaconing
If it is real: https://docs.example/playbook
The device: https://grafana.example/d/fluxhound-device
The finding: https://grafana.example/explore
All findings: https://grafana.example/d/fluxhound-beaconing?orgId=1&viewPanel=9&var-datasource=fluxhound
Silence: https://grafana.example/silence`
	if got := strings.TrimSpace(render(t, "fluxhound.message", g)); got != want {
		t.Errorf("message:\n%s\nwant:\n%s", got, want)
	}
}

func TestANotificationOfManyShowsTenAndTheNumber(t *testing.T) {
	g := group{Alerts: alerts{Firing: make([]alert, 500)}, CommonLabels: map[string]string{"alertname": "Potential beaconing"}}
	for i := range g.Alerts.Firing {
		g.Alerts.Firing[i] = beacon
	}
	message := render(t, "fluxhound.message", g)
	if shown := strings.Count(message, "beacons to"); shown != 10 {
		t.Errorf("it shows %d alerts, want 10", shown)
	}
	if !strings.Contains(message, "10 of 500") {
		t.Errorf("it does not say how many there are:\n%s", message)
	}
}

func TestANotificationOfAnErrorAndOfAnEndIsReadable(t *testing.T) {
	failed := alert{
		Labels:      map[string]string{"alertname": "DatasourceError"},
		Annotations: map[string]string{"summary": "Beaconing could not be evaluated", "Error": "[auth] wrong password"},
	}
	g := group{Alerts: alerts{Firing: []alert{failed}}, CommonLabels: failed.Labels}
	if message := render(t, "fluxhound.message", g); !strings.Contains(message, "Error: [auth] wrong password") || strings.Contains(message, "Destination") || strings.Contains(message, "no value") {
		t.Errorf("of an error:\n%s", message)
	}
	g = group{Alerts: alerts{Resolved: []alert{beacon}}, CommonLabels: beacon.Labels, GroupLabels: beacon.Labels}
	if got, want := render(t, "fluxhound.title", g), "[RESOLVED: 1] Potential beaconing on WS-1"; got != want {
		t.Errorf("title of an end %q, want %q", got, want)
	}
	if got, want := strings.TrimSpace(render(t, "fluxhound.message", g)), "Resolved: WS-1 beacons to c2[.]example"; got != want {
		t.Errorf("of an end: %q, want %q", got, want)
	}
}
