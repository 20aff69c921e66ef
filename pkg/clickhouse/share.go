package clickhouse

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/crash"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Shared runs a statement that several viewers ask at the same time once, and keeps its answer for a while. It belongs to
// one client, and so to one user of ClickHouse: whoever asks through it would read the same rows alone. Safe for
// concurrent use. A Result that it returns is shared: nobody may change it.
type Shared struct {
	query func(context.Context, statement.Statement, Origin) (*Result, error)
	keep  Keep

	mu    sync.Mutex
	runs  map[shareKey]*sharedRun // in flight or kept
	kept  *list.List              // of *sharedRun, the one that was given last in front
	bytes int64                   // of the answers kept
}

// Keep says how long and how much a Shared keeps.
type Keep struct {
	For   time.Duration // an answer is given again; 0 for not at all
	Bytes int64         // of all answers kept, as Result.Size counts them; those given longest ago go first
	Now   func() time.Time
}

// shareKey tells statements apart by all that decides their rows, but for a limit that only says how many of them come.
type shareKey [sha256.Size]byte

// sharedRun is one run of a statement and its answer.
type sharedRun struct {
	key      shareKey
	detector string // that it is about
	limit    int64  // of the statement: the most rows, or series, that come
	waiting  int    // viewers; the statement is stopped when the last one leaves
	cancel   context.CancelFunc
	done     chan struct{} // closed when result and err stand
	result   *Result
	err      error
	until    time.Time     // when a kept answer is given for the last time
	bytes    int64         // of the answer
	place    *list.Element // among the kept; nil until then
}

// Share makes a Shared.
func (c *Client) Share(keep Keep) *Shared { return share(c.Query, keep) }

func share(query func(context.Context, statement.Statement, Origin) (*Result, error), keep Keep) *Shared {
	return &Shared{query: query, keep: keep, runs: map[shareKey]*sharedRun{}, kept: list.New()}
}

// Query is Client.Query, shared. ClickHouse's log names the first viewer who asked. Errors are not kept; viewers who wait
// for the same statement get the same error.
func (s *Shared) Query(ctx context.Context, asked statement.Statement, o Origin) (*Result, error) {
	if ctx.Err() != nil {
		return nil, gaveUp(ctx, "run the statement")
	}
	key, limit, err := keyOf(asked)
	if err != nil {
		return nil, err
	}
	run := s.join(ctx, key, limit, asked, o)
	select {
	case <-run.done:
		s.leave(run)
		if run.err != nil || run.limit == limit {
			return run.result, run.err
		}
		return run.result.limited(asked, limit), nil
	case <-ctx.Done():
		s.leave(run)
		return nil, gaveUp(ctx, "run the statement")
	}
}

// Close forgets the answers and keeps none. Statements in flight end with their viewers, or with the client.
func (s *Shared) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep.For = 0
	for s.kept.Len() > 0 {
		s.forget(s.kept.Back().Value.(*sharedRun))
	}
}

// Forget lets nobody be given a kept answer about a detector any more: what it is made of was just changed here.
func (s *Shared) Forget(detector string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for at := s.kept.Back(); at != nil; {
		run := at.Value.(*sharedRun)
		at = at.Prev()
		if run.detector == detector {
			s.forget(run)
		}
	}
}

// join finds a run whose answer holds what is asked, or starts one.
func (s *Shared) join(ctx context.Context, key shareKey, limit int64, asked statement.Statement, o Origin) *sharedRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	if run, ok := s.runs[key]; ok {
		if run.limit >= limit {
			run.waiting++
			if run.place != nil {
				s.kept.MoveToFront(run.place)
			}
			return run
		}
		s.forget(run) // what comes now holds all of it
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	run := &sharedRun{key: key, detector: o.Detector, limit: limit, waiting: 1, cancel: cancel, done: make(chan struct{})}
	s.runs[key] = run
	go s.fly(ctx, run, asked, o) // ends with the statement, which the last viewer who leaves stops
	return run
}

// fly runs the statement and keeps its answer.
func (s *Shared) fly(ctx context.Context, run *sharedRun, asked statement.Statement, o Origin) {
	defer run.cancel()
	run.err = crash.Caught("run the statement", func() (err error) { run.result, err = s.query(ctx, asked, o); return err })
	run.bytes = run.result.Size()
	s.mu.Lock()
	defer s.mu.Unlock()
	close(run.done)
	if s.runs[run.key] != run { // every viewer has left, or one has asked for more
		return
	}
	if run.err != nil {
		s.forget(run)
		return
	}
	s.retain(run)
}

// Put keeps an answer that was got alone, for Kept.
func (s *Shared) Put(asked statement.Statement, o Origin, result *Result) {
	key, limit, err := keyOf(asked)
	if err != nil {
		return // it was run, so that there is none
	}
	run := &sharedRun{key: key, detector: o.Detector, limit: limit, done: make(chan struct{}), result: result, bytes: result.Size()}
	close(run.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	if before, ok := s.runs[key]; ok {
		s.forget(before)
	}
	s.runs[key] = run
	s.retain(run)
}

// Kept returns the answer of a statement if it is kept, and asks nobody.
func (s *Shared) Kept(asked statement.Statement) (*Result, bool) {
	key, limit, err := keyOf(asked)
	if err != nil {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	run, ok := s.runs[key]
	if !ok || run.place == nil || run.limit != limit {
		return nil, false
	}
	return run.result, true
}

// retain keeps the answer of a run that has one, under the lock.
func (s *Shared) retain(run *sharedRun) {
	if s.keep.For == 0 || run.bytes > s.keep.Bytes {
		s.forget(run)
		return
	}
	run.until, run.place = s.keep.Now().Add(s.keep.For), s.kept.PushFront(run)
	s.bytes += run.bytes
	for s.bytes > s.keep.Bytes {
		s.forget(s.kept.Back().Value.(*sharedRun))
	}
}

// leave notes that a viewer waits no more.
func (s *Shared) leave(run *sharedRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run.waiting--
	select {
	case <-run.done:
	default:
		if run.waiting == 0 {
			run.cancel()
			s.forget(run) // the next viewer must not join what is being stopped
		}
	}
}

// expire forgets the answers whose time is over, under the lock.
func (s *Shared) expire() {
	now := s.keep.Now()
	for at := s.kept.Back(); at != nil; {
		run := at.Value.(*sharedRun)
		at = at.Prev()
		if !now.Before(run.until) {
			s.forget(run)
		}
	}
}

// forget lets nobody join the run any more, under the lock.
func (s *Shared) forget(run *sharedRun) {
	if s.runs[run.key] == run {
		delete(s.runs, run.key)
	}
	if run.place != nil {
		s.kept.Remove(run.place)
		run.place = nil
		s.bytes -= run.bytes
	}
}

// keyOf returns a statement's key and its limit; 0 where the limit is a part of the key.
func keyOf(asked statement.Statement) (shareKey, int64, error) {
	params, rows, series, limit := asked.Params, asked.RowLimit, asked.SeriesLimit, int64(0)
	if asked.Prefix {
		params = nil
		for _, p := range asked.Params {
			if n, ok := p.Value.(int64); ok && p.Name == statement.LimitParam {
				limit = n
			} else {
				params = append(params, p)
			}
		}
		rows, series = min(rows, 1), min(series, 1)
	}
	text, err := json.Marshal([]any{asked.SQL, params, asked.Columns, rows, series, asked.Prefix})
	if err != nil {
		return shareKey{}, 0, errors.Join(statement.ErrMismatch, fmt.Errorf("write the statement's parameters: %w", err))
	}
	return sha256.Sum256(text), limit, nil
}
