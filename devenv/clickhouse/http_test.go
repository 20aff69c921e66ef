package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/google/go-cmp/cmp"
)

// answer is what HTTP gave.
type answer struct {
	status int
	header http.Header
	body   string
}

func (s *server) do(t *testing.T, method, path, body string, header http.Header) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.HTTP+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		request.Header = header
	}
	response, err := (&http.Transport{DisableCompression: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(read)}
}

// A statement may come in the URL or the body, by GET or POST, and is answered in the format it asks for.
func TestHTTPRequests(t *testing.T) {
	server := startServer(t)
	const query = "SELECT 1 AS a, 'b' AS b"
	inURL := "query=" + url.QueryEscape(query)
	cases := []struct {
		name, method, path, body string
		header                   http.Header
		status                   int
		want                     string
	}{
		{"ping", "GET", "/ping", "", nil, 200, "Ok.\n"},
		{"nothing asked", "GET", "/", "", nil, 200, "Ok.\n"},
		{"GET", "GET", "/?" + inURL, "", nil, 200, "1\tb\n"},
		{"POST in the URL", "POST", "/?" + inURL, "", nil, 200, "1\tb\n"},
		{"POST in the body", "POST", "/", query, nil, 200, "1\tb\n"},
		{"POST in both", "POST", "/?query=SELECT+1,", "2", nil, 200, "1\t2\n"},
		{"FORMAT in the statement", "POST", "/?default_format=CSV", query + " FORMAT TSVWithNames", nil, 200, "a\tb\n1\tb\n"},
		{"default_format", "POST", "/?default_format=CSV", query, nil, 200, "1,\"b\"\n"},
		{"X-ClickHouse-Format", "POST", "/", query, http.Header{"X-Clickhouse-Format": {"JSONEachRow"}}, 200, "{\"a\":1,\"b\":\"b\"}\n"},
		{"parameters", "POST", "/?param_x=a%5Cnb&param_y=%5B'c'%5D", "SELECT {x:String} = 'a\\nb', {y:Array(String)}", nil, 200, "1\t['c']\n"},
		{"settings", "POST", "/?format_csv_delimiter=;&default_format=CSV", query, nil, 200, "1;\"b\"\n"},
		{"database in the URL", "POST", "/?database=system", "SELECT dummy FROM one", nil, 200, "0\n"},
		{"database in a header", "POST", "/", "SELECT dummy FROM one", http.Header{"X-Clickhouse-Database": {"system"}}, 200, "0\n"},
		{"no such database", "POST", "/?database=none", "SELECT 1", nil, 404, ""},
		{"no such path", "GET", "/play", "", nil, 404, "There is no handle /play\n"},
		{"another method", "DELETE", "/", "SELECT 1", nil, 405, ""},
		{"GET cannot write", "GET", "/?query=CREATE+TABLE+got+(a+Int8)+ENGINE=Memory", "", nil, 500, ""},
		{"an empty statement", "POST", "/", " ", nil, 400, ""},
		{"a session, which there is none of", "POST", "/?session_id=a", "SELECT 1", nil, 501, ""},
		{"wait_end_of_query", "POST", "/?wait_end_of_query=1", "SELECT sum(number) FROM (SELECT number FROM numbers(10))", nil, 200, "45\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := server.do(t, c.method, c.path, c.body, c.header)
			if got.status != c.status {
				t.Fatalf("want status %d, got %d: %s", c.status, got.status, got.body)
			}
			if diff := cmp.Diff(c.want, got.body); c.want != "" && diff != "" {
				t.Errorf("answer differs (-want +got):\n%s", diff)
			}
		})
	}
}

// Answers carry ClickHouse's headers.
func TestHTTPHeaders(t *testing.T) {
	server := startServer(t)
	good := server.do(t, "POST", "/?query_id=mine&default_format=JSONCompact", "SELECT number FROM numbers(10)", nil)
	want := map[string]string{
		"X-ClickHouse-Query-Id": "mine", "X-ClickHouse-Format": "JSONCompact", "Content-Type": "application/json; charset=UTF-8",
	}
	for name, value := range want {
		if got := good.header.Get(name); got != value {
			t.Errorf("%s: want %q, got %q", name, value, got)
		}
	}
	for _, name := range []string{"X-ClickHouse-Server-Display-Name", "X-ClickHouse-Timezone"} {
		if good.header.Get(name) == "" {
			t.Errorf("%s is missing", name)
		}
	}
	var summary map[string]string
	if err := json.Unmarshal([]byte(good.header.Get("X-ClickHouse-Summary")), &summary); err != nil {
		t.Fatal(err)
	}
	if summary["read_rows"] != "10" || summary["result_rows"] != "10" {
		t.Errorf("want 10 rows read and given, got %v", summary)
	}
	bad := server.do(t, "POST", "/", "SELECT * FROM none", nil)
	if bad.status != http.StatusNotFound || bad.header.Get("X-ClickHouse-Exception-Code") != "60" {
		t.Errorf("want status 404 and code 60, got %d and %q", bad.status, bad.header.Get("X-ClickHouse-Exception-Code"))
	}
	if !strings.HasPrefix(bad.body, "Code: 60. DB::Exception: ") || !strings.Contains(bad.body, "(UNKNOWN_TABLE) (version ") {
		t.Errorf("want ClickHouse's words, got %q", bad.body)
	}
}

// Bodies are compressed as the client asks, in ClickHouse's frames or in HTTP's encodings, both ways.
func TestHTTPCompression(t *testing.T) {
	server := startServer(t)
	const query, want = "SELECT number FROM numbers(3)", "0\n1\n2\n"
	t.Run("compress", func(t *testing.T) {
		got := server.do(t, "POST", "/?compress=1", query, nil)
		read, err := io.ReadAll(io.LimitReader(compress.NewReader(strings.NewReader(got.body)), int64(len(want))))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(read)); diff != "" {
			t.Errorf("answer differs (-want +got):\n%s", diff)
		}
	})
	t.Run("decompress", func(t *testing.T) {
		frames := compress.NewWriter(0, compress.LZ4)
		if err := frames.Compress([]byte(query)); err != nil {
			t.Fatal(err)
		}
		if got := server.do(t, "POST", "/?decompress=1", string(frames.Data), nil); got.body != want {
			t.Errorf("want %q, got %q", want, got.body)
		}
	})
	t.Run("gzip", func(t *testing.T) {
		var body bytes.Buffer
		writer := gzip.NewWriter(&body)
		if _, err := writer.Write([]byte(query)); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		got := server.do(t, "POST", "/?enable_http_compression=1", body.String(), http.Header{"Content-Encoding": {"gzip"}, "Accept-Encoding": {"gzip"}})
		reader, err := gzip.NewReader(strings.NewReader(got.body))
		if err != nil {
			t.Fatalf("%v: %q", err, got.body)
		}
		read, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(read)); diff != "" {
			t.Errorf("answer differs (-want +got):\n%s", diff)
		}
	})
}

// A large answer does not pass through memory whole: it has begun to arrive while the statement still runs.
func TestHTTPAnswersAreStreamed(t *testing.T) {
	server := startServer(t)
	request, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+server.HTTP+"/?query_id=streamed", strings.NewReader("SELECT number FROM numbers(100000000000)"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	first := make([]byte, 4<<20)
	if _, err := io.ReadFull(response.Body, first); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(first, []byte("0\n1\n2\n")) {
		t.Errorf("want the first rows, got %q", first[:20])
	}
	got := server.do(t, "POST", "/", "SELECT count() FROM system.processes WHERE query_id = 'streamed'", nil)
	if got.body != "1\n" {
		t.Errorf("want the statement still running, got %q", got.body)
	}
}

// A form's fields are the statement, in one piece or several, and its parameters; settings stay in the URL.
func TestHTTPForms(t *testing.T) {
	server := startServer(t)
	type field struct{ name, value string }
	long := strings.Repeat("x", 128<<10)
	for name, c := range map[string]struct {
		url    string
		fields []field
		status int
		body   string
	}{
		"a parameter":               {"", []field{{"query", "SELECT {x:String}"}, {"param_x", `a\tb`}}, 200, "a\\tb\n"},
		"a statement in pieces":     {"", []field{{"query", "SELECT 1,"}, {"query", " 2"}}, 200, "1\t2\n"},
		"a field as long as may be": {"", []field{{"query", "SELECT length({x:String})"}, {"param_x", long}}, 200, "131072\n"},
		"a field that is longer":    {"", []field{{"query", "SELECT length({x:String})"}, {"param_x", long + "x"}}, 500, "Field value too long"},
		"a setting":                 {"?join_use_nulls=1", []field{{"query", "SELECT getSetting('join_use_nulls')"}}, 200, "true\n"},
		"a setting that ends like an external table's description": {"?date_time_output_format=iso", []field{{"query", "SELECT getSetting('date_time_output_format')"}}, 200, "simple\n"},
		"a setting in a field": {"", []field{{"query", "SELECT getSetting('join_use_nulls')"}, {"join_use_nulls", "1"}}, 200, "false\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var body bytes.Buffer
			form := multipart.NewWriter(&body)
			for _, f := range c.fields {
				if err := form.WriteField(f.name, f.value); err != nil {
					t.Fatal(err)
				}
			}
			if err := form.Close(); err != nil {
				t.Fatal(err)
			}
			got := server.do(t, "POST", "/"+c.url, body.String(), http.Header{"Content-Type": {form.FormDataContentType()}})
			if got.status != c.status || !strings.Contains(got.body, c.body) {
				t.Errorf("got %d %.300s, want %d %s", got.status, got.body, c.status, c.body)
			}
		})
	}
}
