// Package lookup keeps what is known beside the events and has to be asked for: one value with its generation, its age and
// its fault. It is read once for all who ask, in the background, and a fault never takes a good value's place.
package lookup

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/crash"
)

// Policy says when a value is read again.
type Policy struct {
	Fresh    time.Duration // a value this young is taken as it is; an older one too, while it is read again in the background
	Retry    time.Duration // after a read that failed
	Idle     time.Duration // where nobody asked for so long, the next who asks waits, as the first does
	Patience time.Duration // how long one waits who could do with the last good value
	Limit    time.Duration // of one read
}

// Known is what a lookup knows.
type Known[T any] struct {
	Value      T         // the last one that was read
	Generation int64     // counts the values that were read; 0 where none was yet, and Value is no answer
	At         time.Time // when reading Value began
	// Fault is why the newest read failed; nil where Value is what it read.
	Fault error
}

// Older reports whether what is known is older than so much; 0 is any age.
func (k Known[T]) Older(now time.Time, than time.Duration) bool {
	return than > 0 && now.Sub(k.At) > than
}

// ErrClosed says that the lookup's group is closed.
var ErrClosed = errors.New("the data source was changed or removed meanwhile")

// Lookup is one thing that has to be asked for. Safe for concurrent use.
type Lookup[T any] struct {
	name   string
	read   func(context.Context) (T, error)
	policy Policy
	group  *Group
	now    func() time.Time

	mu       sync.Mutex
	known    Known[T]
	begun    int64 // counts the reads that began
	holds    int64 // the read that known.Value is of
	failed   int64 // the read that known.Fault is of
	tried    time.Time
	asked    time.Time
	suspect  bool
	underway *reading // the newest read, while it runs
}

// reading is one read under way.
type reading struct {
	number int64
	began  time.Time
	done   chan struct{}
}

// New makes a lookup. It reads nothing yet. name is for errors, such as "the allowlist's table entries".
func New[T any](group *Group, name string, policy Policy, now func() time.Time, read func(context.Context) (T, error)) *Lookup[T] {
	return &Lookup[T]{name: name, read: read, policy: policy, group: group, now: now}
}

// Get returns what is known. It waits only where nothing is known yet or what is known is older than oldest (0 for any
// age); and, for the policy's patience, where nobody asked for long, or after Suspect. The error is ctx's, or ErrClosed.
func (l *Lookup[T]) Get(ctx context.Context, oldest time.Duration) (Known[T], error) {
	l.mu.Lock()
	now := l.now()
	idle := now.Sub(l.asked) > l.policy.Idle
	l.asked = now
	if !l.due(now) && l.underway == nil {
		defer l.mu.Unlock()
		return l.known, nil
	}
	needed := l.known.Generation == 0 || l.known.Older(now, oldest)
	wait := needed || l.suspect || idle
	reading, err := l.underway, error(nil)
	if reading == nil || l.suspect {
		reading, err = l.begin()
	}
	known := l.known
	l.mu.Unlock()
	if err != nil || !wait {
		return known, err
	}
	patience := l.policy.Patience
	if needed {
		patience = 0
	}
	return l.wait(ctx, reading, patience)
}

// Renew reads now, whatever was known or is being read, and waits for it. What began to be read before never takes its
// place. The error is ctx's, or ErrClosed.
func (l *Lookup[T]) Renew(ctx context.Context) (Known[T], error) {
	l.mu.Lock()
	l.asked = l.now()
	reading, err := l.begin()
	l.mu.Unlock()
	if err != nil {
		return Known[T]{}, err
	}
	return l.wait(ctx, reading, 0)
}

// Seed gives a new lookup what another knew of the same, with its age. It is read anew at once, and is the last good value
// until then.
func (l *Lookup[T]) Seed(value T, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.begun == 0 {
		l.known = Known[T]{Value: value, Generation: 1, At: at}
	}
}

// Last returns the last good value, and does not read.
func (l *Lookup[T]) Last() Known[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known
}

// Suspect makes the next who asks wait for a new read: something spoke against the value.
func (l *Lookup[T]) Suspect() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.suspect = true
}

func (l *Lookup[T]) due(now time.Time) bool {
	span := l.policy.Fresh
	if l.known.Fault != nil {
		span = l.policy.Retry
	}
	nothing := l.known.Generation == 0 && l.known.Fault == nil
	return nothing || l.suspect || now.Sub(l.tried) >= span
}

// begin starts a read, under the lock.
func (l *Lookup[T]) begin() (*reading, error) {
	r := &reading{number: l.begun + 1, began: l.now(), done: make(chan struct{})}
	if !l.group.run(func(ctx context.Context) { l.follow(ctx, r) }) {
		return nil, ErrClosed
	}
	l.begun, l.tried, l.suspect, l.underway = r.number, r.began, false, r
	return r, nil
}

// follow reads, and keeps what was read unless a read that began later was done before.
func (l *Lookup[T]) follow(owner context.Context, r *reading) {
	defer close(r.done)
	ctx, cancel := context.WithTimeout(owner, l.policy.Limit)
	defer cancel()
	var value T
	err := crash.Caught("read "+l.name, func() (err error) { value, err = l.read(ctx); return err })
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.underway == r {
		l.underway = nil
	}
	switch {
	case owner.Err() != nil: // what ends with the owner says nothing
	case err != nil:
		if r.number > l.holds && r.number > l.failed {
			l.failed, l.known.Fault = r.number, err
		}
	case r.number > l.holds:
		l.holds = r.number
		l.known.Value, l.known.At, l.known.Generation = value, r.began, l.known.Generation+1
		if r.number > l.failed {
			l.known.Fault = nil
		}
	}
}

// wait returns what is known when the read is done, or patience is over; 0 is for as long as it takes.
func (l *Lookup[T]) wait(ctx context.Context, r *reading, patience time.Duration) (Known[T], error) {
	var enough <-chan time.Time
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-r.done:
	case <-enough:
	case <-ctx.Done():
		return Known[T]{}, fmt.Errorf("wait for %s: %w", l.name, ctx.Err())
	}
	if l.group.ctx.Err() != nil {
		return Known[T]{}, ErrClosed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known, nil
}
