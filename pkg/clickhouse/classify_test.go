package clickhouse

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestExceptionsAreJudgedByTheirCodeOverBothProtocols(t *testing.T) {
	for category, codes := range map[Category][]int32{
		Auth:       {192, 193, 194, 195, 516},
		Permission: {164, 291, 452, 497},
		Schema:     {10, 16, 47, 60, 81, 218},
		Timeout:    {159, 160},
		Limit:      {158, 191, 201, 202, 241, 290, 307, 396, 439, 745},
		Network:    {209, 210, 279},
		Query:      {6, 43, 46, 53, 62, 115, 153, 386, 394, 457, 1000},
	} {
		for _, code := range codes {
			exception := &driver.Exception{Code: code, Message: "what ClickHouse said"}
			for protocol, err := range map[string]error{
				"native":         exception,
				"HTTP":           fmt.Errorf("sendQuery: %w", &driver.HTTPError{StatusCode: 500, Err: exception}),
				"mid-stream":     fmt.Errorf("readData stream: %w", exception),
				"while dialling": connectErrors{{addr: "db:9000", err: exception}},
			} {
				t.Run(fmt.Sprintf("%d %s", code, protocol), func(t *testing.T) {
					got := classify("run the statement", err)
					if got.Category != category {
						t.Errorf("want %s, got %s", category, got.Category)
					}
					if text := got.Error(); !strings.Contains(text, fmt.Sprintf("code %d: what ClickHouse said. ", code)) {
						t.Errorf("the text is %s", text)
					}
					if !errors.Is(got, exception) {
						t.Error("the exception is not in the chain")
					}
				})
			}
		}
	}
}

func TestOtherErrorsAreJudgedByTheirType(t *testing.T) {
	refusedDial := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	answer := func(status int) error {
		return &driver.HTTPError{StatusCode: status, Err: errors.New("response body: <html>")}
	}
	cases := []struct {
		name string
		err  error
		want Category
		says string
	}{
		{"nothing listens", refusedDial, Network, "Nothing listens there"},
		{"nothing listens, over HTTP", &url.Error{Op: "Post", URL: "http://u:***@h:1", Err: refusedDial}, Network, "Nothing listens there"},
		{"no such host", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "db"}}, Network, "resolve"},
		{"no answer", fmt.Errorf("%w for 10s", errNoAnswer), Network, "dialTimeout"},
		{"end of file", fmt.Errorf("read: %w", io.EOF), Network, "broke the connection off"},
		{"cut short", fmt.Errorf("read: %w", io.ErrUnexpectedEOF), Network, "broke the connection off"},
		{"reset", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, Network, "broke the connection off"},
		{"broken pipe", &net.OpError{Op: "write", Err: syscall.EPIPE}, Network, "broke the connection off"},
		{"closed", net.ErrClosed, Network, "broke the connection off"},
		{"idle connection closed", errors.New("http: server closed idle connection"), Network, "broke the connection off"},
		{"greeting cut short", connectErrors{{addr: "db:9000", err: io.EOF}}, Network, "switch on secure"},
		{"no route", &net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}, Network, "can reach it"},

		{"unknown authority", &handshakeError{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, TLS, "tlsCACert"},
		{"another name", &handshakeError{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "db"}}, TLS, "serverName"},
		{"expired", &handshakeError{x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired}}, TLS, "replace it"},
		{"no TLS there", &handshakeError{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}}, TLS, "switch off secure"},
		{"alert", &net.OpError{Op: "remote error", Err: tls.AlertError(116)}, TLS, "client certificate"},
		{"hung up in the handshake", &handshakeError{io.EOF}, TLS, "speaks TLS"},
		{"TLS port, native", errors.New("[handshake] unexpected packet [21] from server"), TLS, "switch on secure"},
		{"TLS port, HTTP", errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "\x15\x03\x01"`), TLS, "switch on secure"},
		{"HTTPS port", &driver.HTTPError{StatusCode: 400, Err: errors.New("Client sent an HTTP request to an HTTPS server.")}, TLS, "switch on secure"},
		{"HTTP port, native", errors.New("[handshake] unexpected packet [72] from server"), Network, "protocol to http"},
		{"native port, HTTP", errors.New(`malformed HTTP response "\x02\x00"`), Network, "protocol to native"},

		{"proxy wants a login", answer(http.StatusUnauthorized), Auth, "proxy"},
		{"proxy forbids", answer(http.StatusForbidden), Auth, "proxy"},
		{"proxy finds nobody", answer(http.StatusBadGateway), Network, "ClickHouse runs"},
		{"another server", answer(http.StatusNotFound), Network, "not ClickHouse's HTTP interface"},
		{"URL too long", answer(http.StatusRequestURITooLong), Limit, "fewer values"},
		{"too many requests", answer(http.StatusTooManyRequests), Limit, "refresh"},

		{"no free connection", driver.ErrAcquireConnTimeout, Limit, "maxOpenConns"},
		{"too many rows", &tooManyRows{most: 11}, Limit, "rowLimit"},
		{"another result", &mismatch{what: "1 columns came, 2 were expected"}, Query, "types"},
		{"a value that does not fit", &driver.OpError{Op: "Scan", Err: errors.New("converting")}, Query, "types"},
		{"an old server", driver.ErrUnsupportedServerRevision, Schema, "newer"},
		{"anything else", errors.New("unheard of"), Query, "report this"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := classify("run the statement", c.err)
			if got.Category != c.want || !strings.Contains(got.Hint, c.says) {
				t.Errorf("want %s with %q, got %v", c.want, c.says, got)
			}
		})
	}
}

func TestWhatClickHouseItselfSaysCountsMost(t *testing.T) {
	err := connectErrors{
		{addr: "a:9000", err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}},
		{addr: "b:9000", err: &driver.Exception{Code: 516, Message: "Authentication failed"}},
	}
	got := classify("run the statement", err)
	const want = "[auth] connect to ClickHouse at a:9000, b:9000: a:9000: dial: connection refused; b:9000: code 516: Authentication failed. "
	if !strings.HasPrefix(got.Error(), want) {
		t.Errorf("want %s…, got %s", want, got)
	}
}

func TestAnErrorIsClassifiedOnce(t *testing.T) {
	first := classify("describe the table", io.EOF)
	if again := classify("run the statement", fmt.Errorf("wrapped: %w", first)); again != first {
		t.Errorf("want %v, got %v", first, again)
	}
}

func TestAnErrorsTextIsShortAndWithoutTheURL(t *testing.T) {
	long := &driver.Exception{Code: 62, Message: strings.Repeat("ü", 1_000_000)}
	if got := classify("run the statement", long).Error(); len(got) > 4*longestText {
		t.Errorf("the text has %d bytes", len(got))
	}
	inURL := fmt.Errorf("sendQuery: %w", &url.Error{Op: "Post", URL: "http://db:8123/?param_x=evidence", Err: io.EOF})
	if got := classify("run the statement", inURL).Error(); strings.Contains(got, "evidence") {
		t.Errorf("the URL is in %s", got)
	}
}

func TestAllConnectionsBusyIsALimit(t *testing.T) {
	client, err := New(settings.Settings{Addresses: []string{"127.0.0.1:1"}, Protocol: settings.Native, MaxOpenConns: 1, MaxIdleConns: 1, QueryTimeout: 10 * time.Millisecond, ConnLifetime: time.Minute}, nil)
	if err != nil {
		t.Fatal(err)
	}
	leave, err := client.enter(t.Context(), "hold the only connection", Origin{}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Query(t.Context(), statement.Statement{SQL: "SELECT 1"}, Origin{})
	if got := new(Error); !errors.As(err, &got) || got.Category != Limit || !strings.Contains(got.Hint, "maxOpenConns") {
		t.Errorf("want a limit that names maxOpenConns, got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = client.Query(ctx, statement.Statement{SQL: "SELECT 1"}, Origin{}); !errors.Is(err, context.Canceled) {
		t.Errorf("want context.Canceled, got %v", err)
	}
	leave()
	if err := client.Close(); err != nil {
		t.Error(err)
	}
}
