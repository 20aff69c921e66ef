package plugin

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/crash"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

const (
	// profileTTL is how long a profile is taken as current; a rule that is evaluated every minute asks for one in a minute.
	profileTTL = time.Minute
	// profileOld is how long one is good enough while a newer one is made. After that an answer waits for it.
	profileOld = 10 * time.Minute
	// profilePatience is how long an answer that is ready waits for its profile.
	profilePatience = 5 * time.Second
	// profileWithin bounds the statement, whatever the query's own limit is.
	profileWithin = 20 * time.Second
	// mostProfiles are kept: of the spans of rules and dashboards, and of the windows that viewers chose.
	mostProfiles = 64

	// profiledSpan is how much of a longer window that ends now its profile looks at, unless there are too few events in it.
	profiledSpan   = 24 * time.Hour
	fewestOfAWhole = 1000
)

// profiles keeps what the newest events of windows can be used for, so that each answer may say so and none pays for it: an
// answer starts a profile beside its own statement where there is none, and takes one that is a minute old while the next is
// made. Its goroutines end with stop.
type profiles struct {
	mu      sync.Mutex
	kept    map[string]*keptProfile
	running sync.WaitGroup
	ctx     context.Context // done when the data source is disposed of
	stop    context.CancelFunc
}

// keptProfile is a profile, or one that is being made.
type keptProfile struct {
	done    chan struct{} // closed when the rest stands
	made    time.Time     // zero while it is being made
	profile profile.Profile
	err     error
	next    bool // a newer one is being made
}

func newProfiles() *profiles {
	ctx, stop := context.WithCancel(context.Background())
	return &profiles{kept: map[string]*keptProfile{}, ctx: ctx, stop: stop}
}

// close stops what is being made and waits for it.
func (p *profiles) close() {
	p.stop()
	p.running.Wait()
}

// forget makes the next answers ask anew: somebody has perhaps just mended the data.
func (p *profiles) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.kept)
}

// noticesOf starts or finds the profile of a query's window, and returns how to wait for what it says of the query's detectors.
// Nothing is said where the query asks for no detector, or the profile cannot be had in time: it is no part of the answer.
func (d *Datasource) noticesOf(table schema.Table, q query.Query) func(context.Context) []string {
	rules, asked := profile.RulesOf(q)
	if len(asked) == 0 && !(q.Type == "events" && q.Format == query.Numeric) {
		return func(context.Context) []string { return nil }
	}
	now := d.now()
	live := !q.Window.To.Before(now.Add(-time.Minute))
	key := fmt.Sprintf("%+v %+v %s", rules, q.Filters, q.Window.To.Sub(q.Window.From).Truncate(time.Minute))
	if !live {
		key += q.Window.To.Truncate(time.Minute).String()
	}
	request := profile.Request{Window: q.Window, Filters: q.Filters, Rules: rules}
	if live {
		request.Now = now
	}
	kept := d.profiles.find(key, now, func(ctx context.Context) (profile.Profile, error) { return d.profileOf(ctx, request, table) }, d.now)
	return func(ctx context.Context) []string {
		timer := time.NewTimer(profilePatience)
		defer timer.Stop()
		select {
		case <-kept.done:
		case <-ctx.Done():
			return nil
		case <-timer.C:
			return nil
		}
		if kept.err != nil {
			log.DefaultLogger.FromContext(ctx).Debug("The profile of the events could not be made", "error", kept.err)
			return nil
		}
		return kept.profile.Notices(asked)
	}
}

// find returns the profile of the key, and makes one where it is missing or no longer current.
func (p *profiles) find(key string, now time.Time, ask func(context.Context) (profile.Profile, error), clock func() time.Time) *keptProfile {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.kept[key]
	current := kept != nil && (kept.made.IsZero() || kept.next || now.Sub(kept.made) < profileTTL)
	if current || p.ctx.Err() != nil {
		if kept == nil { // the data source is gone
			kept = &keptProfile{done: closed(), err: p.ctx.Err()}
		}
		return kept
	}
	fresh := &keptProfile{done: make(chan struct{})}
	old := kept
	if old != nil && old.err == nil && now.Sub(old.made) < profileOld {
		old.next = true
	} else {
		p.makeRoom()
		p.kept[key] = fresh
		kept = fresh
	}
	p.running.Add(1)
	go func() {
		defer p.running.Done()
		ctx, cancel := context.WithTimeout(clickhouse.WithClass(p.ctx, clickhouse.Upkeep), profileWithin)
		defer cancel()
		fresh.err = crash.Caught("profile the events", func() (err error) {
			fresh.profile, err = ask(ctx)
			return err
		})
		p.mu.Lock()
		defer p.mu.Unlock()
		fresh.made = clock()
		close(fresh.done)
		if now := p.kept[key]; now != nil && now == old { // nobody has made it forget
			p.kept[key] = fresh
		}
	}()
	return kept
}

func closed() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// makeRoom forgets the oldest profile when there are too many. The caller holds the lock.
func (p *profiles) makeRoom() {
	if len(p.kept) < mostProfiles {
		return
	}
	oldest := ""
	for key, kept := range p.kept {
		if !kept.made.IsZero() && (oldest == "" || kept.made.Before(p.kept[oldest].made)) {
			oldest = key
		}
	}
	delete(p.kept, oldest)
}

// profileOf runs the profile of a window. Of one that ends now and is long, the last day is enough where it has events.
func (d *Datasource) profileOf(ctx context.Context, r profile.Request, table schema.Table) (profile.Profile, error) {
	whole := r.Window
	if !r.Now.IsZero() && whole.To.Sub(whole.From) > profiledSpan {
		r.Window.From = whole.To.Add(-profiledSpan)
		last, err := d.runProfile(ctx, r, table)
		if all, _ := last.Events(); err != nil || all >= fewestOfAWhole {
			return last, err
		}
		r.Window = whole
	}
	return d.runProfile(ctx, r, table)
}

func (d *Datasource) runProfile(ctx context.Context, r profile.Request, table schema.Table) (profile.Profile, error) {
	s, err := profile.Statement(r, table)
	if err != nil {
		return profile.Profile{}, err
	}
	result, err := d.client.Query(ctx, s, clickhouse.Origin{RefID: "profile", Detector: "dataQuality"})
	if err != nil {
		return profile.Profile{}, err
	}
	return profile.Read(r, clickhouse.ProfileRows(result)), nil
}
