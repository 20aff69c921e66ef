package host

import (
	"context"
	"errors"
	"io"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"google.golang.org/grpc"
)

var (
	_ backend.QueryDataHandler   = (*Host)(nil)
	_ backend.CheckHealthHandler = (*Host)(nil)
)

// QueryData asks the plugin. A refId that failed is part of the response; the error says that there is none (see
// ErrGone and ErrNotImplemented), or wraps the context's own. The end of the context reaches the plugin.
func (h *Host) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	answer, err := h.data.QueryData(ctx, backend.ToProto().QueryDataRequest(req))
	if err != nil {
		return nil, callError("QueryData", err)
	}
	return backend.FromProto().QueryDataResponse(answer)
}

// CheckHealth asks the plugin for the state of a data source. Errors are those of QueryData.
func (h *Host) CheckHealth(ctx context.Context, req *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	answer, err := h.diagnostics.CheckHealth(ctx, &pluginv2.CheckHealthRequest{
		PluginContext: backend.ToProto().PluginContext(req.PluginContext),
		Headers:       req.Headers,
	})
	if err != nil {
		return nil, callError("CheckHealth", err)
	}
	return backend.FromProto().CheckHealthResponse(answer), nil
}

// CallResource calls one of the plugin's own HTTP routes and gathers what it streams into one response. Errors are
// those of QueryData; a status such as 404 is part of the response.
func (h *Host) CallResource(ctx context.Context, req *backend.CallResourceRequest) (*backend.CallResourceResponse, error) {
	stream, err := h.resource.CallResource(ctx, backend.ToProto().CallResourceRequest(req))
	if err != nil {
		return nil, callError("CallResource", err)
	}
	response, err := gather(stream)
	if err != nil {
		return nil, callError("CallResource", err)
	}
	return response, nil
}

// gather joins a resource's stream: the first message carries status and headers, every message a part of the body.
func gather(stream grpc.ServerStreamingClient[pluginv2.CallResourceResponse]) (*backend.CallResourceResponse, error) {
	first, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	response := backend.FromProto().CallResourceResponse(first)
	for {
		part, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return response, nil
		case err != nil:
			return nil, err
		}
		response.Body = append(response.Body, part.Body...)
	}
}
