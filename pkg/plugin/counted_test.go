package plugin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Seven names of dynamic DNS, of which the allowlist hides one, and lists that are shorter.
func TestAListThatIsCutSaysOfHowMany(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	var sent []chtest.Event
	for i := range 28 {
		sent = append(sent, chtest.Event{
			Timestamp: noon.Add(-time.Duration(i+1) * time.Minute), DeviceID: "d1", DeviceName: "WS-1", ActionType: "ConnectionSuccess",
			RemoteIP: "203.0.113.9", RemotePort: 443, RemoteURL: fmt.Sprintf("host%d.duckdns.org", i%7), Protocol: "Tcp", InitiatingProcessFileName: "a.exe",
		})
	}
	server.Insert(t, "network_events", sent...)
	b := newBench(t, server, settings.Native, map[string]any{"allowlist": []map[string]any{{"domain": "host3.duckdns.org", "reason": "ours", "owner": "us"}}}, nil)
	for asked, want := range map[string]string{
		`{"queryType":"dynamicDns","limit":2}`:                      "Only 2 of 6 findings are shown, the newest.",
		`{"queryType":"dynamicDns","limit":2,"allowlist":"ignore"}`: "Only 2 of 7 findings are shown, the newest.",
		`{"queryType":"dynamicDns","limit":6}`:                      "",
		`{"queryType":"dynamicDns","limit":2,"filters":[{"column":"RemoteUrl","operator":"in","values":["host0.duckdns.org","host1.duckdns.org","host2.duckdns.org"]}]}`: "Only 2 of 3 findings are shown, the newest.",
		`{"queryType":"alerts","limit":2}`:                                                     "Only 2 of 6 findings are shown, the newest.",
		`{"queryType":"events","format":"logs","limit":5}`:                                     "Only 5 of 28 events are shown, the newest.",
		`{"queryType":"events","format":"table","params":{"groupBy":["RemoteUrl"]},"limit":5}`: "Only 5 events are shown; there are more.",
	} {
		res := b.ask(t.Context(), t, asked)["A"]
		if res.Error != nil {
			t.Fatalf("%s: %v", asked, res.Error)
		}
		told := ""
		for _, n := range res.Frames[0].Meta.Notices {
			if strings.HasPrefix(n.Text, "Only ") {
				told = n.Text
			}
		}
		if !strings.HasPrefix(told, want) || want == "" && told != "" {
			t.Errorf("%s: got the notice %q, want %q", asked, told, want)
		}
	}
}
