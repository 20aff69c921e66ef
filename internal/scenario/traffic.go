package scenario

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// traffic gathers the events of one device in one hour.
type traffic struct {
	device device
	hour   hour
	random *rand.Rand
	events []Event
}

func (t *traffic) add(e Event) { t.events = append(t.events, e) }

// event returns a successful TCP connection of the device.
func (t *traffic) event(at time.Time, ip string, port uint16, url, process string) Event {
	return t.device.event(at, ip, port, url, process)
}

func (d device) event(at time.Time, ip string, port uint16, url, process string) Event {
	return Event{
		Timestamp: at, DeviceID: d.id, DeviceName: d.name, ActionType: success,
		RemoteIP: ip, RemotePort: port, RemoteURL: url, Protocol: "Tcp", LocalIP: d.localIP,
		Process: process, Account: d.user,
	}
}

// turns is the number of addresses that a large service answers from. It is above half the hours of a week, so that a
// device that moves on each hour meets an address at most twice.
const turns = 97

// turning returns the address that a large service, one /16 third octet each, gives the device in this hour.
func (t *traffic) turning(service int) string {
	return fmt.Sprintf("198.18.%d.%d", service, 1+(t.device.number*7+t.hour.ofWeek)%turns)
}

// The services that every device talks to, by the third octet of their addresses (the web's lie below).
const (
	mailService = 200 + iota
	chatService
	officeService
	updateService
	sensorService
	timeService
)

// applications adds the programs that work beside the browser: few connections, one address an hour each.
func (t *traffic) applications() {
	busy := t.device.busy(t.hour.ofWeek)
	for _, app := range []struct {
		service      int
		url, process string
	}{
		{mailService, "mail.parcel-office.example", "MailDesk.exe"},
		{chatService, "chat.parcel-office.example", "TeamLine.exe"},
		{officeService, "docs.parcel-office.example", "DocWriter.exe"},
	} {
		ip := t.turning(app.service)
		for range int(busy * float64(between(t.random, 2, 7))) {
			e := t.event(moment(t.random, t.hour.start), ip, 443, app.url, app.process)
			e.Sent, e.Received = int64(between(t.random, 300, 20_000)), int64(between(t.random, 300, 90_000))
			t.add(e)
		}
	}
}

// system adds what the operating system and its sensor do by themselves, day and night.
func (t *traffic) system() {
	if t.device.kind == server {
		t.clock()
	}
	for _, part := range []struct {
		service      int
		port         uint16
		protocol     string
		url, process string
	}{
		{updateService, 443, "Tcp", "delivery.os-updates.example", "svchost.exe"},
		{sensorService, 443, "Tcp", "eu.sensor-cloud.example", "MsSense.exe"},
		{timeService, 123, "Udp", "time.os-updates.example", "svchost.exe"},
	} {
		for range t.random.IntN(3) {
			e := t.event(moment(t.random, t.hour.start), t.turning(part.service), part.port, part.url, part.process)
			e.Protocol, e.Account = part.protocol, systemAccount
			e.Sent, e.Received = int64(between(t.random, 90, 3000)), int64(between(t.random, 90, 9000))
			t.add(e)
		}
	}
}

// clock asks for the time at even intervals, as servers do.
func (t *traffic) clock() {
	const interval = 1024 * time.Second
	phase := time.Duration(t.device.number*131%1024) * time.Second
	since := time.Duration(t.hour.ofWeek) * time.Hour
	for at := (interval - (since+phase)%interval) % interval; at < time.Hour; at += interval {
		e := t.event(t.hour.start.Add(at), "198.19.30.1", 123, "clock.time-pool.example", "ntpd.exe")
		e.Protocol, e.Account, e.Sent, e.Received = "Udp", systemAccount, 76, 76
		t.add(e)
	}
}

// scanned adds what the internet tries on servers: one address after the other, many ports.
func (t *traffic) scanned() {
	if t.device.kind != server || t.device.number%len(services) != 0 {
		return
	}
	for range between(t.random, 2, 9) {
		from := fmt.Sprintf("198.18.%d.%d", 240+t.random.IntN(10), between(t.random, 1, 254))
		for range between(t.random, 1, 3) {
			e := t.event(moment(t.random, t.hour.start), from, pick(t.random, []uint16{22, 80, 443, 445, 3389, 8080, 8443}), "", "System")
			e.ActionType, e.Account, e.Sent, e.Received = inbound, systemAccount, Unknown, Unknown
			t.add(e)
		}
	}
}

// internal adds the company's own network: private addresses, in every spelling that sensors have for them.
func (t *traffic) internal() {
	count := between(t.random, 1, 5) + int(t.device.busy(t.hour.ofWeek)*float64(between(t.random, 6, 16)))
	if t.device.kind == server {
		count = between(t.random, 14, 30)
	}
	for range count {
		p := pick(t.random, internalPeers)
		e := t.event(moment(t.random, t.hour.start), p.ip, p.port, p.url, p.process)
		e.ActionType, e.Protocol, e.Account = p.action, p.protocol, systemAccount
		e.Sent, e.Received = int64(between(t.random, 60, 4000)), int64(between(t.random, 60, 30_000))
		if p.action != success || t.random.IntN(12) == 0 {
			e.Sent, e.Received = Unknown, Unknown
		}
		t.add(e)
	}
}

var internalPeers = []struct {
	action, ip   string
	port         uint16
	protocol     string
	url, process string
}{
	{success, "10.10.0.53", 53, "Udp", "", "svchost.exe"},
	{success, "10.10.0.53", 53, "Udp", "", "svchost.exe"},
	{success, "10.10.0.54", 53, "Udp", "", "svchost.exe"},
	{success, "10.10.0.10", 88, "Tcp", "dc1.corp.example", "lsass.exe"},
	{success, "10.10.0.10", 389, "Tcp", "dc1.corp.example", "lsass.exe"},
	{success, "10.10.1.20", 445, "Tcp", "files.corp.example", "System"},
	{success, "172.16.4.9", 443, "Tcp", "intranet.corp.example", "msedge.exe"},
	{success, "172.31.255.7", 8080, "Tcp", "build.corp.example", "curl.exe"},
	{success, "192.168.77.4", 9100, "Tcp", "", "spoolsv.exe"},
	{success, "::ffff:10.10.2.30", 1433, "Tcp", "sql.corp.example", "java.exe"},
	{success, "fe80::1c2a:5ff:fe3b:7d01", 5353, "Udp", "", "svchost.exe"},
	{attempt, "10.10.9.99", 443, "Tcp", "old-app.corp.example", "DocWriter.exe"},
	{failed, "192.168.77.5", 9100, "Tcp", "", "spoolsv.exe"},
	{inbound, "10.10.5.5", 3389, "Tcp", "", "svchost.exe"},
	{inbound, "", 0, "Tcp", "", "System"},
}
