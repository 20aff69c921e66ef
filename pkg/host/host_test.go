package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// executable is testdata/plugin, built once for all tests of the package.
var executable string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "host-test-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(folder)
		executable = filepath.Join(folder, "plugin")
		if said, err := exec.Command("go", "build", "-o", executable, "./testdata/plugin").CombinedOutput(); err != nil {
			panic(fmt.Sprintf("building testdata/plugin: %v\n%s", err, said))
		}
		return m.Run()
	}())
}

func TestThePluginSeesWhatGrafanaWouldSend(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		t.Setenv(name, "") // so that it comes back after the test
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:9")
	t.Setenv("MY_SECRET", "must stay out")
	h := start(t, host.WithEnv("EXTRA=1"))
	source := host.DataSource{
		UID: "hound", Name: "Hound", JSONData: []byte(`{"host":"x"}`), SecureJSONData: map[string]string{"password": "sesame"},
		Updated: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	from := time.Date(2026, 3, 1, 0, 0, 0, int(5*time.Millisecond), time.UTC)
	got := ask(t, h, source.PluginContext(&backend.User{Login: "ada"}), backend.DataQuery{
		RefID: "A", Interval: 90 * time.Second, MaxDataPoints: 321, JSON: []byte(`{"refId":"A"}`),
		TimeRange: backend.TimeRange{From: from, To: from.Add(time.Hour)},
	})
	delete(got, "pid")
	want := map[string]string{
		"instance": "1", "pluginId": host.PluginID, "orgId": "1", "namespace": "default",
		"userAgent": "Grafana/" + host.GrafanaVersion + " (linux; amd64)", "appUrl": "http://localhost:3000/",
		"uid": "hound", "name": "Hound", "jsonData": `{"host":"x"}`, "password": "sesame", "updated": "2026-01-02T03:04:05Z",
		"user": "ada", "from": "2026-03-01T00:00:00.005Z", "to": "2026-03-01T01:00:00.005Z",
		"interval": "1m30s", "maxDataPoints": "321", "json": `{"refId":"A"}`,
		"environment": "[EXTRA HTTPS_PROXY PLUGIN_MAX_PORT PLUGIN_MIN_PORT PLUGIN_PROTOCOL_VERSIONS PLUGIN_UNIX_SOCKET_DIR grafana_plugin_type]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
}

func TestAnInstanceLivesUntilItsSettingsAreSaved(t *testing.T) {
	h := start(t)
	source := host.DataSource{UID: "hound", JSONData: []byte(`{}`)}
	saved := source
	saved.Updated = time.Unix(1, 0)
	other := host.DataSource{UID: "other", JSONData: []byte(`{}`)}
	var got []string
	for _, d := range []host.DataSource{source, source, saved, saved, other} {
		got = append(got, ask(t, h, d.PluginContext(nil), backend.DataQuery{RefID: "A"})["instance"])
	}
	if diff := cmp.Diff([]string{"1", "1", "2", "2", "3"}, got); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
}

func TestOneRefIDsFailureLeavesTheOthers(t *testing.T) {
	h := start(t)
	response, err := h.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: host.DataSource{UID: "hound"}.PluginContext(nil),
		Queries:       []backend.DataQuery{{RefID: "A", QueryType: "fail"}, {RefID: "B"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := response.Responses["A"]; a.Status != backend.StatusBadRequest || a.Error == nil || a.Error.Error() != "no such teapot" {
		t.Errorf("A = %v, %v; want status 400 and its error", a.Status, a.Error)
	}
	if b := response.Responses["B"]; b.Status != backend.StatusOK || len(b.Frames) != 1 {
		t.Errorf("B = %v with %d frames; want status 200 and one frame", b.Status, len(b.Frames))
	}
}

func TestTheEndOfTheContextReachesThePlugin(t *testing.T) {
	h := start(t)
	folder := t.TempDir()
	begun, cancelled := filepath.Join(folder, "begun"), filepath.Join(folder, "cancelled")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var group sync.WaitGroup
	var err error
	group.Go(func() {
		_, err = h.QueryData(ctx, &backend.QueryDataRequest{
			PluginContext: host.DataSource{UID: "hound"}.PluginContext(nil),
			Queries:       []backend.DataQuery{{RefID: "A", QueryType: "wait", JSON: fmt.Appendf(nil, `{"begun":%q,"cancelled":%q}`, begun, cancelled)}},
		})
	})
	waitFor(t, begun)
	cancel()
	group.Wait()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
	waitFor(t, cancelled)
}

func TestHealthCarriesStatusMessageAndDetails(t *testing.T) {
	h := start(t)
	got, err := h.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: host.DataSource{UID: "hound"}.PluginContext(nil)})
	if err != nil {
		t.Fatal(err)
	}
	want := &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: "the teapot of hound leaks", JSONDetails: []byte(`{"leaks":1}`)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("health (-want +got):\n%s", diff)
	}
}

func TestAResourcesStreamIsGathered(t *testing.T) {
	h := start(t)
	got, err := h.CallResource(t.Context(), &backend.CallResourceRequest{
		PluginContext: host.DataSource{UID: "hound"}.PluginContext(nil), Method: "POST", Path: "tea/cup", Body: []byte("hot"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != 418 || string(got.Body) != "POST tea/cup hot" || got.Headers["Content-Type"][0] != "text/plain" {
		t.Errorf("response = %d %q %v", got.Status, got.Body, got.Headers)
	}
}

func TestTheLogReachesTheWriter(t *testing.T) {
	var log buffer
	h := start(t, host.WithLog(&log))
	if _, err := h.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: host.DataSource{UID: "hound"}.PluginContext(nil)}); err != nil {
		t.Fatal(err)
	}
	h.Close() // all of it has been read when the process is gone
	if !strings.Contains(log.String(), "asked for health") {
		t.Errorf("the plugin's log is missing; got:\n%s", log.String())
	}
}

func start(t *testing.T, opts ...host.Option) *host.Host {
	t.Helper()
	h, err := host.Start(t.Context(), executable, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

func ask(t *testing.T, h *host.Host, at backend.PluginContext, q backend.DataQuery) map[string]string {
	t.Helper()
	response, err := h.QueryData(t.Context(), &backend.QueryDataRequest{PluginContext: at, Queries: []backend.DataQuery{q}})
	if err != nil {
		t.Fatal(err)
	}
	answer := response.Responses[q.RefID]
	if answer.Error != nil {
		t.Fatal(answer.Error)
	}
	seen := map[string]string{}
	keys, values := answer.Frames[0].Fields[0], answer.Frames[0].Fields[1]
	for i := range keys.Len() {
		seen[keys.At(i).(string)] = values.At(i).(string)
	}
	return seen
}

func waitFor(t *testing.T, file string) {
	t.Helper()
	for t.Context().Err() == nil {
		if _, err := os.Stat(file); err == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
