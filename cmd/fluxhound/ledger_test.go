package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger/ledgertest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// A name that moved three days ago is found by the command line, from the ledger that the command line made.
func TestTheLedgerIsMadeFilledKeptUpAndAsked(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	now := time.Now().UTC()
	on := func(daysAgo int, ip string) chtest.Event {
		return chtest.Event{Timestamp: now.AddDate(0, 0, -daysAgo), DeviceID: "id-1", DeviceName: "WS-1", ActionType: "ConnectionSuccess", RemoteIP: ip, RemotePort: 443, RemoteURL: "https://portal.example/", Protocol: "Tcp"}
	}
	for n := 30; n > 3; n-- {
		server.Insert(t, settings.DefaultTable, on(n, "203.0.113.7"))
	}
	server.Insert(t, settings.DefaultTable, on(3, "198.51.100.9"), on(1, "198.51.100.9"))
	plain := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	config := file(t, "with.json", map[string]any{"jsonData": json.RawMessage(ledgertest.With(t, server.JSON(settings.Native)))})
	asked := []string{"query", "--settings", config, "--query", file(t, "q.json", `{"queryType": "repointed"}`), "--from", now.AddDate(0, 0, -7).Format(time.RFC3339), "--to", now.Add(time.Minute).Format(time.RFC3339), "--plugin", hosttest.Plugin(t)}

	if got := run(t, asked...); got.code == 0 || !strings.Contains(got.stderr+got.stdout, "the ledger of names cannot be read") {
		t.Errorf("before there is one: %d %s %s", got.code, got.stdout, got.stderr)
	}
	got := run(t, "schema", "apply", "--settings", plain, "--ledger")
	for _, want := range []string{
		"_name_networks is there, and knows 30 days", `"listTables": {"nameNetworks": "network_events_name_networks"}`, "keeps it up by itself, every 10 minutes",
		"_destinations is there, and knows 30 days", `"listTables": {"destinations": "network_events_destinations"}`,
	} {
		if got.code != 0 || !strings.Contains(got.stdout, want) {
			t.Fatalf("apply: %d, %q is not in\n%s%s", got.code, want, got.stdout, got.stderr)
		}
	}
	found := func(want string) {
		t.Helper()
		if got := run(t, asked...); got.code != 0 || !strings.Contains(got.stdout, want) {
			t.Errorf("%d, %q is not in\n%.300s%s", got.code, want, got.stdout, got.stderr)
		}
	}
	found("portal.example")
	found("after 27 days in 203.0.0.0/16")
	for range 2 { // again, and by the other way: nothing counts twice
		for _, arguments := range [][]string{{"schema", "apply", "--settings", config, "--ledger"}, {"watch", "--settings", config, "--once"}} {
			if got := run(t, arguments...); got.code != 0 {
				t.Fatalf("%v: %d %s", arguments, got.code, got.stderr)
			}
		}
	}

	// What the job of ClickHouse's reads is what the command reads.
	server.Insert(t, settings.DefaultTable, func() chtest.Event { e := on(0, "192.0.2.9"); e.Timestamp = now.Add(-time.Hour); return e }())
	server.Exec(t, fmt.Sprintf("SYSTEM REFRESH VIEW %s.`network_events_name_networks_job`", server.Database))
	server.Exec(t, fmt.Sprintf("SYSTEM WAIT VIEW %s.`network_events_name_networks_job`", server.Database))
	found("192.0.0.0/16")
}

// What is new to all devices is found by the command line, from the ledger that the command line made.
func TestTheLedgerOfDestinationsIsMadeKeptUpAndAsked(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	now := time.Now().UTC()
	on := func(ago time.Duration, device, host string) chtest.Event {
		return chtest.Event{Timestamp: now.Add(-ago), DeviceID: device, DeviceName: device, ActionType: "ConnectionSuccess", RemoteIP: "203.0.113.7", RemotePort: 443, RemoteURL: host, Protocol: "Tcp"}
	}
	const day = 24 * time.Hour
	for n := range 40 {
		server.Insert(t, settings.DefaultTable, on(time.Duration(n)*day+time.Hour, fmt.Sprintf("WS-%d", n%6), "portal.example"))
	}
	server.Insert(t, settings.DefaultTable, on(3*day, "WS-9", "new.example"))
	for n := range 20 {
		server.Insert(t, settings.DefaultTable, on(time.Duration(n+1)*time.Hour, "WS-1", "portal.example"), on(time.Duration(n+1)*time.Hour, "WS-1", "new.example"))
	}
	config := file(t, "with.json", map[string]any{"jsonData": json.RawMessage(ledgertest.WithDestinations(t, server.JSON(settings.Native)))})
	asked := []string{"query", "--settings", config, "--query", file(t, "q.json", `{"queryType": "cases", "params": {"minRisk": 0}}`), "--from", now.AddDate(0, 0, -1).Format(time.RFC3339), "--to", now.Format(time.RFC3339), "--plugin", hosttest.Plugin(t)}
	for range 2 { // again, and by the other way: nothing counts twice
		for _, arguments := range [][]string{{"schema", "apply", "--settings", config, "--ledger"}, {"watch", "--settings", config, "--once"}} {
			if got := run(t, arguments...); got.code != 0 {
				t.Fatalf("%v: %d %s", arguments, got.code, got.stderr)
			}
		}
		got := run(t, asked...)
		for _, want := range []string{"first seen 3 days ago, by any device, and the ledger goes back 39 days", "known for 39 days and to 6 devices, which connected on 40 dates"} {
			if got.code != 0 || !strings.Contains(got.stdout, want) {
				t.Errorf("%d, %q is not in\n%.3000s%s", got.code, want, got.stdout, got.stderr)
			}
		}
	}
}
