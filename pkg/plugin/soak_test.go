package plugin_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// soakFor is how long the soak lasts: FLUXHOUND_SOAK, such as 10m, or a short while.
func soakFor(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("FLUXHOUND_SOAK")
	if text == "" {
		return 45 * time.Second
	}
	long, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("FLUXHOUND_SOAK: %v", err)
	}
	return long
}

// soak is what is asked of one plugin for a while, and what came of it.
type soak struct {
	*bench
	mu          sync.Mutex
	evaluations int
	views       int
	faults      []string
	slowest     time.Duration // of a rule's evaluations, from asking to the answer
	waited      time.Duration // the most beside the statement
	statement   time.Duration // the slowest in ClickHouse
	timeouts    int           // of rules' statements, in ClickHouse
	saved       int
}

const (
	soakViewers = 50
	soakRules   = 20
	megabyte    = 1 << 20
	// soakMemory is the plugin's budget: 64 MiB of answers, and what a Go program with some dozens of requests has.
	soakMemory = 400 * megabyte
)

// Fifty viewers, twenty rules, settings that are saved again and again and lists that cannot be read for a third of the
// time: no rule fails, none waits for viewers, no finding that the allowlist hides is ever shown.
func TestAlertRulesHoldOutAmongViewersAndSavedSettings(t *testing.T) {
	lasts := soakFor(t)
	server := chtest.Start(t)
	server.CreateTable(t, "network_events")
	server.Exec(t, "INSERT INTO network_events (Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteUrl, SentBytes) SELECT now64(3) - toIntervalSecond(number * 100), 'd1', 'ALLOWED', 'ConnectionSuccess', '198.51.100.7', 443, 'a.duckdns.org', 200 FROM numbers(4000)")
	server.Exec(t, "CREATE TABLE allowed (Domain String, Network String, Process String, Device String, Detector String, Reason String, Owner String, Expires Nullable(DateTime('UTC'))) ENGINE = Memory")
	server.Exec(t, "INSERT INTO allowed VALUES ('', '', '', 'ALLOWED', '', 'r', 'o', NULL)")
	s := &soak{bench: newBench(t, server, settings.Native, map[string]any{"allowlistTable": "allowed", "cacheTTL": 30}, nil)}
	s.evaluate(t.Context(), t, 0) // the lists are known from here on
	before := s.statement
	ctx, stop := context.WithTimeout(t.Context(), lasts)
	defer stop()
	var all sync.WaitGroup
	pace := min(30*time.Second, lasts/3)
	for i := range soakViewers {
		all.Go(func() { every(ctx, pace, func() { s.view(ctx, t, i) }) })
	}
	for i := range soakRules {
		all.Go(func() { every(ctx, pace, func() { s.evaluate(ctx, t, i) }) })
	}
	all.Go(func() { every(ctx, pace/2, func() { s.save() }) })
	all.Go(func() { // away for a third of the time
		for ctx.Err() == nil {
			server.Exec(t, "RENAME TABLE allowed TO away")
			pause(ctx, pace)
			server.Exec(t, "RENAME TABLE away TO allowed")
			pause(ctx, 2*pace)
		}
	})
	all.Wait()
	t.Logf("%s: %d evaluations, %d views, settings saved %d times; slowest evaluation %s, most that one waited %s, slowest statement %s (%s alone), %d timeouts in ClickHouse; the plugin has %d MiB",
		lasts, s.evaluations, s.views, s.saved, s.slowest, s.waited, s.statement, before, s.timeouts, hosttest.Memory(t, s.plugin)/megabyte)
	for _, f := range s.faults[:min(len(s.faults), 10)] {
		t.Error(f)
	}
	if s.evaluations < soakRules || s.views < soakViewers || s.saved < 2 || s.timeouts > s.evaluations/2 {
		t.Errorf("too little was asked: %d evaluations, %d views, %d saves", s.evaluations, s.views, s.saved)
	}
	if s.waited > 2*s.statement {
		t.Errorf("an evaluation waited %s beside its statement, the slowest of which took %s", s.waited, s.statement)
	}
	if memory := hosttest.Memory(t, s.plugin); memory > soakMemory {
		t.Errorf("the plugin has %d MiB, over its budget of %d", memory/megabyte, soakMemory/megabyte)
	}
}

// every does something at a phase of its own until ctx ends.
func every(ctx context.Context, pace time.Duration, do func()) {
	for pause(ctx, time.Duration(rand.Int64N(int64(pace)))); ctx.Err() == nil; pause(ctx, pace) {
		do()
	}
}

func pause(ctx context.Context, span time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(span):
	}
}

func (s *soak) save() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saved++
	s.source.Updated = time.Unix(int64(s.saved), 0)
}

func (s *soak) stored() backend.PluginContext {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.PluginContext(&backend.User{Login: "analyst", Role: "Viewer"})
}

// evaluate asks as a rule does, of a window of its own.
func (s *soak) evaluate(ctx context.Context, t *testing.T, rule int) {
	kind := []string{"beaconing", "dynamicDns", "fastFlux", "alerts"}[rule%4]
	now, started := time.Now(), time.Now()
	res, err := s.plugin.QueryData(context.WithoutCancel(ctx), &backend.QueryDataRequest{
		PluginContext: s.stored(), Headers: map[string]string{backend.FromAlertHeaderName: "true"},
		Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(`{"queryType":"` + kind + `","format":"numeric"}`), TimeRange: backend.TimeRange{From: now.AddDate(0, 0, -7), To: now}}},
	})
	took := time.Since(started)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.evaluations++
	if err != nil {
		s.faults = append(s.faults, fmt.Sprintf("rule %d: %v", rule, err))
		return
	}
	answer := res.Responses["A"]
	switch {
	case answer.Error == nil:
	case strings.HasPrefix(answer.Error.Error(), "[timeout] run the statement"): // a machine too slow for what is asked is ClickHouse's own reason
		s.timeouts++
		return
	default:
		s.faults = append(s.faults, fmt.Sprintf("rule %d: %v", rule, answer.Error))
		return
	}
	for _, f := range answer.Frames {
		if len(f.Fields) > 0 {
			s.faults = append(s.faults, fmt.Sprintf("rule %d raises what the allowlist hides", rule))
		}
	}
	inClickHouse := time.Duration(answer.Frames[0].Meta.Stats[2].Value * float64(time.Second))
	s.slowest, s.statement, s.waited = max(s.slowest, took), max(s.statement, inClickHouse), max(s.waited, took-inClickHouse)
}

// view refreshes a wall.
func (s *soak) view(ctx context.Context, t *testing.T, viewer int) {
	now := time.Now()
	req := &backend.QueryDataRequest{PluginContext: s.stored(), Headers: map[string]string{"http_X-Dashboard-Uid": fmt.Sprint(viewer)}}
	for i, q := range []string{`{"queryType":"alerts","format":"table"}`, `{"queryType":"beaconing","format":"table"}`, `{"queryType":"dynamicDns","format":"timeseries"}`, `{"queryType":"events","format":"timeseries"}`} {
		req.Queries = append(req.Queries, backend.DataQuery{RefID: string(rune('A' + i)), JSON: []byte(q), Interval: time.Hour, TimeRange: backend.TimeRange{From: now.AddDate(0, 0, -7), To: now}})
	}
	res, err := s.plugin.QueryData(context.WithoutCancel(ctx), req)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.views++
	if err != nil {
		s.faults = append(s.faults, fmt.Sprintf("viewer %d: %v", viewer, err))
		return
	}
	for refID, answer := range res.Responses {
		if answer.Error != nil && !strings.HasPrefix(answer.Error.Error(), "[timeout]") && !strings.HasPrefix(answer.Error.Error(), "[limit]") { // viewers may wait in vain
			s.faults = append(s.faults, fmt.Sprintf("viewer %d, panel %s: %v", viewer, refID, answer.Error))
		}
		if refID < "C" && answer.Error == nil && answer.Frames[0].Rows() > 0 {
			s.faults = append(s.faults, fmt.Sprintf("viewer %d, panel %s: shows what the allowlist hides", viewer, refID))
		}
	}
}
