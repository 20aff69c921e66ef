package plugin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
)

// asker counts how often a profile is made, and makes one only when it is told to.
type asker struct {
	asked atomic.Int64
	may   chan struct{}
	err   error
}

func (a *asker) ask(ctx context.Context) (profile.Profile, error) {
	n := a.asked.Add(1)
	select {
	case <-a.may:
		return profile.Profile{Engine: fmt.Sprint(n)}, a.err
	case <-ctx.Done():
		return profile.Profile{}, ctx.Err()
	}
}

func open() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func TestAHundredAnswersShareOneProfile(t *testing.T) {
	p, a, now := newProfiles(), &asker{may: make(chan struct{})}, time.Unix(1e9, 0)
	defer p.close()
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			kept := p.find("key", now, a.ask, func() time.Time { return now })
			<-kept.done
			if kept.err != nil || kept.profile.Engine != "1" {
				t.Errorf("got %q, %v", kept.profile.Engine, kept.err)
			}
		})
	}
	close(a.may)
	all.Wait()
	if n := a.asked.Load(); n != 1 {
		t.Errorf("it was made %d times", n)
	}
}

func TestAnOldProfileServesWhileTheNextIsMade(t *testing.T) {
	p, now := newProfiles(), time.Unix(1e9, 0)
	defer p.close()
	clock := func() time.Time { return now }
	first := &asker{may: open()}
	<-p.find("key", now, first.ask, clock).done
	if p.find("key", now.Add(profileTTL-time.Second), first.ask, clock); first.asked.Load() != 1 {
		t.Error("a current one was made anew")
	}
	later := now.Add(profileTTL)
	slow := &asker{may: make(chan struct{})}
	for range 10 {
		kept := p.find("key", later, slow.ask, func() time.Time { return later })
		select {
		case <-kept.done:
		default:
			t.Fatal("an answer would wait, although there is a profile of a minute ago")
		}
	}
	close(slow.may)
	p.running.Wait()
	if n := slow.asked.Load(); n != 1 {
		t.Errorf("the next was made %d times", n)
	}
	if p.find("key", later, slow.ask, clock); slow.asked.Load() != 1 {
		t.Error("the next was not kept")
	}
	// one that failed is of no use, and one that is too old neither
	failing := &asker{may: open(), err: errors.New("no")}
	<-p.find("other", now, failing.ask, clock).done
	waiting := &asker{may: make(chan struct{})}
	for _, key := range []string{"other", "key"} {
		kept := p.find(key, now.Add(profileOld+2*profileTTL), waiting.ask, clock)
		select {
		case <-kept.done:
			t.Errorf("%s: it is served all the same", key)
		default:
		}
	}
}

func TestWhatIsForgottenIsMadeAnewAndClosingEndsWhatIsMade(t *testing.T) {
	p, now := newProfiles(), time.Unix(1e9, 0)
	clock := func() time.Time { return now }
	stuck := &asker{may: make(chan struct{})}
	kept := p.find("key", now, stuck.ask, clock)
	p.forget()
	p.find("key", now, stuck.ask, clock)
	p.close() // would hang if what is being made did not end
	if <-kept.done; !errors.Is(kept.err, context.Canceled) || stuck.asked.Load() != 2 {
		t.Errorf("made %d times, ended with %v", stuck.asked.Load(), kept.err)
	}
	after := p.find("new", now, stuck.ask, clock)
	if <-after.done; after.err == nil || stuck.asked.Load() != 2 {
		t.Error("one was made after the data source was gone")
	}
}

func TestProfilesAreBounded(t *testing.T) {
	p, a := newProfiles(), &asker{may: open()}
	defer p.close()
	for i := range 3 * mostProfiles {
		at := time.Unix(int64(1e9+i), 0)
		<-p.find(fmt.Sprint(i), at, a.ask, func() time.Time { return at }).done
		p.mu.Lock()
		if len(p.kept) > mostProfiles {
			t.Fatalf("%d are kept", len(p.kept))
		}
		p.mu.Unlock()
	}
}
