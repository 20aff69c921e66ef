package plugin_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/plugin"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// recent is n events of one device, a minute apart and the last a minute old, which change may change.
func recent(n int, changes ...func(i int, e *chtest.Event)) []chtest.Event {
	sent, received := uint64(200), uint64(300)
	events, now := make([]chtest.Event, n), time.Now().UTC().Truncate(time.Millisecond)
	for i := range events {
		e := chtest.Event{
			Timestamp: now.Add(-time.Duration(i+1) * time.Minute), DeviceID: "WS-1", DeviceName: "WS-1", ActionType: "ConnectionSuccess",
			RemoteIP: "203.0.113.10", RemotePort: 443, RemoteURL: "c2.example.com", InitiatingProcessFileName: "a.exe", SentBytes: &sent, ReceivedBytes: &received,
		}
		for _, change := range changes {
			change(i, &e)
		}
		events[i] = e
	}
	return events
}

// What makes detectors blind, or lets them miss a sensor, is not green: the text names the cause, and the hint the fix.
func TestHealthTellsWhatTheEventsCannotBeUsedFor(t *testing.T) {
	for rule, c := range map[string]struct {
		change    func(i int, e *chtest.Event)
		status    backend.HealthStatus
		says, fix string
	}{
		"events that can be used":    {func(int, *chtest.Event) {}, backend.HealthStatusOk, "Beaconing can look at all, Dynamic DNS can look at all, Fast flux can look at all", ""},
		"another sensor's words":     {func(i int, e *chtest.Event) { e.ActionType = []string{"SF", "allow"}[i%2] }, backend.HealthStatusError, `Beaconing can find nothing: none of the 200 events of the window`, "actionTypes"},
		"words in lower case":        {func(_ int, e *chtest.Event) { e.ActionType = "connectionsuccess" }, backend.HealthStatusError, `"connectionsuccess"`, "view"},
		"addresses that are none":    {func(i int, e *chtest.Event) { e.RemoteIP = []string{"", "-", "host"}[i%3] }, backend.HealthStatusError, "Fast flux can find nothing", "Map RemoteIP"},
		"IPv6 alone":                 {func(_ int, e *chtest.Event) { e.RemoteIP = "2001:db8::9" }, backend.HealthStatusError, "All have an IPv6 RemoteIP", "includeIPv6"},
		"private addresses alone":    {func(_ int, e *chtest.Event) { e.RemoteIP = "10.1.2.3" }, backend.HealthStatusError, "All have a private RemoteIP", "proxy"},
		"a port behind the address":  {func(_ int, e *chtest.Event) { e.RemoteIP += ":443" }, anyButOK, "with a port, brackets, blanks", "Write the address alone"},
		"a blank behind the address": {func(_ int, e *chtest.Event) { e.RemoteIP += " " }, anyButOK, "with a port, brackets, blanks", "Write the address alone"},
		"a prefix behind most addresses": {func(i int, e *chtest.Event) {
			if i%20 > 0 {
				e.RemoteIP += "/32"
			}
		}, backend.HealthStatusUnknown, "95 % of the 200 events of the window", "Map RemoteIP"},
		"most ports are missing": {func(i int, e *chtest.Event) {
			if i%20 > 0 {
				e.RemotePort = 0
			}
		}, backend.HealthStatusUnknown, "have no RemotePort (NULL or 0)", "Map RemotePort"},
		"every port is missing":   {func(_ int, e *chtest.Event) { e.RemotePort = 0 }, backend.HealthStatusError, "All have no RemotePort", "leave it unmapped"},
		"no byte is ever counted": {func(_ int, e *chtest.Event) { e.SentBytes, e.ReceivedBytes = nil, nil }, backend.HealthStatusUnknown, "have no count of bytes sent (NULL)", "Map SentBytes"},
		"every byte is 0":         {func(_ int, e *chtest.Event) { e.SentBytes = new(uint64) }, backend.HealthStatusError, "have 0 bytes sent", "NULL, not 0"},
		"one sensor counts no bytes": {func(i int, e *chtest.Event) {
			e.Source = []string{"zeek", "defender"}[i%2]
			if i%2 == 1 {
				e.SentBytes = nil
			}
		}, backend.HealthStatusUnknown, `All of 100 sampled events of the sensor "defender" have no count of bytes sent`, "Map SentBytes"},
		"one sensor has other words": {func(i int, e *chtest.Event) {
			e.Source = []string{"zeek", "defender"}[i%2]
			if i%2 == 0 {
				e.ActionType = "SF"
			}
		}, backend.HealthStatusUnknown, `Beaconing misses the sensor "zeek"`, "actionTypes"},
		"names that stand for none":   {func(i int, e *chtest.Event) { e.RemoteURL = []string{"-", "c2.example.com"}[i%2] }, backend.HealthStatusUnknown, `placeholder in RemoteUrl ("-")`, "empty text"},
		"processes as paths":          {func(_ int, e *chtest.Event) { e.InitiatingProcessFileName = `C:\Windows\explorer.exe` }, backend.HealthStatusUnknown, "have a path or quotes", "file name"},
		"no identifier":               {func(i int, e *chtest.Event) { e.DeviceID = "" }, backend.HealthStatusUnknown, "have no DeviceId", "Map DeviceId"},
		"one device in two spellings": {func(i int, e *chtest.Event) { e.DeviceID = []string{"WS-9", "ws-9.corp.example"}[i%2] }, backend.HealthStatusUnknown, "written in several ways", "one spelling"},
		"a clock 26 h ahead": {
			func(i int, e *chtest.Event) {
				if e.Timestamp = e.Timestamp.Add(-2 * time.Hour); i%2 == 0 {
					e.DeviceID, e.DeviceName, e.Timestamp = "WS-FAST", "WS-FAST", e.Timestamp.Add(26*time.Hour)
				}
			}, backend.HealthStatusUnknown, `100 events of 1 device are dated in the future`, "NTP",
		},
		"every event twice": {func(i int, e *chtest.Event) { e.Timestamp = e.Timestamp.Truncate(2 * time.Minute) }, backend.HealthStatusUnknown, "are in the table more than once", "FINAL"},
	} {
		t.Run(rule, func(t *testing.T) {
			server := chtest.Database(t)
			server.CreateTable(t, "network_events")
			events := recent(200, c.change)
			if rule == "every event twice" {
				events = append(recent(100), recent(100)...)
				for i := range 100 {
					events[100+i].Timestamp = events[i].Timestamp
				}
			}
			server.Insert(t, "network_events", events...)
			if c.status == backend.HealthStatusOk { // the whole is well, and says so
				wantHealth(t, newBench(t, server, settings.Native, nil, nil).health(t), c.status, c.says, c.fix)
				return
			}
			wantHealth(t, plugin.Examined(t, server, nil), c.status, c.says, c.fix)
		})
	}
}

// Times of any precision are compared with instants that all of them hold.
func TestHealthLooksAtTimesOfAnyPrecision(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", recent(50)...)
	for _, kind := range []string{"DateTime", "DateTime64(0)", "DateTime64(6, 'UTC')", "DateTime64(8)", "DateTime64(9, 'UTC')"} {
		t.Run(kind, func(t *testing.T) {
			server.Exec(t, "CREATE OR REPLACE TABLE "+server.Database+".precise ENGINE = MergeTree ORDER BY Timestamp AS SELECT * REPLACE (CAST(Timestamp, '"+strings.ReplaceAll(kind, "'", "\\'")+"') AS Timestamp) FROM "+server.Database+".network_events")
			wantHealth(t, plugin.Examined(t, server, map[string]any{"table": "precise"}), backend.HealthStatusOk, "", "")
		})
	}
}

// wantHealth compares a check's status (any but OK where none is given), its message, and its hints.
func wantHealth(t *testing.T, h *backend.CheckHealthResult, status backend.HealthStatus, says, fix string) {
	t.Helper()
	var details struct {
		VerboseMessage string `json:"verboseMessage"`
		Checks         []struct {
			Name, Message, Hint string
			OK                  bool
		}
	}
	if err := json.Unmarshal(h.JSONDetails, &details); err != nil {
		t.Fatal(err)
	}
	if status == anyButOK && h.Status == backend.HealthStatusOk || status != anyButOK && h.Status != status {
		t.Errorf("status %s, want %s", h.Status, status)
	}
	if !strings.Contains(h.Message, says) {
		t.Errorf("the message does not say %q", says)
	}
	if !strings.Contains(details.VerboseMessage, fix) {
		t.Errorf("the hints do not say %q", fix)
	}
	seen := map[string]bool{}
	for _, c := range details.Checks {
		if seen[c.Message] {
			t.Errorf("it says twice: %s", c.Message)
		}
		seen[c.Message] = true
	}
	if t.Failed() {
		t.Logf("%s: %s\n%s", h.Status, h.Message, details.VerboseMessage)
	}
}

const anyButOK = backend.HealthStatus(-1)

// A table that holds every event twice until it merges, one whose columns cannot be read, and settings that forbid a function:
// each is found out, whatever is in the window.
func TestHealthProvesWhatQueriesNeed(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", recent(200)...)
	from := " AS SELECT * FROM " + server.Database + ".network_events"
	for _, engine := range []string{"ReplacingMergeTree", "AggregatingMergeTree"} {
		table := server.Database + ".twice_" + strings.ToLower(engine)
		server.Exec(t, "CREATE TABLE "+table+" ENGINE = "+engine+" ORDER BY (Timestamp, DeviceId)"+from)
		server.Exec(t, "SYSTEM STOP MERGES "+table)
		server.Exec(t, "INSERT INTO "+table+" SELECT * FROM "+server.Database+".network_events")
	}
	server.Exec(t, "CREATE TABLE "+server.Database+".once ENGINE = ReplacingMergeTree ORDER BY (Timestamp, DeviceId)"+from)
	server.Exec(t, "CREATE VIEW "+server.Database+".final AS SELECT * FROM "+server.Database+".twice_replacingmergetree FINAL")
	server.Exec(t, "CREATE TABLE "+server.Database+".ephemeral (Timestamp DateTime64(3, 'UTC'), DeviceId String, DeviceName String, ActionType String, RemoteIP String, url String EPHEMERAL, RemoteUrl String DEFAULT url, port UInt16 EPHEMERAL) ENGINE = MergeTree ORDER BY Timestamp")
	server.Exec(t, "CREATE TABLE "+server.Database+".aliased (Timestamp DateTime64(3, 'UTC'), DeviceId String, DeviceName String, ActionType String, ip String, RemoteIP String ALIAS concat('203.0.113.', ip), RemoteUrl String) ENGINE = MergeTree ORDER BY Timestamp")
	server.Exec(t, "INSERT INTO "+server.Database+".aliased SELECT Timestamp, DeviceId, DeviceName, ActionType, '9', RemoteUrl FROM "+server.Database+".network_events")
	server.Exec(t, "CREATE VIEW "+server.Database+".broken AS SELECT * REPLACE (toString(throwIf(RemotePort = 443, 'the view is broken')) AS RemoteUrl) FROM "+server.Database+".network_events")
	for rule, c := range map[string]struct {
		changes   map[string]any
		status    backend.HealthStatus
		says, fix string
	}{
		"all is well":                      {nil, backend.HealthStatusOk, "statements were tried on the newest events", ""},
		"every event twice until a merge":  {map[string]any{"table": "twice_replacingmergetree"}, backend.HealthStatusUnknown, "the table's engine ReplacingMergeTree keeps the copies of an event until it merges", "FINAL"},
		"another such engine":              {map[string]any{"table": "twice_aggregatingmergetree"}, backend.HealthStatusUnknown, "AggregatingMergeTree keeps the copies", "FINAL"},
		"such an engine without copies":    {map[string]any{"table": "once"}, backend.HealthStatusOk, "ReplacingMergeTree keeps an event's copies until it merges", ""},
		"a view with FINAL":                {map[string]any{"table": "final"}, backend.HealthStatusOk, "", ""},
		"the source's tables are missing":  {map[string]any{"source": "zeek"}, backend.HealthStatusUnknown, "zeek_conn, zeek_dns, zeek_http, zeek_ssl, dns_events", "`fluxhound schema apply --settings FILE --source zeek` creates what is not there"},
		"the source's events are missing":  {map[string]any{"source": "zeek", "table": "nowhere"}, backend.HealthStatusError, "nowhere", "`fluxhound schema apply --settings FILE --source zeek` creates it"},
		"an EPHEMERAL column is mapped":    {map[string]any{"table": "ephemeral", "columns": map[string]string{"RemoteUrl": "url"}}, backend.HealthStatusError, "column url for RemoteUrl is EPHEMERAL: it is not stored", ""},
		"an optional EPHEMERAL one":        {map[string]any{"table": "ephemeral", "columns": map[string]string{"RemotePort": "port"}}, backend.HealthStatusError, "column port for RemotePort is EPHEMERAL", ""},
		"an ALIAS column":                  {map[string]any{"table": "aliased"}, backend.HealthStatusOk, "", ""},
		"a column that fails on real rows": {map[string]any{"table": "broken"}, backend.HealthStatusError, "the view is broken", ""},
	} {
		t.Run(rule, func(t *testing.T) {
			if strings.Contains(c.says, "MergeTree") && c.status != backend.HealthStatusOk { // said of the table, whatever the queries
				wantHealth(t, plugin.Examined(t, server, c.changes), c.status, c.says, c.fix)
				return
			}
			wantHealth(t, newBench(t, server, settings.Native, c.changes, nil).health(t), c.status, c.says, c.fix)
		})
	}
}

func TestHealthProvesTheDictionaryByAPrefixThatIsInIt(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", recent(50)...)
	in := server.Database + "."
	server.Exec(t, "CREATE TABLE "+in+"prefixes (Prefix String, ASN UInt32, Name String) ENGINE = MergeTree ORDER BY Prefix")
	server.Exec(t, "CREATE TABLE "+in+"nothing AS "+in+"prefixes")
	server.Exec(t, "INSERT INTO "+in+"prefixes VALUES ('203.0.113.0/24', 64500, 'TEST'), ('2001:db8::/32', 64501, 'TEST6')")
	dictionary := func(name, types, table, layout string) {
		server.Exec(t, fmt.Sprintf("CREATE DICTIONARY %s%s (%s) PRIMARY KEY Prefix SOURCE(CLICKHOUSE(DB '%s' TABLE '%s')) LAYOUT(%s) LIFETIME(0)", in, name, types, server.Database, table, layout))
	}
	dictionary("good", "Prefix String, ASN UInt32 DEFAULT 0, Name String DEFAULT ''", "prefixes", "IP_TRIE")
	dictionary("texts", "Prefix String, ASN String DEFAULT '', Name String DEFAULT ''", "prefixes", "IP_TRIE")
	dictionary("wide", "Prefix String, ASN UInt64 DEFAULT 0, Name String DEFAULT ''", "prefixes", "IP_TRIE")
	dictionary("hashed", "Prefix String, ASN UInt32 DEFAULT 0, Name String DEFAULT ''", "prefixes", "COMPLEX_KEY_HASHED")
	dictionary("hollow", "Prefix String, ASN UInt32 DEFAULT 0, Name String DEFAULT ''", "nothing", "IP_TRIE")
	dictionary("nameless", "Prefix String, ASN UInt32 DEFAULT 0", "prefixes", "IP_TRIE")
	for name, c := range map[string]struct {
		status backend.HealthStatus
		says   string
	}{
		"good":     {backend.HealthStatusOk, "is in AS6450"},
		"texts":    {backend.HealthStatusError, "has ASN of type String, and must have UInt32"},
		"wide":     {backend.HealthStatusError, "has ASN of type UInt64"},
		"hashed":   {backend.HealthStatusError, "has the layout complexkeyhashed, and must have ip_trie"},
		"hollow":   {backend.HealthStatusError, "is empty"},
		"nameless": {backend.HealthStatusError, "nameless"},
		"nowhere":  {backend.HealthStatusError, "nowhere cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			wantHealth(t, plugin.Examined(t, server, map[string]any{"asnDictionary": in + name}), c.status, c.says, "")
		})
	}
}
