//go:build e2e

package alerting_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/grafana"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
)

func TestTheRecordingRuleWritesTheNumberOfFindings(t *testing.T) {
	t.Parallel()
	received := newRemoteWrite(t)
	s := start(t, func(o *grafana.Options) {
		o.Environment = append(o.Environment, "GF_RECORDING_RULES_DEFAULT_DATASOURCE_UID=prometheus")
		addRecording(t, o.Provisioning, received.url)
	})
	now := time.Now()
	s.insert(t, append(planted.Attack(now), heartbeats(now)...)...)
	want := map[string]float64{"beaconing": 1, "dynamicDns": 1, "fastFlux": 1}
	s.eventually(t, func() error {
		if diff := cmp.Diff(want, received.samples("fluxhound_findings")); diff != "" {
			return fmt.Errorf("fluxhound_findings (-want +got):\n%s", diff)
		}
		return nil
	})
}

// addRecording copies the recording rule where Grafana reads it, and adds a Prometheus data source.
func addRecording(t *testing.T, provisioning, prometheus string) {
	t.Helper()
	rule, err := os.ReadFile(filepath.Join(root, "provisioning", "recording", "findings.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		"alerting/findings.yaml":      strings.Replace(string(rule), "interval: 10m\n", "interval: 10s\n", 1),
		"datasources/prometheus.yaml": "apiVersion: 1\ndatasources: [{ name: Prometheus, uid: prometheus, type: prometheus, url: '" + prometheus + "', jsonData: { prometheusType: Prometheus } }]\n",
	} {
		if err := os.WriteFile(filepath.Join(provisioning, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// remoteWrite takes what a Grafana writes to a Prometheus
// (https://prometheus.io/docs/specs/prw/remote_write_spec/).
type remoteWrite struct {
	url string

	mu     sync.Mutex
	latest map[string]map[string]float64 // metric → detector → value
}

func newRemoteWrite(t *testing.T) *remoteWrite {
	t.Helper()
	w := &remoteWrite{latest: map[string]map[string]float64{}}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/write" {
			t.Errorf("a remote write to %s", r.URL.Path)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			body, err = snappy.Decode(nil, body)
		}
		if err != nil {
			t.Errorf("a remote write: %v", err)
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, series := range messages(body, 1) {
			w.add(series)
		}
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *remoteWrite) samples(metric string) map[string]float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	copied := map[string]float64{}
	for k, v := range w.latest[metric] {
		copied[k] = v
	}
	return copied
}

// add takes up one TimeSeries: labels in field 1, samples in field 2.
func (w *remoteWrite) add(series []byte) {
	labels := map[string]string{}
	for _, label := range messages(series, 1) {
		labels[string(messages(label, 1)[0])] = string(messages(label, 2)[0])
	}
	for _, sample := range messages(series, 2) {
		number, _, n := protowire.ConsumeTag(sample)
		if number != 1 {
			continue
		}
		metric := labels["__name__"]
		if w.latest[metric] == nil {
			w.latest[metric] = map[string]float64{}
		}
		w.latest[metric][labels["detector"]] = math.Float64frombits(binary.LittleEndian.Uint64(sample[n:]))
	}
}

// messages returns the fields of a protobuf message that have the number and are byte strings.
func messages(of []byte, number protowire.Number) [][]byte {
	var found [][]byte
	for len(of) > 0 {
		num, kind, n := protowire.ConsumeTag(of)
		of = of[n:]
		size := protowire.ConsumeFieldValue(num, kind, of)
		if num == number && kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(of)
			found = append(found, value)
		}
		of = of[size:]
	}
	return found
}
