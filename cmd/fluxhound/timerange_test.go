package main

import (
	"errors"
	"testing"
	"time"
)

func TestTimesAreGrafanas(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 34, 56, 789e6, time.UTC)
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for name, c := range map[string]struct {
		from, to         string
		wantFrom, wantTo time.Time
	}{
		"now":                       {"now-7d", "now", now.AddDate(0, 0, -7), now},
		"RFC 3339":                  {"2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", at("2026-01-02T03:04:05Z"), at("2026-01-02T03:04:05Z")},
		"RFC 3339 with fractions":   {"2026-01-02T03:04:05.006Z", "now", at("2026-01-02T03:04:05.006Z"), now},
		"milliseconds since 1970":   {"1767323045000", "now", at("2026-01-02T03:04:05Z"), now},
		"from rounds down":          {"now-1h/h", "now", at("2026-03-04T11:00:00Z"), now},
		"to rounds up":              {"now-2d/d", "now-1d/d", at("2026-03-02T00:00:00Z"), at("2026-03-03T23:59:59.999Z")},
		"units in a row":            {"now-1d-6h", "now+5m", at("2026-03-03T06:34:56.789Z"), at("2026-03-04T12:39:56.789Z")},
		"an inverted range is kept": {"now", "now-1h", now, now.Add(-time.Hour)}, // the plugin refuses it and says why
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readRange(c.from, c.to, now)
			if err != nil {
				t.Fatal(err)
			}
			if !got.From.Equal(c.wantFrom) || got.To.Sub(c.wantTo).Abs() >= time.Millisecond {
				t.Errorf("[%v, %v), want [%v, %v)", got.From, got.To, c.wantFrom, c.wantTo)
			}
		})
	}
}

func TestWhatIsNoTimeIsAUsageError(t *testing.T) {
	for _, text := range []string{"", "yesterday", "now-", "now/", "2026-13-01T00:00:00Z", "now-7x", "1764410400"} {
		if _, err := readRange(text, "now", noon); !errors.As(err, new(*usageError)) {
			t.Errorf("--from %q: error %v, want a usage error", text, err)
		}
		if _, err := readRange("now-1000y", "now", noon); !errors.As(err, new(*usageError)) {
			t.Errorf("a thousand years: error %v, want a usage error", err)
		}
		if _, err := readRange("now", text, noon); !errors.As(err, new(*usageError)) {
			t.Errorf("--to %q: error %v, want a usage error", text, err)
		}
	}
}
