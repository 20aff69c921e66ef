package tasks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatStandsBehindATargetIsNoTarget(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	in := func(names ...string) []string {
		for i, name := range names {
			names[i] = filepath.Join(here, name)
		}
		return names
	}
	asn := filepath.Join(here, "asn.tsv")
	for line, c := range map[string]struct {
		left     string // "" for the whole line
		captures []string
		logs     Logs
	}{
		"mage accuracy":               {},
		"mage -v Accuracy a b":        {left: "mage -v Accuracy", captures: in("a", "b")},
		"mage hunt":                   {},
		"mage hunt logs":              {left: "mage hunt", logs: Logs{Folders: in("logs")}},
		"mage Hunt /var/log more":     {left: "mage Hunt", logs: Logs{Folders: []string{"/var/log", in("more")[0]}}},
		"mage hunt --asn asn.tsv a":   {left: "mage hunt", logs: Logs{Folders: in("a"), ASN: asn}},
		"mage hunt a -asn=asn.tsv":    {left: "mage hunt", logs: Logs{Folders: in("a"), ASN: asn}},
		"mage hunt a --internal 10/8": {left: "mage hunt", logs: Logs{Folders: in("a"), Internal: "10/8"}},
		"mage hunt a --asn":           {left: "mage hunt", logs: Logs{Folders: in("a"), Unknown: []string{"--asn"}}},
		"mage hunt --json a":          {left: "mage hunt", logs: Logs{Folders: in("a"), Unknown: []string{"--json"}}},
		"mage":                        {},
		"mage grafana":                {},
		"mage grafana test":           {},
		"mage grafana --data":         {},
		"mage grafana --data logs":    {left: "mage grafana", logs: Logs{Folders: in("logs")}},
		"mage Grafana --data=a b":     {left: "mage Grafana", logs: Logs{Folders: in("a", "b")}},
		"mage grafana -data /var/log": {},
		"mage grafana --data /a --asn asn.tsv --internal=::/0": {left: "mage grafana", logs: Logs{Folders: []string{"/a"}, ASN: asn, Internal: "::/0"}},
	} {
		t.Setenv(capturesVariable, "")
		t.Setenv(logsVariable, "")
		left := strings.Join(TakeArguments(strings.Fields(line)), " ")
		if want := c.left; want == "" && left != line || want != "" && left != want {
			t.Errorf("%q: what is left is %q, want %q", line, left, want)
		}
		var captures []string
		if captures = append(captures, takenFolders()...); !cmp.Equal(c.captures, captures) {
			t.Errorf("%q: captures %q, want %q", line, captures, c.captures)
		}
		logs, taken := takenLogs()
		if diff := cmp.Diff(c.logs, logs); diff != "" || taken != (c.left != "" && c.captures == nil) {
			t.Errorf("%q: logs %v (-want +got):\n%s", line, taken, diff)
		}
	}
}

func TestLogsThatCannotBeMeantAreRefused(t *testing.T) {
	for _, c := range []struct {
		logs Logs
		told string
	}{
		{Logs{}, "name a folder"},
		{Logs{Folders: []string{"/a"}, Unknown: []string{"--json"}}, "--json is no flag"},
	} {
		if err := c.logs.check(); err == nil || !strings.Contains(err.Error(), c.told) {
			t.Errorf("%+v: %v", c.logs, err)
		}
	}
	if err := (Logs{Folders: []string{"/a"}}).check(); err != nil {
		t.Error(err)
	}
}
