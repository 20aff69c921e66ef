package plugin_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
)

// Every bound that the decoder promises holds in every statement, over both protocols, and with an allowlist as long as
// may be.
func TestWhatTheDecoderLetsPassFitsIntoAStatement(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", seen(5)...)
	var networks, longNetworks []any
	for i := range 500 {
		networks = append(networks, fmt.Sprintf("198.51.%d.%d/%d", 100+i/250, i%250, 24+i%9))
		longNetworks = append(longNetworks, fmt.Sprintf("2001:db8:%x::/%d", i, 48+i%81))
	}
	networks[0] = "198.51.100.7/32"
	server.Exec(t, "CREATE TABLE "+server.Database+".allowed (Domain String, Network String, Process String, Device String, Detector String, Reason String, Owner String, Expires Nullable(DateTime('UTC'))) ENGINE = Memory")
	server.Exec(t, "INSERT INTO "+server.Database+".allowed SELECT concat('host-', toString(number), '.partner.example'), '', 'updater.exe', '', '', repeat('because ', 5), 'soc@example.com', NULL FROM numbers(5000)")
	list := func(column string, first string) map[string]any {
		values := []any{first}
		for i := range 999 {
			values = append(values, fmt.Sprintf("%d.x.example.co", i))
		}
		return map[string]any{"column": column, "operator": "in", "values": values}
	}
	filters := map[string][]any{
		"500 networks":                    {map[string]any{"column": "RemoteIP", "operator": "inSubnet", "values": networks}},
		"500 networks and 500 of IPv6":    {map[string]any{"column": "RemoteIP", "operator": "inSubnet", "values": append(longNetworks, networks...)}},
		"three lists of 1,000 values":     {list("DeviceId", "d1"), list("RemoteUrl", "x.duckdns.org"), list("InitiatingProcessFileName", "p.exe")},
		"as many filters as there may be": {},
	}
	for i := range 50 {
		filters["as many filters as there may be"] = append(filters["as many filters as there may be"],
			map[string]any{"column": "RemoteUrl", "operator": "notIn", "values": []any{fmt.Sprintf("%d.example", i), "b.example"}})
	}
	for _, protocol := range protocols {
		b := newBench(t, server, protocol, map[string]any{"allowlistTable": "allowed"}, nil)
		for rule, f := range filters {
			for _, q := range []struct{ kind, format string }{{"alerts", "numeric"}, {"beaconing", "table"}, {"events", "table"}} {
				t.Run(fmt.Sprintf("%s over %s: %s %s", rule, protocol, q.kind, q.format), func(t *testing.T) {
					text, err := json.Marshal(map[string]any{"queryType": q.kind, "format": q.format, "filters": f})
					if err != nil {
						t.Fatal(err)
					}
					res := b.ask(t.Context(), t, string(text))["A"]
					if res.Error != nil {
						t.Fatal(res.Error)
					}
					if want := 5; q.kind == "events" && res.Frames[0].Rows() != want {
						t.Errorf("got %d events, want %d", res.Frames[0].Rows(), want)
					}
				})
			}
		}
	}
}
