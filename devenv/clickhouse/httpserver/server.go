// Package httpserver serves ClickHouse's HTTP interface.
package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/access"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/statement"
)

// Identity is what the server says of itself in its answers.
type Identity struct {
	DisplayName string // the host's name
	Timezone    string // the engine's
	Version     string // the engine's, such as 26.7.2.1
}

// Handler answers ClickHouse's HTTP requests.
type Handler struct {
	runner   *statement.Runner
	users    access.Users
	identity Identity
	log      *slog.Logger
}

var _ http.Handler = (*Handler)(nil)

// New answers with what runner's engine says, to users.
func New(runner *statement.Runner, users access.Users, identity Identity, log *slog.Logger) *Handler {
	return &Handler{runner: runner, users: users, identity: identity, log: log}
}

// ServeHTTP answers /ping, and a statement at /.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/ping" || r.URL.Path == "/replicas_status":
		_, _ = w.Write([]byte("Ok.\n"))
	case r.URL.Path != "/":
		http.Error(w, "There is no handle "+r.URL.Path, http.StatusNotFound)
	case r.Method == http.MethodGet && !hasQuery(r):
		_, _ = w.Write([]byte("Ok.\n"))
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		http.Error(w, "Use GET or POST", http.StatusMethodNotAllowed)
	default:
		h.serveStatement(w, r)
	}
}

func hasQuery(r *http.Request) bool { return r.URL.Query().Has("query") }

func (h *Handler) serveStatement(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	header := w.Header()
	header.Set("X-ClickHouse-Server-Display-Name", h.identity.DisplayName)
	header.Set("X-ClickHouse-Timezone", h.identity.Timezone)
	request, err := h.read(r)
	out := newOutput(w, request)
	if err == nil {
		err = h.run(r.Context(), request, out)
	}
	if err != nil {
		h.log.Debug("statement failed", "queryID", request.statement.ID, "error", err)
		out.fail(asException(err), h.identity.Version)
	}
	h.log.Debug("statement ended", "queryID", request.statement.ID, "seconds", time.Since(started).Seconds())
}

func (h *Handler) run(ctx context.Context, request *request, out *output) error {
	s, err := h.runner.Open(ctx, request.statement)
	if err != nil {
		return err
	}
	defer s.Close()
	out.header.Set("X-ClickHouse-Query-Id", s.ID)
	for _, table := range request.tables {
		if err := s.AddTable(table); err != nil {
			return err
		}
	}
	if request.isInsert {
		return s.Explain(runInsert(s, request, out))
	}
	return s.Explain(runQuery(s, request, out))
}

// asException makes any error one that ClickHouse's clients understand.
func asException(err error) *engine.Exception {
	var exception *engine.Exception
	if errors.As(err, &exception) {
		return exception
	}
	return &engine.Exception{Code: engine.CodeUnknownException, Name: "UNKNOWN_EXCEPTION", Message: fmt.Sprint(err)}
}
