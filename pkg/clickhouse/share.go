package clickhouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Shared runs a statement that several viewers ask at the same time once, and keeps its answer for a while. It belongs to
// one client, and so to one user of ClickHouse: whoever asks through it would read the same rows alone. Safe for
// concurrent use. A Result that it returns is shared: nobody may change it.
type Shared struct {
	client *Client
	keep   time.Duration // how long an answer is given again; 0 for not at all

	mu   sync.Mutex
	runs map[string]*sharedRun // in flight or kept
}

// sharedRun is one run of a statement and its answer.
type sharedRun struct {
	waiting int // viewers; the statement is stopped when the last one leaves
	cancel  context.CancelFunc
	done    chan struct{} // closed when result and err stand
	result  *Result
	err     error
	expiry  *time.Timer // nil until the answer is kept
}

// Share makes a Shared that keeps answers for the given time.
func (c *Client) Share(keep time.Duration) *Shared {
	return &Shared{client: c, keep: keep, runs: map[string]*sharedRun{}}
}

// Query is Client.Query, shared. ClickHouse's log names the first viewer who asked. Errors are not kept; viewers who wait
// for the same statement get the same error.
func (s *Shared) Query(ctx context.Context, asked statement.Statement, o Origin) (*Result, error) {
	if ctx.Err() != nil {
		return nil, gaveUp(ctx, "run the statement")
	}
	key, err := sharedKey(asked)
	if err != nil {
		return nil, err
	}
	run := s.join(ctx, key, asked, o)
	select {
	case <-run.done:
		s.leave(key, run)
		return run.result, run.err
	case <-ctx.Done():
		s.leave(key, run)
		return nil, gaveUp(ctx, "run the statement")
	}
}

// Close forgets the answers. Statements in flight end with their viewers, or with the client.
func (s *Shared) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, run := range s.runs {
		if run.expiry != nil {
			run.expiry.Stop()
			delete(s.runs, key)
		}
	}
	s.keep = 0
}

// join finds the statement's run, or starts one.
func (s *Shared) join(ctx context.Context, key string, asked statement.Statement, o Origin) *sharedRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	if run, ok := s.runs[key]; ok {
		run.waiting++
		return run
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	run := &sharedRun{waiting: 1, cancel: cancel, done: make(chan struct{})}
	s.runs[key] = run
	go s.fly(ctx, key, run, asked, o) // ends with the statement, which the last viewer who leaves stops
	return run
}

// fly runs the statement and keeps its answer.
func (s *Shared) fly(ctx context.Context, key string, run *sharedRun, asked statement.Statement, o Origin) {
	defer run.cancel()
	run.result, run.err = s.client.Query(ctx, asked, o)
	s.mu.Lock()
	defer s.mu.Unlock()
	close(run.done)
	switch {
	case s.runs[key] != run: // every viewer has left
	case run.err != nil || s.keep == 0:
		delete(s.runs, key)
	default:
		run.expiry = time.AfterFunc(s.keep, func() { s.forget(key, run) })
	}
}

// leave notes that a viewer waits no more.
func (s *Shared) leave(key string, run *sharedRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run.waiting--
	select {
	case <-run.done:
	default:
		if run.waiting == 0 {
			run.cancel()
			if s.runs[key] == run { // the next viewer must not join what is being stopped
				delete(s.runs, key)
			}
		}
	}
}

func (s *Shared) forget(key string, run *sharedRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs[key] == run {
		delete(s.runs, key)
	}
}

// sharedKey tells statements apart by all that decides their rows.
func sharedKey(asked statement.Statement) (string, error) {
	key, err := json.Marshal([]any{asked.SQL, asked.Params, asked.Columns, asked.RowLimit})
	if err != nil {
		return "", errors.Join(statement.ErrMismatch, fmt.Errorf("write the statement's parameters: %w", err))
	}
	return string(key), nil
}
