package repointed_test

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/repointed"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// known is the time that the ledger of these tests knows, and asked the window: its last days.
func known() referee.Window { return detecttest.Days(40) }

func asked() referee.Window {
	w := known()
	return referee.Window{From: w.To.AddDate(0, 0, -7), To: w.To}
}

// day is noon of a day, counted from the first.
func day(n int) time.Time { return known().From.Add(time.Duration(n)*24*time.Hour + 12*time.Hour) }

// stay is a connection of a device to a name on each of some days.
func stay(name, ip, device string, days ...int) []referee.Event {
	var events []referee.Event
	for _, n := range days {
		events = append(events, referee.Event{
			Timestamp: day(n), DeviceID: device, DeviceName: device, ActionType: "ConnectionSuccess",
			RemoteIP: ip, RemotePort: 443, RemoteURL: name, InitiatingProcessFileName: "agent.exe",
		})
	}
	return events
}

func days(from, to int) []int {
	var list []int
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list
}

// rowsOf returns some columns of a table's rows.
func rowsOf(t *testing.T, frames data.Frames, names ...string) []referee.Row {
	t.Helper()
	return detecttest.Chosen(t, frames, repointed.Detector{}.Spec(), names...)
}

const old = "203.0.113.7"

// elsewhere is an address of a name's own, in the /16 that all these names move to: several at one address count for more.
func elsewhere(name string) string {
	sum := fnv.New32a()
	sum.Write([]byte(name))
	return fmt.Sprintf("198.51.%d.%d", byte(sum.Sum32()>>8), byte(sum.Sum32()))
}

// rules are names, each with its history, and what is found of it: the risk, nothing for no finding. Each has three devices or more where it
// does not say otherwise, so that only the move counts.
func rules() map[string]struct {
	events []referee.Event
	want   string
} {
	type rule = struct {
		events []referee.Event
		want   string
	}
	several := func(name, ip string, on ...int) []referee.Event {
		var events []referee.Event
		for _, device := range []string{"WS-1", "WS-2", "WS-3"} {
			events = append(events, stay(name, ip, device, on...)...)
		}
		return events
	}
	join := slices.Concat[[]referee.Event]
	return map[string]rule{
		"moved.example":             {join(several("moved.example", old, days(0, 39)...), several("moved.example", elsewhere("moved.example"), days(36, 39)...)), "30"},
		"and.left.example":          {join(several("and.left.example", old, days(0, 35)...), several("and.left.example", elsewhere("and.left.example"), days(36, 39)...)), "40"},
		"within.example":            {join(several("within.example", old, days(0, 35)...), several("within.example", "203.0.114.9", days(36, 39)...)), ""}, // the same /16
		"stays.example":             {several("stays.example", old, days(0, 39)...), ""},
		"new.example":               {several("new.example", elsewhere("new.example"), days(36, 39)...), ""},
		"known.too.briefly.example": {join(several("known.too.briefly.example", old, days(24, 35)...), several("known.too.briefly.example", elsewhere("known.too.briefly.example"), days(36, 39)...)), ""},
		"known.long.enough.example": {join(several("known.long.enough.example", old, days(21, 35)...), several("known.long.enough.example", elsewhere("known.long.enough.example"), days(36, 39)...)), "40"},
		"seen.twice.example":        {join(several("seen.twice.example", old, 0, 20), several("seen.twice.example", elsewhere("seen.twice.example"), days(36, 39)...)), ""},
		"moved.before.example":      {join(several("moved.before.example", old, days(0, 20)...), several("moved.before.example", elsewhere("moved.before.example"), days(21, 39)...)), ""},
		"moves.again.example": {join(several("moves.again.example", old, days(0, 30)...), several("moves.again.example", elsewhere("moves.again.example"), days(28, 39)...),
			several("moves.again.example", "192.0.2.1", days(36, 39)...)), ""}, // it had not settled
		"and.back.example": {join(several("and.back.example", old, days(0, 20)...), several("and.back.example", elsewhere("and.back.example"), 5), several("and.back.example", old, days(21, 39)...),
			several("and.back.example", elsewhere("and.back.example"), days(36, 39)...)), ""}, // it was there before
		"rotates.example": {join(several("rotates.example", "203.0.113.1", days(0, 35)...), several("rotates.example", "192.0.2.1", days(0, 35)...), several("rotates.example", "9.9.9.9", days(0, 35)...),
			several("rotates.example", "8.8.8.8", days(0, 35)...), several("rotates.example", elsewhere("rotates.example"), days(36, 39)...)), ""},
		"spreads.example": {join(several("spreads.example", old, days(0, 35)...), several("spreads.example", elsewhere("spreads.example"), days(36, 39)...), several("spreads.example", "9.9.9.9", days(37, 39)...),
			several("spreads.example", "8.8.8.8", days(37, 39)...)), "20"},
		"one.device.example":   {join(stay("one.device.example", old, "WS-1", days(0, 35)...), stay("one.device.example", elsewhere("one.device.example"), "WS-1", days(36, 39)...)), "50"},
		"update.microsoft.com": {join(several("update.microsoft.com", old, days(0, 35)...), several("update.microsoft.com", elsewhere("update.microsoft.com"), days(36, 39)...)), "0"},
		"inside.example":       {join(several("inside.example", "10.1.2.3", days(0, 35)...), several("inside.example", "192.168.0.9", days(36, 39)...)), ""},
		"came.home.example":    {join(several("came.home.example", old, days(0, 35)...), several("came.home.example", "10.9.8.7", days(36, 39)...)), ""}, // a private address is no place
		"six.example":          {join(several("six.example", "2001:db8:7::9", days(0, 35)...), several("six.example", "2001:db9:7::9", days(36, 39)...)), "40"},
		"six.within.example":   {join(several("six.within.example", "2001:db8:7::9", days(0, 35)...), several("six.within.example", "2001:db8:9::9", days(36, 39)...)), ""},
		"gets.six.example":     {join(several("gets.six.example", old, days(0, 39)...), several("gets.six.example", "2001:db9:7::9", days(36, 39)...)), ""}, // it has not moved
		"had.six.example": {join(several("had.six.example", old, days(0, 35)...), several("had.six.example", "2001:db9:7::9", days(30, 39)...),
			several("had.six.example", elsewhere("had.six.example"), days(36, 39)...)), "40"},
		"mapped.example":         {join(several("mapped.example", old, days(0, 35)...), several("mapped.example", "[::ffff:203.0.113.9]:443", days(36, 39)...)), ""},
		"spelled.example":        {join(several("https://SPELLED.example:8443/a?b", old, days(0, 20)...), several("spelled.example.", old, days(21, 35)...), several("http://spelled.example/", elsewhere("http://spelled.example/"), days(36, 39)...)), "40"},
		"the.first.hour.example": {join(several("the.first.hour.example", old, days(0, 32)...), several("the.first.hour.example", elsewhere("the.first.hour.example"), 33)), "30"}, // nothing tells yet that it left
	}
}

func TestWhichNamesMoved(t *testing.T) {
	var events []referee.Event
	want := map[string]string{}
	for name, r := range rules() {
		events = append(events, r.events...)
		if r.want != "" {
			want[name] = r.want
		}
	}
	// what has no name moves nowhere
	events = append(events, stay("", old, "WS-1", days(0, 35)...)...)
	events = append(events, stay("203.0.113.7", old, "WS-1", days(0, 35)...)...)
	events = append(events, stay("203.0.113.7", elsewhere("203.0.113.7"), "WS-1", days(36, 39)...)...)
	events = append(events, stay("fileserver", old, "WS-1", days(0, 35)...)...)
	events = append(events, stay("fileserver", elsewhere("fileserver"), "WS-1", days(36, 39)...)...)
	table := detecttest.Start(t).Events(t, events).WithLedger(t, known())
	question := detecttest.Question{Type: "repointed", Window: asked(), Params: map[string]any{"minRisk": 0}}
	got := map[string]string{}
	for _, row := range rowsOf(t, table.Frames(t, question), "RemoteUrl", "Risk") {
		got[row[0].(string)] = fmt.Sprint(row[1])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestEveryColumnOfAMove(t *testing.T) {
	events := slices.Concat(
		stay("shop.example", old, "WS-1", days(0, 35)...), stay("shop.example", "192.0.2.5", "WS-2", days(10, 20)...),
		stay("shop.example", "198.51.7.9", "WS-2", days(36, 39)...), stay("shop.example", "198.51.7.11", "WS-1", 37))
	table := detecttest.Start(t).Events(t, events).WithLedger(t, known())
	columns := []string{
		"Timestamp", "DeviceName", "RemoteIP", "RemoteUrl", "AlertType", "ConnectionCount", "BytesSent", "SampleProcesses", "Risk", "Severity", "Why",
		"NetworksBefore", "NetworksNow", "StayedDays", "UniqueDevices", "SampleDevices", "SampleIPs", "FirstSeen", "LastSeen",
	}
	question := detecttest.Question{Type: "repointed", Window: asked()}
	want := []referee.Row{{
		day(36), "Multiple", "198.51.7.11", "shop.example", "RepointedName", int64(5), nil, []string{}, int64(50), "medium",
		[]string{
			"leads to 198.51.0.0/16 since 2026-04-07 12:00 UTC, after 26 days in 203.0.0.0/16, 192.0.0.0/16",
			"nothing was seen where it was, from a day after the move on", "only 2 devices went there or asked since",
		},
		[]string{"203.0.0.0/16", "192.0.0.0/16"}, []string{"198.51.0.0/16"}, int64(26), int64(2), []string{"WS-1", "WS-2"}, []string{"198.51.7.11", "198.51.7.9"}, day(0), day(39),
	}}
	if diff := cmp.Diff(want, rowsOf(t, table.Frames(t, question), columns...)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		filter referee.Filter
		found  int
	}{
		{referee.Filter{Column: "DeviceName", Operator: "=", Values: []string{"WS-2"}}, 1}, {referee.Filter{Column: "DeviceName", Operator: "=", Values: []string{"WS-3"}}, 0},
		{referee.Filter{Column: "RemoteUrl", Operator: "endsWith", Values: []string{".example"}}, 1}, {referee.Filter{Column: "RemoteUrl", Operator: "!=", Values: []string{"shop.example"}}, 0},
		{referee.Filter{Column: "RemoteIP", Operator: "inSubnet", Values: []string{"198.51.7.0/24"}}, 1}, {referee.Filter{Column: "RemoteIP", Operator: "=", Values: []string{old}}, 0},
	} {
		question.Filters = []referee.Filter{c.filter}
		if rows := rowsOf(t, table.Frames(t, question), "RemoteUrl"); len(rows) != c.found {
			t.Errorf("%v: %d names, want %d", c.filter, len(rows), c.found)
		}
	}
	question.Filters = []referee.Filter{{Column: "RemotePort", Operator: "=", Values: []string{"443"}}}
	if err := table.Ask(t, question)[0].Error; err == nil || !strings.Contains(err.Error(), "by device, name and address alone") {
		t.Errorf("a filter on what the ledger does not know: %v", err)
	}
}

// moves is the history of a name that moved, seen by one device.
func moves(name, to string) []referee.Event {
	return append(stay(name, old, "WS-1", days(0, 35)...), stay(name, to, "WS-1", days(36, 39)...)...)
}

func risks(t *testing.T, table detecttest.Table, q detecttest.Question) string {
	t.Helper()
	var list []string
	for _, row := range rowsOf(t, table.Frames(t, q), "RemoteUrl", "Risk") {
		list = append(list, fmt.Sprint(row[0], " ", row[1]))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func TestWhatMakesAMoveGraver(t *testing.T) {
	events := slices.Concat(moves("hosted.example", "198.51.7.1"), moves("suspicious.example", "192.0.2.1"), moves("delivered.example", "198.18.200.1"),
		moves("a.first.test", "233.252.0.1"), moves("b.second.test", "233.252.0.1"), moves("c.third.test", "233.252.0.1"), moves("d.third.test", "233.252.0.1"))
	// what counts as no place of the internet stands for others here
	for i := range events {
		events[i].RemoteIP = strings.NewReplacer("198.18.200.1", "9.9.9.9", "233.252.0.1", "8.8.8.8").Replace(events[i].RemoteIP)
	}
	table := detecttest.Start(t).Events(t, events).WithLedger(t, known()).WithSystems(t, []referee.AS{
		{Network: "203.0.113.0/24", Number: 64500, Name: "Before"}, {Network: "198.51.7.0/24", Number: 63949, Name: "Rented"},
		{Network: "192.0.2.0/24", Number: 14061, Name: "Suspicious"}, {Network: "9.9.9.0/24", Number: 13335, Name: "Delivery"},
	})
	question := detecttest.Question{Type: "repointed", Window: asked()}
	want := "a.first.test 70, b.second.test 70, c.third.test 70, d.third.test 70, delivered.example 25, hosted.example 55, suspicious.example 75"
	if got := risks(t, table, question); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, c := range []struct {
		params map[string]any
		want   string
	}{
		{map[string]any{"minRisk": 75}, "suspicious.example 75"},
		{map[string]any{"minRisk": 55, "suspiciousAsns": []int{63949}, "deliveryAsns": []int{14061}}, "a.first.test 70, b.second.test 70, c.third.test 70, d.third.test 70, hosted.example 75"},
		{map[string]any{"stableDays": 37}, ""},
		{map[string]any{"minDaysSeen": 37}, ""},
	} {
		question.Params = c.params
		if got := risks(t, table, question); got != c.want {
			t.Errorf("%v: got %q, want %q", c.params, got, c.want)
		}
	}
	rows := rowsOf(t, table.Frames(t, detecttest.Question{Type: "repointed", Window: asked(), Params: map[string]any{"minRisk": 75}}), "NetworksBefore", "NetworksNow", "ASName", "Severity")
	if diff := cmp.Diff([]referee.Row{{[]string{"AS64500"}, []string{"AS14061"}, "Suspicious", "high"}}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// Two networks of one autonomous system are one place; without a dictionary they are two.
func TestANameMovesBetweenAutonomousSystems(t *testing.T) {
	table := detecttest.Start(t).Events(t, moves("within.example", "198.51.7.1")).WithLedger(t, known())
	question := detecttest.Question{Type: "repointed", Window: asked()}
	if got := risks(t, table, question); got != "within.example 50" {
		t.Errorf("by networks: got %q", got)
	}
	table = table.WithSystems(t, []referee.AS{{Network: "203.0.113.0/24", Number: 64500, Name: "One"}, {Network: "198.51.7.0/24", Number: 64500, Name: "One"}})
	if got := risks(t, table, question); got != "" {
		t.Errorf("by autonomous systems: got %q", got)
	}
}

// DNS answers tell where a name leads before anybody connects, and how long they hold.
func TestDNSAnswersFeedTheLedger(t *testing.T) {
	bench := detecttest.Start(t)
	table := bench.Events(t, nil)
	for _, text := range ddl(t, table.Database()) {
		table.Exec(t, text)
	}
	row := func(n int, device, query, answers, ttls string) string {
		return fmt.Sprintf("('%s', '%s', '%s', '%s', 'A', 'NOERROR', %s, %s)", day(n).Format("2006-01-02 15:04:05"), device, device, query, answers, ttls)
	}
	var rows []string
	for n := range 36 {
		rows = append(rows, row(n, "WS-1", "Asked.Example.", "['cname.example', '203.0.113.7']", "[3600, 3600]"), row(n, "WS-1", "untold.example", "['203.0.113.7']", "[]"))
	}
	for n := 36; n < 40; n++ {
		rows = append(rows, row(n, "WS-2", "asked.example", "['cname.example', '198.51.100.9', '2001:db8::1']", "[60, 60, 60]"), row(n, "WS-2", "untold.example", "['198.51.7.7']", "[60]"))
	}
	table.Exec(t, "INSERT INTO {database}.dns_events (Timestamp, DeviceId, DeviceName, Query, QueryType, ResponseCode, Answers, TTLs) VALUES "+strings.Join(rows, ", "))
	table = table.WithLedger(t, known())
	got := rowsOf(t, table.Frames(t, detecttest.Question{Type: "repointed", Window: asked()}), "RemoteUrl", "DeviceName", "ConnectionCount", "Risk", "Why")
	slices.SortFunc(got, func(a, b referee.Row) int { return strings.Compare(a[0].(string), b[0].(string)) })
	moved, silent, few := func(to string) string {
		return "leads to " + to + " since 2026-04-07 12:00 UTC, after 36 days in 203.0.0.0/16"
	}, "nothing was seen where it was, from a day after the move on", "only 1 device went there or asked since"
	want := []referee.Row{
		{"asked.example", "WS-2", int64(0), int64(60), []string{moved("198.51.0.0/16"), "its answers hold for 60 s, where they held for 3600 s", silent, few}},
		{"untold.example", "WS-2", int64(0), int64(50), []string{moved("198.51.0.0/16"), silent, few}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestEveryFormatHasTheSameMoves(t *testing.T) {
	table := detecttest.Start(t).Events(t, slices.Concat(moves("a.example", "198.51.7.1"), moves("b.example", "192.0.2.1"))).WithLedger(t, known())
	question := detecttest.Question{Type: "repointed", Window: asked()}
	for format, c := range map[string]struct{ frames, rows int }{"table": {1, 2}, "numeric": {2, 1}, "timeseries": {2, 0}, "summary": {1, 1}} {
		question.Format, question.Interval = format, 24*time.Hour
		frames := table.Frames(t, question)
		if len(frames) != c.frames || (c.rows > 0 && frames[0].Rows() != c.rows) {
			t.Errorf("%s: %d frames, the first of %d rows, want %d of %d", format, len(frames), frames[0].Rows(), c.frames, c.rows)
		}
	}
}

// Filling the ledger again, in other pieces or with what came late, changes nothing but what is new.
func TestWhatIsFilledTwiceCountsOnce(t *testing.T) {
	events := slices.Concat(moves("a.example", "198.51.7.1"), moves("b.example", "192.0.2.1"))
	table := detecttest.Start(t).Events(t, events).WithLedger(t, known())
	question := detecttest.Question{Type: "repointed", Window: asked()}
	columns := []string{"RemoteUrl", "ConnectionCount", "Risk", "Why", "UniqueDevices", "StayedDays"}
	want := rowsOf(t, table.Frames(t, question), columns...)
	for _, part := range []referee.Window{known(), {From: day(30), To: day(38)}, {From: day(36), To: day(36).Add(time.Hour)}} {
		table = table.WithLedger(t, part)
		if diff := cmp.Diff(want, rowsOf(t, table.Frames(t, question), columns...)); diff != "" {
			t.Fatalf("after filling %v again (-want +got):\n%s", part, diff)
		}
	}
	table.Insert(t, stay("a.example", "198.51.7.1", "WS-9", 20)) // it was there before: that came late
	table = table.WithLedger(t, referee.Window{From: day(19), To: day(21)})
	if got := risks(t, table, question); got != "b.example 50" {
		t.Errorf("after what came late: got %q", got)
	}
}

func TestWhereTheLedgerDoesNotKnowThatIsSaid(t *testing.T) {
	bench := detecttest.Start(t)
	table := bench.Events(t, moves("a.example", "198.51.7.1"))
	question := detecttest.Question{Type: "repointed", Window: asked()}
	told := func(of detecttest.Table, format, want string) {
		t.Helper()
		question.Format, question.Interval = format, 24*time.Hour
		frame := of.Frames(t, question)[0]
		if notices := fmt.Sprint(frame.Meta.Notices); !strings.Contains(notices, want) {
			t.Errorf("%s: the notices are %s, want %q", format, notices, want)
		}
		if format == "summary" && frame.Rows() != 0 {
			t.Errorf("a summary has %d rows, want no zero that nobody has counted", frame.Rows())
		}
	}
	for _, format := range []string{"table", "timeseries", "numeric", "summary"} {
		told(table, format, "There is no ledger of names")
		told(table.WithLedger(t, referee.Window{From: asked().From, To: asked().To}), format, "who stays for 14 days cannot be told before")
	}
	for _, format := range []string{"table", "numeric"} {
		question.Format = format
		if err := table.Setting("listTables", map[string]string{"nameNetworks": "nowhere"}).Ask(t, question)[0].Error; err == nil || !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("%s of a ledger that is not there: %v", format, err)
		}
	}
}

// What happens after the end of what the ledger knows is not known: an alert rule must not take that for nothing.
func TestALedgerThatIsNotKeptUpIsAnErrorForAlertRules(t *testing.T) {
	table := detecttest.Start(t).Events(t, moves("a.example", "198.51.7.1")).WithLedger(t, known())
	later := referee.Window{From: known().To.AddDate(0, 0, -7), To: known().To.Add(2 * time.Hour)}
	question := detecttest.Question{Type: "repointed", Window: later, Format: "numeric"}
	if err := table.Ask(t, question)[0].Error; err == nil || !strings.Contains(err.Error(), "is not kept up: it ends at 2026-04-11 00:00:00 UTC") {
		t.Errorf("numeric: %v", err)
	}
	question.Format = "table"
	if notices := fmt.Sprint(table.Frames(t, question)[0].Meta.Notices); !strings.Contains(notices, "is not kept up") {
		t.Errorf("table: the notices are %s", notices)
	}
}

func ddl(t *testing.T, database string) []string {
	t.Helper()
	statements, err := schema.ImportDDL("", func(table string) string { return statement.Qualified(database, table) })
	if err != nil {
		t.Fatal(err)
	}
	return statements[:1] // of dns_events
}
