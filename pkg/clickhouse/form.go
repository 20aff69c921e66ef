package clickhouse

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// paramPrefix begins the name of a parameter in a request of ClickHouse's HTTP interface.
const paramPrefix = "param_"

// intoForm moves the statement and its parameters from the URL into a form, for lists are longer than a proxy lets a request
// line be. Settings stay: ClickHouse reads them from the URL alone. A field's length is bounded, so a long statement goes
// in pieces, which ClickHouse joins.
func intoForm(request *http.Request, query url.Values) error {
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	for name, values := range query {
		if strings.HasPrefix(name, paramPrefix) {
			if err := writer.WriteField(name, values[0]); err != nil {
				return err
			}
			query.Del(name)
		}
	}
	sql, err := io.ReadAll(request.Body)
	if err != nil {
		return err
	}
	for len(sql) > 0 {
		n := min(len(sql), longestField)
		if err := writer.WriteField("query", string(sql[:n])); err != nil {
			return err
		}
		sql = sql[n:]
	}
	if err := writer.Close(); err != nil {
		return err
	}
	_ = request.Body.Close()
	body := form.Bytes()
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	request.Header.Set("Content-Type", writer.FormDataContentType())
	return nil
}

func hasParams(query url.Values) bool {
	for name := range query {
		if strings.HasPrefix(name, paramPrefix) {
			return true
		}
	}
	return false
}
