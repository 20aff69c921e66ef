// Package planted gives tests of dashboards and alert rules a ClickHouse table with attacks in it, and the plugin's
// executable to ask about them.
package planted

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
)

// Device is the device on which every detector finds something.
const Device = "WS-VICTIM"

// What the attack of Attack connects to.
const (
	BeaconIP   = "203.0.113.9"
	BeaconURL  = "c2.example"
	DynamicURL = "dropzone.duckdns.org"
	FluxHost   = "flux.example"
)

// Attack is a week that ends with now, in which each detector finds one thing on Device: a beacon of one connection an
// hour over two days, twelve connections to a dynamic DNS name, and an hour with FluxAddresses addresses, each in a /16 of its
// own, of which FluxHost has nine: a fluxiness of FluxHostFluxiness. The newest event is a second old.
func Attack(now time.Time) []chtest.Event {
	var events []chtest.Event
	for i := range 48 {
		events = append(events, connection(now.Add(-time.Duration(i)*time.Hour-time.Minute), 0, BeaconIP, BeaconURL, "wscript.exe"))
	}
	hour := now.Add(-72 * time.Hour).Truncate(time.Hour)
	for i := range FluxAddresses {
		name := FluxHost
		if i >= 9 {
			name = fmt.Sprintf("%d.%s", i, FluxHost)
		}
		events = append(events,
			connection(hour.Add(time.Duration(i)*time.Minute), 0, fmt.Sprintf("240.%d.0.1", i), name, "rundll32.exe"),
			connection(now.Add(-time.Duration(i)*10*time.Hour-time.Second), 0, "192.0.2.4", DynamicURL, "curl.exe"))
	}
	return events
}

// DynamicBeaconURL is what DynamicBeacon connects to, and DynamicBeaconNetwork where that lies, as the ledger of names has it.
const (
	DynamicBeaconURL     = "beacon.duckdns.org"
	DynamicBeaconNetwork = "192.0.2.0/24"
)

// DynamicBeacon is a beacon of Device to a dynamic DNS name, of one connection an hour over a day before now.
func DynamicBeacon(now time.Time) []chtest.Event {
	var events []chtest.Event
	for i := range 24 {
		events = append(events, connection(now.Add(-time.Duration(i)*time.Hour-2*time.Minute), 0, "192.0.2.5", DynamicBeaconURL, "curl.exe"))
	}
	return events
}

// SlowBeacon is a beacon of Device through the week before now: a connection every five hours, by a program that runs scripts.
func SlowBeacon(now time.Time) []chtest.Event {
	var events []chtest.Event
	for i := range 33 {
		events = append(events, connection(now.Add(-time.Duration(i)*5*time.Hour-3*time.Minute), 0, "203.0.113.11", "slow.example", "wscript.exe"))
	}
	return events
}

// FluxAddresses is how many addresses the device reaches in the hour of fast flux.
const FluxAddresses = 12

// FluxHostFluxiness is 9/9 · (1.32·9 + 18.54·9).
const FluxHostFluxiness = 178.74

// Beacons are n beacons, each of a device of its own: twenty connections within two hours before now.
func Beacons(now time.Time, n int) []chtest.Event {
	var events []chtest.Event
	for device := range n {
		for i := range 20 {
			// 146 minutes cross at least two hour boundaries wherever they begin.
			at := now.Add(-time.Minute - time.Duration(i)*146*time.Minute/19)
			events = append(events, connection(at, device+1, BeaconIP, BeaconURL, "wscript.exe"))
		}
	}
	return events
}

// Heartbeat is one harmless event, so that data is seen to come in.
func Heartbeat(at time.Time) chtest.Event {
	return connection(at, 0, "10.0.0.53", "dc1.corp.example", "svchost.exe")
}

// connection is one event; device 0 is Device.
func connection(at time.Time, device int, ip, url, process string) chtest.Event {
	sent, received := uint64(900), uint64(2500)
	name := Device
	if device > 0 {
		name = fmt.Sprintf("WS-%04d", device)
	}
	return chtest.Event{
		Timestamp: at.UTC().Truncate(time.Millisecond), DeviceID: fmt.Sprintf("id-%04d", device), DeviceName: name,
		ActionType: "ConnectionSuccess", RemoteIP: ip, RemotePort: 443, RemoteURL: url, Protocol: "Tcp", LocalIP: "10.0.0.7",
		InitiatingProcessFileName: process, InitiatingProcessAccountName: "user", SentBytes: &sent, ReceivedBytes: &received,
	}
}

// Plugin builds the plugin's executable, once a test process, and runs it until the test ends.
func Plugin(t testing.TB) *host.Host {
	t.Helper()
	executable := hosttest.Plugin(t)
	plugin, err := host.Start(t.Context(), executable)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plugin.Close)
	return plugin
}
