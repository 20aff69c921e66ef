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

var hourlySets = flag.Int("hourlysets", 11, "how many random event sets to compare on hours")

// The referee's sets once more, of which the plugin finds hours: it must agree with the referee on them as well.
func TestThePluginAgreesWithTheRefereeOnHours(t *testing.T) {
	const together = 11
	seen := tally{found: map[string]int{}, hidden: map[string]int{}, edges: map[string]int{}}
	asked, hourly := map[string]int{}, map[string]int{}
	for first := 0; first < *hourlySets; first += together {
		table := detecttest.Start(t).Events(t, nil)
		lookedUp := table.WithSystems(t, systems())
		oldest := time.Now().UTC().Truncate(24 * time.Hour).Add(-(together + 1) * room)
		var sets []set
		for i := range together {
			s := generate(*seed+uint64(1000+first+i), oldest.Add(time.Duration(i)*room))
			table.Insert(t, s.events)
			sets = append(sets, s)
		}
		table.Hourly(t)
		for _, s := range sets {
			t.Run(fmt.Sprintf("seed %d", s.seed), func(t *testing.T) {
				s.compare(t, s.asked(table, lookedUp), seen)
				s.countHourly(t, s.asked(table, lookedUp), asked, hourly)
			})
		}
	}
	t.Logf("questions: %v; that read hours: %v", asked, hourly)
	for name, n := range asked {
		if hourly[name] < n/8 {
			t.Errorf("%s: %d of %d questions read hours: too few to prove anything", name, hourly[name], n)
		}
	}
}

// countHourly counts the set's questions as an alert rule asks them, and those that read hours.
func (s set) countHourly(t *testing.T, table detecttest.Table, asked, hourly map[string]int) {
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
			if f.Meta != nil && strings.Contains(f.Meta.ExecutedQueryString, "_hours\"") {
				hourly[q.Type]++
				break
			}
		}
	}
}
