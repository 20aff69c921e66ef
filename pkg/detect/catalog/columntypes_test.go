package catalog_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// plenty holds findings of every detector whose addresses are public, private, IPv6 and no addresses at all; times are
// whole seconds. Addresses are spelled as every column type shows them.
func plenty(t *testing.T) []referee.Event {
	at := func(text string) time.Time { return detecttest.At(t, text) }
	return join(
		beacon(t, "WS-1", "203.0.113.7", "c2.example.com"), beacon(t, "WS-1", "10.0.0.7", "c2.example.com"), beacon(t, "WS-2", "2001:db8::7", ""),
		beacon(t, "WS-3", "", "c2.example.com"), beacon(t, "WS-4", "fe80::7", "c2.example.com"), beacon(t, "", "127.0.0.1", "c2.example.com"),
		name(at("10:30:00"), "203.0.113.9", "a.ddns.net"), name(at("10:30:01"), "192.168.0.9", "b.ddns.net"), name(at("10:30:02"), "2001:db8::9", "c.ddns.net"), name(at("10:30:03"), "", "d.ddns.net"),
		flux(at("10:00:00"), "WS-2"), flux(at("23:00:00"), "WS-2"),
		detecttest.Each(flux(at("11:00:00"), "WS-5"), func(i int, e *referee.Event) {
			if i%5 >= 3 {
				e.RemoteIP = []string{"2001:db8::5", "10.0.0.5"}[i%2]
			}
		}),
	)
}

// detectors returns all detectors, with IPv4 only and with IPv6.
func detectors() []referee.Detector {
	var all []referee.Detector
	for _, ipv6 := range []bool{false, true} {
		p := referee.DefaultAlerts()
		p.Beaconing.IncludeIPv6, p.FastFlux.IncludeIPv6 = ipv6, ipv6
		all = append(all, p.Beaconing, p.DynamicDNS, p.FastFlux, p)
	}
	return all
}

func addressFilters() [][]referee.Filter {
	one := func(operator string, values ...string) []referee.Filter {
		return []referee.Filter{{Column: "RemoteIP", Operator: operator, Values: values}}
	}
	return [][]referee.Filter{
		one("=", "203.0.113.7"), one("=", "2001:db8::9"), one("=", ""), one("!=", "203.0.113.7"), one("!=", ""), one("in", "203.0.113.7", "192.168.0.9", ""), one("notIn", "203.0.113.7", "n/a"),
		one("contains", ".113."), one("startsWith", "2001:"), one("endsWith", ".7"), one("inSubnet", "203.0.113.0/24", "2001:db8::/32"), one("inSubnet", "0.0.0.0/0"), one("inSubnet", "::/0"),
		one("inSubnet", "::/1"), one("inSubnet", "::/80"), one("inSubnet", "::ffff:203.0.113.0/120"), one("inSubnet", "::ffff:0:0/96"),
	}
}

func TestEveryColumnTypeOfRemoteIPGivesTheSameFindings(t *testing.T) {
	isIPv4 := func(text string) bool { address, err := netip.ParseAddr(text); return err == nil && address.Is4() }
	isAddress := func(text string) bool { _, err := netip.ParseAddr(text); return err == nil }
	orEmpty := func(holds func(string) bool) func(string) bool {
		return func(text string) bool { return text == "" || holds(text) }
	}
	anything := func(string) bool { return true }
	bench := detecttest.Start(t)
	types := map[string]struct {
		holds func(string) bool // whether the type has a value for the text
		from  string            // the value of a text
	}{
		"String":                           {anything, "RemoteIP"},
		"LowCardinality(String)":           {anything, "RemoteIP"},
		"FixedString(45)":                  {anything, "RemoteIP"},
		"Nullable(String)":                 {anything, "nullIf(RemoteIP, '')"},
		"LowCardinality(Nullable(String))": {anything, "nullIf(RemoteIP, '')"},
		"Nullable(FixedString(45))":        {anything, "nullIf(RemoteIP, '')"},
		"IPv4":                             {isIPv4, "toIPv4(RemoteIP)"},
		"Nullable(IPv4)":                   {orEmpty(isIPv4), "toIPv4OrNull(RemoteIP)"},
		"LowCardinality(IPv4)":             {isIPv4, "toIPv4(RemoteIP)"},
		"IPv6":                             {isAddress, "toIPv6(RemoteIP)"},
		"Nullable(IPv6)":                   {orEmpty(isAddress), "toIPv6OrNull(RemoteIP)"},
		"LowCardinality(IPv6)":             {isAddress, "toIPv6(RemoteIP)"},
		"LowCardinality(Nullable(IPv6))":   {orEmpty(isAddress), "toIPv6OrNull(RemoteIP)"},
	}
	for i, chType := range slices.Sorted(maps.Keys(types)) {
		c := types[chType]
		t.Run(chType, func(t *testing.T) {
			events := slices.DeleteFunc(plenty(t), func(e referee.Event) bool { return !c.holds(e.RemoteIP) })
			table := bench.Events(t, events).Derived(t, "ENGINE = MergeTree ORDER BY tuple() SETTINGS allow_nullable_key = 1 AS SELECT * REPLACE (CAST("+c.from+", '"+chType+"') AS RemoteIP) FROM {from} SETTINGS allow_suspicious_low_cardinality_types = 1")
			if got := table.Resolve(t).Column("RemoteIP").Type; got != chType {
				t.Fatalf("the column has type %s, want %s", got, chType)
			}
			if found := table.Judge(t, events, referee.Question{Window: detecttest.Days(1)}, detectors()...); found < 20 {
				t.Errorf("only %d findings in all: too few to tell", found)
			}
			// The source's filters are the same for all: they are asked of the events, the cheapest, and take turns in findings.
			for j, filters := range addressFilters() {
				compareFiltered(t, table, events, filters)
				if j%len(types) == i {
					table.Judge(t, events, referee.Question{Window: detecttest.Days(1), Filters: filters}, referee.DefaultDynamicDNS())
				}
				if t.Failed() {
					t.Fatalf("with filters %v", filters)
				}
			}
		})
	}
}

// compareFiltered holds the events that pass the filters against the referee's.
func compareFiltered(t *testing.T, table detecttest.Table, events []referee.Event, filters []referee.Filter) {
	t.Helper()
	window := detecttest.Days(1)
	frames := table.Frames(t, detecttest.Question{Type: "events", Format: "table", Window: window, Filters: filters, Limit: 100_000})
	var got, want []string
	at, _ := frames[0].FieldByName("Timestamp")
	device, _ := frames[0].FieldByName("DeviceName")
	url, _ := frames[0].FieldByName("RemoteUrl")
	for i := range frames[0].Rows() {
		got = append(got, fmt.Sprint(at.At(i).(time.Time).UTC(), device.At(i), url.At(i)))
	}
	for _, e := range referee.Passing(events, filters) {
		if !e.Timestamp.Before(window.From) && e.Timestamp.Before(window.To) {
			want = append(want, fmt.Sprint(e.Timestamp.UTC(), e.DeviceName, e.RemoteURL))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events with filters %v (-want +got):\n%s", filters, diff)
	}
}

// Identifiers of devices are texts, numbers, addresses or UUIDs, whatever their inventory gave them.
func TestEveryColumnTypeOfDeviceIdGivesTheSameFindings(t *testing.T) {
	bench := detecttest.Start(t)
	for chType, id := range map[string]string{ // %d is a number for each device
		"String": "id-%d", "FixedString(8)": "id-%d", "LowCardinality(Nullable(String))": "id-%d", "UUID": "00000000-0000-4000-8000-00000000000%d", "Nullable(UUID)": "00000000-0000-4000-8000-00000000000%d",
		"IPv4": "10.0.0.%d", "Nullable(IPv4)": "10.0.0.%d", "IPv6": "2001:db8::%d", "UInt8": "%d", "UInt32": "400000000%d", "UInt64": "1844674407370955160%d", "Int64": "-%d", "Nullable(Int32)": "%d",
		"LowCardinality(UInt32)": "%d", "UInt128": "34028236692093846346337460743176821145%d", "UInt256": "%d", "Enum8('1' = 1, '2' = 2, '3' = 3, '4' = 4, '5' = 5, '6' = 6)": "%d",
	} {
		t.Run(chType, func(t *testing.T) {
			numbers := map[string]int{}
			events := detecttest.Each(plenty(t), func(_ int, e *referee.Event) {
				if numbers[e.DeviceName] == 0 {
					numbers[e.DeviceName] = len(numbers) + 1
				}
				e.DeviceID = fmt.Sprintf(id, min(numbers[e.DeviceName], 5))
			})
			table := bench.Events(t, events).Derived(t, "ENGINE = MergeTree ORDER BY tuple() AS SELECT * REPLACE (CAST(DeviceId, '"+strings.ReplaceAll(chType, "'", "\\'")+"') AS DeviceId) FROM {from} SETTINGS allow_suspicious_low_cardinality_types = 1")
			if found := table.Judge(t, events, referee.Question{Window: detecttest.Days(1)}, detectors()...); found < 20 {
				t.Errorf("only %d findings in all: too few to tell", found)
			}
			one := []referee.Filter{{Column: "DeviceId", Operator: "=", Values: []string{events[0].DeviceID}}}
			table.Judge(t, events, referee.Question{Window: detecttest.Days(1), Filters: one}, referee.DefaultDynamicDNS()) // the source's filter, the same for all
		})
	}
}

func TestEveryColumnTypeOfTimestampGivesTheSameFindings(t *testing.T) {
	bench := detecttest.Start(t)
	events := plenty(t)
	base := bench.Events(t, events)
	for _, chType := range []string{
		"DateTime", "DateTime(\\'UTC\\')", "DateTime(\\'Europe/Berlin\\')", "DateTime(\\'Asia/Kolkata\\')", "DateTime64(0)", "DateTime64(3)", "DateTime64(6)",
		"DateTime64(9, \\'Asia/Kathmandu\\')", "Nullable(DateTime64(3, \\'UTC\\'))", "Nullable(DateTime(\\'America/St_Johns\\'))", "LowCardinality(DateTime)",
	} {
		t.Run(chType, func(t *testing.T) {
			table := base.Derived(t, "ENGINE = MergeTree ORDER BY tuple() AS SELECT * REPLACE (CAST(Timestamp, '"+chType+"') AS Timestamp) FROM {from} SETTINGS allow_suspicious_low_cardinality_types = 1")
			table.Judge(t, events, referee.Question{Window: detecttest.Days(1)}, detectors()...)
			// half an hour from the start and the end: an hour of another time zone would show
			cut := referee.Window{From: detecttest.At(t, "00:30:00"), To: detecttest.At(t, "23:30:00")}
			table.Judge(t, events, referee.Question{Window: cut}, referee.DefaultFastFlux()) // whose findings are hours; the source's bounds are the same for all
		})
	}
}

// Microseconds belong to the millisecond that they are in, at the window's ends too.
func TestATimestampFinerThanMilliseconds(t *testing.T) {
	at := detecttest.At(t, "09:30:00")
	events := join(name(at, "2.2.2.2", "a.ddns.net"), name(at.Add(time.Second), "2.2.2.2", "b.ddns.net"))
	table := detecttest.Start(t).Events(t, events).Derived(t, "ENGINE = MergeTree ORDER BY tuple() AS SELECT * REPLACE (CAST(Timestamp, 'DateTime64(6)') + toIntervalMicrosecond(999) AS Timestamp) FROM {from}")
	table.Judge(t, events, referee.Question{Window: referee.Window{From: at, To: at.Add(time.Second + time.Millisecond)}}, referee.DefaultDynamicDNS())
	table.Judge(t, events, referee.Question{Window: referee.Window{From: at, To: at.Add(time.Second)}}, referee.DefaultDynamicDNS())
}

func TestTheServersTimeZoneChangesNothing(t *testing.T) {
	events := plenty(t)
	for _, zone := range []string{"Asia/Kolkata", "America/St_Johns", "Pacific/Auckland"} {
		t.Run(zone, func(t *testing.T) {
			asked := detecttest.StartUnder(t, map[string]string{"session_timezone": zone}).Events(t, events)
			asked.Judge(t, events, referee.Question{Window: detecttest.Days(1)}, detectors()...)
			cut := referee.Window{From: detecttest.At(t, "00:30:00"), To: detecttest.At(t, "23:30:00")}
			asked.Judge(t, events, referee.Question{Window: cut}, referee.DefaultFastFlux())
		})
	}
}
