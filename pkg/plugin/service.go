package plugin

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
)

// classOf tells who waits for a request's answers. Grafana's alerting sends FromAlert as a header of the request's own, and
// some of its versions as an HTTP header.
func classOf(req *backend.QueryDataRequest) clickhouse.Class {
	if req.GetHTTPHeader(backend.FromAlertHeaderName) == "true" {
		return clickhouse.Alert
	}
	for name, value := range req.Headers {
		if strings.EqualFold(name, backend.FromAlertHeaderName) && value == "true" {
			return clickhouse.Alert
		}
	}
	return clickhouse.Viewer
}

// serve makes the context of a request one of its class and user. An alert rule's ends when Grafana gives up waiting, also where the
// request does not say when.
func serve(ctx context.Context, from backend.PluginContext, class clickhouse.Class) (context.Context, context.CancelFunc) {
	ctx = clickhouse.WithClass(backend.WithUser(ctx, from.User), class)
	if _, ends := ctx.Deadline(); class == clickhouse.Alert && !ends {
		return context.WithTimeout(ctx, clickhouse.Evaluation)
	}
	return ctx, func() {}
}

// Roles of Grafana's.
const (
	admin  = "Admin"
	editor = "Editor"
)

// administers reports whether an administrator of the organisation asks: only they open the data source's settings.
func administers(ctx context.Context) bool {
	user := backend.UserFromContext(ctx)
	return user != nil && user.Role == admin
}

// edits reports whether the one who asks may at least edit dashboards.
func edits(ctx context.Context) bool {
	user := backend.UserFromContext(ctx)
	return user != nil && (user.Role == admin || user.Role == editor)
}

// shownTo is what the detectors are told for the one who asks: a viewer learns that an entry of the allowlist hides a
// finding, and not what else it hides, why and for whom.
func (s site) shownTo(ctx context.Context, now time.Time) detect.Site {
	at := s.at(now)
	at.Unnamed = !edits(ctx)
	return at
}

// rightsError says who may ask.
type rightsError struct{ who string }

func (e *rightsError) Error() string { return "[permission] " + e.who }

// forAdministrators refuses everybody else.
func (d *Datasource) forAdministrators(handle func(*http.Request) (any, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		if !administers(r.Context()) {
			return nil, &rightsError{"only administrators of the organisation may ask this: it belongs to the data source's settings page"}
		}
		return handle(r)
	}
}
