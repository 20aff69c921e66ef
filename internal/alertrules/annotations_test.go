package alertrules_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"text/template"
	"time"
)

// value is what a template sees of a query's number.
type value struct {
	Value  float64
	Labels map[string]string
}

// expand does what Grafana does with a rule's annotations
// (https://grafana.com/docs/grafana/latest/alerting/alerting-rules/templates/reference/).
func expand(t *testing.T, text string, labels map[string]string, values map[string]value) string {
	t.Helper()
	parsed, err := template.New("annotation").Option("missingkey=invalid").Funcs(template.FuncMap{
		"externalURL":      func() string { return "https://grafana.example/" },
		"reReplaceAll":     reReplaceAll,
		"match":            regexp.MatchString,
		"args":             args,
		"humanizeDuration": func(seconds float64) string { return (time.Duration(seconds) * time.Second).String() },
	}).Parse("{{- $labels := .Labels -}}{{- $values := .Values -}}" + text)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := parsed.Execute(&b, map[string]any{"Labels": labels, "Values": values}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// reReplaceAll is a function that Grafana's templates have, of annotations and of notifications.
func reReplaceAll(pattern, replacement, text string) string {
	return regexp.MustCompile(pattern).ReplaceAllString(text, replacement)
}

// args names the arguments of a nested template arg0, arg1 and so on.
func args(values ...any) map[string]any {
	named := map[string]any{}
	for i, v := range values {
		named[fmt.Sprintf("arg%d", i)] = v
	}
	return named
}

func TestAnnotationsTellDeviceDestinationValueAndWindow(t *testing.T) {
	finding := map[string]string{"device": "WS 1", "device_id": "id-1", "remote_ip": "203.0.113.9", "remote_url": "c2.example"}
	for _, c := range []struct {
		uid, annotation string
		value           float64
		want            []string
	}{
		{"fluxhound-beaconing", "summary", 6.25, []string{"WS 1", "c2[.]example"}},
		{"fluxhound-beaconing", "description", 6.25, []string{"WS 1", "id-1", "203[.]0[.]113[.]9 (c2[.]example)", "6.2 times an hour", "last 7 days"}},
		{"fluxhound-beaconing", "device_url", 6.25, []string{"https://grafana.example/d/fluxhound-device?orgId=1&var-datasource=fluxhound&var-device=WS+1&from=now-7d&to=now"}},
		{"fluxhound-dynamic-dns", "summary", 12, []string{"c2[.]example"}},
		{"fluxhound-dynamic-dns", "description", 12, []string{"c2[.]example", "12 times", "last 7 days"}},
		{"fluxhound-fast-flux", "summary", 9, []string{"WS 1", "9 addresses"}},
		{"fluxhound-fast-flux", "description", 9, []string{"WS 1", "id-1", "9 distinct public addresses", "last 7 days"}},
		{"fluxhound-fast-flux", "device_url", 9, []string{"var-device=WS+1&"}},
		{"fluxhound-regular-beaconing", "summary", 6.25, []string{"WS 1", "c2[.]example"}},
		{"fluxhound-regular-beaconing", "description", 6.25, []string{"WS 1", "id-1", "c2[.]example", "6.2 times an hour", "last day"}},
		{"fluxhound-regular-beaconing", "device_url", 6.25, []string{"https://grafana.example/d/fluxhound-device?orgId=1&var-datasource=fluxhound&var-device=WS+1&from=now-7d&to=now"}},
		{"fluxhound-dynamic-dns-beaconing", "summary", 12, []string{"c2[.]example"}},
		{"fluxhound-dynamic-dns-beaconing", "description", 12, []string{"c2[.]example", "12 connections", "last 7 days"}},
		{"fluxhound-fast-flux-host", "summary", 158.88, []string{"c2[.]example"}},
		{"fluxhound-fast-flux-host", "description", 158.88, []string{"c2[.]example", "fluxiness is 159", "last 7 days"}},
		{"fluxhound-data-stopped", "summary", 1200, []string{"20m0s"}},
		{"fluxhound-data-stopped", "description", 1200, []string{"20m0s", "last hour"}},
	} {
		t.Run(c.uid+"/"+c.annotation, func(t *testing.T) {
			got := expand(t, rule(t, c.uid).Annotations[c.annotation], finding, map[string]value{"A": {Value: c.value}, "B": {Value: 1}})
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in %q", want, got)
				}
			}
		})
	}
}

func TestABeaconToABareAddressIsNamedByIt(t *testing.T) {
	got := expand(t, rule(t, "fluxhound-beaconing").Annotations["summary"],
		map[string]string{"device": "WS-1", "remote_ip": "203.0.113.9", "remote_url": ""}, map[string]value{"A": {Value: 1}})
	if want := "WS-1 beacons to 203[.]0[.]113[.]9"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A rule in error has neither labels of a finding nor values, and its annotations are sent all the same.
func TestAnnotationsOfAFailedRuleSayThatItFailed(t *testing.T) {
	for _, r := range rules(t) {
		for name, text := range r.Annotations {
			t.Run(r.UID+"/"+name, func(t *testing.T) {
				got := expand(t, text, map[string]string{}, nil)
				if name == "device_url" || name == "finding_url" || name == "why" {
					if got != "" {
						t.Errorf("it is %q", got)
					}
					return
				}
				if got == "" || strings.Contains(got, "no value") {
					t.Errorf("it becomes %q", got)
				}
				if (name == "summary" || name == "description") && !says(got) {
					t.Errorf("it does not say that something failed: %q", got)
				}
			})
		}
	}
}

func says(text string) bool {
	for _, word := range []string{"could not be", "failed", "cannot"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
