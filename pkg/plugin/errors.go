package plugin

import (
	"context"
	"errors"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/crash"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/frame"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// statusCancelled is what proxies answer when the client has left.
const statusCancelled backend.Status = 499

// verdict says whose fault an error is and which status tells so. It is decided by type, never by text.
func verdict(err error) (backend.Status, backend.ErrorSource, string) {
	var (
		badQuery    *query.Error
		badSetting  *settings.Error
		incomplete  *frame.IncompleteError
		fromOutside *clickhouse.Error
		denied      *rightsError
		broken      *crash.Error
	)
	switch {
	case errors.As(err, &broken): // whatever it broke off with
		return backend.StatusInternal, backend.ErrorSourcePlugin, err.Error()
	case errors.As(err, &badQuery):
		return backend.StatusBadRequest, backend.ErrorSourceDownstream, err.Error()
	case errors.As(err, &badSetting):
		return backend.StatusBadRequest, backend.ErrorSourceDownstream, err.Error()
	case errors.As(err, &denied):
		return backend.StatusForbidden, backend.ErrorSourceDownstream, err.Error()
	case errors.Is(err, schema.ErrUnusable):
		return backend.StatusBadRequest, backend.ErrorSourceDownstream, "[schema] " + err.Error()
	case errors.As(err, &incomplete):
		return backend.StatusValidationFailed, backend.ErrorSourceDownstream, err.Error()
	case errors.Is(err, context.Canceled):
		return statusCancelled, backend.ErrorSourceDownstream, "the request was cancelled, and the statement with it"
	case errors.As(err, &fromOutside):
		return statusOf(fromOutside.Category), backend.ErrorSourceDownstream, err.Error()
	default:
		return backend.StatusInternal, backend.ErrorSourcePlugin, err.Error()
	}
}

func statusOf(c clickhouse.Category) backend.Status {
	switch c {
	case clickhouse.Timeout:
		return backend.StatusTimeout
	case clickhouse.Permission:
		return backend.StatusForbidden
	case clickhouse.Limit:
		return backend.StatusValidationFailed
	default:
		return backend.Status(http.StatusBadGateway)
	}
}

func failed(ctx context.Context, err error) backend.DataResponse {
	status, source, text := verdict(err)
	tell(ctx, err)
	return backend.DataResponse{Status: status, ErrorSource: source, Error: errors.New(text)}
}

// tell writes a fault of the plugin to its log, where a panic's stack belongs.
func tell(ctx context.Context, err error) {
	_, source, text := verdict(err)
	if source != backend.ErrorSourcePlugin {
		return
	}
	fields := []any{"error", text}
	if broken := new(crash.Error); errors.As(err, &broken) {
		fields = append(fields, "stack", string(broken.Stack))
	}
	log.DefaultLogger.FromContext(ctx).Error("A request failed by a fault of the plugin", fields...)
}
