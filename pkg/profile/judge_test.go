package profile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
)

// Each kind of event that detectors cannot look at, in several spellings: the verdict names the cause and the fix.
func TestWhatDetectorsCannotLookAtIsSaidWithItsFix(t *testing.T) {
	for rule, c := range map[string]struct {
		change func(i int, e *chtest.Event)
		level  profile.Level
		says   []string
		not    []string
	}{
		"good events": {func(int, *chtest.Event) {}, profile.Clear, nil, []string{":"}},
		"ActionTypes of Zeek and of a firewall": {
			func(i int, e *chtest.Event) { e.ActionType = []string{"SF", "SF", "allow"}[i%3] }, profile.Blind,
			[]string{"Beaconing can find nothing: none of the 120 events of the window", "Dynamic DNS can find nothing", "Fast flux can find nothing", `All have an ActionType that it does not look at ("SF", "allow")`, "parameter actionTypes"}, nil,
		},
		"an ActionType in lower case": {func(_ int, e *chtest.Event) { e.ActionType = "connectionsuccess" }, profile.Blind, []string{`"connectionsuccess"`}, nil},
		"Defender's other ActionTypes": {func(i int, e *chtest.Event) {
			e.ActionType = []string{"ConnectionRequest", "ConnectionSuccessAggregatedReport"}[i%2]
		}, profile.Blind, []string{`"ConnectionRequest"`}, nil},
		"attempts alone":                 {func(_ int, e *chtest.Event) { e.ActionType = "ConnectionAttempt" }, profile.Blind, []string{"Dynamic DNS can find nothing", "Fast flux can find nothing"}, []string{"Beaconing can find nothing"}},
		"IPv6 alone":                     {func(_ int, e *chtest.Event) { e.RemoteIP = "2001:db8::9" }, profile.Blind, []string{"Beaconing can find nothing", "have an IPv6 RemoteIP", "includeIPv6"}, []string{"Dynamic DNS can find nothing"}},
		"private addresses alone":        {func(i int, e *chtest.Event) { e.RemoteIP = []string{"10.0.0.8", "192.168.1.1", "172.16.9.9"}[i%3] }, profile.Blind, []string{"Beaconing can find nothing", "have a private RemoteIP"}, []string{"Dynamic DNS can find nothing"}},
		"no address at all":              {func(i int, e *chtest.Event) { e.RemoteIP = []string{"", "-", "N/A"}[i%3] }, profile.Blind, []string{"have no RemoteIP"}, nil},
		"a text in place of the address": {func(_ int, e *chtest.Event) { e.RemoteIP = "gateway" }, profile.Blind, []string{`have a RemoteIP that is no address ("gateway")`}, nil},
		"private addresses in other forms": {func(i int, e *chtest.Event) {
			e.RemoteIP = []string{"::ffff:10.10.2.30", "192.168.1.9:443", "203.0.113.10"}[i%3]
		}, profile.Clear, nil, []string{"RemoteIP"}},
		"public addresses in other forms": {func(i int, e *chtest.Event) { e.RemoteIP = []string{"::ffff:203.0.113.5", "203.0.113.10"}[i%2] }, profile.Gap, []string{"have a RemoteIP with a port, brackets, blanks or in IPv4-mapped form"}, nil},
		"no names":                        {func(i int, e *chtest.Event) { e.RemoteURL = "" }, profile.Blind, []string{"Dynamic DNS can find nothing", "have no name in RemoteUrl"}, []string{"Beaconing can find nothing"}},
		"placeholders for names":          {func(i int, e *chtest.Event) { e.RemoteURL = []string{"-", "(empty)", "N/A", "null", "Unknown"}[i%5] }, profile.Blind, []string{"All of the 120 events of the window", `placeholder in RemoteUrl ("(empty)", "-", "N/A", "Unknown", "null")`, "Write the empty text"}, nil},
		"one placeholder in twenty": {func(i int, e *chtest.Event) {
			e.RemoteURL = strings.Repeat("-", 1-min(1, i%20)) + strings.Repeat("a.example.com", min(1, i%20))
		}, profile.Gap, []string{"5 % of the 120 events", "placeholder"}, []string{"can find nothing"}},
		"blanks around names":             {func(_ int, e *chtest.Event) { e.RemoteURL = "c2.duckdns.org " }, profile.Gap, []string{"blanks around it", `"c2.duckdns.org "`}, nil},
		"backslashes in names":            {func(_ int, e *chtest.Event) { e.RemoteURL = `http:\\c2.duckdns.org` }, profile.Gap, []string{"backslashes"}, nil},
		"bytes in names that are no UTF8": {func(_ int, e *chtest.Event) { e.RemoteURL = "z\xffq.duckdns.org" }, profile.Gap, []string{"bytes that are no UTF-8"}, nil},
		"a line break in names":           {func(_ int, e *chtest.Event) { e.RemoteURL = "x.duckdns.org\nAll clear" }, profile.Gap, []string{"control characters", `\nAll clear`}, nil},
		"Windows paths": {func(_ int, e *chtest.Event) {
			e.InitiatingProcessFileName = `C:\Windows\explorer.exe`
		}, profile.Gap, []string{"have a path or quotes in InitiatingProcessFileName"}, nil},
		"Unix paths":                {func(_ int, e *chtest.Event) { e.InitiatingProcessFileName = "/opt/agent/bin/agent" }, profile.Gap, []string{"All of the 120 events", "path"}, nil},
		"browsers alone":            {func(_ int, e *chtest.Event) { e.InitiatingProcessFileName = "Chrome.EXE" }, profile.Blind, []string{"Fast flux can find nothing", "are of processes that it leaves out", "excludeProcesses"}, nil},
		"bytes unknown":             {func(_ int, e *chtest.Event) { e.SentBytes, e.ReceivedBytes = nil, nil }, profile.Gap, []string{"All of the 120 events", "have no count of bytes sent (NULL)"}, nil},
		"bytes always 0":            {func(_ int, e *chtest.Event) { e.SentBytes = new(uint64) }, profile.Blind, []string{"have 0 bytes sent", "NULL, not 0"}, nil},
		"bytes 0 now and then":      {func(i int, e *chtest.Event) { e.SentBytes = []*uint64{new(uint64), e.SentBytes}[i%2] }, profile.Clear, nil, []string{"bytes"}},
		"no DeviceId":               {func(i int, e *chtest.Event) { e.DeviceID, e.DeviceName = "", fmt.Sprint("WS-", i%30) }, profile.Gap, []string{"have no DeviceId", "the name tells devices apart"}, nil},
		"a device in two spellings": {func(i int, e *chtest.Event) { e.DeviceID = []string{"WS-9", "ws-9.corp.example"}[i%2] }, profile.Gap, []string{"written in several ways", `"WS-9", "ws-9.corp.example"`}, nil},
		"addresses as identifiers":  {func(i int, e *chtest.Event) { e.DeviceID = fmt.Sprint("10.0.0.", i%30) }, profile.Clear, nil, []string{"several ways"}},
		"every event twice":         {func(i int, e *chtest.Event) { e.Timestamp = now.Add(-time.Duration(i/2+1) * time.Minute) }, profile.Gap, []string{"50 % of the 120 events of the window", "are in the table more than once", "FINAL"}, nil},
		"other ports":               {func(_ int, e *chtest.Event) { e.RemotePort = 53 }, profile.Blind, []string{"Beaconing can find nothing", `go to ports that it does not look at ("53")`, "parameter ports"}, []string{"Fast flux can find nothing"}},
		"a clock 26 h ahead": {
			func(i int, e *chtest.Event) {
				if i%4 == 0 {
					e.DeviceID, e.DeviceName, e.Timestamp = "WS-FAST", "WS-FAST", e.Timestamp.Add(26*time.Hour)
				}
			}, profile.Gap, []string{"30 events of 1 device are dated in the future, up to 2026-03-11 13:59:00 UTC (\"WS-FAST\")", "NTP"}, nil,
		},
		"a clock a minute ahead": {func(i int, e *chtest.Event) { e.Timestamp = e.Timestamp.Add(2 * time.Minute) }, profile.Clear, nil, []string{"future"}},
	} {
		t.Run(rule, func(t *testing.T) {
			b := newBench(t)
			b.server.CreateTable(t, b.table)
			b.server.Insert(t, b.table, every(120, c.change)...)
			verdicts := b.profile(t, 24).Judge()
			wantVerdicts(t, verdicts, c.level, c.says, c.not)
		})
	}
}

// wantVerdicts compares the gravest level, and what is said and not said.
func wantVerdicts(t *testing.T, verdicts []profile.Verdict, level profile.Level, says, not []string) {
	t.Helper()
	got, text := profile.Clear, said(verdicts)
	for _, v := range verdicts {
		if got != profile.Blind {
			got = v.Level
		}
		if v.Text == "" || v.Level == profile.Clear {
			t.Errorf("a verdict says nothing: %+v", v)
		}
	}
	if got != level {
		t.Errorf("got %s, want %s", got, level)
	}
	for _, part := range says {
		if !strings.Contains(text, part) {
			t.Errorf("it does not say %q", part)
		}
	}
	for _, part := range not {
		if strings.Contains(text, part) {
			t.Errorf("it says %q", part)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}
