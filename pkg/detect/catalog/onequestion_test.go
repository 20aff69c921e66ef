package catalog_test

import (
	"fmt"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// Whether a device beacons to a name is one question, whoever asks: beaconing by host, onlyBeacons of dynamic DNS and the
// severity of either find the same names, however they are reached and written.
func TestWhetherADeviceBeaconsToANameIsOneQuestion(t *testing.T) {
	bench := detecttest.Start(t)
	table := bench.Events(t, nil)
	turn := func(texts ...string) func(i int, e *referee.Event) {
		return func(i int, e *referee.Event) { e.RemoteIP = texts[i%len(texts)] }
	}
	for name, c := range map[string]struct {
		change func(i int, e *referee.Event)
		is     bool
	}{
		"directly": {func(int, *referee.Event) {}, true},
		"by a proxy": {func(_ int, e *referee.Event) {
			e.RemoteIP, e.RemotePort, e.RemoteURL = "10.0.0.8", 3128, e.RemoteURL+":443"
		}, true},
		"over IPv6":                   {turn("2001:db8::9"), true},
		"in mapped form":              {turn("::ffff:203.0.113.9"), true},
		"with an empty address":       {turn(""), true},
		"with a placeholder":          {turn("-"), true},
		"over changing addresses":     {func(i int, e *referee.Event) { e.RemoteIP = fmt.Sprintf("203.0.113.%d", i/10) }, true},
		"in two families":             {turn("203.0.113.9", "2001:db8::9"), true},
		"as a URL":                    {func(i int, e *referee.Event) { e.RemoteURL = fmt.Sprintf("https://%s/%d", e.RemoteURL, i) }, true},
		"with a trailing blank":       {func(_ int, e *referee.Event) { e.RemoteURL += " " }, true},
		"with backslashes":            {func(_ int, e *referee.Event) { e.RemoteURL = `http:\\` + e.RemoteURL }, true},
		"without counted bytes":       {func(_ int, e *referee.Event) { e.SentBytes, e.ReceivedBytes = nil, nil }, true},
		"by a device of two names":    {func(i int, e *referee.Event) { e.DeviceID = []string{"WS-9", "ws-9.corp.example"}[i%2] }, true},
		"to a port of its own":        {func(_ int, e *referee.Event) { e.RemotePort = 22 }, false},
		"without a byte":              {func(_ int, e *referee.Event) { e.SentBytes = detecttest.Bytes(0) }, false},
		"by two devices in turn":      {func(i int, e *referee.Event) { e.DeviceID = fmt.Sprint("id-", i%2) }, false},
		"to two names under a domain": {func(i int, e *referee.Event) { e.RemoteURL = fmt.Sprintf("%d.%s", i%2, e.RemoteURL) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			events := detecttest.Each(beacon(t, "WS-1", "203.0.113.9", "c2.duckdns.org"), func(_ int, e *referee.Event) { e.ActionType = "ConnectionSuccess" })
			table.Replace(t, detecttest.Each(events, c.change))
			byHost := referee.DefaultBeaconing()
			byHost.GroupBy = "host"
			only, suffix, all := referee.DefaultDynamicDNS(), referee.DefaultDynamicDNS(), referee.DefaultDynamicDNS()
			only.OnlyBeacons, suffix.OnlyBeacons, suffix.Match, all.Match = true, true, "suffix", "suffix"
			want := 0
			if c.is {
				want = 1
			}
			q := referee.Question{Window: detecttest.Days(1)}
			table.Judge(t, events, q, byHost, only, suffix, all)
			if got := len(byHost.Rows(events, q)); got != want {
				t.Errorf("beaconing by host finds %d, want %d", got, want)
			}
			if got := len(suffix.Rows(events, q)); got != want {
				t.Errorf("dynamic DNS with onlyBeacons finds %d, want %d", got, want)
			}
			if got := len(only.Rows(events, q)); (got > 0) != c.is {
				t.Errorf("by the letter with onlyBeacons it finds %d", got)
			}
			for _, f := range all.Find(events, q) {
				if f.Beacons != c.is {
					t.Errorf("dynamic DNS takes %s for critical: %v, want %v", f.RemoteURL, f.Beacons, c.is)
				}
			}
		})
	}
}
