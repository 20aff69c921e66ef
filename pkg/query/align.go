package query

import "time"

// Aligned moves a window that ends now back to the last whole step before its end, so that viewers who ask a moment apart
// ask the same and can share an answer. Its width stays. A window that ends elsewhere is somebody's choice of instants and
// stays as it is; so does every window where step is 0.
func Aligned(w Window, now time.Time, step time.Duration) Window {
	if step <= 0 || w.To.Before(now.Add(-nowWithin)) || w.To.After(now.Add(nowWithin)) {
		return w
	}
	back := time.Duration(w.To.UnixMilli()%step.Milliseconds()) * time.Millisecond
	return Window{From: w.From.Add(-back), To: w.To.Add(-back)}
}

// nowWithin is how far from the back end's own clock "now" may lie: Grafana's clock, and the way of the request.
const nowWithin = 5 * time.Second
