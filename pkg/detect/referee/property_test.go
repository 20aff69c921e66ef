package referee_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

var (
	seed = flag.Uint64("seed", 1, "the first random event set's seed; each next set has the next seed")
	// A set costs what its statements cost to plan, and its events next to nothing: few sets of many events prove as much as many
	// sets of few.
	sets = flag.Int("sets", 100, "how many random event sets to compare")
)

func TestMain(m *testing.M) { chtest.Main(m) }

// Every random event set lies in a span of time of its own in one table, and every detector is asked about it in both
// formats that carry findings.
func TestThePluginAgreesWithTheRefereeOnRandomEventSets(t *testing.T) {
	t.Logf("seeds %d to %d; run one alone with -seed=N -sets=1", *seed, *seed+uint64(*sets)-1)
	table := detecttest.Start(t).Events(t, nil)
	lookedUp := table.WithSystems(t, systems())
	protocols := []settings.Protocol{settings.Native, settings.HTTP}
	seen := tally{found: map[string]int{}, hidden: map[string]int{}, edges: map[string]int{}}
	for i := range *sets {
		s := generate(*seed+uint64(i), start(i))
		t.Run(fmt.Sprintf("seed %d", s.seed), func(t *testing.T) {
			table.Insert(t, s.events)
			s.compare(t, s.asked(table, lookedUp).Over(protocols[s.seed%2]), seen)
		})
	}
	seen.check(t, *sets)
}

// asked is the table as the set's data source knows it: one of the two has a dictionary of autonomous systems.
func (s set) asked(table, lookedUp detecttest.Table) detecttest.Table {
	if s.systems != nil {
		table = lookedUp
	}
	return table.Setting("allowlist", s.allowlist).Setting("dynamicDnsSuffixes", s.suffixes)
}

// start gives most sets a week in our time, and some one where a narrower type than DateTime64 ends: before 1970 and
// in 2106 (DateTime), in 2149 (Date), and almost at the end of what Grafana can ask for. None crosses the start of 1970:
// there min and max of a DateTime64 are wrong in ClickHouse itself once it has compiled the aggregation.
func start(i int) time.Time {
	far := []string{"1900-01-02", "1969-12-24", "2106-02-06", "2149-06-05", "2262-01-01"}
	if i%10 == 9 && i/10 < len(far) {
		at, _ := time.Parse(time.DateOnly, far[i/10])
		return at
	}
	return time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * room)
}

func (s set) compare(t *testing.T, table detecttest.Table, seen tally) {
	question := referee.Question{Window: s.window, Filters: s.filters, Allowlist: s.allowlist, Suffixes: s.suffixes, Systems: s.systems}
	if s.ignore {
		question.Allowlist = nil
	}
	detectors := []referee.Detector{s.params.Beaconing, s.params.DynamicDNS, s.params.FastFlux, s.params}
	var asked []detecttest.Question
	for _, d := range detectors {
		q := detecttest.About(t, d)
		if s.plain {
			q.Params = nil
		}
		q.Window, q.Filters, q.Limit = s.window, s.filters, 100_000
		if s.ignore {
			q.Allowlist = "ignore"
		}
		inTable, inNumbers := q, q
		inTable.Format, inNumbers.Format = "table", "numeric"
		asked = append(asked, inTable, inNumbers)
	}
	answers := table.Ask(t, asked...)
	for i, d := range detectors {
		name := asked[2*i].Type
		if err := answers[2*i].Error; err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := answers[2*i+1].Error; err != nil {
			t.Fatalf("%s as numbers: %v", name, err)
		}
		want := d.Rows(s.events, question)
		var got []referee.Row
		if s.ignore {
			rows := detecttest.Rows(t, answers[2*i].Frames, append(d.Columns(), "Allowlisted"))
			got = s.withoutEntries(t, d, question, rows)
		} else {
			got = detecttest.Rows(t, answers[2*i].Frames, d.Columns())
		}
		detecttest.CompareRows(t, want, got)
		for _, row := range want {
			if row[slices.Index(d.Columns(), "SuspiciousASN")] == int64(1) {
				s.edges["a suspicious network"] = true
			}
		}
		detecttest.CompareNumbers(t, d.Numbers(s.events, question), detecttest.Numbers(t, answers[2*i+1].Frames, name))
		hidden := referee.Hidden(d, s.events, question)
		for _, frames := range []data.Frames{answers[2*i].Frames, answers[2*i+1].Frames} {
			if got := detecttest.Hidden(t, frames); got != hidden {
				t.Errorf("the notice says that %d findings are hidden, want %d", got, hidden)
			}
		}
		if len(want) > 0 {
			seen.found[name]++
		}
		if hidden > 0 {
			seen.hidden[name]++
		}
		if t.Failed() {
			t.Fatalf("%s on window %v with filters %v, allowlist %+v, ignored: %v, domains %v, a dictionary: %v and parameters %s",
				name, s.window, s.filters, s.allowlist, s.ignore, s.suffixes, s.systems != nil, asked[2*i].Params)
		}
	}
	for edge := range s.edges {
		seen.edges[edge]++
	}
}

// withoutEntries takes the entry off each row of a table that ignores the allowlist, and holds it against the referee: a row
// without one is hidden by none, and one with an entry by that entry alone.
func (s set) withoutEntries(t *testing.T, d referee.Detector, question referee.Question, rows []referee.Row) []referee.Row {
	var bare []referee.Row
	by := map[string][]referee.Row{}
	for _, row := range rows {
		own, entry := row[:len(row)-1], row[len(row)-1].(string)
		bare, by[entry] = append(bare, own), append(by[entry], own)
	}
	question.Allowlist = s.allowlist
	detecttest.CompareRows(t, d.Rows(s.events, question), by[""])
	delete(by, "")
	for text, hidden := range by {
		i := slices.IndexFunc(s.allowlist, func(a referee.AllowEntry) bool { return strings.HasSuffix(text, ": "+a.Reason+" (soc)") })
		if i < 0 {
			t.Errorf("no entry is %q", text)
			continue
		}
		question.Allowlist = s.allowlist[i : i+1]
		left := d.Rows(s.events, question)
		for _, row := range hidden {
			if slices.ContainsFunc(left, func(l referee.Row) bool { return cmp.Equal(l, row) }) {
				t.Errorf("%q does not hide %v", text, row)
			}
		}
	}
	return bare
}

// tally counts what the sets had in them: a comparison of nothing with nothing proves nothing.
type tally struct {
	found  map[string]int // sets with findings, by query type
	hidden map[string]int // sets with findings that the allowlist hides, by query type
	edges  map[string]int // sets with an edge case
}

func (y tally) check(t *testing.T, sets int) {
	t.Helper()
	t.Logf("sets with findings: %v", y.found)
	t.Logf("sets with hidden findings: %v", y.hidden)
	t.Logf("sets with edge cases: %v", y.edges)
	if sets < 100 { // too few to tell
		return
	}
	for _, name := range []string{"beaconing", "dynamicDns", "fastFlux", "alerts"} {
		if y.found[name] < sets/5 {
			t.Errorf("%s found something in %d of %d sets only", name, y.found[name], sets)
		}
		if y.hidden[name] < sets/100 {
			t.Errorf("the allowlist hid findings of %s in %d of %d sets only", name, y.hidden[name], sets)
		}
	}
	for _, edge := range edges() {
		if y.edges[edge] == 0 {
			t.Errorf("no set has the edge case %q", edge)
		}
	}
}

// edges lists what the sets must have had in them.
func edges() []string {
	list := []string{
		"null bytes", "no bytes counted", "empty window", "empty address", "shortest hours", "longest hours", "rate exactly 0.5", "rate exactly 200", "rate exactly a periodic fraction",
		"IPv6 flux", "mapped beside IPv4", "all known domains", "a beacon to a dynamic name", "more domains", "a suspicious network", "the allowlist ignored",
	}
	for _, operator := range []string{"=", "!=", "in", "notIn", "contains", "startsWith", "endsWith", "inSubnet"} {
		list = append(list, "operator "+operator)
	}
	for _, step := range []string{"-1", "+0", "+1"} {
		for _, at := range []string{"window's start", "window's end", "hour"} {
			list = append(list, at+" "+step+" ms")
		}
		for _, of := range []string{
			"connections of a beacon", "bytes of a beacon", "hours of a beacon", "rate of a beacon", "connections of a name",
			"addresses of a flux", "connections of a flux",
		} {
			list = append(list, of+" "+step)
		}
	}
	return list
}
