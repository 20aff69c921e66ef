package scenario

import (
	"fmt"
	"time"
)

// KnownFalsePositive is a benign program that the analytic flags all the same: its rules cannot tell it from an attack.
type KnownFalsePositive struct {
	Name     string
	Category Category
	Devices  []string // DeviceName of those that run it
}

// Category is one of the analytic's own list of false positives.
type Category string

// The analytic's list.
const (
	UpdateServices Category = "update services and telemetry agents on shared hosting"
	VPNClients     Category = "VPN and proxy clients with dynamic DNS names"
	RMMTools       Category = "RMM tools that beacon to SaaS"
	CDNs           Category = "CDNs with high IP rotation"
	Tunnels        Category = "developers' tunnels with dynamic DNS names"
)

// KnownFalsePositives returns what the analytic is known to flag without an attack.
func (s *Scenario) KnownFalsePositives() []KnownFalsePositive {
	list := make([]KnownFalsePositive, len(s.known))
	for i, a := range s.known {
		list[i] = KnownFalsePositive{Name: a.name, Category: a.category}
		for _, n := range a.devices {
			list[i].Devices = append(list[i].Devices, s.fleet[n].name)
		}
	}
	return list
}

// agent is a benign program that some devices run.
type agent struct {
	name     string
	category Category
	devices  []int // numbers in the fleet; no other agent's and no attack's
	process  string
	url      string
	ips      []string
	port     uint16
	times    func(*agent, *traffic) []call
}

// call is one connection: when, and to which of the agent's addresses.
type call struct {
	at time.Time
	ip int
}

func (a *agent) run(t *traffic) {
	if !a.on(t.device.number) {
		return
	}
	for _, c := range a.times(a, t) {
		e := t.event(c.at, a.ips[c.ip], a.port, a.url, a.process)
		e.Sent, e.Received = int64(between(t.random, 250, 1800)), int64(between(t.random, 200, 6000))
		t.add(e)
	}
}

func (a *agent) on(number int) bool {
	for _, n := range a.devices {
		if n == number {
			return true
		}
	}
	return false
}

// every calls once an interval, day and night, each device at its own second, give or take a tenth.
func every(interval time.Duration) func(*agent, *traffic) []call {
	return func(_ *agent, t *traffic) []call {
		var calls []call
		phase := time.Duration(t.device.number*7919%1000) * interval / 1000
		for at := phase; at < time.Hour; at += interval {
			shake := time.Duration(t.random.Int64N(int64(interval / 10))).Truncate(time.Millisecond)
			calls = append(calls, call{at: t.hour.start.Add(min(at+shake, time.Hour-time.Millisecond).Truncate(time.Millisecond))})
		}
		return calls
	}
}

// atWork calls as every does, while somebody works.
func atWork(interval time.Duration) func(*agent, *traffic) []call {
	steady := every(interval)
	return func(a *agent, t *traffic) []call {
		if t.device.busy(t.hour.ofWeek) < 0.4 {
			return nil
		}
		return steady(a, t)
	}
}

// now calls a few times an hour, whenever something that its user does needs it.
func now(most int) func(*agent, *traffic) []call {
	return func(_ *agent, t *traffic) []call {
		calls := make([]call, int(t.device.busy(t.hour.ofWeek)*float64(between(t.random, 0, most))))
		for i := range calls {
			calls[i].at = moment(t.random, t.hour.start)
		}
		return calls
	}
}

// inBursts calls a dozen addresses of many, twice a working day.
func inBursts(a *agent, t *traffic) []call {
	local := (t.hour.ofWeek + t.device.zone + 7*24) % (7 * 24)
	if clock := local % 24; local/24 > 4 || (clock != 10 && clock != 15) {
		return nil
	}
	var calls []call
	for i := range between(t.random, 36, 60) {
		ip := (t.device.number*31 + t.hour.ofWeek*13 + i%12) % len(a.ips)
		calls = append(calls, call{at: moment(t.random, t.hour.start), ip: ip})
	}
	return calls
}

func knownAgents() []agent {
	first := func(count, from int) []int {
		list := make([]int, count)
		for i := range list {
			list[i] = from + i
		}
		return list
	}
	const firstLaptop, firstServer = workstations, workstations + laptops
	return []agent{
		{
			name: "QuillPress printer updates", category: UpdateServices, devices: first(12, 20), process: "QuillUpdate.exe",
			url: "updates.quillpress.example", ips: addresses(10, 1), port: 443, times: every(20 * time.Minute),
		},
		{
			name: "Tessera telemetry", category: UpdateServices, devices: first(8, firstServer+14), process: "tessera-agent.exe",
			url: "https://ingest.tessera-metrics.example/v2", ips: addresses(11, 1), port: 443, times: every(5 * time.Minute),
		},
		{
			name: "VpnLink to headquarters", category: VPNClients, devices: first(9, firstLaptop), process: "vpnlink.exe",
			url: "hq-gateway.ddns.net", ips: addresses(12, 1), port: 443, times: atWork(10 * time.Minute),
		},
		{
			name: "ProxyTray of the branch", category: VPNClients, devices: first(3, 40), process: "proxytray.exe",
			url: "branch-proxy.dynalias.com", ips: addresses(13, 1), port: 3128, times: atWork(6 * time.Minute),
		},
		{
			name: "FleetRmm agent", category: RMMTools, devices: append(first(8, 50), first(12, firstServer)...), process: "FleetRmmAgent.exe",
			url: "agents.fleetrmm.example", ips: addresses(14, 1), port: 443, times: every(3 * time.Minute),
		},
		{
			name: "CloudBox sync", category: CDNs, devices: first(6, 70), process: "CloudBoxSync.exe",
			url: "edge.cloudbox-cdn.example", ips: addresses(15, 240), port: 443, times: inBursts,
		},
		{
			name: "Tunnel of a web developer", category: Tunnels, devices: []int{firstLaptop + 12}, process: "localport.exe",
			url: "preview-box.myddns.me", ips: addresses(16, 1), port: 443, times: atWork(4 * time.Minute),
		},
		{
			name: "Tunnel of a mobile developer", category: Tunnels, devices: []int{firstLaptop + 14}, process: "tunnelctl.exe",
			url: "webhook-bench.duckdns.org", ips: addresses(17, 1), port: 8443, times: atWork(15 * time.Minute),
		},
		// What real PCs do by themselves.
		{
			name: "Mirador crash reports", category: UpdateServices, devices: []int{32}, process: "MiradorTelemetry.exe",
			url: "telemetry.mirador-cad.example", ips: addresses(18, 1), port: 443, times: every(10 * time.Minute),
		},
		{
			name: "Certificate checks", category: UpdateServices, devices: first(7, 43), process: "lsass.exe",
			url: "ocsp.trust-oak.example", ips: addresses(19, 1), port: 80, times: now(6),
		},
		{
			name: "Connectivity checks", category: UpdateServices, devices: first(8, 58), process: "svchost.exe",
			url: "probe.os-updates.example", ips: addresses(20, 1), port: 80, times: every(15 * time.Minute),
		},
	}
}

// addresses returns count addresses that nobody else in the scenario has.
func addresses(network, count int) []string {
	list := make([]string, count)
	for i := range list {
		list[i] = fmt.Sprintf("198.19.%d.%d", network, i+1)
	}
	return list
}
