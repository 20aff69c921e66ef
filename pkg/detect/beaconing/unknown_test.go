package beaconing_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// uncounted is what a sensor writes that counts no bytes.
func uncounted(_ int, e *referee.Event) { e.SentBytes, e.ReceivedBytes = nil, nil }

// A group whose bytes nobody counted is none that sent nothing.
func TestBytesThatNobodyCounted(t *testing.T) {
	analytic := referee.DefaultBeaconing()
	keep := func(rule string, p referee.Beaconing, events []referee.Event, want ...[]any) detecttest.Rule {
		return detecttest.Rule{Rule: rule, Detector: p, Columns: []string{"DeviceName", "BytesSent", "BytesReceived", "BytesKnown"}, Events: events, Want: want}
	}
	drop := with(func(p *referee.Beaconing) { p.UnknownBytes = "drop" })
	sent := func(change func(i int, e *referee.Event)) []referee.Event { return usual(t, change) }
	two := append(usual(t), usual(t, uncounted, rename("WS-2"))...)
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		keep("no event has a count", analytic, sent(uncounted), []any{"WS-1", nil, nil, false}),
		keep("by host as well", hosts(func(*referee.Beaconing) {}), sent(uncounted), []any{"WS-1", nil, nil, false}),
		keep("drop is the analytic's letter", drop, sent(uncounted)),
		keep("drop counts them as 0, which is over -1", with(func(p *referee.Beaconing) { p.UnknownBytes, p.BytesSentOver = "drop", -1 }), sent(uncounted), []any{"WS-1", nil, nil, false}),
		keep("0 is a count", analytic, sent(func(_ int, e *referee.Event) { e.SentBytes = detecttest.Bytes(0) })),
		keep("one count is enough to know", analytic, sent(func(i int, e *referee.Event) {
			if i > 0 {
				uncounted(i, e)
			}
		})),
		keep("one that is enough", analytic, sent(func(i int, e *referee.Event) {
			uncounted(i, e)
			if i == 7 {
				e.SentBytes = detecttest.Bytes(1001)
			}
		}), []any{"WS-1", int64(1001), nil, true}),
		keep("what is sent decides, whatever is received", analytic, sent(func(_ int, e *referee.Event) { e.SentBytes = nil }), []any{"WS-1", nil, int64(200), false}),
		keep("two sensors in one table", analytic, two, []any{"WS-1", int64(2000), int64(200), true}, []any{"WS-2", nil, nil, false}),
		{
			Rule: "a score is the mean of the parts that are known", Detector: analytic, Window: detecttest.Days(1), Events: usual(t, uncounted),
			// (1 + 0 + 0.75) / 3
			Columns: []string{"Score", "IntervalScore", "SizeScore", "HistogramScore", "DurationScore"}, Want: [][]any{{0.583, 1.0, nil, 0.0, 0.75}},
		},
		{
			Rule: "minScore asks for that mean", Detector: with(func(p *referee.Beaconing) { p.MinScore = 0.583 }), Window: detecttest.Days(1), Events: usual(t, uncounted), Columns: name(), Want: found(),
			Numbers: []referee.Number{{Labels: labels("WS-1", "id-1", "203.0.113.7", "c2.example.com"), Value: 2.5}},
		},
		{
			Rule: "sizes that are known have a score among those that are not", Detector: with(func(p *referee.Beaconing) { p.BytesSentOver = 0 }), Window: detecttest.Days(1), Columns: []string{"SizeScore"}, Want: [][]any{{1.0}},
			Events: usual(t, func(i int, e *referee.Event) {
				if i%2 == 1 {
					uncounted(i, e)
				}
			}),
		},
	})
}

func TestANoticeCountsFindingsWithUnknownBytes(t *testing.T) {
	table := detecttest.Start(t).Events(t, append(usual(t), usual(t, uncounted, rename("WS-2"))...))
	for _, queryType := range []string{"beaconing", "alerts"} {
		frames := table.Frames(t, detecttest.Question{Type: queryType, Window: detecttest.Days(7)})
		var texts []string
		for _, n := range frames[0].Meta.Notices {
			texts = append(texts, n.Text)
		}
		if all := strings.Join(texts, "\n"); !strings.Contains(all, "1 of 2 findings have unknown bytes") {
			t.Errorf("the notices of %s are %q", queryType, all)
		}
	}
}

// No sum wraps, whatever a sensor writes.
func TestImplausibleBytes(t *testing.T) {
	analytic, byHost := referee.DefaultBeaconing(), hosts(func(*referee.Beaconing) {})
	const most = int64(1 << 53)
	odd := func(rule string, counts ...int64) detecttest.Rule { // a count below 0 is that of a UInt64
		return detecttest.Rule{
			Rule: rule, Columns: []string{"DeviceName", "BytesSent"}, Want: [][]any{{"WS-1", most}},
			Events: usual(t, func(i int, e *referee.Event) {
				if i < len(counts) {
					e.SentBytes = &counts[i]
				}
			}),
		}
	}
	var rules []detecttest.Rule
	for _, r := range []detecttest.Rule{
		odd("2^63", math.MinInt64), odd("2^64 - 1", -1), odd("2^63 - 1", math.MaxInt64), odd("what adds up to 2^64", math.MinInt64, math.MinInt64), odd("what adds up to 2^64 and little", 1<<62, 1<<62, 1<<62, 1<<62, 1),
		odd("all of them", math.MinInt64, -1, math.MinInt64, -1, math.MinInt64, -1, math.MinInt64, -1, math.MinInt64, -1, math.MinInt64, -1, math.MinInt64, -1, math.MinInt64, -1, math.MinInt64, -1, math.MinInt64, -1),
	} {
		for _, p := range []referee.Beaconing{analytic, byHost} {
			r.Detector = p
			rules = append(rules, r)
			r.Rule += " by host"
		}
	}
	detecttest.CheckRules(t, detecttest.Start(t), rules)
}

// What a sensor writes of one device or one connection in several ways.
func TestSpellingsOfOneDevice(t *testing.T) {
	byHost := hosts(func(*referee.Beaconing) {})
	turns := func(rule string, p referee.Beaconing, want [][]any, devices ...[2]string) detecttest.Rule {
		return detecttest.Rule{
			Rule: rule, Detector: p, Columns: []string{"DeviceName", "DeviceId", "ConnectionCount"}, Want: want,
			Events: usual(t, func(i int, e *referee.Event) {
				e.DeviceID, e.DeviceName = devices[i%len(devices)][0], devices[i%len(devices)][1]
			}),
		}
	}
	// the 20th connection is the newest
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		turns("case and domain are no part of a device by host", byHost, [][]any{{"ws-9.corp.example", "WS-9", int64(20)}}, [2]string{"WS-9", "WS-9"}, [2]string{"ws-9.corp.example", "ws-9.corp.example"}),
		turns("nor is a domain before it", byHost, [][]any{{"ws-9", `CORP\WS-9`, int64(20)}}, [2]string{`CORP\WS-9`, "WS-9"}, [2]string{"ws-9", "ws-9"}),
		turns("one identifier under several names", byHost, [][]any{{"new", "ID-1", int64(20)}}, [2]string{"id-1", "old"}, [2]string{"ID-1", "new"}),
		turns("where there is no identifier the name counts", byHost, [][]any{{"ws-9.corp.example", "", int64(20)}}, [2]string{"", "WS-9"}, [2]string{"", "ws-9.corp.example"}),
		turns("and where it is a placeholder", byHost, [][]any{{"ws-9", "-", int64(20)}}, [2]string{"-", "WS-9"}, [2]string{"N/A", "ws-9"}),
		turns("two names without an identifier are two", byHost, nil, [2]string{"", "WS-8"}, [2]string{"", "WS-9"}),
		turns("addresses are not folded", byHost, nil, [2]string{"10.0.0.5", "a"}, [2]string{"10.0.0.6", "a"}),
		turns("what ends in a number is no domain", byHost, nil, [2]string{"host.1", "a"}, [2]string{"host.2", "a"}),
		turns("the analytic's letter keeps them apart", referee.DefaultBeaconing(), nil, [2]string{"WS-9", "WS-9"}, [2]string{"ws-9.corp.example", "ws-9.corp.example"}),
	})
}

func TestSpellingsOfOneAddress(t *testing.T) {
	turns := func(rule string, want [][]any, addresses ...string) detecttest.Rule {
		return detecttest.Rule{
			Rule: rule, Detector: referee.DefaultBeaconing(), Columns: []string{"RemoteIP", "ConnectionCount"}, Want: want,
			Events: usual(t, func(i int, e *referee.Event) { e.RemoteIP = addresses[i%len(addresses)] }),
		}
	}
	one := [][]any{{"203.0.113.7", int64(20)}}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		turns("half and half mapped", one, "203.0.113.7", "::ffff:203.0.113.7"),
		turns("only mapped, in two ways", one, "::ffff:203.0.113.7", "::ffff:cb00:7107"),
		turns("with ports that change", one, "203.0.113.7:443", "203.0.113.7:50001", "203.0.113.7"),
		turns("in brackets, with blanks and line ends", one, "[203.0.113.7]", " 203.0.113.7", "203.0.113.7\r\n", "\"203.0.113.7\""),
		turns("another address stays another", nil, "203.0.113.7", "203.0.113.8:443"),
		turns("a leading zero makes it none", nil, "203.0.113.7", "203.0.113.07"),
	})
}

// A sensor that writes an attempt and a success of each connection doubles its rate; by host each counts once where both
// together are too many.
func TestAttemptAndSuccessOfEachConnection(t *testing.T) {
	events := func(n int) []referee.Event {
		from, to := detecttest.At(t, "01:00:00"), detecttest.At(t, "11:00:00")
		success := detecttest.Spread(n, from.Add(50*time.Millisecond), to, one())
		attempt := detecttest.Each(detecttest.Spread(n, from, to.Add(-50*time.Millisecond), one()), func(_ int, e *referee.Event) { e.ActionType = "ConnectionAttempt" })
		return append(success, attempt...)
	}
	byHost := hosts(func(*referee.Beaconing) {})
	columns := []string{"ConnectionCount", "BeaconRate"}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{Rule: "110 an hour become 220 by the analytic's letter", Detector: referee.DefaultBeaconing(), Columns: columns, Events: events(1100)},
		{Rule: "by host they are 110", Detector: byHost, Columns: columns, Events: events(1100), Want: [][]any{{int64(1100), 110.0}}},
		{Rule: "what is not too many stays as it is", Detector: byHost, Columns: columns, Events: events(600), Want: [][]any{{int64(1200), 120.0}}},
		{Rule: "what is too many of one kind stays too many", Detector: byHost, Columns: columns, Events: events(2001)},
	})
}
