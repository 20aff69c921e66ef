package detecttest

import (
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// At reads an instant: a clock time on 2 March 2026, such as 00:59:59.999, or a whole one, such as
// 2026-03-04 00:00:00. It is UTC.
func At(t testing.TB, text string) time.Time {
	t.Helper()
	if !strings.Contains(text, "-") {
		text = "2026-03-02 " + text
	}
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Days returns the window of n whole days from 2 March 2026.
func Days(n int) referee.Window {
	from := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	return referee.Window{From: from, To: from.AddDate(0, 0, n)}
}

// Spread returns n copies of an event from one instant to another, the first and the last on them and the others evenly
// between.
func Spread(n int, from, to time.Time, like referee.Event) []referee.Event {
	events := make([]referee.Event, n)
	for i := range events {
		events[i] = like
		events[i].Timestamp = from
		if n > 1 {
			events[i].Timestamp = from.Add(to.Sub(from) * time.Duration(i) / time.Duration(n-1)).Truncate(time.Millisecond)
		}
	}
	return events
}

// Each changes every event.
func Each(events []referee.Event, change func(i int, e *referee.Event)) []referee.Event {
	for i := range events {
		change(i, &events[i])
	}
	return events
}

// Bytes is a number of bytes that is not null.
func Bytes(n int64) *int64 { return &n }
