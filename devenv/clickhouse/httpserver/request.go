package httpserver

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/access"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/sqltext"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/statement"
)

// request is a statement as HTTP brings it.
type request struct {
	statement statement.Request
	query     string
	format    string // the output's, unless the statement names one
	revision  int    // of Native blocks
	tables    []statement.Table
	isForm    bool // the body is a form

	isInsert bool
	insert   sqltext.Insert
	data     io.Reader // of an INSERT

	compressResponse bool // compress=1, in ClickHouse's own frames
	compressMethod   string
	acceptEncoding   string // gzip or deflate, when enable_http_compression lets it be used
	waitEndOfQuery   bool
}

// headQuerySize is how much of a body is read to find out whether it is an INSERT, whose data can be endless, in bytes. A
// server's max_query_size is the same.
const headQuerySize = 256 << 10

// notSettings are URL parameters that are no settings.
var notSettings = []string{
	"query", "user", "password", "database", "default_format", "query_id", "quota_key", "compress", "decompress",
	"client_protocol_version", "wait_end_of_query", "buffer_size", "stacktrace", "role", "close_session",
	"session_timeout", "session_check",
}

func (h *Handler) read(r *http.Request) (*request, error) {
	request := &request{format: "TabSeparated"}
	// A semicolon is a byte like any other to ClickHouse, while net/url drops the parameter it stands in.
	values, err := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	if err != nil {
		return request, &engine.Exception{Code: engine.CodeSyntaxError, Name: "SYNTAX_ERROR", Message: fmt.Sprintf("The URL's parameters cannot be read: %v", err)}
	}
	request.statement.ID = values.Get("query_id")
	if request.statement.User, err = h.authenticate(r, values); err != nil {
		return request, err
	}
	if values.Has("session_id") {
		return request, notImplemented("HTTP sessions (session_id)")
	}
	request.statement.ReadOnly = r.Method == http.MethodGet
	request.statement.Database = firstOf(r.Header.Get("X-ClickHouse-Database"), values.Get("database"))
	request.format = firstOf(r.Header.Get("X-ClickHouse-Format"), values.Get("default_format"), request.format)
	request.compressResponse = values.Get("compress") == "1"
	request.compressMethod = values.Get("network_compression_method")
	request.waitEndOfQuery = isOn(values.Get("wait_end_of_query"))
	if isOn(values.Get("enable_http_compression")) {
		request.acceptEncoding = r.Header.Get("Accept-Encoding")
	}
	if text := values.Get("client_protocol_version"); text != "" {
		if request.revision, err = strconv.Atoi(text); err != nil {
			return request, fmt.Errorf("client_protocol_version: %w", err)
		}
	}
	var text io.Reader
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		var query string
		request.isForm = true
		query, err = request.readForm(r)
		text = strings.NewReader(query)
	} else {
		text, err = decodeBody(r, values)
	}
	if err != nil {
		return request, err
	}
	request.readParameters(values)
	return request, request.readQuery(values.Get("query"), text)
}

// readParameters sorts URL parameters into query parameters and settings, each in a fixed order.
func (r *request) readParameters(values url.Values) {
	r.readQueryParameters(values)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !strings.HasPrefix(name, paramPrefix) && !slices.Contains(notSettings, name) && !r.describesTable(name) {
			r.statement.Settings = append(r.statement.Settings, engine.Setting{Name: name, Value: values.Get(name)})
		}
	}
}

const paramPrefix = "param_"

// readQueryParameters takes the query parameters from the URL's or a form's values, in a fixed order.
func (r *request) readQueryParameters(values map[string][]string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if parameter, ok := strings.CutPrefix(name, paramPrefix); ok {
			r.statement.Parameters = append(r.statement.Parameters, engine.Parameter{Name: parameter, Value: values[name][0]})
		}
	}
}

// readQuery finds the statement, which may begin in the URL and go on in the body, and an INSERT's data after it.
func (r *request) readQuery(inURL string, body io.Reader) error {
	text := io.MultiReader(strings.NewReader(inURL), body)
	if inURL != "" {
		text = io.MultiReader(strings.NewReader(inURL+"\n"), body)
	}
	buffered := bufio.NewReaderSize(text, headQuerySize)
	head, err := buffered.Peek(headQuerySize)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the request's body: %w", err)
	}
	insert, ok := sqltext.ParseInsert(string(head))
	if !ok {
		rest, err := io.ReadAll(buffered)
		if err != nil {
			return fmt.Errorf("read the request's body: %w", err)
		}
		r.query = string(rest)
		return nil
	}
	if _, err := buffered.Discard(insert.Data); err != nil {
		return fmt.Errorf("read the request's body: %w", err)
	}
	r.isInsert, r.insert, r.data = true, insert, buffered
	return nil
}

// authenticate takes name and password from ClickHouse's headers, basic authorization, or the URL.
func (h *Handler) authenticate(r *http.Request, values url.Values) (access.User, error) {
	name, password := r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key")
	if name == "" && password == "" {
		var ok bool
		if name, password, ok = r.BasicAuth(); !ok {
			name, password = values.Get("user"), values.Get("password")
		}
	}
	return h.users.Authenticate(name, password)
}

func notImplemented(what string) error {
	return &engine.Exception{Code: engine.CodeNotImplemented, Name: "NOT_IMPLEMENTED", Message: what + " are not supported by this development server"}
}

func firstOf(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

func isOn(value string) bool { return value == "1" || value == "true" }
