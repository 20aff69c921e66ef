package beaconing_test

import (
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestBothEndsOfEachThreshold(t *testing.T) {
	at := func(text string) time.Time { return detecttest.At(t, text) }
	count := func(n int, from, to string) []referee.Event { return detecttest.Spread(n, at(from), at(to), one()) }
	sent := func(first int64, rest *int64) []referee.Event {
		return usual(t, func(i int, e *referee.Event) {
			if e.SentBytes = rest; i == 0 {
				e.SentBytes = &first
			}
		})
	}
	rule := func(rule string, p referee.Beaconing, events []referee.Event, want [][]any) detecttest.Rule {
		return detecttest.Rule{Rule: rule, Detector: p, Events: events, Columns: name(), Want: want}
	}
	analytic := referee.DefaultBeaconing()
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		rule("19 connections are too few", analytic, count(19, "01:00:00", "09:30:00"), nil),
		rule("20 connections are enough", analytic, count(20, "01:00:00", "09:30:00"), found()),
		rule("minConnections 3 with 2", with(func(p *referee.Beaconing) { p.MinConnections, p.BytesSentOver, p.MinBeaconRate = 3, 0, 0 }), count(2, "01:00:00", "09:30:00"), nil),
		rule("minConnections 3 with 3", with(func(p *referee.Beaconing) { p.MinConnections, p.BytesSentOver, p.MinBeaconRate = 3, 0, 0 }), count(3, "01:00:00", "09:30:00"), found()),

		rule("1,000 bytes sent are not more than 1,000", analytic, sent(1000, detecttest.Bytes(0)), nil),
		rule("1,001 bytes sent are", analytic, sent(1001, detecttest.Bytes(0)), found()),
		rule("null bytes count as 0 beside 1,000", analytic, sent(1000, nil), nil),
		rule("null bytes count as 0 beside 1,001", analytic, sent(1001, nil), found()),
		rule("bytes received do not count as sent", analytic, usual(t, func(_ int, e *referee.Event) {
			e.SentBytes, e.ReceivedBytes = detecttest.Bytes(50), detecttest.Bytes(1<<30)
		}), nil),
		rule("bytesSentOver 0 with nothing but nulls", with(func(p *referee.Beaconing) { p.BytesSentOver = 0 }), usual(t, func(_ int, e *referee.Event) { e.SentBytes = nil }), found()),
		rule("bytesSentOver -1 with nothing but nulls", with(func(p *referee.Beaconing) { p.BytesSentOver = -1 }), usual(t, func(_ int, e *referee.Event) { e.SentBytes = nil }), found()),

		rule("00:59:59 to 02:00:00 crosses 2 hour boundaries and passes", analytic, count(20, "00:59:59", "02:00:00"), found()),
		rule("00:59:59.999 to 02:00:00.000 passes as well", analytic, count(20, "00:59:59.999", "02:00:00.000"), found()),
		rule("00:00:00 to 01:59:59 crosses 1 and does not", analytic, count(20, "00:00:00", "01:59:59"), nil),
		rule("00:00:00.000 to 01:59:59.999 does not either", analytic, count(20, "00:00:00.000", "01:59:59.999"), nil),
		rule("23:59:59.999 to 01:00:00 of the next day crosses 2", analytic, count(20, "2026-03-02 23:59:59.999", "2026-03-03 01:00:00"), found()),
		rule("durationHoursOver 0 with 1 boundary", with(func(p *referee.Beaconing) { p.DurationHoursOver = 0 }), count(20, "00:59:59.999", "01:00:00"), found()),
		rule("durationHoursOver 0 with none", with(func(p *referee.Beaconing) { p.DurationHoursOver = 0 }), count(20, "01:00:00", "01:59:59.999"), nil),
		rule("durationHoursOver 3 with 3 boundaries", with(func(p *referee.Beaconing) { p.DurationHoursOver = 3 }), count(20, "00:59:59.999", "03:59:59.999"), nil),
		rule("durationHoursOver 3 with 4 boundaries", with(func(p *referee.Beaconing) { p.DurationHoursOver = 3 }), count(20, "00:59:59.999", "04:00:00"), found()),

		rule("a rate of exactly 0.5 passes: 20 in 40 hours", analytic, count(20, "2026-03-02 00:00:00", "2026-03-03 16:00:00"), found()),
		rule("a rate under 0.5 does not: 20 in 41 hours", analytic, count(20, "2026-03-02 00:00:00", "2026-03-03 17:00:00"), nil),
		rule("a rate of exactly 200 passes: 400 in 2 hours", analytic, count(400, "00:00:00", "02:00:00"), found()),
		rule("a rate over 200 does not: 401 in 2 hours", analytic, count(401, "00:00:00", "02:00:00"), nil),
		rule("minBeaconRate 10/3 with 20 in 6 hours", with(func(p *referee.Beaconing) { p.MinBeaconRate = 10.0 / 3 }), count(20, "00:00:00", "06:00:00"), found()),
		rule("maxBeaconRate 10/3 with 20 in 6 hours", with(func(p *referee.Beaconing) { p.MaxBeaconRate = 10.0 / 3 }), count(20, "00:00:00", "06:00:00"), found()),
		rule("minBeaconRate 3.34 with 20 in 6 hours", with(func(p *referee.Beaconing) { p.MinBeaconRate = 3.34 }), count(20, "00:00:00", "06:00:00"), nil),
		rule("maxBeaconRate 3.33 with 20 in 6 hours", with(func(p *referee.Beaconing) { p.MaxBeaconRate = 3.33 }), count(20, "00:00:00", "06:00:00"), nil),
	})
}

func TestTheWindowIsHalfOpenToTheMillisecond(t *testing.T) {
	window := referee.Window{From: detecttest.At(t, "01:00:00"), To: detecttest.At(t, "09:30:00.001")}
	ends := func(first, last string) detecttest.Rule {
		events := usual(t)
		events[0].Timestamp, events[19].Timestamp = detecttest.At(t, first), detecttest.At(t, last)
		return detecttest.Rule{Detector: referee.DefaultBeaconing(), Window: window, Columns: name(), Events: events}
	}
	inside, before, after := ends("01:00:00.000", "09:30:00.000"), ends("00:59:59.999", "09:30:00.000"), ends("01:00:00.000", "09:30:00.001")
	inside.Rule, inside.Want = "events at the window's start and a millisecond before its end are in", found()
	before.Rule = "an event a millisecond before the window's start is not"
	after.Rule = "an event at the window's end is not"
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{inside, before, after})
}
