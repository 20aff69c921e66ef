package chtest

import (
	"math/rand/v2"
	"time"
)

// Random returns an event of one of few groups, so that groups have many events. odd writes some addresses in other ways.
func Random(r *rand.Rand, at time.Time, odd bool) Event {
	e := Event{
		Timestamp: at, DeviceID: pick(r, "d1", "d2", ""), DeviceName: pick(r, "WS-1", "WS-1", "ws-1"),
		ActionType: pick(r, "ConnectionSuccess", "ConnectionSuccess", "ConnectionSuccess", "ConnectionAttempt", "ConnectionFailed"),
		RemoteIP:   pick(r, "8.8.8.8", "8.8.4.4", "9.9.9.9", "203.0.113.7", "198.51.100.1", "10.0.0.1", "2001:db8::1", "2001:DB8::1", ""),
		RemotePort: pick[uint16](r, 443, 443, 443, 80, 22), RemoteURL: pick(r, "", "a.duckdns.org", "https://A.DuckDNS.org/x", "c2.example.com"),
		Protocol: "Tcp", InitiatingProcessFileName: pick(r, "", "a.exe", "b.exe", "chrome.exe"), InitiatingProcessAccountName: pick(r, "alice", "bob"),
	}
	if sent := r.Uint64N(400); sent > 50 {
		e.SentBytes, e.ReceivedBytes = &sent, &sent
	}
	if odd && e.RemoteIP == "8.8.8.8" && r.IntN(2) == 0 {
		e.RemoteIP = pick(r, "::ffff:8.8.8.8", " 8.8.8.8", "8.8.8.8:443")
	}
	// hours end and begin on the millisecond
	if r.IntN(5) == 0 {
		e.Timestamp = e.Timestamp.Truncate(time.Hour).Add(time.Duration(r.IntN(3)-1) * time.Millisecond)
	}
	return e
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }
