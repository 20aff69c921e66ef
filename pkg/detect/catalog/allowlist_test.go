package catalog_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// entry is one of an allowlist, with what every entry needs.
func entry(change func(a *referee.AllowEntry)) referee.AllowEntry {
	a := referee.AllowEntry{Reason: "known", Owner: "soc"}
	change(&a)
	return a
}

// An entry fits a finding only where it fits each of its connections: what one entry says of a beacon, a name and an hour. What
// it hides is decided in one relation, of which every format is made: each entry is asked as a table, and the others take turns.
func TestAnEntryHidesWhatItSaysAndNothingElse(t *testing.T) {
	at := func(text string) time.Time { return detecttest.At(t, text) }
	two := func(change func(i int, e *referee.Event)) []referee.Event {
		return detecttest.Each(join(name(at("09:00:00"), "203.0.113.7", "a.ddns.net"), name(at("09:00:01"), "203.0.113.8", "a.ddns.net")), change)
	}
	all := join(
		beacon(t, "WS-1", "203.0.113.7", "https://c2.example.com/x"),
		two(func(i int, e *referee.Event) { e.DeviceName = []string{"WS-3", "WS-4"}[i] }),
		flux(at("11:00:00"), "WS-2"), flux(at("13:00:00"), "WS-2"),
	)
	const beacons, names, hours = "PotentialBeaconing", "SuspiciousDynamicDNS", "PotentialFastFluxActivity"
	table := detecttest.Start(t).Events(t, all)
	rules := map[string]struct {
		entry referee.AllowEntry
		left  []string
	}{
		"a host":                                      {entry(func(a *referee.AllowEntry) { a.Domain = "c2.example.com" }), []string{hours, hours, names}},
		"a domain and what lies under it":             {entry(func(a *referee.AllowEntry) { a.Domain = "example.com" }), []string{names}},
		"a name that only ends alike stays":           {entry(func(a *referee.AllowEntry) { a.Domain = "ple.com" }), []string{hours, hours, beacons, names}},
		"a domain of one detector":                    {entry(func(a *referee.AllowEntry) { a.Domain, a.Detector = "example.com", "fastFlux" }), []string{beacons, names}},
		"an address":                                  {entry(func(a *referee.AllowEntry) { a.Network = "203.0.113.7/32" }), []string{hours, hours, names}},
		"a network that holds all addresses":          {entry(func(a *referee.AllowEntry) { a.Network = "203.0.113.0/28" }), []string{hours, hours}},
		"a network that holds some of them stays":     {entry(func(a *referee.AllowEntry) { a.Network = "198.51.100.0/30" }), []string{hours, hours, beacons, names}},
		"a process, in any case":                      {entry(func(a *referee.AllowEntry) { a.Process = "LOADER.exe" }), []string{beacons, names}},
		"a device's name":                             {entry(func(a *referee.AllowEntry) { a.Device = "WS-2" }), []string{beacons, names}},
		"a device's identifier":                       {entry(func(a *referee.AllowEntry) { a.Device = "id of WS-1" }), []string{hours, hours, names}},
		"a device whose case differs stays":           {entry(func(a *referee.AllowEntry) { a.Device = "ws-2" }), []string{hours, hours, beacons, names}},
		"one of several devices stays":                {entry(func(a *referee.AllowEntry) { a.Device = "WS-3" }), []string{hours, hours, beacons, names}},
		"the identifier that several devices share":   {entry(func(a *referee.AllowEntry) { a.Device = "id-3" }), []string{hours, hours, beacons}},
		"fields that fit together":                    {entry(func(a *referee.AllowEntry) { a.Domain, a.Device, a.Process = "example.com", "WS-1", "agent.exe" }), []string{hours, hours, names}},
		"fields of which one does not fit":            {entry(func(a *referee.AllowEntry) { a.Domain, a.Device = "example.com", "WS-3" }), []string{hours, hours, beacons, names}},
		"an invalid entry hides nothing":              {referee.AllowEntry{Device: "WS-2"}, []string{hours, hours, beacons, names}},
		"an expired entry hides nothing":              {entry(func(a *referee.AllowEntry) { a.Device, a.Expires = "WS-2", "2020-01-01" }), []string{hours, hours, beacons, names}},
		"an entry that expires later hides":           {entry(func(a *referee.AllowEntry) { a.Device, a.Expires = "WS-2", "2290-01-01" }), []string{beacons, names}},
		"everything may be hidden, with their number": {entry(func(a *referee.AllowEntry) { a.Network = "128.0.0.0/1" }), nil},
	}
	for i, rule := range slices.Sorted(maps.Keys(rules)) {
		c := rules[rule]
		t.Run(rule, func(t *testing.T) {
			asked := table.Setting("allowlist", []referee.AllowEntry{c.entry})
			for _, format := range []string{"table", []string{"numeric", "timeseries"}[i%2]} {
				frames := asked.Frames(t, detecttest.Question{Type: "alerts", Format: format, Window: detecttest.Days(1), Interval: time.Hour})
				if got, want := detecttest.Hidden(t, frames), 4-len(c.left); got != want {
					t.Errorf("%s: %d findings are said to be hidden, want %d", format, got, want)
				}
				if format == "table" {
					var left []string
					for _, row := range detecttest.Rows(t, frames, referee.DefaultAlerts().Columns()) {
						left = append(left, row[4].(string))
					}
					if diff := cmp.Diff(c.left, left); diff != "" {
						t.Errorf("findings (-want +got):\n%s", diff)
					}
				}
			}
		})
	}
}

// An IPv6 network says nothing of IPv4, although its range of numbers may hold that of the IPv4-mapped addresses.
func TestANetworkHidesAddressesOfItsFamilyOnly(t *testing.T) {
	at := detecttest.At(t, "09:00:00")
	var events []referee.Event
	for host, addresses := range map[string][]string{
		"v4": {"203.0.113.7"}, "mapped": {"::ffff:203.0.113.7"}, "either": {"203.0.113.7", "::FFFF:cb00:7107"}, "v6": {"2001:db8::7"}, "compatible": {"::203.0.113.7"},
		"both": {"203.0.113.7", "2001:db8::7"}, "none": {"n/a"},
	} {
		for _, address := range addresses {
			events = append(events, name(at, address, host+".ddns.net")...)
		}
	}
	table := detecttest.Start(t).Events(t, events)
	ipv4 := []string{"either.ddns.net", "mapped.ddns.net", "v4.ddns.net"}
	for network, hidden := range map[string][]string{
		"203.0.113.0/24": ipv4, "::ffff:203.0.113.0/120": ipv4, "128.0.0.0/1": ipv4, "::ffff:203.0.113.7": ipv4, "::ffff:203.0.113.7/128": ipv4,
		"::ffff:0.0.0.0/97": nil, "::/1": {"compatible.ddns.net", "v6.ddns.net"}, "2000::/3": {"v6.ddns.net"}, "::/8": {"compatible.ddns.net"},
		"::/64": {"compatible.ddns.net"}, "::/80": {"compatible.ddns.net"}, "::/96": {"compatible.ddns.net"}, "::fffe:0:0/95": nil,
		"::ffff:0:0/96": nil, "::/0": nil, "0.0.0.0/0": nil, // refused
	} {
		t.Run(network, func(t *testing.T) {
			entries := []referee.AllowEntry{entry(func(a *referee.AllowEntry) { a.Network = network })}
			left := map[string]bool{}
			frames := table.Setting("allowlist", entries).Frames(t, detecttest.Question{Type: "dynamicDns", Window: detecttest.Days(1)})
			for _, row := range detecttest.Rows(t, frames, referee.DefaultDynamicDNS().Columns()) {
				left[row[3].(string)] = true
			}
			var gone []string
			for _, e := range events {
				if !left[e.RemoteURL] {
					gone = append(gone, e.RemoteURL)
				}
			}
			slices.Sort(gone)
			if diff := cmp.Diff(hidden, slices.Compact(gone)); diff != "" {
				t.Errorf("hidden (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheAllowlistWorksInEveryFormatOfADetector(t *testing.T) {
	at := func(text string) time.Time { return detecttest.At(t, text) }
	table := detecttest.Start(t).Events(t, join(
		beacon(t, "WS-1", "203.0.113.7", "a.example.com"), beacon(t, "WS-2", "203.0.113.7", "b.example.com"),
		flux(at("11:00:00"), "WS-1"), detecttest.Each(flux(at("13:00:00"), "WS-1"), func(i int, e *referee.Event) { e.RemoteURL = "other.test" }),
	))
	allow := table.Setting("allowlist", []referee.AllowEntry{
		entry(func(a *referee.AllowEntry) { a.Domain = "a.example.com" }), entry(func(a *referee.AllowEntry) { a.Domain = "other.test" }),
	})
	for queryType, series := range map[string]int{"beaconing": 1, "fastFlux": 1, "dynamicDns": 0} {
		question := detecttest.Question{Type: queryType, Format: "timeseries", Window: detecttest.Days(1), Interval: time.Hour}
		frames := allow.Frames(t, question)
		drawn := 0
		for _, f := range frames {
			if len(f.Fields) > 0 {
				drawn++
			}
			for _, field := range f.Fields {
				if strings.Contains(field.Labels.String(), "a.example.com") || field.Name == "HiddenFindings" {
					t.Errorf("%s draws %s %v", queryType, field.Name, field.Labels)
				}
			}
		}
		if drawn != series || detecttest.Hidden(t, frames) != series {
			t.Errorf("%s: %d series and %d hidden, want %d and %d", queryType, drawn, detecttest.Hidden(t, frames), series, series)
		}
		if queryType == "fastFlux" { // the hidden hour of the same device is no point of its series
			points := 0
			for i := range frames[0].Fields[1].Len() {
				if frames[0].Fields[1].At(i).(*float64) != nil {
					points++
				}
			}
			if points != 1 {
				t.Errorf("the series has %d points, want 1", points)
			}
		}
	}
}

func TestIgnoringTheAllowlistShowsWhatItHidesAndWhy(t *testing.T) {
	table := detecttest.Start(t).Events(t, join(beacon(t, "WS-1", "203.0.113.7", "a.example.com"), beacon(t, "WS-2", "203.0.113.7", "b.example.com")))
	allow := table.Setting("allowlist", []referee.AllowEntry{entry(func(a *referee.AllowEntry) { a.Domain, a.Detector = "a.example.com", "beaconing" })})
	for queryType, d := range map[string]referee.Detector{"beaconing": referee.DefaultBeaconing(), "alerts": referee.DefaultAlerts()} {
		for hidden, asked := range map[string]detecttest.Table{"domain a.example.com, detector beaconing: known (soc)": allow, "": table} {
			frames := asked.Frames(t, detecttest.Question{Type: queryType, Window: detecttest.Days(1), Allowlist: "ignore"})
			why := map[string]string{}
			for _, row := range detecttest.Rows(t, frames, append(d.Columns(), "Allowlisted")) {
				why[row[1].(string)] = row[len(row)-1].(string)
			}
			if diff := cmp.Diff(map[string]string{"WS-1": hidden, "WS-2": ""}, why); diff != "" {
				t.Errorf("%s (-want +got):\n%s", queryType, diff)
			}
		}
	}
	if got := table.Ask(t, detecttest.Question{Type: "beaconing", Allowlist: "off"})[0]; got.Error == nil || !strings.Contains(got.Error.Error(), `"allowlist"`) || got.Status != 400 {
		t.Errorf("allowlist off: status %d, %v; want 400 and the field", got.Status, got.Error)
	}
}

// The settings' lists, like the tables, are people's work: what is wrong in one adds and hides nothing, and stops no query.
func TestWhatIsNotValidInTheSettingsListsIsToldAndStopsNoQuery(t *testing.T) {
	at := detecttest.At(t, "09:00:00")
	table := detecttest.Start(t).Events(t, join(name(at, "203.0.113.7", "a.dyn.example.org"), name(at, "203.0.113.7", "b.other.example.com"), name(at, "203.0.113.7", "c.duckdns.org")))
	suffix := func(name string) map[string]string { return map[string]string{"suffix": name} }
	asked := table.Setting("dynamicDnsSuffixes", []any{suffix("com"), suffix("Dyn.example.org"), suffix(""), suffix(".other.example.com")}).
		Setting("allowlist", []referee.AllowEntry{{Domain: "com", Reason: "too wide", Owner: "soc"}, entry(func(a *referee.AllowEntry) { a.Domain = "duckdns.org" })})
	for _, format := range []string{"table", "numeric", "timeseries"} {
		frames := asked.Frames(t, detecttest.Question{Type: "dynamicDns", Format: format, Window: detecttest.Days(1), Interval: time.Hour, Params: map[string]any{"match": "suffix"}})
		if format == "table" {
			var found []any
			for _, row := range detecttest.Rows(t, frames, referee.DynamicDNS{}.Columns()) {
				found = append(found, row[3])
			}
			if diff := cmp.Diff([]any{"a.dyn.example.org"}, found); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		}
		var told []string
		for _, n := range frames[0].Meta.Notices {
			told = append(told, n.Text)
		}
		for _, want := range []string{"1 entry of the allowlist hides nothing", "3 entries of the dynamic DNS domains are not looked for", "Save & test tells"} {
			if !strings.Contains(strings.Join(told, "\n"), want) {
				t.Errorf("%s: the notices %q do not tell %q", format, told, want)
			}
		}
	}
}

func TestATableOfEntriesIsReadAndItsBadEntriesHideNothing(t *testing.T) {
	table := detecttest.Start(t).Events(t, join(beacon(t, "WS-1", "203.0.113.7", "a.example.com"), beacon(t, "WS-2", "203.0.113.7", "b.example.com")))
	table.Exec(t, "CREATE TABLE {database}.entries (Domain String, Network String, Process String, Device String, Detector String, Reason String, Owner String, Expires Nullable(DateTime('UTC'))) ENGINE = Memory")
	table.Exec(t, "INSERT INTO {database}.entries VALUES ('a.example.com', '', '', '', '', 'known', 'soc', NULL), ('com', '', '', '', '', 'too wide', 'soc', NULL), ('b.example.com', '', '', '', '', 'over', 'soc', '2020-01-01 00:00:00')")
	allow := table.Setting("allowlistTable", "entries")
	frames := allow.Frames(t, detecttest.Question{Type: "beaconing", Window: detecttest.Days(1)})
	if rows := detecttest.Rows(t, frames, referee.DefaultBeaconing().Columns()); len(rows) != 1 || rows[0][1] != "WS-2" || detecttest.Hidden(t, frames) != 1 {
		t.Errorf("rows %v, %d hidden; want WS-2, and one hidden", rows, detecttest.Hidden(t, frames))
	}
	missing := table.Setting("allowlistTable", "nowhere").Frames(t, detecttest.Question{Type: "beaconing", Window: detecttest.Days(1)})
	if rows := detecttest.Rows(t, missing, referee.DefaultBeaconing().Columns()); len(rows) != 2 {
		t.Errorf("without its table the allowlist leaves %d findings, want 2", len(rows))
	}
	if notices := missing[0].Meta.Notices; len(notices) == 0 || !strings.Contains(notices[len(notices)-1].Text, "nowhere cannot be read") {
		t.Errorf("notices %v, want one that the table cannot be read", notices)
	}
}
