package drill

import (
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Prefix begins the names of all devices and hosts of drills: what has it is no real device's.
const Prefix = schema.DrillPrefix

// Kind is one drill: what is written, and which shipped rule must tell of it.
type Kind struct {
	Name string
	Does string // what it pretends, in words
	Rule string // the title of the rule
	// events are what the device does up to now.
	events func(m mark, now time.Time) []event
	// lists are rows for tables beside the events.
	lists func(m mark, now time.Time) []rows
}

// Kinds returns every drill.
func Kinds() []Kind {
	return []Kind{
		{Name: "beacon", Does: "a script host checks in every minute for a day", Rule: "High-risk case", events: beacon},
		{Name: "dynamicDns", Does: "a program connects to a name of a dynamic DNS provider", Rule: "Suspicious dynamic DNS", events: dynamicDNS},
		{Name: "fastFlux", Does: "a program reaches a dozen addresses within an hour", Rule: "Potential fast flux", events: fastFlux},
		{Name: "intel", Does: "a device connects to a name that a list of threat intelligence names", Rule: "Threat intelligence match", events: one, lists: listed},
		{Name: "repointed", Does: "a name leads elsewhere after a month in one place", Rule: "Re-pointed name", events: one, lists: led},
	}
}

// Named finds a kind by its name.
func Named(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// mark is what tells one run of a drill from all else.
type mark struct{ id, kind string }

func (m mark) device() string { return Prefix + m.id }

// host is a name that nobody has: https://www.rfc-editor.org/rfc/rfc2606.
func (m mark) host() string { return Prefix + m.id + "." + m.kind + ".example" }

// event is one connection of the drill's device.
type event struct {
	at           time.Time
	address, url string
	port         uint16
	process      string
}

func beacon(m mark, now time.Time) []event {
	const minutes = 24*60 - 1
	var events []event
	for i := range minutes {
		events = append(events, event{at: now.Add(-time.Duration(i+1) * time.Minute), address: "203.0.113.250", url: m.host(), port: 443, process: "powershell.exe"})
	}
	return events
}

func dynamicDNS(m mark, now time.Time) []event {
	var events []event
	for i := range 20 {
		events = append(events, event{at: now.Add(-time.Duration(i+1) * time.Minute), address: "203.0.113.251", url: Prefix + m.id + ".duckdns.org", port: 443, process: "fluxhound-drill.exe"})
	}
	return events
}

// fastFlux lies within one whole hour, which is over.
func fastFlux(m mark, now time.Time) []event {
	hour := now.Truncate(time.Hour).Add(-time.Hour)
	var events []event
	for i := range 24 {
		events = append(events, event{at: hour.Add(time.Duration(i) * 2 * time.Minute), address: fmt.Sprintf("203.0.113.%d", 200+i%12), url: m.host(), port: 80, process: "fluxhound-drill.exe"})
	}
	return events
}

func one(m mark, now time.Time) []event {
	return []event{{at: now.Add(-time.Minute), address: "203.0.113.252", url: m.host(), port: 443, process: "fluxhound-drill.exe"}}
}

// rows are rows of a list's table: the SELECT gives them, with its parameters.
type rows struct {
	list   string // by its name in listTables
	insert string
	values map[string]any
	// marked is the column that holds the drill's mark.
	marked string
}

func listed(m mark, now time.Time) []rows {
	return []rows{{
		list: "indicators", marked: "Value",
		insert: "(Kind, Value, Source, Threat, Confidence, Expires, Reference, Flag, Added, Imported) SELECT 'domain', {name:String}, 'fluxhound drill', 'a drill', 100, {now:DateTime64(3, 'UTC')} + INTERVAL 2 HOUR, '', '', {now:DateTime64(3, 'UTC')}, {now:DateTime64(3, 'UTC')}",
		values: map[string]any{"name": m.host(), "now": now},
	}}
}

// led is a month in one network, and two days in another whose answers hold for a minute: that is high by itself.
func led(m mark, now time.Time) []rows {
	return []rows{{
		list: "nameNetworks", marked: "Name",
		insert: `(Name, Network, LowAddress, HighAddress, FirstSeen, LastSeen, Days, Devices, ShortestTTL)
SELECT {name:String}, Network, Low, Low, {now:DateTime64(3, 'UTC')} - toIntervalDay(Since), {now:DateTime64(3, 'UTC')} - toIntervalDay(Until),
    arrayMap(day -> toUInt16(toDate({now:DateTime64(3, 'UTC')})) - toUInt16(day), range(Until, Since)), initializeAggregation('groupUniqArrayState(` + fmt.Sprint(schema.LedgerDevices) + `)', ({device:String}, {device:String}, {device:String})), TTL
FROM VALUES('Network String, Low String, Since UInt8, Until UInt8, TTL UInt32', ('198.51.100.0/24', '198.51.100.252', 32, 3, 3600), ('203.0.113.0/24', '203.0.113.252', 2, 0, 60))`,
		values: map[string]any{"name": m.host(), "device": m.device(), "now": now},
	}}
}
