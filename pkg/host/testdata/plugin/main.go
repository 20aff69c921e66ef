// Command plugin is a small data source plugin that shows what its host sent to it, for the tests of package host.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

func main() {
	switch os.Getenv("TEST_PLUGIN") {
	case "dies at start":
		fmt.Fprintln(os.Stderr, "cannot find my teapot")
		os.Exit(3)
	case "says nothing":
		time.Sleep(time.Hour)
	}
	if err := datasource.Manage("test-plugin", newInstance, datasource.ManageOpts{}); err != nil {
		panic(err)
	}
	if os.Getenv("TEST_PLUGIN") == "does not end" {
		time.Sleep(time.Hour)
	}
}

var instances atomic.Int64

type instance struct{ number int64 }

func newInstance(context.Context, backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	return &instance{number: instances.Add(1)}, nil
}

func (i *instance) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	response := backend.NewQueryDataResponse()
	for _, q := range req.Queries {
		response.Responses[q.RefID] = i.answer(ctx, req.PluginContext, q)
	}
	return response, nil
}

func (i *instance) answer(ctx context.Context, at backend.PluginContext, q backend.DataQuery) backend.DataResponse {
	switch q.QueryType {
	case "fail":
		return backend.ErrDataResponse(backend.StatusBadRequest, "no such teapot")
	case "exit":
		os.Exit(4)
	case "wait":
		return wait(ctx, q.JSON)
	}
	return backend.DataResponse{Frames: data.Frames{i.seen(at, q)}}
}

// wait makes one file when it begins and another when its context has ended.
func wait(ctx context.Context, body json.RawMessage) backend.DataResponse {
	var files struct{ Begun, Cancelled string }
	err := json.Unmarshal(body, &files)
	err = errors.Join(err, os.WriteFile(files.Begun, nil, 0o600))
	<-ctx.Done()
	err = errors.Join(err, os.WriteFile(files.Cancelled, nil, 0o600))
	return backend.DataResponse{Error: errors.Join(ctx.Err(), err)}
}

func (i *instance) seen(at backend.PluginContext, q backend.DataQuery) *data.Frame {
	settings := at.DataSourceInstanceSettings
	user := ""
	if at.User != nil {
		user = at.User.Login
	}
	seen := map[string]string{
		"pid":           fmt.Sprint(os.Getpid()),
		"instance":      fmt.Sprint(i.number),
		"environment":   fmt.Sprint(slices.Sorted(slices.Values(names(os.Environ())))),
		"pluginId":      at.PluginID,
		"orgId":         fmt.Sprint(at.OrgID),
		"namespace":     at.Namespace,
		"userAgent":     at.UserAgent.String(),
		"appUrl":        at.GrafanaConfig.Get("GF_APP_URL"),
		"uid":           settings.UID,
		"name":          settings.Name,
		"jsonData":      string(settings.JSONData),
		"password":      settings.DecryptedSecureJSONData["password"],
		"updated":       settings.Updated.UTC().Format(time.RFC3339),
		"user":          user,
		"from":          q.TimeRange.From.UTC().Format(time.RFC3339Nano),
		"to":            q.TimeRange.To.UTC().Format(time.RFC3339Nano),
		"interval":      q.Interval.String(),
		"maxDataPoints": fmt.Sprint(q.MaxDataPoints),
		"json":          string(q.JSON),
	}
	keys := slices.Sorted(maps.Keys(seen))
	values := make([]string, len(keys))
	for i, k := range keys {
		values[i] = seen[k]
	}
	return data.NewFrame("seen", data.NewField("key", nil, keys), data.NewField("value", nil, values))
}

func names(environment []string) []string {
	list := make([]string, len(environment))
	for i, variable := range environment {
		for j := range variable {
			if variable[j] == '=' {
				list[i] = variable[:j]
				break
			}
		}
	}
	return list
}

func (i *instance) CheckHealth(_ context.Context, req *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	backend.Logger.Warn("asked for health")
	return &backend.CheckHealthResult{
		Status:      backend.HealthStatusError,
		Message:     "the teapot of " + req.PluginContext.DataSourceInstanceSettings.UID + " leaks",
		JSONDetails: []byte(`{"leaks":1}`),
	}, nil
}

func (i *instance) CallResource(_ context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
	first := &backend.CallResourceResponse{
		Status:  418,
		Headers: map[string][]string{"Content-Type": {"text/plain"}},
		Body:    []byte(req.Method + " "),
	}
	for _, part := range []*backend.CallResourceResponse{first, {Body: []byte(req.Path + " ")}, {Body: req.Body}} {
		if err := sender.Send(part); err != nil {
			return err
		}
	}
	return nil
}
