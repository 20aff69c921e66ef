package threatintel_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/threatintel"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// entry is a row of the table of indicators; hours are how long ago it was imported first.
func entry(kind, value, source, threat string, confidence, hours int, flag string) string {
	return fmt.Sprintf("('%s', '%s', '%s', '%s', %d, now() + INTERVAL 1 DAY, 'https://intel.example/1', '%s', now() - INTERVAL %d HOUR, now())", kind, value, source, threat, confidence, flag, hours)
}

func expired(kind, value string) string {
	return fmt.Sprintf("('%s', '%s', 'old', '', 100, now() - INTERVAL 1 HOUR, '', '', now() - INTERVAL 9 DAY, now())", kind, value)
}

// named is what the lists of these tests name.
func named() []string {
	return []string{
		entry("network", "203.0.113.7/32", "feed", "Emotet", 100, 1, ""), entry("network", "203.0.113.7/32", "other", "", 60, 100, ""),
		entry("network", "198.51.100.0/24", "feed", "", 70, 1, ""), entry("network", "198.51.0.0/16", "wide", "", 90, 1, "it is a wide network"),
		entry("network", "2001:db8:7::/48", "feed", "six", 80, 1, ""),
		entry("domain", "evil.example", "feed", "Sliver", 75, 1, ""), entry("host", "only.bad.example", "feed", "", 75, 1, ""),
		entry("url", "files.example/a/b.exe?x=1", "feed", "loader", 90, 1, ""), entry("domain", "update.microsoft.com", "feed", "", 90, 1, ""),
		expired("network", "192.0.2.9/32"), expired("domain", "gone.example"),
	}
}

// on is one connection of the device that has the rule's name.
func on(device, url, ip string, changes ...func(*referee.Event)) []referee.Event {
	e := referee.Event{
		Timestamp: detecttest.Days(1).From.Add(time.Hour), DeviceID: device, DeviceName: device, ActionType: "ConnectionSuccess",
		RemoteIP: ip, RemotePort: 443, RemoteURL: url, InitiatingProcessFileName: "agent.exe", SentBytes: detecttest.Bytes(7),
	}
	for _, change := range changes {
		change(&e)
	}
	return []referee.Event{e}
}

func action(name string) func(*referee.Event) { return func(e *referee.Event) { e.ActionType = name } }

// columnsOf returns some columns of a table's rows.
func columnsOf(t *testing.T, frames data.Frames, names []string) []referee.Row {
	t.Helper()
	return detecttest.Chosen(t, frames, threatintel.Detector{}.Spec(), names...)
}

// rules are devices, each with one destination, and what is found of it: host and risk, nothing for no finding.
func rules() map[string]struct {
	events []referee.Event
	want   string
} {
	type rule = struct {
		events []referee.Event
		want   string
	}
	return map[string]rule{
		"an address":                             {on("an address", "", "203.0.113.7"), "203.0.113.7 100"},
		"an address as the sensor writes it":     {on("an address as the sensor writes it", "", "[::ffff:203.0.113.7]:443"), "203.0.113.7 100"},
		"the address beside it":                  {on("the address beside it", "", "203.0.113.8"), ""},
		"a named address":                        {on("a named address", "https://Named.example/x", "203.0.113.7"), "named.example 100"},
		"a network, and a wide one around it":    {on("a network, and a wide one around it", "", "198.51.100.200"), "198.51.100.200 80"}, // 70, and 10 for two sources
		"the wide network alone":                 {on("the wide network alone", "", "198.51.7.7"), "198.51.7.7 50"},
		"an IPv6 network":                        {on("an IPv6 network", "", "2001:db8:7:0::9"), "2001:db8:7::9 80"},
		"the IPv6 network beside it":             {on("the IPv6 network beside it", "", "2001:db8:8::9"), ""},
		"a domain":                               {on("a domain", "EVIL.example.", "192.0.2.1"), "evil.example 75"},
		"a name under a domain":                  {on("a name under a domain", "http://a.b.evil.example:8080/", "192.0.2.1"), "a.b.evil.example 75"},
		"a name that ends alike":                 {on("a name that ends alike", "notevil.example", "192.0.2.1"), ""},
		"a name before another domain":           {on("a name before another domain", "evil.example.com", "192.0.2.1"), ""},
		"a host":                                 {on("a host", "only.bad.example", "192.0.2.1"), "only.bad.example 75"},
		"a name under a host":                    {on("a name under a host", "x.only.bad.example", "192.0.2.1"), ""},
		"a URL":                                  {on("a URL", "HTTPS://files.example:8443/a/b.exe?x=1#top", "192.0.2.1"), "files.example 90"},
		"the URL's case is its own":              {on("the URL's case is its own", "https://files.example/A/b.exe?x=1", "192.0.2.1"), ""},
		"a URL's host alone":                     {on("a URL's host alone", "files.example", "192.0.2.1"), ""},
		"an expired address":                     {on("an expired address", "", "192.0.2.9"), ""},
		"an expired domain":                      {on("an expired domain", "gone.example", "192.0.2.1"), ""},
		"a known service":                        {on("a known service", "update.microsoft.com", "192.0.2.1"), "update.microsoft.com 50"},
		"an attempt":                             {on("an attempt", "", "203.0.113.7", action("ConnectionAttempt")), "203.0.113.7 85"},
		"a failure":                              {on("a failure", "", "203.0.113.7", action("ConnectionFailed")), "203.0.113.7 85"},
		"an attempt that was answered later":     {append(on("an attempt that was answered later", "", "203.0.113.7", action("ConnectionAttempt")), on("an attempt that was answered later", "", "203.0.113.7")...), "203.0.113.7 100"},
		"from outside":                           {on("from outside", "", "203.0.113.7", action("InboundConnectionAccepted")), ""},
		"no address and no name":                 {on("no address and no name", "-", "n/a"), ""},
		"a name that holds what parts an ending": {on("a name that holds what parts an ending", "host:evil.example", "192.0.2.1"), ""},
		"two ways to write one host are one":     {append(on("two ways to write one host are one", "evil.example", "192.0.2.1"), on("two ways to write one host are one", "https://evil.example/x", "192.0.2.2")...), "evil.example 75"},
	}
}

func TestWhatAnIndicatorNames(t *testing.T) {
	var events []referee.Event
	want := map[string]string{}
	for name, r := range rules() {
		events = append(events, r.events...)
		if r.want != "" {
			want[name] = r.want
		}
	}
	table := detecttest.Start(t).Events(t, events).WithIndicators(t, named()...)
	question := detecttest.Question{Type: "threatIntel", Window: detecttest.Days(1)}
	got := map[string]string{}
	for _, row := range columnsOf(t, table.Frames(t, question), []string{"DeviceName", "RemoteUrl", "Risk"}) {
		if got[row[0].(string)] != "" {
			t.Errorf("%s has two findings", row[0])
		}
		got[row[0].(string)] = fmt.Sprint(row[1], " ", row[2])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	question.Format = "numeric"
	if numbers := table.Frames(t, question); len(numbers) != len(want) {
		t.Errorf("%d numbers, want %d", len(numbers), len(want))
	}
	question.Format, question.Interval = "timeseries", time.Hour
	if series := table.Frames(t, question); len(series) != len(want) {
		t.Errorf("%d series, want %d", len(series), len(want))
	}
}

func TestEveryColumnOfAMatch(t *testing.T) {
	at := func(minutes int) func(*referee.Event) {
		return func(e *referee.Event) {
			e.Timestamp = detecttest.Days(1).From.Add(time.Duration(minutes) * time.Minute)
		}
	}
	events := append(on("WS-1", "c2.evil.example", "203.0.113.7", at(1)), on("WS-1", "https://c2.evil.example/x", "192.0.2.3", at(9), func(e *referee.Event) { e.InitiatingProcessFileName = `C:\x\loader.exe` })...)
	events = append(events, on("WS-2", "c2.evil.example", "192.0.2.3", at(3))...)
	table := detecttest.Start(t).Events(t, events).WithIndicators(t, named()...)
	columns := []string{"DeviceName", "RemoteIP", "RemoteUrl", "ConnectionCount", "BytesSent", "SampleProcesses", "Risk", "Severity", "Why", "Indicators", "Threats", "Sources", "Reference", "UniqueDevices", "SampleIPs", "SampleUrls", "FirstSeen", "LastSeen"}
	rows := columnsOf(t, table.Frames(t, detecttest.Question{Type: "threatIntel", Window: detecttest.Days(1)}), columns)
	from := detecttest.Days(1).From
	want := []referee.Row{
		{
			"WS-1", "192.0.2.3", "c2.evil.example", int64(2), int64(14), []string{"agent.exe", "loader.exe"}, int64(100), "critical",
			[]string{"203.0.113.7 is on the list of feed as Emotet, at a confidence of 100", "2 sources name it: feed, other"},
			[]string{"203.0.113.7", "evil.example"}, []string{"Emotet", "Sliver"}, []string{"feed", "other"}, "https://intel.example/1", int64(2),
			[]string{"192.0.2.3", "203.0.113.7"}, []string{"c2.evil.example", "https://c2.evil.example/x"}, from.Add(time.Minute), from.Add(9 * time.Minute),
		},
		{
			"WS-2", "192.0.2.3", "c2.evil.example", int64(1), int64(7), []string{"agent.exe"}, int64(75), "high",
			[]string{"evil.example is on the list of feed as Sliver, at a confidence of 75"},
			[]string{"evil.example"}, []string{"Sliver"}, []string{"feed"}, "https://intel.example/1", int64(2),
			[]string{"192.0.2.3"}, []string{"c2.evil.example"}, from.Add(3 * time.Minute), from.Add(3 * time.Minute),
		},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestParametersOfThreatIntel(t *testing.T) {
	events := append(on("WS-1", "", "203.0.113.7"), on("WS-2", "", "198.51.7.7")...)
	events = append(events, on("WS-3", "", "2001:db8:7::1")...)
	table := detecttest.Start(t).Events(t, events).WithIndicators(t, named()...)
	for rule, c := range map[string]struct {
		params map[string]any
		want   string
	}{
		"all":                             {nil, "WS-1 100, WS-2 50, WS-3 80"},
		"the lowest risk":                 {map[string]any{"minRisk": 80}, "WS-1 100, WS-3 80"},
		"connections":                     {map[string]any{"minConnections": 2}, ""},
		"a source is left out":            {map[string]any{"excludeSources": []string{"FEED"}}, "WS-1 60, WS-2 50"},
		"indicators of the last days":     {map[string]any{"newIndicatorHours": 200}, "WS-1 100, WS-2 50, WS-3 80"},
		"indicators of the last hours":    {map[string]any{"newIndicatorHours": 2, "excludeSources": []string{"wide"}}, "WS-1 100, WS-3 80"},
		"only connections that succeeded": {map[string]any{"actionTypes": []string{"ConnectionFailed"}}, ""},
	} {
		t.Run(rule, func(t *testing.T) {
			var got []string
			for _, row := range columnsOf(t, table.Frames(t, detecttest.Question{Type: "threatIntel", Params: c.params, Window: detecttest.Days(1)}), []string{"DeviceName", "Risk"}) {
				got = append(got, fmt.Sprint(row[0], " ", row[1]))
			}
			if text := strings.Join(got, ", "); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

func TestWithoutIndicatorsNothingMatchesAndThatIsSaid(t *testing.T) {
	table := detecttest.Start(t).Events(t, on("WS-1", "evil.example", "203.0.113.7"))
	question := detecttest.Question{Type: "threatIntel", Window: detecttest.Days(1)}
	for _, format := range []string{"table", "numeric", "timeseries"} {
		question.Format, question.Interval = format, time.Hour
		if notices := fmt.Sprint(table.Frames(t, question)[0].Meta.Notices); !strings.Contains(notices, "No indicators of threat intelligence are configured") {
			t.Errorf("%s: the notices are %s", format, notices)
		}
	}
	question.Format = "summary"
	summary := table.Frames(t, question)[0]
	if notices := fmt.Sprint(summary.Meta.Notices); summary.Rows() != 0 || !strings.Contains(notices, "No indicators of threat intelligence are configured") {
		t.Errorf("the summary has %d rows, want no zero that nobody has counted; its notices are %s", summary.Rows(), notices)
	}
	lost := table.Setting("listTables", map[string]string{"indicators": "nowhere"}).Ask(t, question)
	if err := lost[0].Error; err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a table that is not there: %v, want an error that it cannot be read", err)
	}
	// what looks nothing up there does not suffer
	if other := table.Setting("listTables", map[string]string{"indicators": "nowhere"}).Ask(t, detecttest.Question{Type: "beaconing", Format: "numeric", Window: detecttest.Days(1)}); other[0].Error != nil {
		t.Errorf("beaconing: %v", other[0].Error)
	}
}

// A list of which nothing holds is as blind as none: a zero would say that somebody looked.
func TestASummaryCountsOnlyWhereAnIndicatorHolds(t *testing.T) {
	for name, c := range map[string]struct {
		rows []string
		want int
	}{
		"an empty list": {nil, 0}, "a list that has expired": {[]string{expired("domain", "evil.example")}, 0},
		"a list that names nothing that is there": {[]string{entry("domain", "elsewhere.example", "feed", "", 90, 1, "")}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			table := detecttest.Start(t).Events(t, on("WS-1", "evil.example", "203.0.113.7")).WithIndicators(t, c.rows...)
			summary := table.Frames(t, detecttest.Question{Type: "threatIntel", Format: "summary", Window: detecttest.Days(1)})[0]
			if summary.Rows() != c.want {
				t.Errorf("%d rows, want %d", summary.Rows(), c.want)
			}
			if notices := fmt.Sprint(summary.Meta); c.want == 0 && !strings.Contains(fmt.Sprint(summary.Meta.Notices), "nothing can match") {
				t.Errorf("no notice says why: %s", notices)
			}
		})
	}
}

// The detector has no list of suspicious networks of its own: it asks the dictionary for names alone.
func TestMatchesNameTheirNetworkAndNoneIsSuspicious(t *testing.T) {
	table := detecttest.Start(t).Events(t, on("WS-1", "", "203.0.113.7")).
		WithIndicators(t, named()...).
		WithSystems(t, []referee.AS{{Network: "203.0.113.0/24", Number: 14061, Name: "Hosting"}})
	for _, format := range []string{"numeric", "timeseries", "summary"} {
		table.Frames(t, detecttest.Question{Type: "threatIntel", Format: format, Window: detecttest.Days(1), Interval: time.Hour})
	}
	rows := columnsOf(t, table.Frames(t, detecttest.Question{Type: "threatIntel", Window: detecttest.Days(1)}), []string{"DeviceName", "ASName", "SuspiciousASN", "Severity"})
	if diff := cmp.Diff([]referee.Row{{"WS-1", "Hosting", int64(0), "critical"}}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestASourceIsLeftOutWhateverItsScript(t *testing.T) {
	table := detecttest.Start(t).Events(t, on("WS-1", "", "203.0.113.7")).WithIndicators(t, entry("network", "203.0.113.7/32", "Übersicht", "", 90, 1, ""))
	for source, want := range map[string]int{"ÜBERSICHT": 0, "übersicht": 0, "another": 1} {
		question := detecttest.Question{Type: "threatIntel", Params: map[string]any{"excludeSources": []string{source}}, Window: detecttest.Days(1)}
		if rows := columnsOf(t, table.Frames(t, question), []string{"DeviceName"}); len(rows) != want {
			t.Errorf("without %s: %d matches, want %d", source, len(rows), want)
		}
	}
}
