package cases_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// before is the time of so many days before the window's end, up to that.
func before(days int) referee.Window {
	return referee.Window{From: day().To.AddDate(0, 0, -days), To: day().To}
}

// ago is a second of the window, counted from its start, so long before its end.
func ago(days, seconds int) int { return 86400 - 86400*days - seconds }

// visits are connections of several devices to a host, one on each of some days before the window's end.
func visits(host string, devices int, days ...int) []referee.Event {
	var events []referee.Event
	for d := range devices {
		for _, n := range days {
			events = append(events, on(fmt.Sprintf("past-%d", d), ago(n, 0), to(host, "203.0.113.7")))
		}
	}
	return events
}

// recalled is what a case tells of the time before its window.
type recalled struct {
	FirstSeenEver, KnownSince time.Time
	DevicesEver               int64
	Prevalence                float64
}

func recall(t *testing.T, table detecttest.Table, params map[string]any) map[string]recalled {
	t.Helper()
	list := map[string]recalled{}
	for _, frame := range table.Frames(t, detecttest.Question{Type: "cases", Format: "table", Params: params, Window: day(), Limit: 10_000}) {
		for i := range frame.Rows() {
			value := func(name string) any {
				field, _ := frame.FieldByName(name)
				v, _ := field.ConcreteAt(i)
				return v
			}
			list[value("DeviceName").(string)+" "+value("RemoteUrl").(string)] = recalled{
				value("FirstSeenEver").(time.Time).UTC(), value("KnownSince").(time.Time).UTC(), value("DevicesEver").(int64), value("Prevalence").(float64),
			}
		}
	}
	return list
}

// agree compares what the plugin says with the referee.
func agree(t *testing.T, what string, table detecttest.Table, second referee.Cases, events []referee.Event) map[string]found {
	t.Helper()
	got := asked(t, table, map[string]any{"minRisk": 0})
	known := recall(t, table, map[string]any{"minRisk": 0})
	want, wantKnown := map[string]found{}, map[string]recalled{}
	for _, c := range second.Find(events, referee.Question{Window: day(), Systems: systems()}) {
		want[c.Device+" "+c.Host] = found{c.Risk, c.Why}
		wantKnown[c.Device+" "+c.Host] = recalled{c.FirstSeenEver, c.KnownSince, c.DevicesEver, c.Prevalence}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-referee +plugin):\n%s", what, diff)
	}
	if diff := cmp.Diff(wantKnown, known, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("%s (-referee +plugin):\n%s", what, diff)
	}
	return got
}

// What is new to all devices is graver, and what several have known for long is less so; each edge is worked out by hand.
func TestALedgerTellsWhatIsNewAndWhatIsLongKnown(t *testing.T) {
	since := []int{40, 30, 20, 10}
	events := slices.Concat(
		timer("a", to("new.example.com", "203.0.113.7")), timer("b", to("", "203.0.113.9")), visits("b-has-names.example.com", 1, 80),
		timer("c", to("sixth.example.com", "203.0.113.7")), visits("sixth.example.com", 1, 6),
		timer("d", to("seventh.example.com", "203.0.113.7")), visits("seventh.example.com", 1, 7),
		timer("e", to("eighth.example.com", "203.0.113.7")), []referee.Event{on("past-0", ago(7, 1), to("eighth.example.com", "203.0.113.7"))},
		timer("f", to("office.example.com", "203.0.113.7")), visits("office.example.com", 4, since...), // and the device itself, today
		timer("g", to("three.example.com", "203.0.113.7")), visits("three.example.com", 3, since...),
		timer("h", to("days.example.com", "203.0.113.7")), visits("days.example.com", 6, since[:3]...),
		timer("i", to("month.example.com", "203.0.113.7")), visits("month.example.com", 6, 29, 20, 19, 18, 17),
		timer("j", to("home.duckdns.org", "203.0.113.7")), visits("home.duckdns.org", 6, since...),
		timer("k", to("inbound.example.com", "203.0.113.7")),
		detecttest.Each(visits("inbound.example.com", 6, since...), func(_ int, e *referee.Event) { e.ActionType = "InboundConnectionAccepted" }),
		timer("l", to("drill.example.com", "203.0.113.7")),
		detecttest.Each(visits("drill.example.com", 6, since...), func(_ int, e *referee.Event) { e.DeviceName = "Fluxhound-drill-" + e.DeviceName }),
		visits("first.example.com", 1, 90),
	)
	table := detecttest.Start(t).Events(t, events).WithDestinations(t, before(90))
	isNew := func(age string) string {
		return "first seen " + age + " ago, by any device, and the ledger goes back 90 days"
	}
	const known = "known for 40 days and to 5 devices, which connected on 5 dates"
	const tenant = "a name under duckdns.org, where anybody may take one"
	want := map[string]found{
		"a new.example.com":     {60, []string{evenly, always, isNew("24 h")}},
		"b 203.0.113.9":         {60, []string{evenly, always, isNew("24 h")}},
		"c sixth.example.com":   {60, []string{evenly, always, isNew("6 days")}},
		"d seventh.example.com": {60, []string{evenly, always, isNew("7 days")}},
		"e eighth.example.com":  {45, []string{evenly, always}},
		"f office.example.com":  {30, []string{evenly, always, known}},
		"g three.example.com":   {45, []string{evenly, always}},
		"h days.example.com":    {45, []string{evenly, always}},
		"i month.example.com":   {45, []string{evenly, always}},
		"j home.duckdns.org":    {60, []string{evenly, tenant, always}},
		"k inbound.example.com": {60, []string{evenly, always, isNew("24 h")}},
		"l drill.example.com":   {60, []string{evenly, always, isNew("24 h")}},
	}
	if diff := cmp.Diff(want, asked(t, table, map[string]any{"minRisk": 0})); diff != "" {
		t.Errorf("(-by hand +plugin):\n%s", diff)
	}
	got := recall(t, table, map[string]any{"minRisk": 0})
	// 12 devices of today and 6 of the past are known; those of drills are nobody.
	wantKnown := map[string]recalled{
		"a new.example.com":    {day().From.Add(time.Minute), before(90).From, 1, 1.0 / 18},
		"f office.example.com": {before(40).From, before(90).From, 5, 5.0 / 18},
	}
	for key, want := range wantKnown {
		if diff := cmp.Diff(want, got[key], cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("%s (-by hand +plugin):\n%s", key, diff)
		}
	}
	for _, c := range []struct {
		params map[string]any
		key    string
		risk   int64
	}{
		{map[string]any{"newDays": 6}, "d seventh.example.com", 45},
		{map[string]any{"newDays": 8}, "e eighth.example.com", 60},
		{map[string]any{"newDays": 45}, "a new.example.com", 60},
		{map[string]any{"newDays": 46}, "a new.example.com", 45}, // twice 46 days are more than the ledger knows
		{map[string]any{"knownDays": 29}, "i month.example.com", 30},
		{map[string]any{"knownDays": 41}, "f office.example.com", 45},
		{map[string]any{"firstSeen": 0}, "a new.example.com", 45},
		{map[string]any{"longKnown": 0}, "f office.example.com", 45},
	} {
		c.params["minRisk"] = 0
		if got := asked(t, table, c.params)[c.key]; got.Risk != c.risk {
			t.Errorf("%v: the risk of %s is %d, want %d", c.params, c.key, got.Risk, c.risk)
		}
	}
}

// Where a ledger does not know, nothing is made of that: too young, with a gap, ended before the window, or empty.
func TestWhatTheLedgerDoesNotKnowIsNoEvidence(t *testing.T) {
	events := slices.Concat(timer("a", to("new.example.com", "203.0.113.7")), visits("old.example.com", 1, 60, 40, 13, 1))
	from := func(days, until int) referee.Window {
		return referee.Window{From: before(days).From, To: before(until).From}
	}
	second := judge()
	for name, c := range map[string]struct {
		known []referee.Window
		told  bool
		since time.Time
	}{
		"a day too young":                      {[]referee.Window{from(13, 0)}, false, before(13).From},
		"just old enough":                      {[]referee.Window{from(14, 0)}, true, before(14).From},
		"a gap a week ago":                     {[]referee.Window{from(90, 9), from(7, 0)}, false, before(6).From},
		"a gap a month ago":                    {[]referee.Window{from(90, 32), from(30, 0)}, true, before(29).From},
		"ended before the window":              {[]referee.Window{from(90, 2)}, false, day().From},
		"ended when the window began":          {[]referee.Window{from(90, 1)}, true, before(90).From},
		"a job that reads the newest, as ever": {[]referee.Window{from(90, 3), from(4, 1), from(2, 0), from(1, 0)}, true, before(90).From},
	} {
		t.Run(name, func(t *testing.T) {
			table := detecttest.Start(t).Events(t, events).WithDestinations(t, c.known...)
			second.Remembered = second.Remember(events, c.known...)
			got := agree(t, name, table, second, events)["a new.example.com"]
			notices := fmt.Sprint(table.Frames(t, detecttest.Question{Type: "cases", Window: day()})[0].Meta.Notices)
			if told := !strings.Contains(notices, "ledger of destinations"); told != c.told {
				t.Errorf("the notices are %s", notices)
			}
			if told := got.Risk == 60; told != c.told {
				t.Errorf("it is told that the host is new: %v", told)
			}
			if since := recall(t, table, map[string]any{"minRisk": 0})["a new.example.com"].KnownSince; !since.Equal(c.since) {
				t.Errorf("it is known since %s, want %s", since, c.since)
			}
		})
	}
	t.Run("empty", func(t *testing.T) {
		bench := detecttest.Start(t).Events(t, events)
		plain, empty := asked(t, bench, map[string]any{"minRisk": 0}), bench.WithDestinations(t)
		if diff := cmp.Diff(plain, asked(t, empty, map[string]any{"minRisk": 0})); diff != "" {
			t.Errorf("(-without a ledger +with an empty one):\n%s", diff)
		}
		if since := recall(t, empty, map[string]any{"minRisk": 0})["a new.example.com"].KnownSince; !since.Equal(day().From) {
			t.Errorf("it is known since %s", since)
		}
	})
}

// A window of several days tells by itself what is new in it. Where the ledger tells, it is right.
func TestTheLedgerIsRightAboutWhatIsNewInAWindow(t *testing.T) {
	window := detecttest.Days(3)
	start := int(window.From.Sub(day().From).Seconds())
	events := slices.Concat(
		gaps("a", start, times(71, 3600), to("old.example.com", "203.0.113.7")),
		gaps("a", start+25*3600, times(22, 7200), to("weekly.example.com", "203.0.113.7")), []referee.Event{on("b", start-20*86400, to("weekly.example.com", "203.0.113.7"))},
		gaps("a", start+25*3600, times(22, 7200), to("new.example.com", "203.0.113.7")),
	)
	ask := func(table detecttest.Table) map[string]int64 {
		risks := map[string]int64{}
		for key, f := range answered(t, table.Frames(t, detecttest.Question{Type: "cases", Format: "table", Params: map[string]any{"minRisk": 0}, Window: window, Limit: 100})) {
			risks[key] = f.Risk
		}
		return risks
	}
	table := detecttest.Start(t).Events(t, events)
	// 67 % of the time are worth 10 of 15 points
	if diff := cmp.Diff(map[string]int64{"a old.example.com": 45, "a weekly.example.com": 50, "a new.example.com": 50}, ask(table)); diff != "" {
		t.Errorf("without a ledger (-by hand +plugin):\n%s", diff)
	}
	table = table.WithDestinations(t, referee.Window{From: window.To.AddDate(0, 0, -60), To: window.To})
	if diff := cmp.Diff(map[string]int64{"a old.example.com": 60, "a weekly.example.com": 40, "a new.example.com": 55}, ask(table)); diff != "" {
		t.Errorf("with a ledger (-by hand +plugin):\n%s", diff)
	}
}

// A name that has just moved is not long known, whoever knew it before.
func TestANameThatMovedIsNotLongKnown(t *testing.T) {
	events := slices.Concat(timer("a", to("portal.example.com", "203.0.113.7")), visits("portal.example.com", 6, 60, 50, 40, 30, 20))
	past := detecttest.Each(slices.Clone(events), func(_ int, e *referee.Event) {
		if e.Timestamp.Before(day().From) {
			e.RemoteIP = "198.51.7.1"
		}
	})
	for name, c := range map[string]struct {
		events []referee.Event
		risk   int64
	}{"it stayed": {events, 30}, "it moved": {past, 65}} {
		t.Run(name, func(t *testing.T) {
			table := detecttest.Start(t).Events(t, c.events).WithDestinations(t, before(90)).WithLedger(t, before(90))
			if got := asked(t, table, map[string]any{"minRisk": 0})["a portal.example.com"]; got.Risk != c.risk {
				t.Errorf("the risk is %d, want %d: %q", got.Risk, c.risk, got.Why)
			}
		})
	}
}

// past moves random events to earlier days, each to another.
func past(seed uint64, devices int) []referee.Event {
	return detecttest.Each(random(seed, devices), func(i int, e *referee.Event) {
		e.Timestamp = e.Timestamp.AddDate(0, 0, -1-(i*i+i)%50)
	})
}

// What is known of the time before is worked out a second time, in plain Go.
func TestWhatTheLedgerTellsIsWhatTheRefereeSays(t *testing.T) {
	bench := detecttest.Start(t).Events(t, nil).WithSystems(t, systems())
	second := judge()
	firsts, longs := 0, 0
	for seed, devices := range []int{4, 12, 30} {
		events := slices.Concat(random(uint64(seed)+40, devices), past(uint64(seed)+50, devices))
		if seed == 1 { // fewer hosts are known before
			events = slices.Concat(random(uint64(seed)+40, devices), past(uint64(seed)+50, 1))
		}
		bench.Replace(t, events)
		bench.Exec(t, "DROP TABLE IF EXISTS {database}.destinations")
		known := []referee.Window{before(60)}
		if seed == 2 {
			known = []referee.Window{{From: before(55).From, To: before(33).From}, before(31)}
		}
		second.Remembered = second.Remember(events, known...)
		for _, f := range agree(t, fmt.Sprintf("%d devices", devices), bench.WithDestinations(t, known...), second, events) {
			for _, why := range f.Why {
				if len(why) > 10 && why[:10] == "first seen" {
					firsts++
				}
				if len(why) > 9 && why[:9] == "known for" {
					longs++
				}
			}
		}
	}
	if firsts < 5 || longs < 5 {
		t.Errorf("%d cases are new and %d long known: the sets say little", firsts, longs)
	}
}

// Filled again, in other pieces or with what came late, a ledger says the same but for what is new.
func TestDestinationsThatAreFilledTwiceCountOnce(t *testing.T) {
	events := slices.Concat(random(21, 8), past(22, 8))
	second := judge()
	second.Remembered = second.Remember(events, before(60))
	table := detecttest.Start(t).Events(t, events).WithSystems(t, systems()).WithDestinations(t, before(60))
	agree(t, "at first", table, second, events)
	for _, again := range []referee.Window{before(60), {From: before(40).From, To: before(20).From.Add(time.Hour)}, {From: before(1).From, To: before(1).From.Add(time.Minute)}} {
		agree(t, fmt.Sprintf("after filling %v again", again), table.WithDestinations(t, again), second, events)
	}
	late := visits("www.example.org", 7, 59, 58)
	table.Insert(t, late)
	events = append(events, late...)
	agree(t, "before the ledger has read what came late", table, second, events)
	second.Remembered = second.Remember(events, before(60))
	agree(t, "after what came late", table.WithDestinations(t, referee.Window{From: before(59).From, To: before(57).From}), second, events)
}

// More of what speaks for never lowers a risk, and more of what speaks against never raises one, with a ledger too.
func TestWhatTheLedgerKnowsMovesRiskItsWay(t *testing.T) {
	base := random(31, 8)
	table := detecttest.Start(t).Events(t, base).WithSystems(t, systems())
	none := asked(t, table, map[string]any{"minRisk": 0})
	table = table.WithDestinations(t, before(60))
	isNew := asked(t, table, map[string]any{"minRisk": 0})
	hosts := map[string]bool{}
	var known []referee.Event
	for _, e := range base {
		if key := e.RemoteURL + " " + e.RemoteIP; !hosts[key] {
			hosts[key] = true
			known = append(known, detecttest.Each(visits("", 6, 50, 45, 40, 35, 31), func(_ int, v *referee.Event) { v.RemoteURL, v.RemoteIP = e.RemoteURL, e.RemoteIP })...)
		}
	}
	table.Insert(t, known)
	isKnown := asked(t, table.WithDestinations(t, before(60)), map[string]any{"minRisk": 0})
	raised, lowered := 0, 0
	for key, plain := range none {
		if isNew[key].Risk < plain.Risk || isKnown[key].Risk > plain.Risk {
			t.Errorf("%s: without a ledger %d, new %d, long known %d", key, plain.Risk, isNew[key].Risk, isKnown[key].Risk)
		}
		if isNew[key].Risk > plain.Risk {
			raised++
		}
		if isKnown[key].Risk < plain.Risk {
			lowered++
		}
	}
	if raised == 0 || lowered == 0 {
		t.Errorf("%d risks are raised and %d lowered", raised, lowered)
	}
}
