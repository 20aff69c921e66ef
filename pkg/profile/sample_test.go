package profile_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// A sensor that writes much must not hide one that writes little, and each is judged by itself.
func TestEachSensorIsJudgedByItself(t *testing.T) {
	for rule, c := range map[string]struct {
		change func(i int, e *chtest.Event)
		level  profile.Level
		says   []string
		not    []string
	}{
		"both are good": {func(i int, e *chtest.Event) { e.Source = []string{"zeek", "defender"}[i%2] }, profile.Clear, nil, []string{"sensor"}},
		"one counts no bytes": {func(i int, e *chtest.Event) {
			if e.Source = []string{"zeek", "defender"}[i%2]; i%2 == 1 {
				e.SentBytes = nil
			}
		}, profile.Gap, []string{`All of 300 sampled events of the sensor "defender" have no count of bytes sent`}, []string{"zeek"}},
		"one writes 0 for every byte": {func(i int, e *chtest.Event) {
			if e.Source = []string{"zeek", "defender"}[i%2]; i%2 == 1 {
				e.SentBytes = new(uint64)
			}
		}, profile.Gap, []string{`sampled events of the sensor "defender" have 0 bytes sent`}, []string{"can find nothing"}},
		"a small one has other words": {func(i int, e *chtest.Event) {
			if e.Source = "zeek"; i%20 == 0 {
				e.Source, e.ActionType = "firewall", "allow"
			}
		}, profile.Gap, []string{`Beaconing misses the sensor "firewall": none of its 30 sampled events`, `"allow"`}, []string{"can find nothing", "zeek"}},
		"too few to tell": {func(i int, e *chtest.Event) {
			if e.Source = "zeek"; i < 5 {
				e.Source, e.ActionType = "firewall", "allow"
			}
		}, profile.Clear, nil, []string{"firewall"}},
		"what one does not write beside another without a name": {func(i int, e *chtest.Event) {
			if i%2 == 0 {
				e.Source, e.RemoteURL = "zeek", ""
			}
		}, profile.Gap, []string{`Dynamic DNS misses the sensor "zeek"`, "have no name in RemoteUrl"}, []string{"can find nothing"}},
		"one knows no address, but ports that nobody looks at are no fault": {func(i int, e *chtest.Event) {
			if e.Source = "zeek"; i%2 == 0 {
				e.Source, e.RemotePort = "dns", 53
			}
		}, profile.Clear, nil, []string{"misses"}},
	} {
		t.Run(rule, func(t *testing.T) {
			b := newBench(t)
			b.server.CreateTable(t, b.table)
			b.server.Insert(t, b.table, every(600, c.change)...)
			wantVerdicts(t, b.profile(t, 24).Judge(), c.level, c.says, c.not)
		})
	}
}

// The sample is bounded for each sensor, says how many events there are, and holds the newest.
func TestASampleIsBoundedAndHoldsTheNewestOfEachSensor(t *testing.T) {
	b := newBench(t)
	b.server.CreateTable(t, b.table)
	in := b.server.Database + "." + b.table
	at := "toDateTime64('2026-03-10 12:00:00', 3, 'UTC') - toIntervalMillisecond(%s)"
	fill := func(source string, n int, each string) {
		b.server.Exec(t, fmt.Sprintf("INSERT INTO %s (Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteUrl, InitiatingProcessFileName, SentBytes, Source) SELECT "+at+
			", 'd', 'D', if(number < %d, 'ConnectionSuccess', 'old'), '203.0.113.9', 443, 'a.example.com', 'a.exe', 100, '%s' FROM numbers(%d)", in, each, n/2, source, n))
	}
	fill("busy", 100_000, "1 + number * 800") // over 22 hours; the older half has another word
	fill("quiet", 20, "7200000 + number * 1000")
	p := b.profile(t, 24)
	all, looked := p.Events()
	if all != 100_020 || len(p.Sensors) != 2 {
		t.Fatalf("%d events of %d sensors", all, len(p.Sensors))
	}
	busy, quiet := p.Sensors[0], p.Sensors[1]
	if busy.Name != "busy" || busy.Events != 100_000 || busy.Sampled < profile.Sample || busy.Sampled > 2*profile.Sample || !busy.Newest.Equal(now.Add(-time.Millisecond)) {
		t.Errorf("the busy one: %+v", busy)
	}
	if quiet.Name != "quiet" || quiet.Events != 20 || quiet.Sampled != 20 || looked != busy.Sampled+20 {
		t.Errorf("the quiet one: %+v", quiet)
	}
	for _, m := range busy.Marks {
		if m.Detector == "beaconing" && m.Reason != "match" {
			t.Errorf("the sample holds older events: %+v", m)
		}
	}
}

// However many values a column has that is mapped to Source by mistake, the answer stays small.
func TestAColumnThatIsNoSensorMakesNoMillionSensors(t *testing.T) {
	b := newBench(t)
	b.server.CreateTable(t, b.table)
	b.server.Insert(t, b.table, every(600, func(i int, e *chtest.Event) { e.Source = fmt.Sprint("s", i%200) })...)
	if p := b.profile(t, 24); len(p.Sensors) != 50 {
		t.Errorf("%d sensors", len(p.Sensors))
	}
}

func TestAnEmptyWindowHasNoVerdictsAndSaysThatItIsEmpty(t *testing.T) {
	b := newBench(t)
	b.server.CreateTable(t, b.table)
	p := b.profile(t, 24)
	if all, looked := p.Events(); all != 0 || looked != 0 || len(p.Judge()) != 0 || len(p.Notices(nil)) != 0 || len(p.Notices([]string{"beaconing"})) != 1 {
		t.Errorf("%d and %d events, %v, %v", all, looked, p.Judge(), p.Notices([]string{"beaconing"}))
	}
}

// A table of the user's own, with other types and without what is optional, is profiled as well.
func TestTablesOfOtherTypesAreProfiled(t *testing.T) {
	for rule, columns := range map[string]string{
		"addresses as IPv4":                    "Timestamp DateTime('Europe/Berlin'), DeviceId String, DeviceName String, ActionType Enum8('ConnectionSuccess' = 1, 'SF' = 2), RemoteIP IPv4, RemoteUrl String",
		"addresses as IPv6, which may be null": "Timestamp DateTime64(6), DeviceId UUID, DeviceName LowCardinality(Nullable(String)), ActionType LowCardinality(String), RemoteIP Nullable(IPv6), RemoteUrl Nullable(String), RemotePort Nullable(Int32) DEFAULT 443",
		"texts of fixed length":                "Timestamp DateTime64(3, 'UTC'), DeviceId FixedString(8), DeviceName FixedString(8), ActionType FixedString(20), RemoteIP FixedString(40), RemoteUrl LowCardinality(String), SentBytes Int64, Source LowCardinality(Nullable(String))",
	} {
		t.Run(rule, func(t *testing.T) {
			b := newBench(t)
			b.server.Exec(t, "CREATE TABLE "+b.server.Database+".network_events ("+columns+") ENGINE = MergeTree ORDER BY tuple()")
			b.server.Exec(t, "INSERT INTO "+b.server.Database+".network_events (Timestamp, ActionType, RemoteIP, RemoteUrl) SELECT toDateTime('2026-03-10 10:00:00', 'UTC') + number, 'ConnectionSuccess', '203.0.113.9', 'a.example.com' FROM numbers(100)")
			for _, v := range b.profile(t, 24).Judge() {
				if v.Level == profile.Blind && rule != "texts of fixed length" { // where SentBytes is always 0
					t.Errorf("%+v", v)
				}
			}
			for _, format := range []query.Format{query.Table, query.Numeric, query.TimeSeries} {
				q := query.Query{Type: "dataQuality", Format: format, Limit: 10, Interval: time.Hour, Params: query.Values{profile.Show: profile.ShowMatching, profile.BySource: true}, Window: query.Window{From: now.Add(-24 * time.Hour), To: now}}
				s, err := profile.Quality{}.Statement(q, b.resolve(t))
				if err != nil {
					t.Fatal(err)
				}
				if got := b.run(t, s); got.Rows == 0 {
					t.Errorf("%s: no rows", format)
				}
			}
		})
	}
}
