package clickhouse_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// nginx starts a real nginx before an address, at its defaults: 8 KiB for a request line and for a header, 1 MiB for a body.
// It returns "" where nginx is not installed.
func nginx(t *testing.T, to string) (addr string) {
	t.Helper()
	binary, err := exec.LookPath("nginx")
	if err != nil {
		if binary = "/usr/sbin/nginx"; !exists(binary) { // where Debian has it, outside of most users' PATH
			return ""
		}
	}
	dir := t.TempDir()
	addr = nobody(t)
	file := filepath.Join(dir, "nginx.conf")
	configuration := fmt.Sprintf(`
daemon off;
master_process off;
pid %[1]s/pid;
events {}
http {
    access_log off;
    client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy;
    fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
    server { listen %[2]s; location / { proxy_pass http://%[3]s; } }
}`, dir, addr, to)
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	command := exec.Command(binary, "-p", dir, "-c", file, "-g", "error_log stderr;")
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("nginx said:\n%s", said.String())
		}
	})
	eventually(t, "nginx listens", func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return addr
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// strictProxy is a reverse proxy with the same limits.
func strictProxy(t *testing.T, to string) (addr string) {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		longest := 0
		for name, values := range r.Header {
			for _, value := range values {
				longest = max(longest, len(name)+len(": ")+len(value))
			}
		}
		switch {
		case len(r.Method+" "+r.RequestURI+" HTTP/1.1\r\n") > 8<<10:
			w.WriteHeader(http.StatusRequestURITooLong)
		case longest > 8<<10:
			w.WriteHeader(http.StatusRequestHeaderFieldsTooLarge)
		case r.ContentLength > 1<<20:
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(front.Close)
	return front.Listener.Addr().String()
}

// behindProxies runs a test behind the strict proxy, and behind nginx where it is installed.
func behindProxies(t *testing.T, server chtest.Server, test func(t *testing.T, s settings.Settings)) {
	t.Helper()
	behind := func(addr string) func(t *testing.T) {
		return func(t *testing.T) {
			s := server.Settings(settings.HTTP)
			s.Addresses = []string{addr}
			test(t, s)
		}
	}
	t.Run("proxy with nginx's limits", behind(strictProxy(t, server.Address(settings.HTTP))))
	if addr := nginx(t, server.Address(settings.HTTP)); addr != "" {
		t.Run("nginx", behind(addr))
	} else {
		t.Log("nginx is not installed: a proxy with its limits took its place")
	}
}

// list is so many texts of at least so many bytes, with what has to be escaped.
func list(n, size int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("%d'\\\n\t{x:String}\"%s", i, strings.Repeat("é", size/2))
	}
	return texts
}

func numbers(n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(i) - 3
	}
	return list
}

func TestParametersOfAnyLengthPassAProxy(t *testing.T) {
	sql := "SELECT {texts:Array(String)} AS Texts, {again:Array(String)} AS Again, {numbers:Array(Int64)} AS Numbers, toInt64('7' IN {texts:Array(String)}) AS Found, {text:String} AS Text"
	for name, c := range map[string]struct {
		n, size int
		long    int
	}{
		"nothing":                 {0, 0, 0},
		"a few":                   {3, 10, 100},
		"what fills one field":    {900, 64, 5000},
		"5,000 allowlist entries": {5000, 64, 8000},
		"one that is long":        {2, 60_000, 10},
	} {
		t.Run(name, func(t *testing.T) {
			texts := append(list(c.n, c.size), "7")
			text := strings.Repeat("ü'\\", c.long)
			asked := selecting(t, sql, map[string]any{"texts": texts, "again": texts, "numbers": numbers(c.n + 1), "text": text},
				column("Texts", statement.List), column("Again", statement.List), column("Numbers", statement.Series), column("Found", statement.Integer), column("Text", statement.Text))
			want := []any{[][]string{texts}, [][]string{texts}, [][]int64{numbers(c.n + 1)}, []int64{1}, []string{text}}
			behindProxies(t, chtest.Shared(t), func(t *testing.T, s settings.Settings) {
				if diff := cmp.Diff(want, run(t, connect(t, s), asked).Data); diff != "" {
					t.Errorf("-want +got\n%.2000s", diff)
				}
			})
			t.Run("native", func(t *testing.T) {
				if diff := cmp.Diff(want, run(t, sharedClient(t, settings.Native), asked).Data); diff != "" {
					t.Errorf("-want +got\n%.2000s", diff)
				}
			})
		})
	}
}

// A statement's own text may be longer than ClickHouse takes unless told otherwise, and than a field of a form.
func TestALongStatementPassesAProxy(t *testing.T) {
	sql := "SELECT toInt64(length([" + strings.Repeat("'ü some text that is long', ", 15_000) + "{last:String}])) AS N"
	asked := selecting(t, sql, map[string]any{"last": "x"}, column("N", statement.Integer))
	behindProxies(t, chtest.Shared(t), func(t *testing.T, s settings.Settings) {
		if got := run(t, connect(t, s), asked).Data[0].([]int64)[0]; got != 15_001 {
			t.Errorf("%d texts", got)
		}
	})
	if got := run(t, sharedClient(t, settings.Native), asked).Data[0].([]int64)[0]; got != 15_001 {
		t.Errorf("native: %d texts", got)
	}
}

// Whoever asks, from wherever: the comment travels in the request line, and leaves room in it.
func TestAnyOriginPassesAProxy(t *testing.T) {
	long := strings.Repeat("用户", 100)
	behindProxies(t, chtest.Shared(t), func(t *testing.T, s settings.Settings) {
		s.Custom = map[string]string{"max_threads": "1", "max_memory_usage": "2000000000"}
		_, err := connect(t, s).Query(t.Context(), one(t), clickhouse.Origin{User: long, Dashboard: long, Panel: long, Rule: long, RefID: long, Detector: long})
		if err != nil {
			t.Error(err)
		}
	})
}

// Every detector at once, with as many entries in the allowlist as a table of it may have: 5,000, of every field.
func TestAnAllowlistOf5000EntriesPassesAProxy(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	var entries []allowlist.Entry
	for i := range 5000 {
		entries = append(entries, allowlist.Entry{
			Domain: fmt.Sprintf("service-%d.some-department.example.com", i), Process: fmt.Sprintf("agent-%d.exe", i), Device: fmt.Sprintf("WS-BERLIN-%05d", i),
			Network: netip.PrefixFrom(netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}), 32),
		})
	}
	union := catalog.AlertsAt(detect.Site{Allowlist: entries})
	spec := union.Spec()
	q, err := query.Decode([]byte(`{"queryType":"alerts","format":"table"}`), query.Options{
		Types: map[string]query.Type{spec.Name: spec.Type()}, Now: time.Now, RowLimit: 1000,
		Range: query.Window{From: time.Now().Add(-time.Hour), To: time.Now()},
	})
	if err != nil {
		t.Fatal(err)
	}
	described, err := sharedClient(t, settings.Native).Describe(t.Context(), server.Database, "network_events")
	if err != nil {
		t.Fatal(err)
	}
	table, err := schema.Resolve(server.Database, "network_events", nil, described)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := union.Statement(q, table)
	if err != nil {
		t.Fatal(err)
	}
	s := server.Settings(settings.HTTP)
	if s.Addresses[0] = nginx(t, server.Address(settings.HTTP)); s.Addresses[0] == "" {
		t.Log("nginx is not installed: a proxy with its limits takes its place")
		s.Addresses[0] = strictProxy(t, server.Address(settings.HTTP))
	}
	s.QueryTimeout = 5 * time.Minute
	run(t, connect(t, s), asked)
}
