package plugin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestMain(m *testing.M) { chtest.Main(m) }

var noon = time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)

// bench is the plugin's executable with one data source.
type bench struct {
	plugin *host.Host
	source host.DataSource
}

// newBench starts the plugin with a data source on the server; changes overwrite fields of its jsonData.
func newBench(t *testing.T, server chtest.Server, protocol settings.Protocol, changes map[string]any, secrets map[string]string) *bench {
	t.Helper()
	stored := map[string]any{}
	if err := json.Unmarshal(server.JSON(protocol), &stored); err != nil {
		t.Fatal(err)
	}
	maps.Copy(stored, changes)
	data, err := json.Marshal(stored)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{
		plugin: hosttest.Start(t),
		source: host.DataSource{UID: "fluxhound", Name: "Fluxhound", JSONData: data, SecureJSONData: secrets},
	}
}

// ask sends queries, A, B and so on, over the hour before noon.
func (b *bench) ask(ctx context.Context, t *testing.T, queries ...string) backend.Responses {
	t.Helper()
	req := &backend.QueryDataRequest{PluginContext: b.source.PluginContext(&backend.User{Login: "analyst"})}
	for i, q := range queries {
		req.Queries = append(req.Queries, backend.DataQuery{
			RefID: string(rune('A' + i)), JSON: []byte(q), Interval: time.Minute, MaxDataPoints: 100,
			TimeRange: backend.TimeRange{From: noon.Add(-time.Hour), To: noon},
		})
	}
	res, err := b.plugin.QueryData(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	return res.Responses
}

// administrator opens the data source's settings.
var administrator = &backend.User{Login: "admin", Role: "Admin"}

// get reads a resource as an administrator, such as values?column=DeviceName.
func (b *bench) get(t *testing.T, path string) (int, map[string]any) {
	t.Helper()
	status, body := b.resource(t, path)
	answer := map[string]any{}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s: %v in %q", path, err, body)
	}
	return status, answer
}

// resource is get without decoding.
func (b *bench) resource(t *testing.T, path string) (int, []byte) {
	t.Helper()
	name, _, _ := strings.Cut(path, "?")
	res, err := b.plugin.CallResource(t.Context(), &backend.CallResourceRequest{
		PluginContext: b.source.PluginContext(administrator), Path: name, URL: path, Method: "GET",
	})
	if err != nil {
		t.Fatal(err)
	}
	return res.Status, res.Body
}

// health checks the data source.
func (b *bench) health(t *testing.T) *backend.CheckHealthResult {
	t.Helper()
	res, err := b.plugin.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: b.source.PluginContext(administrator)})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// seen is n events of one device, a second apart, before noon.
func seen(n int) []chtest.Event {
	events := make([]chtest.Event, n)
	for i := range events {
		events[i] = chtest.Event{
			Timestamp: noon.Add(-time.Duration(i+1) * time.Second), DeviceID: "d1", DeviceName: fmt.Sprintf("WS-%d", i%3),
			ActionType: "ConnectionSuccess", RemoteIP: "198.51.100.7", RemotePort: 443, RemoteURL: "x.duckdns.org", InitiatingProcessFileName: "p.exe",
		}
	}
	return events
}

const (
	dynamicDNS = `{"queryType":"dynamicDns","format":"table"}`
	eventRows  = `{"queryType":"events","format":"table"}`
)

// wantCategory fails unless the answer is a downstream error of the category.
func wantCategory(t *testing.T, res backend.DataResponse, category string) {
	t.Helper()
	if res.Error == nil || !strings.HasPrefix(res.Error.Error(), "["+category+"]") {
		t.Fatalf("got error %v, want one that starts with [%s]", res.Error, category)
	}
	if res.ErrorSource != backend.ErrorSourceDownstream {
		t.Errorf("got error source %s, want downstream", res.ErrorSource)
	}
}

// wantRows fails unless the answer is one frame with so many rows.
func wantRows(t *testing.T, res backend.DataResponse, rows int) {
	t.Helper()
	if res.Error != nil {
		t.Fatal(res.Error)
	}
	if len(res.Frames) != 1 || res.Frames[0].Rows() != rows {
		t.Fatalf("got %d frames, want one with %d rows", len(res.Frames), rows)
	}
}
