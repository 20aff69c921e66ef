package clickhouse

import (
	"context"
	"slices"
	"sync"
)

// slots are the connections that statements may hold, one each. A slot that is free goes to alert rules first, then to the
// plugin's own upkeep, then to viewers, each in the order in which they came. Viewers never hold all of them, and one
// asker no more than a part of the viewers'.
type slots struct {
	total   int
	viewers int // what all viewers together may hold
	each    int // what one asker among them may hold

	mu      sync.Mutex
	held    map[Class]int
	askers  map[string]int // what each viewer holds
	waiting []*waiter      // in the order in which they came
	closed  bool
	empty   chan struct{} // closed when closed is set and nothing is held
}

// waiter is a statement that waits for a slot.
type waiter struct {
	class Class
	asker string
	ready chan struct{} // closed when it has one
}

// newSlots shares out so many connections: half of them are kept from viewers, but for a single one.
func newSlots(total int) *slots {
	viewers := max(1, total-total/2)
	return &slots{
		total: total, viewers: viewers, each: (viewers + 1) / 2,
		held: map[Class]int{}, askers: map[string]int{}, empty: make(chan struct{}),
	}
}

// take waits for a slot until ctx ends. asker names who asks: statements of one share a bound.
func (s *slots) take(ctx context.Context, class Class, asker string) (leave func(), err error) {
	w := &waiter{class: class, asker: asker, ready: make(chan struct{})}
	s.mu.Lock()
	s.waiting = append(s.waiting, w)
	s.hand()
	s.mu.Unlock()
	select {
	case <-w.ready:
		return func() { s.leave(w) }, nil
	case <-ctx.Done():
		s.abandon(w)
		return nil, context.Cause(ctx)
	}
}

// close waits until no slot is held; none is given any more.
func (s *slots) close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		s.ended()
	}
	s.mu.Unlock()
	<-s.empty
}

// hand gives free slots to those who wait, under the lock.
func (s *slots) hand() {
	for _, class := range []Class{Alert, Upkeep, Viewer} {
		s.waiting = slices.DeleteFunc(s.waiting, func(w *waiter) bool {
			if w.class != class || !s.fits(w) {
				return false
			}
			s.held[class]++
			if class == Viewer {
				s.askers[w.asker]++
			}
			close(w.ready)
			return true
		})
	}
}

func (s *slots) fits(w *waiter) bool {
	if s.closed || s.sum() >= s.total {
		return false
	}
	return w.class != Viewer || s.held[Viewer] < s.viewers && s.askers[w.asker] < s.each
}

func (s *slots) sum() int { return s.held[Viewer] + s.held[Alert] + s.held[Upkeep] }

func (s *slots) leave(w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[w.class]--
	if w.class == Viewer {
		if s.askers[w.asker]--; s.askers[w.asker] == 0 {
			delete(s.askers, w.asker)
		}
	}
	s.hand()
	s.ended()
}

// abandon takes a waiter out; one that has been given a slot meanwhile gives it back.
func (s *slots) abandon(w *waiter) {
	s.mu.Lock()
	i := slices.Index(s.waiting, w)
	if i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
	}
	s.mu.Unlock()
	if i < 0 {
		s.leave(w)
	}
}

func (s *slots) ended() {
	if s.closed && s.sum() == 0 {
		select {
		case <-s.empty:
		default:
			close(s.empty)
		}
	}
}
