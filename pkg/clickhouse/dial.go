package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// dialer makes the driver's connections: to the first address that takes one.
type dialer struct {
	timeout   time.Duration // for each address, up to ClickHouse's greeting
	open      func(ctx context.Context, addr string) (net.Conn, error)
	proxied   bool // open is Grafana's secure socks proxy
	tls       *tls.Config
	connected func() // called after each new connection
}

// strategy is the driver's own ConnOpenInOrder, but each address has a time of its own, what fails is closed, and a
// password that one server refuses is not tried on the next.
func (d *dialer) strategy(ctx context.Context, _ int, options *driver.Options, dial driver.Dial) (driver.DialResult, error) {
	ctx, connected := connecting(ctx)
	defer connected()
	var failed connectErrors
	for _, addr := range options.Addr {
		result, err := d.connect(ctx, addr, *options, dial)
		if err == nil {
			d.connected()
			return result, nil
		}
		failed = append(failed, &connectError{addr: addr, err: err})
		if ctx.Err() != nil || refused(err) {
			break
		}
	}
	return driver.DialResult{}, failed
}

func (d *dialer) connect(ctx context.Context, addr string, options driver.Options, dial driver.Dial) (result driver.DialResult, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d.timeout, errNoAnswer)
	defer cancel()
	var reached atomic.Bool // something took the connection
	own := *d
	own.open = func(ctx context.Context, addr string) (net.Conn, error) {
		conn, err := d.open(ctx, addr)
		if err == nil {
			reached.Store(true)
		}
		return conn, err
	}
	if options.Protocol == driver.HTTP {
		result, err = own.connectHTTP(ctx, addr, options, dial)
	} else {
		result, err = own.connectNative(ctx, addr, options, dial)
	}
	if err != nil && errors.Is(context.Cause(ctx), errNoAnswer) {
		if reached.Load() {
			return result, fmt.Errorf("%w: %w for %s", errSilent, errNoAnswer, d.timeout)
		}
		return result, fmt.Errorf("%w for %s", errNoAnswer, d.timeout)
	}
	return result, err
}

// connectNative closes what the driver leaves open: a connection on which the greeting fails or ctx ends.
func (d *dialer) connectNative(ctx context.Context, addr string, options driver.Options, dial driver.Dial) (driver.DialResult, error) {
	var conn net.Conn
	keep := func() bool { return true }
	options.DialContext = func(ctx context.Context, addr string) (net.Conn, error) {
		var err error
		if conn, err = d.dial(ctx, addr); err == nil {
			keep = context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
	result, err := dial(ctx, addr, &options)
	if err != nil && conn != nil {
		_ = conn.Close()
	}
	if !keep() && err == nil {
		err = context.Cause(ctx)
	}
	return result, err
}

// connectHTTP gives the connection its own transport. The driver keeps it, and dials with it again when the server has
// closed the connection.
func (d *dialer) connectHTTP(ctx context.Context, addr string, options driver.Options, dial driver.Dial) (driver.DialResult, error) {
	var made *http.Transport
	options.TransportFunc = func(t *http.Transport) (http.RoundTripper, error) {
		made = t
		t.DialContext = func(ctx context.Context, _, addr string) (net.Conn, error) { return d.dialPlain(ctx, addr) }
		t.DialTLSContext = func(ctx context.Context, _, addr string) (net.Conn, error) { return d.dial(ctx, addr) }
		if d.proxied {
			t.Proxy = nil
		}
		return &transport{Transport: t, certificate: d.tls != nil && len(d.tls.Certificates) > 0}, nil
	}
	result, err := dial(ctx, addr, &options)
	if err != nil && made != nil {
		made.CloseIdleConnections()
	}
	return result, err
}

// dial makes a connection, over TLS where the settings say so.
func (d *dialer) dial(ctx context.Context, addr string) (net.Conn, error) {
	conn, err := d.dialPlain(ctx, addr)
	if err != nil || d.tls == nil {
		return conn, err
	}
	secure := tls.Client(conn, forAddress(d.tls, addr))
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, &handshakeError{err: err}
	}
	return secure, nil
}

func (d *dialer) dialPlain(ctx context.Context, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d.timeout, errNoAnswer)
	defer cancel()
	conn, err := d.open(ctx, addr)
	if err != nil && errors.Is(context.Cause(ctx), errNoAnswer) {
		return nil, fmt.Errorf("%w for %s", errNoAnswer, d.timeout)
	}
	return conn, err
}

// Two ways in which an address does not answer in time: nothing takes the connection, or what takes it says nothing.
var (
	errNoAnswer = errors.New("no answer")
	errSilent   = errors.New("the connection was taken")
)

// connectError is an address that could not be connected to.
type connectError struct {
	addr string
	err  error
}

func (e *connectError) Error() string { return e.addr + ": " + e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

// connectErrors are all the addresses of a data source, none of which could be connected to.
type connectErrors []*connectError

func (e connectErrors) Error() string {
	if len(e) == 1 {
		return e[0].err.Error() // the address stands in the Error's Op
	}
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "; ")
}

func (e connectErrors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, one := range e {
		errs[i] = one
	}
	return errs
}

func (e connectErrors) op() string {
	addrs := make([]string, len(e))
	for i, one := range e {
		addrs[i] = one.addr
	}
	return "connect to ClickHouse at " + strings.Join(addrs, ", ")
}
