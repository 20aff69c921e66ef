// Package statement runs a client's statement in a session of its own: with its user's rights, its settings, its
// parameters and its id, and ends it when its client goes.
package statement

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/access"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/sqltext"
)

// Request is a statement with all that belongs to it.
type Request struct {
	ID         string // the client's query id; "" for a new one
	User       access.User
	Database   string   // "" for default
	Before     []string // statements that the session runs first, such as SET
	Settings   []engine.Setting
	Parameters []engine.Parameter
	// ReadOnly lets the statement only read, as a HTTP GET does.
	ReadOnly bool
}

// Runner opens statements on an engine. Safe for concurrent use.
type Runner struct {
	engine *engine.Engine
	mu     sync.Mutex
	ids    map[string]bool // of statements that run
}

// NewRunner runs statements on this engine.
func NewRunner(e *engine.Engine) *Runner {
	return &Runner{engine: e, ids: map[string]bool{}}
}

// Statement is one that may run: its session is ready. It is used by one goroutine.
type Statement struct {
	ID      string
	runner  *Runner
	request Request
	session *engine.Session
	ctx     context.Context
	done    chan struct{}
	watcher sync.WaitGroup
}

// Open prepares a session for a statement. When ctx ends before the statement is closed, the statement is killed in
// the engine.
func (r *Runner) Open(ctx context.Context, request Request) (*Statement, error) {
	if request.ID == "" {
		request.ID = uuid.NewString()
	}
	if err := r.claim(request.ID); err != nil {
		return nil, err
	}
	session, err := r.prepare(ctx, request)
	if err != nil {
		r.release(request.ID)
		return nil, request.User.AsSeenBy(err)
	}
	s := &Statement{ID: request.ID, runner: r, request: request, session: session, ctx: ctx, done: make(chan struct{})}
	s.watcher.Go(s.killWhenCancelled)
	return s, nil
}

// Query runs the statement and gives its output in format, unless the text names one.
func (s *Statement) Query(text, format string) (*engine.Stream, error) {
	if err := s.checkRole(text); err != nil {
		return nil, err
	}
	text, err := guard(text)
	if err != nil {
		return nil, err
	}
	stream, err := s.session.Query(rewrite(text), format, s.request.Parameters...)
	return stream, s.Explain(err)
}

// checkRole keeps a restricted user from taking another's rights: to the engine all sessions are of one user, who
// could take any role.
func (s *Statement) checkRole(text string) error {
	words := sqltext.FirstWords(text, 2)
	if !s.request.User.Restricted() || len(words) < 2 || words[0] != "SET" || words[1] != "ROLE" && words[1] != "DEFAULT" {
		return nil
	}
	return &engine.Exception{
		Code: engine.CodeAccessDenied, Name: "ACCESS_DENIED",
		Message: s.request.User.Name + ": Not enough privileges. A user with grants of its own cannot take a role on this development server",
	}
}

// Insert starts an INSERT whose data follow in format.
func (s *Statement) Insert(head, format string) (*engine.Insert, error) {
	insert, err := s.session.Insert(head, format, s.request.Parameters...)
	return insert, s.Explain(err)
}

// Database is the session's current database.
func (s *Statement) Database() (string, error) {
	name, err := s.session.Fetch(s.ctx, "SELECT currentDatabase()", "RawBLOB")
	return string(name), s.Explain(err)
}

// Context ends when the statement's client goes.
func (s *Statement) Context() context.Context { return s.ctx }

// Explain says what an error of this statement means to its client: one after the client cancelled is
// QUERY_WAS_CANCELLED, whatever the engine was doing then, and the engine's own user is the client's.
func (s *Statement) Explain(err error) error {
	if err == nil {
		return nil
	}
	if cause := s.ctx.Err(); cause != nil {
		return &engine.Exception{Code: engine.CodeQueryWasCancelled, Name: "QUERY_WAS_CANCELLED", Message: "Query was cancelled"}
	}
	return s.request.User.AsSeenBy(err)
}

// Close ends the session. Streams and inserts of the statement are closed before.
func (s *Statement) Close() {
	close(s.done)
	s.watcher.Wait()
	s.session.Close()
	s.runner.release(s.ID)
}

// prepare opens a session that is as the request wants it. The order matters: a role and a database can be taken and
// settings changed only before readonly forbids it.
func (r *Runner) prepare(ctx context.Context, request Request) (*engine.Session, error) {
	settings := request.User.SessionSettings()
	if request.ReadOnly && !hasReadonly(settings) {
		settings = append(settings, engine.Setting{Name: "readonly", Value: "2"})
	}
	session, err := r.engine.Connect(append(settings, engine.Setting{Name: tagSetting, Value: request.ID})...)
	if err != nil {
		return nil, fmt.Errorf("open a session for user %s with settings %v: %w", request.User.Name, settings, err)
	}
	if err := adapt(ctx, session, request); err != nil {
		session.Close()
		return nil, err
	}
	return session, nil
}

func adapt(ctx context.Context, session *engine.Session, request Request) error {
	if role := request.User.Role(); role != "" {
		if _, err := session.Fetch(ctx, "SET ROLE "+engine.QuoteIdentifier(role), ""); err != nil {
			return err
		}
	}
	if request.Database != "" && request.Database != "default" {
		if _, err := session.Fetch(ctx, "USE "+engine.QuoteIdentifier(request.Database), ""); err != nil {
			return err
		}
	}
	for _, text := range request.Before {
		if _, err := session.Fetch(ctx, text, ""); err != nil {
			return err
		}
	}
	var settings []engine.Setting
	for _, setting := range request.Settings {
		if setting.Name != tagSetting {
			settings = append(settings, setting)
		}
	}
	return session.Set(ctx, settings)
}

func hasReadonly(settings []engine.Setting) bool {
	for _, setting := range settings {
		if setting.Name == "readonly" && setting.Value != "0" {
			return true
		}
	}
	return false
}

func (r *Runner) claim(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids[id] {
		return &engine.Exception{
			Code: engine.CodeQueryIDRunning, Name: "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING",
			Message: fmt.Sprintf("Query with id = %s is already running.", id),
		}
	}
	r.ids[id] = true
	return nil
}

func (r *Runner) release(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.ids, id)
}

// killPause is how long the engine gets to take note of a KILL QUERY, and a statement that is still being parsed to
// appear among the running ones, before the next try.
const killPause = 20 * time.Millisecond

func (s *Statement) killWhenCancelled() {
	select {
	case <-s.done:
		return
	case <-s.ctx.Done():
	}
	kill := "KILL QUERY WHERE Settings['" + tagSetting + "'] = " + engine.QuoteString(s.ID) + " ASYNC"
	ticker := time.NewTicker(killPause)
	defer ticker.Stop()
	for {
		if _, err := s.runner.engine.Control(context.Background(), kill, "TSV"); errors.Is(err, engine.ErrClosed) {
			return
		}
		select {
		case <-s.done:
			return
		case <-ticker.C:
		}
	}
}
