package hunting_test

import (
	"bytes"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/asn"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/tablerow"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hunting"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// show is what a question must show of the demo's attacks: a text of one of its rows.
var show = map[string]string{
	"even-beacons": "cdn.lumen-metrics.example", "beacons-of-few": "cdn.lumen-metrics.example", "beacons-of-one": "cdn.lumen-metrics.example",
	"nameless-beacons": "198.51.100.200", "odd-port-beacons": "c2.rusty-anvil.example", "slow-beacons": "news.willow-relay.example",
	"script-beacons": "invoice-portal-eu.hopto.org", "dynamic-names": "acct-sync-7f3.duckdns.org", "dynamic-beacons": "acct-sync-7f3.duckdns.org",
	"dynamic-tenants": "acct-sync-7f3.duckdns.org", "dynamic-by-scripts": "acct-sync-7f3.duckdns.org", "one-off-dynamic": "acct-sync-7f3.duckdns.org",
	"flux-hosts": "img.drift-petal.example", "many-addresses": "WS-FIN-013", "behind-the-allowlist": "api.tin-lantern.example",
	"scripts-out": "invoice-portal-eu.hopto.org",
}

// end is a Friday evening: the last day is one of work, on which more is benign than on a Sunday, and the same at every run.
var end = time.Date(2026, 3, 6, 18, 0, 0, 0, time.UTC)

// The demo's week: a company of some 200 devices with attacks among them, and what it finds on the devices that were not attacked.
func TestQuestionsOnTheDemosWeek(t *testing.T) {
	made := scenario.New(scenario.DefaultSeed, end)
	engine := chtest.Database(t)
	engine.CreateTable(t, settings.DefaultTable)
	attacked := load(t, engine, made)
	loadSystems(t, engine, made)
	t.Logf("%d devices are attacked", len(attacked))
	company := network{
		plugin: hosttest.Start(t), end: made.End,
		source: host.DataSource{UID: "fluxhound", Name: "Fluxhound", JSONData: jsonData(t, engine, engine.JSON(settings.Native), asn.Dictionary)},
	}
	for _, q := range hunting.Questions() {
		t.Run(q.ID, func(t *testing.T) {
			all := company.ask(t, q, back(t, q))
			if text := show[q.ID]; text != "" && !slices.ContainsFunc(all, func(r tablerow.Row) bool { return holds(r, text) }) {
				t.Errorf("none of its %d rows shows %s", len(all), text)
			}
			benign := slices.DeleteFunc(slices.Clone(all), func(r tablerow.Row) bool { return slices.Contains(attacked, r.Text("DeviceName")) })
			if slices.ContainsFunc(all, func(r tablerow.Row) bool { return r.Text("DeviceName") == "Multiple" }) {
				benign = company.ask(t, q, back(t, q), hunting.Filter{Column: "DeviceName", Operator: "notIn", Values: attacked})
			}
			t.Logf("%d rows, %d of them on devices without an attacker", len(all), len(benign))
			if len(benign) > q.Normal.FleetRows {
				t.Errorf("%d rows on devices without an attacker, and %d are said to be normal", len(benign), q.Normal.FleetRows)
			}
		})
	}
}

// load inserts the scenario's events, and returns the names of the devices that connect to an attacker's address.
func load(t *testing.T, engine chtest.Server, made *scenario.Scenario) []string {
	t.Helper()
	attacked := map[string]bool{}
	const size = 100_000
	batch := make([]chtest.Event, 0, size)
	flush := func() {
		engine.Insert(t, settings.DefaultTable, batch...)
		batch = batch[:0]
	}
	for e := range made.Events() {
		if attackers(e.RemoteIP) && !strings.HasPrefix(e.ActionType, "Inbound") {
			attacked[e.DeviceName] = true
		}
		if batch = append(batch, event(e)); len(batch) == size {
			flush()
		}
	}
	flush()
	return slices.Sorted(maps.Keys(attacked))
}

func event(e scenario.Event) chtest.Event {
	return chtest.Event{
		Timestamp: e.Timestamp, DeviceID: e.DeviceID, DeviceName: e.DeviceName, ActionType: e.ActionType, RemoteIP: e.RemoteIP, RemotePort: e.RemotePort,
		RemoteURL: e.RemoteURL, Protocol: e.Protocol, LocalIP: e.LocalIP, InitiatingProcessFileName: e.Process, InitiatingProcessAccountName: e.Account,
		SentBytes: counted(e.Sent), ReceivedBytes: counted(e.Received),
	}
}

func counted(n int64) *uint64 {
	if n == scenario.Unknown {
		return nil
	}
	count := uint64(n)
	return &count
}

// attackers says whether an address lies where the scenario's attackers are.
func attackers(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc([]string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4"}, func(network string) bool {
		return netip.MustParsePrefix(network).Contains(a.Unmap())
	})
}

func loadSystems(t *testing.T, engine chtest.Server, made *scenario.Scenario) {
	t.Helper()
	var systems bytes.Buffer
	if err := made.WriteSystems(&systems); err != nil {
		t.Fatal(err)
	}
	client, err := clickhouse.New(engine.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if err := asn.LoadFrom(t.Context(), client, engine.Database, &systems); err != nil {
		t.Fatal(err)
	}
}

// holds says whether one of the row's texts is, or contains, a text.
func holds(r tablerow.Row, text string) bool {
	for name := range r {
		if strings.Contains(r.Text(name), text) {
			return true
		}
	}
	return false
}
