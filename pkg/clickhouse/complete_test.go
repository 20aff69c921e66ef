package clickhouse_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// proxied are settings that reach the server through a reverse proxy, which may change each answer to the marked statement.
func proxied(t *testing.T, server chtest.Server, change func(*http.Response, []byte) []byte) settings.Settings {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: server.Address(settings.HTTP)})
	proxy.ModifyResponse = func(response *http.Response) error {
		asked, _ := response.Request.Context().Value(askedKey{}).(string)
		if !strings.Contains(asked, marked) {
			return nil
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		body = change(response, body)
		response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		response.Header.Set("Content-Length", strconv.Itoa(len(body)))
		response.TransferEncoding = nil
		return nil
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r.WithContext(withAsked(r.Context(), string(body))))
	}))
	t.Cleanup(front.Close)
	s := server.Settings(settings.HTTP)
	s.Addresses = []string{front.Listener.Addr().String()}
	return s
}

// rewritten are settings that reach the server through a reverse proxy which changes the text of requests.
func rewritten(t *testing.T, server chtest.Server, change func(string) string) settings.Settings {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: server.Address(settings.HTTP)})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		changed := change(string(body))
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	s := server.Settings(settings.HTTP)
	s.Addresses = []string{front.Listener.Addr().String()}
	return s
}

// marked stands in the text of the statements whose answers a proxy changes.
const marked = "AS Marked"

// frames are where ClickHouse's compressed frames of an answer begin, its end included. A frame is 16 bytes of checksum, one
// of method, and then its size in four: https://clickhouse.com/docs/development/architecture.
func frames(t *testing.T, body []byte) []int {
	t.Helper()
	at := []int{0}
	for end := 0; end < len(body); at = append(at, end) {
		if len(body)-end < 25 {
			t.Fatalf("no frame at %d of %d", end, len(body))
		}
		end += 16 + int(binary.LittleEndian.Uint32(body[end+17:]))
	}
	return at
}

func TestAnAnswerThatIsCutIsAnErrorWhereverItIsCut(t *testing.T) {
	server := chtest.Shared(t)
	for name, c := range map[string]struct {
		sql  string
		rows int
	}{
		"one row":        {"SELECT toInt64(1) AS Marked", 1},
		"several frames": {"SELECT toInt64(number) AS Marked FROM numbers(400000)", 400_000},
	} {
		t.Run(name, func(t *testing.T) {
			var whole []byte
			var cut atomic.Int64
			cut.Store(-1)
			s := proxied(t, server, func(_ *http.Response, body []byte) []byte {
				whole = body
				if at := cut.Load(); at >= 0 {
					return body[:at]
				}
				return body
			})
			s.RowLimit = 1_000_000
			client := connect(t, s)
			asked := selecting(t, c.sql, nil, column("Marked", statement.Integer))
			if got := run(t, client, asked); got.Rows != c.rows {
				t.Fatalf("%d rows, want %d", got.Rows, c.rows)
			}
			body := bytes.Clone(whole)
			cuts := frames(t, body)
			cuts = cuts[:len(cuts)-1] // the last is the end
			if c.rows > 1000 && len(cuts) < 3 {
				t.Fatalf("the answer has %d frames: it says nothing of cuts between them", len(cuts))
			}
			for at := 0; at < len(body); at += max(1, len(body)/8) {
				cuts = append(cuts, at)
			}
			for _, at := range append(cuts, len(body)-1) {
				cut.Store(int64(at))
				result, err := client.Query(t.Context(), asked, clickhouse.Origin{})
				if fault := new(clickhouse.Error); !errors.As(err, &fault) || fault.Category != clickhouse.Network {
					t.Fatalf("cut at %d of %d bytes: got %v, %v; want an error of category network", at, len(body), result, err)
				}
			}
			cut.Store(-1)
			run(t, client, asked)
		})
	}
}

func TestAnAnswerThatIsNotWholeSaysSo(t *testing.T) {
	server := chtest.Shared(t)
	asked := selecting(t, "SELECT toInt64(number) AS Marked FROM numbers({n:Int64})", map[string]any{"n": int64(3)}, column("Marked", statement.Integer))
	none := selecting(t, "SELECT toInt64(number) AS Marked FROM numbers({n:Int64}) WHERE 0", map[string]any{"n": int64(3)}, column("Marked", statement.Integer))
	for name, c := range map[string]struct {
		change func(*http.Response, []byte) []byte
		says   []string
	}{
		"an empty body":               {func(*http.Response, []byte) []byte { return nil }, []string{"0 of its 3 rows", "proxy"}},
		"an answer of the proxy's":    {func(r *http.Response, _ []byte) []byte { clear(r.Header); return nil }, []string{"X-ClickHouse-Summary"}},
		"without ClickHouse's header": {func(r *http.Response, b []byte) []byte { r.Header.Del("X-ClickHouse-Summary"); return b }, []string{"X-ClickHouse-Summary"}},
		"twice the same":              {func(_ *http.Response, b []byte) []byte { return append(b, b...) }, []string{"6 of its 3 rows"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := connect(t, proxied(t, server, c.change)).Query(t.Context(), asked, clickhouse.Origin{})
			wantError(t, err, clickhouse.Network, c.says...)
		})
	}
	t.Run("no rows are whole too", func(t *testing.T) {
		client := connect(t, proxied(t, server, func(_ *http.Response, b []byte) []byte { return b }))
		if got := run(t, client, none); got.Rows != 0 {
			t.Errorf("%d rows", got.Rows)
		}
	})
	t.Run("no rows without proof are none", func(t *testing.T) {
		_, err := connect(t, proxied(t, server, func(r *http.Response, _ []byte) []byte { clear(r.Header); return nil })).Query(t.Context(), none, clickhouse.Origin{})
		wantError(t, err, clickhouse.Network, "X-ClickHouse-Summary")
	})
}

func TestNoRedirectIsFollowed(t *testing.T) {
	for _, secure := range []bool{false, true} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(fmt.Sprintf("%d secure=%t", status, secure), func(t *testing.T) {
				var elsewhere recorder
				other := listen(t, func(conn netConn) { _, _ = io.Copy(&elsewhere, conn) })
				handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, "http://"+other+"/secret-path?secret=1", status)
				})
				front := httptest.NewUnstartedServer(handler)
				s := chtest.Shared(t).Settings(settings.HTTP)
				if secure {
					front.StartTLS()
					s.Secure, s.TLS.SkipVerify = true, true
				} else {
					front.Start()
				}
				defer front.Close()
				s.Addresses, s.Username, s.Password = []string{front.Listener.Addr().String()}, "viewer", "battery staple"
				_, err := connect(t, s).Probe(t.Context())
				wantError(t, err, clickhouse.Network, "redirect", strconv.Itoa(status), other)
				wantNoSecret(t, err, "battery")
				wantNoSecret(t, err, "secret-path")
				if sent := elsewhere.bytes(); len(sent) > 0 {
					t.Errorf("the other address got %q", sent)
				}
			})
		}
	}
}
