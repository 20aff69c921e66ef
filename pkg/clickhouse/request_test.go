package clickhouse_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestAStatementRunsReadOnlyAndWithinLimitsUnderItsOriginsName(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		s := chtest.Shared(t).Settings(protocol)
		s.RowLimit, s.QueryTimeout = 500, 42*time.Second
		got := settingsOf(t, connect(t, s), clickhouse.Origin{User: "al'ice", RefID: "A"})
		want := map[string]string{
			"readonly":             "2",
			"max_execution_time":   "42",
			"max_result_rows":      "501",
			"result_overflow_mode": "throw",
			"max_result_bytes":     "268435456",
			"max_memory_usage":     "1073741824",

			"skip_unavailable_shards":                            "0",
			"fallback_to_stale_replicas_for_distributed_queries": "0",

			"max_bytes_before_external_group_by": "715827882",
			"max_bytes_before_external_sort":     "536870912",

			"log_comment": `{"app":"fluxhound","user":"al'ice","refId":"A"}`,
		}
		if protocol == settings.HTTP {
			want["cancel_http_readonly_queries_on_client_close"] = "1"
		}
		for name := range got {
			if _, ok := want[name]; !ok {
				delete(got, name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func TestCustomSettingsGoWithEachStatement(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		s := chtest.Shared(t).Settings(protocol)
		s.Custom = map[string]string{"max_memory_usage": "2000000000", "max_threads": "1", "fallback_to_stale_replicas_for_distributed_queries": "1"}
		got := settingsOf(t, connect(t, s), clickhouse.Origin{})
		if got["max_memory_usage"] != "2000000000" || got["max_threads"] != "1" || got["readonly"] != "2" || got["max_bytes_before_external_group_by"] != "1333333332" ||
			got["fallback_to_stale_replicas_for_distributed_queries"] != "1" {
			t.Errorf("got %v", got)
		}
		s.Custom = map[string]string{"max_threds": "1"}
		_, err := connect(t, s).Query(t.Context(), one(t), clickhouse.Origin{})
		wantError(t, err, clickhouse.Query, "max_threds", "customSettings")
	})
}

// settingsOf returns the settings that a statement of the client runs with.
func settingsOf(t *testing.T, client *clickhouse.Client, o clickhouse.Origin) map[string]string {
	t.Helper()
	return settingsUnder(t.Context(), t, client, o)
}

func settingsUnder(ctx context.Context, t *testing.T, client *clickhouse.Client, o clickhouse.Origin) map[string]string {
	t.Helper()
	sql := "SELECT mapKeys(Settings) AS K, mapValues(Settings) AS V FROM system.processes WHERE query LIKE '%' || {marker:String} || '%'"
	result, err := client.Query(ctx, selecting(t, sql, map[string]any{"marker": "mapKeys(Settings) AS K"}, column("K", statement.List), column("V", statement.List)), o)
	if err != nil {
		t.Fatal(err)
	}
	if result.Rows != 1 {
		t.Fatalf("%d statements run", result.Rows)
	}
	got := map[string]string{}
	for i, name := range result.Data[0].([][]string)[0] {
		got[name] = result.Data[1].([][]string)[0][i]
	}
	return got
}

func TestEveryStatementHasAnIDOfItsOwn(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := sharedClient(t, protocol)
		ids := map[string]bool{}
		for range 3 {
			result := run(t, client, selecting(t, "SELECT query_id AS Id FROM system.processes WHERE query LIKE '%query_id AS Id%' LIMIT 1", nil, column("Id", statement.Text)))
			ids[result.Data[0].([]string)[0]] = true
		}
		for id := range ids {
			if !strings.HasPrefix(id, "fluxhound-") {
				t.Errorf("the id is %q", id)
			}
		}
		if len(ids) != 3 {
			t.Errorf("want 3 ids, got %v", slices.Collect(maps.Keys(ids)))
		}
	})
}

func TestClickHouseIsToldWhichProgramAsks(t *testing.T) {
	server := chtest.Shared(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		var seen recorder
		s := server.Settings(protocol)
		s.Addresses = []string{listen(t, func(conn net.Conn) {
			forward(server.Address(protocol))(&tapped{Conn: conn, tap: io.TeeReader(conn, &seen)})
		})}
		run(t, connect(t, s), one(t))
		if !bytes.Contains(seen.bytes(), []byte("fluxhound/")) {
			t.Errorf("the client sent %q", seen.bytes())
		}
	})
}

func TestAPathGoesBeforeTheStatement(t *testing.T) {
	server := chtest.Shared(t)
	target := &url.URL{Scheme: "http", Host: server.Address(settings.HTTP)}
	proxy := httptest.NewServer(http.StripPrefix("/behind/here", httputil.NewSingleHostReverseProxy(target)))
	defer proxy.Close()
	for _, path := range []string{"/behind/here", "behind/here", "/behind/here/"} {
		s := server.Settings(settings.HTTP)
		s.Addresses, s.Path = []string{proxy.Listener.Addr().String()}, path
		run(t, connect(t, s), one(t))
	}
	s := server.Settings(settings.HTTP)
	s.Addresses, s.Path = []string{proxy.Listener.Addr().String()}, "/elsewhere"
	_, err := connect(t, s).Query(t.Context(), one(t), clickhouse.Origin{})
	wantError(t, err, clickhouse.Network, "path")
}

func TestAPasswordIsInNoError(t *testing.T) {
	const secret = "p@ss:w/rd?&%41"
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		for name, addr := range map[string]string{"nobody there": nobody(t), "no answer": silent(t), "hangs up": listen(t, func(c net.Conn) { _ = c.Close() })} {
			t.Run(name, func(t *testing.T) {
				s := chtest.Shared(t).Settings(protocol)
				s.Addresses, s.DialTimeout, s.Password = []string{addr}, 200*time.Millisecond, secret
				_, err := connect(t, s).Query(t.Context(), one(t), clickhouse.Origin{})
				wantError(t, err, clickhouse.Network)
				for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), "w/rd"} {
					wantNoSecret(t, err, form)
				}
			})
		}
	})
}

// recorder keeps what passes through several connections.
type recorder struct {
	mu   sync.Mutex
	seen bytes.Buffer
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen.Write(p)
}

func (r *recorder) bytes() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(r.seen.Bytes())
}

// tapped is a connection of which all that comes in is recorded.
type tapped struct {
	net.Conn
	tap io.Reader
}

func (c *tapped) Read(p []byte) (int, error) { return c.tap.Read(p) }
