package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// inUse takes so many slots and holds them.
func inUse(t *testing.T, s *slots, n int, class Class, asker string) (leave []func()) {
	t.Helper()
	for range n {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		done, err := s.take(ctx, class, asker)
		if err != nil {
			t.Fatalf("class %d got %d slots: %v", class, len(leave), err)
		}
		leave = append(leave, done)
	}
	return leave
}

func noSlot(t *testing.T, s *slots, class Class, asker string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.take(ctx, class, asker); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("class %d of %q got a slot too many: %v", class, asker, err)
	}
}

func TestHowSlotsAreSharedOut(t *testing.T) {
	for total, c := range map[int]struct{ viewers, each int }{1: {1, 1}, 2: {1, 1}, 3: {2, 1}, 4: {2, 1}, 10: {5, 3}, 1000: {500, 250}} {
		if s := newSlots(total); s.viewers != c.viewers || s.each != c.each {
			t.Errorf("%d: viewers get %d, one asker %d; want %d, %d", total, s.viewers, s.each, c.viewers, c.each)
		}
	}
}

func TestViewersLeaveSlotsToAlertRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(10)
		for asker := range 5 {
			inUse(t, s, 1, Viewer, fmt.Sprint(asker))
		}
		noSlot(t, s, Viewer, "another")
		inUse(t, s, 5, Alert, "")
		noSlot(t, s, Alert, "")
	})
}

func TestOneAskerNeverHoldsAllOfTheViewersSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(10)
		leave := inUse(t, s, 3, Viewer, "a wall")
		noSlot(t, s, Viewer, "a wall")
		inUse(t, s, 2, Viewer, "somebody")
		leave[0]()
		inUse(t, s, 1, Viewer, "a wall")
	})
}

func TestASlotThatIsFreeGoesToAnAlertRuleFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(1)
		leave := inUse(t, s, 1, Viewer, "")
		order := make(chan Class, 3)
		for _, class := range []Class{Viewer, Upkeep, Alert} {
			go func() {
				done, err := s.take(t.Context(), class, "")
				if err != nil {
					t.Error(err)
					return
				}
				order <- class
				done()
			}()
			synctest.Wait()
		}
		leave[0]()
		for _, want := range []Class{Alert, Upkeep, Viewer} {
			if got := <-order; got != want {
				t.Errorf("got class %d, want %d", got, want)
			}
		}
	})
}

func TestClosingWaitsForWhatRunsAndGivesNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(2)
		leave := inUse(t, s, 1, Alert, "")
		closed := make(chan struct{})
		go func() { s.close(); close(closed) }()
		synctest.Wait()
		noSlot(t, s, Alert, "")
		select {
		case <-closed:
			t.Error("it did not wait")
		default:
		}
		leave[0]()
		<-closed
		s.close() // again
	})
}

// Whatever comes, leaves and gives up: the bounds hold, no slot is lost, and none stays free for whom it would fit.
func TestSlotsHoldTheirBoundsWhateverHappens(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, seed))
		total := 1 + random.IntN(12)
		s := newSlots(total)
		var held []func()
		for range 60 {
			if len(held) > 0 && random.IntN(2) == 0 {
				i := random.IntN(len(held))
				held[i]()
				held = slices.Delete(held, i, i+1)
				continue
			}
			class, asker := Class(random.IntN(3)), fmt.Sprint(random.IntN(3))
			fits := s.fits(&waiter{class: class, asker: asker})
			ctx, cancel := context.WithCancel(t.Context())
			if !fits {
				cancel()
			}
			leave, err := s.take(ctx, class, asker)
			cancel()
			if (err == nil) != fits {
				t.Fatalf("seed %d, class %d: %v, fits: %t", seed, class, err, fits)
			}
			if err == nil {
				held = append(held, leave)
			}
			if s.sum() != len(held) || s.sum() > total || s.held[Viewer] > s.viewers || s.askers[asker] > s.each || len(s.waiting) > 0 {
				t.Fatalf("seed %d, %d held of %d: %+v", seed, len(held), total, s)
			}
		}
		for _, leave := range held {
			leave()
		}
		if s.sum() != 0 || len(s.askers) != 0 {
			t.Fatalf("seed %d: lost: %+v", seed, s)
		}
	}
}
