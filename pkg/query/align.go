package query

import "time"

// Aligned moves both ends of a window that ends now back to whole steps, so that viewers who ask a moment apart ask the
// same and can share an answer: each has a phase of its own, and its two ends are not to the millisecond as far apart as
// another's. A step is a hundredth of the window where that is less than the longest. A window that ends elsewhere is
// somebody's choice of instants and stays as it is; so does every window where longest is 0.
func Aligned(w Window, now time.Time, longest time.Duration) Window {
	step := min(longest, alignedStep(w.To.Sub(w.From)))
	if step <= 0 || w.To.Before(now.Add(-nowWithin)) || w.To.After(now.Add(nowWithin)) {
		return w
	}
	return Window{From: back(w.From, step), To: back(w.To, step)}
}

// nowWithin is how far from the back end's own clock "now" may lie: the clock is the viewer's own, and requests wait in a
// browser.
const nowWithin = 30 * time.Second

// alignedStep is what part of a window nobody misses at its end. It is one of a few, so that widths that differ by
// milliseconds have the same.
func alignedStep(width time.Duration) time.Duration {
	width += time.Second // a width that is short of a round one by its jitter counts as that
	for _, step := range []time.Duration{time.Hour, 10 * time.Minute, time.Minute, 30 * time.Second, 10 * time.Second, 5 * time.Second, time.Second} {
		if width >= 100*step {
			return step
		}
	}
	return 0
}

// back returns the last whole step before an instant.
func back(at time.Time, step time.Duration) time.Time {
	over := at.UnixMilli() % step.Milliseconds()
	if over < 0 {
		over += step.Milliseconds()
	}
	return at.Add(-time.Duration(over) * time.Millisecond)
}
