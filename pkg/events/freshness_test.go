package events_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/events"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// An event's time is its device's. What a clock that is ahead dates as now is no sign that events still come in.
func TestFreshnessDoesNotTakeEventTimeForArrivalTime(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	// every minute from first to last, in minutes after now
	writes := func(id, name string, first, last int) (list []chtest.Event) {
		for at := first; at <= last; at++ {
			list = append(list, chtest.Event{Timestamp: now.Add(time.Duration(at) * time.Minute), DeviceID: id, DeviceName: name, ActionType: "ConnectionSuccess", RemoteIP: "203.0.113.9"})
		}
		return list
	}
	const day = 24 * 60
	all := func(lists ...[]chtest.Event) (joined []chtest.Event) {
		for _, l := range lists {
			joined = append(joined, l...)
		}
		return joined
	}
	hour := query.Window{From: now.Add(-time.Hour), To: now}
	week := query.Window{From: now.AddDate(0, 0, -7), To: now}
	for rule, c := range map[string]struct {
		events []chtest.Event
		window query.Window
		asked  time.Time // zero: now
		want   float64
	}{
		"devices that write now":                                                        {writes("a", "A", -300, -1), hour, time.Time{}, 60},
		"all stopped two hours ago and one clock is 26 h ahead":                         {all(writes("a", "A", -300, -120), writes("fast", "F", 26*60-300, 26*60-120)), hour, time.Time{}, 3600},
		"the same over a week":                                                          {all(writes("a", "A", -300, -120), writes("fast", "F", -600, 26*60-120)), week, time.Time{}, 7200},
		"the same where the clock runs on through now":                                  {all(writes("a", "A", -300, -120), writes("fast", "F", -60, 24*60)), hour, time.Time{}, 3600},
		"known by its name where it has no identifier":                                  {all(writes("", "A", -300, -30), writes("", "F", -60, 24*60)), hour, time.Time{}, 1800},
		"devices without any identity are not told apart":                               {all(writes("", "", -300, -10), writes("", "", 10, 20)), hour, time.Time{}, 600},
		"a clock three minutes ahead is no fault, and what is after now does not count": {writes("a", "A", -30, 3), hour, time.Time{}, 60},
		"others write while one clock is ahead":                                         {all(writes("a", "A", -300, -2), writes("fast", "F", -60, 24*60)), hour, time.Time{}, 120},
		"a single event of a far year takes nothing from its device":                    {all(writes("a", "A", -300, -2), writes("a", "A", 400*day, 400*day)), hour, time.Time{}, 120},
		"a range that ends after now is measured up to now":                             {writes("a", "A", -300, -2), query.Window{From: hour.From, To: now.Add(6 * time.Hour)}, now.Add(-10 * time.Second), 120},
		"a range of the past is measured up to its end, whatever came later":            {writes("a", "A", -300, 300), hour, now.AddDate(0, 0, 10), 60},
		"a stray event of tomorrow takes nothing from its device":                       {all(writes("a", "A", -300, -2), writes("a", "A", day, day)), hour, time.Time{}, 120},
		"nor does it where the device writes little":                                    {all(writes("a", "A", -30, -30), writes("a", "A", -15, -15), writes("a", "A", 60, 60)), hour, time.Time{}, 900},
		"a clock three hours ahead of devices that stopped two hours ago":               {all(writes("a", "A", -300, -120), writes("fast", "F", -120, 60)), hour, time.Time{}, 3600},
		"no events": {nil, hour, time.Time{}, 3600},
	} {
		t.Run(rule, func(t *testing.T) {
			server := chtest.Database(t)
			server.CreateTable(t, "network_events")
			if len(c.events) > 0 {
				server.Insert(t, "network_events", c.events...)
			}
			client, err := clickhouse.New(server.Settings(settings.Native), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			described, err := client.Describe(t.Context(), server.Database, "network_events")
			if err != nil {
				t.Fatal(err)
			}
			table, err := schema.Resolve(server.Database, "network_events", nil, described)
			if err != nil {
				t.Fatal(err)
			}
			q := query.Query{Type: "events", Format: query.Numeric, Window: c.window, Now: c.asked}
			if q.Now.IsZero() {
				q.Now = now
			}
			s, err := events.Events{}.Statement(q, table)
			if err != nil {
				t.Fatal(err)
			}
			result, err := client.Query(t.Context(), s, clickhouse.Origin{Detector: "events"})
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Data[0].([]float64); fmt.Sprint(got) != fmt.Sprint([]float64{c.want}) {
				t.Errorf("got %v s, want %v s\n%s", got, c.want, s.SQL)
			}
		})
	}
}
