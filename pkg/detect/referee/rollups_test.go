package referee_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

var rolledSets = flag.Int("rolledsets", 11, "how many random event sets to compare on roll-ups")

// The referee's sets once more, of which the plugin finds roll-ups: it must agree with the referee on them as well.
func TestThePluginAgreesWithTheRefereeOnRollups(t *testing.T) {
	// Roll-ups keep a quarter of a year, so that few sets have room in one table.
	const together = 11
	seen := tally{found: map[string]int{}, hidden: map[string]int{}, edges: map[string]int{}}
	asked, rolled := map[string]int{}, map[string]int{}
	for first := 0; first < *rolledSets; first += together {
		table := detecttest.Start(t).Events(t, nil)
		lookedUp := table.WithSystems(t, systems())
		oldest := time.Now().UTC().Truncate(24 * time.Hour).Add(-(together + 1) * room)
		var sets []set
		for i := range together {
			s := generate(*seed+uint64(1000+first+i), oldest.Add(time.Duration(i)*room))
			table.Insert(t, s.events)
			sets = append(sets, s)
		}
		table.Rolled(t, time.Now())
		for _, s := range sets {
			t.Run(fmt.Sprintf("seed %d", s.seed), func(t *testing.T) {
				s.compare(t, s.asked(table, lookedUp), seen)
				s.countRolled(t, s.asked(table, lookedUp), asked, rolled)
			})
		}
	}
	t.Logf("questions: %v; that read roll-ups: %v", asked, rolled)
	for name, n := range asked {
		if rolled[name] < n/8 {
			t.Errorf("%s: %d of %d questions read roll-ups: too few to prove anything", name, rolled[name], n)
		}
	}
}

// countRolled counts the set's questions as an alert rule asks them, and those that read roll-ups.
func (s set) countRolled(t *testing.T, table detecttest.Table, asked, rolled map[string]int) {
	t.Helper()
	for _, d := range []referee.Detector{s.params.Beaconing, s.params.DynamicDNS, s.params.FastFlux} {
		q := detecttest.About(t, d)
		if s.plain {
			q.Params = nil
		}
		q.Window, q.Filters, q.Limit, q.Format = s.window, s.filters, 100_000, "numeric"
		answer := table.Ask(t, q)[0]
		if answer.Error != nil {
			t.Fatal(answer.Error)
		}
		asked[q.Type]++
		for _, f := range answer.Frames {
			if f.Meta != nil && strings.Contains(f.Meta.ExecutedQueryString, "_1h\"") {
				rolled[q.Type]++
				break
			}
		}
	}
}
