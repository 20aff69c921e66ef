package clickhouse

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// secureLine judges TLS.
func secureLine(err error) (verdict, bool) {
	switch {
	case is[x509.UnknownAuthorityError](err):
		return verdict{TLS, "The server's certificate is signed by an authority that is not trusted here: add that authority's certificate (tlsCACert) in the data source's settings."}, true
	case is[x509.HostnameError](err):
		return verdict{TLS, "The server's certificate is for another name: use that name as the host, or set serverName in the data source's settings."}, true
	case is[x509.CertificateInvalidError](err):
		return verdict{TLS, "The server's certificate is not valid: the server's administrator must replace it."}, true
	case is[tls.RecordHeaderError](err), errors.Is(err, http.ErrSchemeMismatch):
		return verdict{TLS, "The port does not speak TLS: switch off secure in the data source's settings, or use the server's TLS port (9440 native, 8443 HTTP unless configured otherwise)."}, true
	case is[tls.AlertError](err):
		return verdict{TLS, "The server breaks off the secure connection: it may want a client certificate, or another one than the data source's settings hold."}, true
	case is[*handshakeError](err):
		return verdict{TLS, "Check that the port speaks TLS, and the certificates in the data source's settings."}, true
	}
	return verdict{}, false
}

// proxyAnswer judges an HTTP answer that is not ClickHouse's: from a proxy, or from another server.
func proxyAnswer(err error) (verdict, bool) {
	var answer *driver.HTTPError
	if !errors.As(err, &answer) {
		return verdict{}, false
	}
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return verdict{Auth, "A proxy before ClickHouse refuses the request: check the user name and password in the data source's settings, and the proxy's rules."}, true
	case http.StatusTooManyRequests:
		return verdict{Limit, "A proxy before ClickHouse allows fewer requests: refresh less often, or raise its limit."}, true
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return verdict{Limit, "The request is too large for the server or a proxy before it: filter by fewer values, use the native protocol, or raise the limit on a URL's size."}, true
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return verdict{Network, "A proxy before ClickHouse gets no answer from it: check that ClickHouse runs."}, true
	}
	if v, ok := wording(err); ok {
		return v, true
	}
	if answer.StatusCode == http.StatusBadRequest && errors.Is(err, syscall.ECONNRESET) { // its words got lost
		return verdict{TLS, secureHint}, true
	}
	return verdict{Network, "What answers is not ClickHouse's HTTP interface: check host, port and path in the data source's settings (port 8123, or 8443 with TLS, unless configured otherwise)."}, true
}

// ownFindings judges what this package or the driver made out for itself.
func ownFindings(err error) (verdict, bool) {
	switch {
	case is[*tooManyRows](err):
		return verdict{Limit, tooMuchHint}, true
	case is[*mismatch](err), is[*driver.OpError](err):
		return verdict{Query, "Check that the events table's columns still have the types they had; if so, please report this as a fault of the plugin."}, true
	case errors.Is(err, driver.ErrAcquireConnTimeout):
		return verdict{Limit, "Every connection was busy: raise maxOpenConns in the data source's settings."}, true
	case errors.Is(err, driver.ErrUnsupportedServerRevision):
		return verdict{Schema, tooOldHint}, true
	case is[*redirected](err):
		return verdict{Network, "Redirects are not followed, for they would take the password to another address: set host, port, path and secure in the data source's settings to where ClickHouse itself answers."}, true
	case is[*cutShort](err):
		return verdict{Network, "A proxy or load balancer between here and ClickHouse ends answers early: look into its log and its limits on time and size. Nothing was taken from the part that came."}, true
	case errors.Is(err, errNoProof):
		return verdict{Network, "A proxy between here and ClickHouse answers in its place, or removes headers: let ClickHouse's own headers pass, or use the native protocol. Nothing was taken from the answer."}, true
	}
	return verdict{}, false
}

// connection judges the way to the server.
func connection(err error) (verdict, bool) {
	switch {
	case is[*net.DNSError](err):
		return verdict{Network, "Check the host's name in the data source's settings, and that this machine can resolve it."}, true
	case errors.Is(err, errSilent):
		return verdict{Network, "Something listens there and says nothing: where it is ClickHouse, it may be overloaded, starting or stopped in its tracks, so look at its load and log, and raise dialTimeout in the data source's settings if it only needs longer; otherwise check that the port is the protocol's own (8123 HTTP, 9000 native, 8443 and 9440 with TLS, unless configured otherwise)."}, true
	case errors.Is(err, errNoAnswer):
		return verdict{Network, "Nothing takes the connection: check host and port, and that no firewall drops the packets; for a slow network raise dialTimeout in the data source's settings."}, true
	case errors.Is(err, syscall.ECONNREFUSED):
		return verdict{Network, "Nothing listens there: check that ClickHouse runs, and host and port in the data source's settings."}, true
	case is[connectErrors](err) && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)):
		return verdict{Network, "The server hung up before its greeting: the port may speak TLS (switch on secure in the data source's settings) or another protocol, or ClickHouse may be starting or full."}, true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, driver.ErrConnectionClosed):
		return verdict{Network, brokenHint}, true
	case is[net.Error](err):
		return verdict{Network, "Check that ClickHouse runs and that this machine can reach it."}, true
	}
	return verdict{}, false
}

// wording judges by text what the driver and Go's HTTP client leave without a type.
func wording(err error) (verdict, bool) {
	text := err.Error()
	for _, w := range []struct {
		part string
		verdict
	}{
		{"unexpected packet [21] from server", verdict{TLS, secureHint}}, // a TLS alert
		{`malformed HTTP response "\x15\x03`, verdict{TLS, secureHint}},  // the same, over HTTP
		{"HTTP request to an HTTPS server", verdict{TLS, secureHint}},
		{"unexpected packet [72] from server", verdict{Network, "The port speaks HTTP: set protocol to http in the data source's settings, or use the native port (9000, or 9440 with TLS, unless configured otherwise)."}}, // H of HTTP/1.1
		{"malformed HTTP", verdict{Network, "The port does not speak HTTP: set protocol to native in the data source's settings, or use the HTTP port (8123, or 8443 with TLS, unless configured otherwise)."}},
		{"[handshake] unexpected packet", verdict{Network, "What listens there is not ClickHouse: check host and port in the data source's settings."}},
		{"closed connection", verdict{Network, brokenHint}},
		{"server closed idle connection", verdict{Network, brokenHint}},
		{"connection broken", verdict{Network, brokenHint}},
	} {
		if strings.Contains(text, w.part) {
			return w.verdict, true
		}
	}
	return verdict{}, false
}

// is says whether an error of type E is in the chain.
func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}
