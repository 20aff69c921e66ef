package catalog_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// The window's conditions stand on the table's own columns, so that what lies outside it is not read: neither of the
// schema's table, by partition, nor of a user's own, by its primary key.
func TestTheMappingLeavesPruningToClickHouse(t *testing.T) {
	bench := detecttest.Start(t)
	window := detecttest.Days(6)
	var events []referee.Event
	for at := window.From; at.Before(window.To); at = at.Add(5 * time.Minute) {
		events = append(events, referee.Event{Timestamp: at, DeviceID: "d", DeviceName: "WS-1", ActionType: "ConnectionSuccess", RemoteIP: "8.8.8.8", RemotePort: 443})
	}
	own := bench.Events(t, events)
	foreign := own.Derived(t, "ENGINE = MergeTree ORDER BY `seen at` SETTINGS index_granularity = 16 AS SELECT toDateTime(Timestamp, 'Asia/Tokyo') AS `seen at`, * EXCEPT Timestamp FROM {from}").
		Mapped(map[string]string{"Timestamp": "seen at"})
	day := query.Window{From: window.From.Add(2 * 24 * time.Hour), To: window.From.Add(3 * 24 * time.Hour)}
	for name, table := range map[string]detecttest.Table{"the schema's table": own, "a mapped table": foreign} {
		for _, d := range append(catalog.Detectors(), catalog.Alerts()) {
			t.Run(d.Spec().Name+" on "+name, func(t *testing.T) {
				s, err := d.Statement(query.Query{Type: d.Spec().Name, Format: query.Table, Params: defaults(d.Spec()), Limit: 100, Window: day}, table.Resolve(t))
				if err != nil {
					t.Fatal(err)
				}
				s.SQL = "SELECT explain FROM (EXPLAIN indexes = 1 " + s.SQL + ")"
				s.Columns, s.RowLimit = []statement.Column{{Name: "explain", Kind: statement.Text}}, 10_000
				plan := strings.Join(bench.Run(t, s).Data[0].([]string), "\n")
				reads := strings.Count(plan, "ReadFromMergeTree")
				if selected, all := granules(t, plan); reads == 0 || selected*4 > all {
					t.Errorf("%d of %d granules are read for one day of six:\n%s", selected, all, plan)
				}
			})
		}
	}
}

// granules adds up, over the reads of a plan, what the first index starts from and what the last one leaves.
func granules(t *testing.T, plan string) (selected, all int) {
	t.Helper()
	for _, read := range strings.Split(plan, "ReadFromMergeTree")[1:] {
		steps := regexp.MustCompile(`Granules: (\d+)/(\d+)`).FindAllStringSubmatch(read, -1)
		if len(steps) == 0 {
			t.Fatalf("a read uses no index:\n%s", plan)
		}
		for _, n := range []struct {
			into *int
			text string
		}{{&selected, steps[len(steps)-1][1]}, {&all, steps[0][2]}} {
			value, err := strconv.Atoi(n.text)
			if err != nil {
				t.Fatal(fmt.Errorf("%q: %w", n.text, err))
			}
			*n.into += value
		}
	}
	return selected, all
}
