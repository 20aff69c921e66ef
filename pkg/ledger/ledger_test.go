package ledger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// known is all that a ledger of destinations says: one line a host.
const known = `SELECT arrayStringConcat([if(Host = '', '(all)', Host), toString(toDateTime(min(l.FirstSeen), 'UTC')), toString(toDateTime(max(l.LastSeen), 'UTC')),
    toString(groupBitmapMerge(l.Days)), toString(uniqCombinedMerge(12)(l.Devices)), argMinMerge(l.FirstPlace).1, argMinMerge(l.FirstPlace).2], ' ') AS Line
FROM {ledger} AS l GROUP BY Host ORDER BY Host`

type opened struct {
	chtest.Server
	client *clickhouse.Client
	table  schema.Table
}

func open(t *testing.T) opened {
	t.Helper()
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	client, err := clickhouse.New(server.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	table, err := client.EventsTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return opened{server, client, table}
}

func (o opened) keeper(name string) ledger.Keeper {
	return ledger.Destinations(o.client, o.table, name)
}

func (o opened) lines(t *testing.T, name string) []string {
	t.Helper()
	texts, err := o.client.Texts(t.Context(), statement.Statement{
		SQL: strings.ReplaceAll(known, "{ledger}", statement.Qualified(o.Database, name)), Columns: []statement.Column{{Name: "Line", Kind: statement.Text}},
	}, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return texts[0]
}

func to(at time.Time, device, action, url, address string) chtest.Event {
	return chtest.Event{Timestamp: at, DeviceID: device, DeviceName: device, ActionType: action, RemoteIP: address, RemotePort: 443, RemoteURL: url, Protocol: "Tcp"}
}

// start is a day of the last weeks, since a ledger forgets what is older than a year.
func start() time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -20) }

func at(days int, clock string) time.Time {
	d, err := time.Parse(time.TimeOnly, clock)
	if err != nil {
		panic(err)
	}
	return start().AddDate(0, 0, days).Add(time.Duration(d.Hour())*time.Hour + time.Duration(d.Minute())*time.Minute + time.Duration(d.Second())*time.Second)
}

func events() []chtest.Event {
	return []chtest.Event{
		to(at(0, "10:00:00"), "WS-1", "ConnectionSuccess", "https://Portal.example/x", "203.0.113.9"),
		to(at(0, "10:00:00"), "WS-2", "ConnectionSuccess", "portal.example", "203.0.113.7"), // at once: the first address by its text
		to(at(3, "11:00:00"), "ws-1.corp.example", "ConnectionAttempt", "portal.example.", "198.51.100.1"),
		to(at(3, "12:00:00"), "WS-3", "ConnectionSuccess", "", "[2001:db8:7:8::9]:443"),
		to(at(4, "12:00:00"), "WS-1", "ConnectionSuccess", "proxied.example", "10.1.2.3"), // a name is a place whatever its address
		to(at(4, "13:00:00"), "WS-1", "ConnectionSuccess", "db.corp", "10.1.2.3"),
		to(at(4, "13:00:00"), "WS-1", "ConnectionSuccess", "", "192.168.1.1"),
		to(at(4, "13:00:00"), "WS-1", "InboundConnectionAccepted", "", "203.0.113.200"),
		to(at(4, "13:00:00"), schema.DrillPrefix+"1", "ConnectionSuccess", schema.DrillPrefix+"1.beacon.example", "203.0.113.250"),
	}
}

func day(n int) string { return start().AddDate(0, 0, n).Format(time.DateOnly) }

func hosts() []string {
	return []string{
		"2001:db8:7:8::9 " + day(3) + " 12:00:00 " + day(3) + " 12:00:00 1 1 2001:db8:7:8::9 2001:db8:7::/48",
		"portal.example " + day(0) + " 10:00:00 " + day(3) + " 11:00:00 2 2 203.0.113.7 203.0.113.0/24",
		"proxied.example " + day(4) + " 12:00:00 " + day(4) + " 12:00:00 1 1 10.1.2.3 10.1.2.0/24",
	}
}

// A host is a case's, and so are its connections; what it knows of one is worked out by hand.
func TestTheLedgerOfDestinationsSaysSinceWhen(t *testing.T) {
	o := open(t)
	o.Insert(t, settings.DefaultTable, events()...)
	keeper := o.keeper("whole")
	days := 0
	if err := keeper.Apply(t.Context(), func(time.Time) { days++ }); err != nil {
		t.Fatal(err)
	}
	got := o.lines(t, "whole")
	if diff := cmp.Diff(hosts(), got[1:]); diff != "" || days != 5 {
		t.Errorf("%d days (-by hand +ledger):\n%s", days, diff)
	}
	// Three devices of 21 days, of which the last is today's; when it was filled is now.
	if all := strings.Fields(got[0]); all[0] != "(all)" || all[1] != day(0) || all[5] != "21" || all[6] != "3" {
		t.Errorf("of all hosts it says %v", all)
	}

	// Again, and in pieces that overlap, the other way around.
	for range 2 {
		if err := keeper.Apply(t.Context(), func(time.Time) {}); err != nil {
			t.Fatal(err)
		}
	}
	pieces := o.keeper("pieces")
	if err := pieces.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, hour := range []int{96, 72, 60, 84, 90, 0, 40, 10} {
		if err := pieces.Fill(t.Context(), at(0, "00:00:00").Add(time.Duration(hour)*time.Hour), at(0, "00:00:00").Add(time.Duration(hour+24)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"whole", "pieces"} {
		o.Exec(t, "OPTIMIZE TABLE "+statement.Qualified(o.Database, name)+" FINAL")
		if diff := cmp.Diff(hosts(), o.lines(t, name)[1:]); diff != "" {
			t.Errorf("%s, filled again (-by hand +ledger):\n%s", name, diff)
		}
	}
}

// Older events that are imported later come with the next run of the command, and late ones with the job.
func TestOlderAndLateEventsComeToTheLedger(t *testing.T) {
	o := open(t)
	o.Insert(t, settings.DefaultTable, events()...)
	keeper := o.keeper("led")
	if err := keeper.Apply(t.Context(), func(time.Time) {}); err != nil {
		t.Fatal(err)
	}
	o.Insert(t, settings.DefaultTable, to(at(-9, "08:00:00"), "WS-7", "ConnectionSuccess", "portal.example", "198.51.100.77"))
	if err := keeper.Apply(t.Context(), func(time.Time) {}); err != nil {
		t.Fatal(err)
	}
	want := "portal.example " + day(-9) + " 08:00:00 " + day(3) + " 11:00:00 3 3 198.51.100.77 198.51.100.0/24"
	if got := o.lines(t, "led")[2]; got != want {
		t.Errorf("after older events:\n got %s\nwant %s", got, want)
	}
	if err := keeper.Schedule(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	late, newest := now.Add(-30*time.Hour), now.Add(-time.Hour)
	o.Insert(t, settings.DefaultTable, to(late, "WS-8", "ConnectionSuccess", "late.example", "203.0.113.8"), to(newest, "WS-8", "ConnectionSuccess", "newest.example", "203.0.113.8"))
	refresh := func(job string) []string {
		view := statement.Qualified(o.Database, job)
		o.Exec(t, "SYSTEM REFRESH VIEW "+view)
		o.Exec(t, "SYSTEM WAIT VIEW "+view)
		return o.lines(t, "led")
	}
	if got := strings.Join(refresh("led_job"), "\n"); !strings.Contains(got, "newest.example "+newest.Format(time.DateTime)) || strings.Contains(got, "late.example") {
		t.Errorf("after the job:\n%s", got)
	}
	if got := strings.Join(refresh("led_job_late"), "\n"); !strings.Contains(got, "late.example "+late.Format(time.DateTime)) {
		t.Errorf("after the job for late events:\n%s", got)
	}
	before := refresh("led_job")
	again := refresh("led_job_late")
	if diff := cmp.Diff(before[1:], again[1:]); diff != "" {
		t.Errorf("the jobs once more (-before +after):\n%s", diff)
	}
}
