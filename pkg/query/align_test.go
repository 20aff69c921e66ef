package query_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

func TestAWindowThatEndsNowIsMovedToWholeSteps(t *testing.T) {
	now := time.Date(2026, 3, 8, 12, 0, 17, 250e6, time.UTC)
	week, day := 7*24*time.Hour, 24*time.Hour
	for rule, c := range map[string]struct {
		from, to         time.Time
		longest          time.Duration
		wantFrom, wantTo time.Time
	}{
		"both ends":                           {now.Add(-week), now, 5 * time.Second, now.Add(-week - 2250*time.Millisecond), now.Add(-2250 * time.Millisecond)},
		"whatever their jitter":               {now.Add(-week - time.Millisecond), now.Add(time.Millisecond), 5 * time.Second, now.Add(-week - 2250*time.Millisecond), now.Add(-2250 * time.Millisecond)},
		"by half a minute":                    {now.Add(-week), now, 30 * time.Second, now.Add(-week - 17250*time.Millisecond), now.Add(-17250 * time.Millisecond)},
		"a short one by less":                 {now.Add(-5 * time.Minute), now, 30 * time.Second, now.Add(-5*time.Minute - 250*time.Millisecond), now.Add(-250 * time.Millisecond)},
		"an instant not at all":               {now.Add(-time.Minute), now, 30 * time.Second, now.Add(-time.Minute), now},
		"an absolute start stays a round one": {now.Add(-week).Truncate(time.Hour), now, 30 * time.Second, now.Add(-week).Truncate(time.Hour), now.Add(-17250 * time.Millisecond)},
		"a clock that is behind":              {now.Add(-week - 20*time.Second), now.Add(-20 * time.Second), 5 * time.Second, now.Add(-week - 22250*time.Millisecond), now.Add(-22250 * time.Millisecond)},
		"one that ends elsewhere stays":       {now.Add(-2 * day), now.Add(-day), 5 * time.Second, now.Add(-2 * day), now.Add(-day)},
		"and so does one without a step":      {now.Add(-week), now, 0, now.Add(-week), now},
	} {
		if got := query.Aligned(query.Window{From: c.from, To: c.to}, now, c.longest); !got.From.Equal(c.wantFrom) || !got.To.Equal(c.wantTo) {
			t.Errorf("%s: got %s to %s, want %s to %s", rule, got.From, got.To, c.wantFrom, c.wantTo)
		}
	}
}

// A hundred viewers who refresh every half minute, each at its own phase and with a jitter at each end, ask for hardly more
// windows than one of them does.
func TestViewersAtTheirOwnPhasesAskForTheSameWindows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2026, 3, 8, 12, 0, 3, 0, time.UTC)
	windows := map[query.Window]bool{}
	for range 100 {
		phase := time.Duration(random.IntN(30_000)) * time.Millisecond
		for refresh := range 20 {
			now := start.Add(phase + time.Duration(refresh)*30*time.Second)
			jitter := func() time.Duration { return time.Duration(random.IntN(5)-2) * time.Millisecond }
			w := query.Window{From: now.Add(-7*24*time.Hour + jitter()), To: now.Add(jitter())}
			windows[query.Aligned(w, now, 30*time.Second)] = true
		}
	}
	if len(windows) > 25 {
		t.Errorf("got %d windows, one viewer asks for 20", len(windows))
	}
}
