package lookup_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/crash"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lookup"
)

var policy = lookup.Policy{Fresh: 30 * time.Second, Retry: 5 * time.Second, Idle: 5 * time.Minute, Patience: 2 * time.Second, Limit: 10 * time.Second}

// source is what a lookup reads, in a bubble of its own time.
type source struct {
	reads atomic.Int64
	takes atomic.Int64 // nanoseconds
	mu    sync.Mutex
	value string
	fault error
}

func (s *source) set(value string, fault error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value, s.fault = value, fault
}

// read answers with what stood there when it began.
func (s *source) read(ctx context.Context) (string, error) {
	s.reads.Add(1)
	s.mu.Lock()
	value, fault := s.value, s.fault
	s.mu.Unlock()
	select {
	case <-time.After(time.Duration(s.takes.Load())):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return value, fault
}

// bubble runs a test with a lookup that takes a second to read "first".
func bubble(t *testing.T, test func(t *testing.T, s *source, l *lookup.Lookup[string])) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &source{value: "first"}
		s.takes.Store(int64(time.Second))
		group := lookup.NewGroup()
		defer group.Close()
		test(t, s, lookup.New(group, "the list", policy, time.Now, s.read))
	})
}

func get(t *testing.T, l *lookup.Lookup[string]) lookup.Known[string] {
	t.Helper()
	known, err := l.Get(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return known
}

func TestAHundredWhoAskFirstReadOnce(t *testing.T) {
	bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if known := get(t, l); known.Value != "first" || known.Generation != 1 {
					t.Errorf("got %+v", known)
				}
			})
		}
		all.Wait()
		if n := s.reads.Load(); n != 1 {
			t.Errorf("got %d reads, want 1", n)
		}
	})
}

func TestOnlyTheFirstWaits(t *testing.T) {
	bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
		get(t, l)
		s.set("second", nil)
		time.Sleep(policy.Fresh)
		asked := time.Now()
		if known := get(t, l); known.Value != "first" || time.Since(asked) != 0 {
			t.Errorf("got %q after %s, want the last good value at once", known.Value, time.Since(asked))
		}
		time.Sleep(2 * time.Second)
		if known := get(t, l); known.Value != "second" || s.reads.Load() != 2 {
			t.Errorf("got %q after %d reads, want what the background read", known.Value, s.reads.Load())
		}
	})
}

func TestWhoAsksAfterAPauseWaitsAsTheFirstDid(t *testing.T) {
	bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
		get(t, l)
		s.set("second", nil)
		time.Sleep(time.Hour)
		if known := get(t, l); known.Value != "second" {
			t.Errorf("got %q, an hour old", known.Value)
		}
		s.takes.Store(int64(time.Minute))
		time.Sleep(time.Hour)
		asked := time.Now()
		if known := get(t, l); known.Value != "second" || time.Since(asked) != policy.Patience {
			t.Errorf("got %q after %s, want the last good value after the patience", known.Value, time.Since(asked))
		}
	})
}

// A viewer who leaves around the end of a read was once what everybody was given: an empty list.
func TestWhoLeavesLeavesNothingEmptyBehind(t *testing.T) {
	for _, at := range []time.Duration{0, time.Second - 1, time.Second, time.Second + 1} {
		bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
			ctx, leave := context.WithTimeout(t.Context(), at)
			defer leave()
			_, _ = l.Get(ctx, 0) // either way
			if known := get(t, l); known.Value != "first" || known.Fault != nil || s.reads.Load() != 1 {
				t.Errorf("left after %s: got %+v after %d reads", at, known, s.reads.Load())
			}
		})
	}
}

func TestWhoLeavesIsToldSo(t *testing.T) {
	bubble(t, func(t *testing.T, _ *source, l *lookup.Lookup[string]) {
		ctx, leave := context.WithCancel(t.Context())
		leave()
		if _, err := l.Get(ctx, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAFaultKeepsTheLastGoodValueAndIsTold(t *testing.T) {
	bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
		read := time.Now()
		get(t, l)
		fault := errors.New("too many queries")
		s.set("", fault)
		time.Sleep(policy.Fresh)
		get(t, l)
		time.Sleep(2 * time.Second)
		known := get(t, l)
		if known.Value != "first" || !errors.Is(known.Fault, fault) || !known.At.Equal(read) {
			t.Errorf("got %+v, want the last good value with the fault", known)
		}
		s.set("second", nil)
		time.Sleep(policy.Retry)
		get(t, l)
		time.Sleep(2 * time.Second)
		if known := get(t, l); known.Value != "second" || known.Fault != nil {
			t.Errorf("got %+v, want what was read after the fault", known)
		}
	})
}

func TestAFaultAtTheFirstReadIsToldAndTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
		s.set("", errors.New("down"))
		if known := get(t, l); known.Generation != 0 || known.Fault == nil {
			t.Errorf("got %+v, want nothing known", known)
		}
		get(t, l)
		if n := s.reads.Load(); n != 1 {
			t.Errorf("got %d reads before it was time for another", n)
		}
		s.set("first", nil)
		time.Sleep(policy.Retry)
		if known := get(t, l); known.Value != "first" {
			t.Errorf("got %+v", known)
		}
	})
}

func TestWhoMayNotBeGivenWhatIsTooOldWaits(t *testing.T) {
	bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
		get(t, l)
		s.set("second", nil)
		s.takes.Store(int64(8 * time.Second))
		time.Sleep(time.Hour)
		asked := time.Now()
		known, err := l.Get(t.Context(), 30*time.Minute)
		if err != nil || known.Value != "second" || time.Since(asked) != 8*time.Second {
			t.Errorf("got %+v, %v after %s", known, err, time.Since(asked))
		}
	})
}

func TestAReadThatHangsHoldsNobodyUp(t *testing.T) {
	bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
		get(t, l)
		s.takes.Store(int64(time.Hour))
		for range 20 {
			time.Sleep(policy.Fresh)
			asked := time.Now()
			if known := get(t, l); known.Value != "first" || time.Since(asked) != 0 {
				t.Fatalf("got %q after %s", known.Value, time.Since(asked))
			}
		}
		time.Sleep(policy.Limit)
		if known := get(t, l); !errors.Is(known.Fault, context.DeadlineExceeded) {
			t.Errorf("got %v, want that reading takes too long", known.Fault)
		}
	})
}

// Save & test reads the new list while a read of the old one is under way.
func TestAReadThatBeganBeforeNeverOverwritesTheNewer(t *testing.T) {
	bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
		get(t, l)
		s.takes.Store(int64(8 * time.Second))
		time.Sleep(policy.Fresh)
		get(t, l) // begins to read "first"
		s.set("second", nil)
		s.takes.Store(int64(time.Second))
		known, err := l.Renew(t.Context())
		if err != nil || known.Value != "second" {
			t.Fatalf("got %+v, %v", known, err)
		}
		time.Sleep(policy.Limit)
		if known := get(t, l); known.Value != "second" {
			t.Errorf("got %q, which was read before", known.Value)
		}
	})
}

func TestWhatIsSuspectIsReadBeforeItIsGivenAgain(t *testing.T) {
	bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
		get(t, l)
		s.set("second", nil)
		l.Suspect()
		if known := get(t, l); known.Value != "second" {
			t.Errorf("got %q", known.Value)
		}
	})
}

func TestWhatAnotherKnewIsTheLastGoodValueUntilItIsRead(t *testing.T) {
	for fault, want := range map[error]string{nil: "first", errors.New("down"): "of another"} {
		bubble(t, func(t *testing.T, s *source, l *lookup.Lookup[string]) {
			s.set("first", fault)
			before := time.Now().Add(-time.Minute)
			l.Seed("of another", before)
			if known := get(t, l); known.Value != want || known.Fault != fault || fault != nil && !known.At.Equal(before) {
				t.Errorf("got %+v, want %q", known, want)
			}
		})
	}
}

func TestAPanicIsAFaultOfTheRead(t *testing.T) {
	group := lookup.NewGroup()
	defer group.Close()
	l := lookup.New(group, "the list", policy, time.Now, func(context.Context) (string, error) { panic("boom") })
	known, err := l.Get(t.Context(), 0)
	var fault *crash.Error
	if err != nil || !errors.As(known.Fault, &fault) {
		t.Errorf("got %+v, %v", known, err)
	}
}

func TestAClosedGroupEndsItsReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{value: "first"}
		s.takes.Store(int64(5 * time.Second))
		group := lookup.NewGroup()
		l := lookup.New(group, "the list", policy, time.Now, s.read)
		asked := make(chan error)
		go func() {
			_, err := l.Get(t.Context(), 0)
			asked <- err
		}()
		synctest.Wait()
		group.Close()
		if err := <-asked; !errors.Is(err, lookup.ErrClosed) {
			t.Errorf("got %v", err)
		}
		if _, err := l.Get(t.Context(), 0); !errors.Is(err, lookup.ErrClosed) {
			t.Errorf("afterwards: got %v", err)
		}
	})
}
