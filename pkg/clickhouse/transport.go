package clickhouse

import (
	"encoding/json"
	"net/http"
)

// transport mends the driver's HTTP requests and notes what the answers' headers say.
type transport struct {
	*http.Transport
	certificate bool // a client certificate is configured
}

// summaryHeader holds, in ClickHouse's answer, what the statement has read by the time that the answer begins. A
// short answer begins when the statement ends; a long one begins earlier, and its numbers are too low.
const summaryHeader = "X-ClickHouse-Summary"

// RoundTrip sends a request without what the driver adds on its own, for a user with readonly=1 may set nothing.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	f := flightOf(request.Context())
	if f != nil {
		f.sent.Store(true)
	}
	sent := request.Clone(request.Context())
	query := sent.URL.Query()
	query.Del("network_compression_method") // answers tell theirs, block by block
	if !f.limited() {
		query.Del("max_execution_time") // made from the deadline for connecting
	}
	sent.URL.RawQuery = query.Encode()
	if !t.certificate {
		// The driver takes an empty password over TLS for a login by certificate.
		sent.Header.Del("X-ClickHouse-SSL-Certificate-Auth")
	}
	response, err := t.Transport.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	var summary struct {
		Rows  uint64 `json:"read_rows,string"`
		Bytes uint64 `json:"read_bytes,string"`
	}
	if json.Unmarshal([]byte(response.Header.Get(summaryHeader)), &summary) == nil {
		f.progress(summary.Rows, summary.Bytes)
	}
	return response, nil
}
