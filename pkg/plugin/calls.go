package plugin

import (
	"sync"
	"time"
)

// calls counts the calls under way, so that settings may be saved while alert rules are evaluated: what runs ends by
// itself, and then its connections are closed.
type calls struct {
	mu      sync.Mutex
	running int
	ending  bool
	idle    chan struct{} // closed when ending is set and none runs
}

func newCalls() *calls { return &calls{idle: make(chan struct{})} }

// begin notes a call; its end must be told.
func (c *calls) begin() (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.running--
		c.tell()
	}
}

// end waits until no call runs, and for no longer than within.
func (c *calls) end(within time.Duration) {
	c.mu.Lock()
	c.ending = true
	c.tell()
	c.mu.Unlock()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-c.idle:
	case <-timer.C:
	}
}

func (c *calls) tell() {
	if !c.ending || c.running > 0 {
		return
	}
	select {
	case <-c.idle:
	default:
		close(c.idle)
	}
}
