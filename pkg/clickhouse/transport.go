package clickhouse

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// transport mends the driver's HTTP requests and notes what the answers' headers say.
type transport struct {
	*http.Transport
	certificate bool // a client certificate is configured
}

// heldInMemory is how much of an answer ClickHouse holds in memory until it is whole, in bytes; more goes to its disk.
const heldInMemory = 16 << 20

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
	query.Set("wait_end_of_query", "1")
	query.Set("buffer_size", strconv.Itoa(heldInMemory))
	if hasParams(query) {
		if err := intoForm(sent, query); err != nil {
			return nil, fmt.Errorf("write the request's body: %w", err)
		}
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
	if redirects(response.StatusCode) {
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, heldInMemory))
		_ = response.Body.Close()
		return nil, &redirected{status: response.StatusCode, to: response.Header.Get("Location")}
	}
	f.note(response.Header)
	return response, nil
}

func redirects(status int) bool { return status >= 300 && status < 400 }

// redirected is an answer that sends the request elsewhere. It is not followed: user name and password are for the host that
// the settings name.
type redirected struct {
	status int
	to     string
}

func (e *redirected) Error() string {
	text := fmt.Sprintf("the server answers with a redirect (status %d)", e.status)
	if to, err := url.Parse(e.to); err == nil && to.Host != "" {
		text += " to " + to.Scheme + "://" + to.Host // what else is in it may be a secret
	}
	return text
}
