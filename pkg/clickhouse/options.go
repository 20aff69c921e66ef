package clickhouse

import (
	"context"
	"net"
	"strings"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/grafana/grafana-plugin-sdk-go/build/buildinfo"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// options are the driver's. It is given no database: every statement names its own, so that a connection is possible
// before the database is there.
func (c *Client) options(dial func(ctx context.Context, addr string) (net.Conn, error)) (*driver.Options, error) {
	s := c.settings
	o := &driver.Options{
		Protocol:        map[settings.Protocol]driver.Protocol{settings.Native: driver.Native, settings.HTTP: driver.HTTP}[s.Protocol],
		Addr:            s.Addresses,
		Auth:            driver.Auth{Username: s.Username, Password: s.Password},
		Compression:     &driver.Compression{Method: driver.CompressionLZ4},
		MaxOpenConns:    s.MaxOpenConns,
		MaxIdleConns:    s.MaxIdleConns,
		ConnMaxLifetime: s.ConnLifetime,
		HttpUrlPath:     httpPath(s.Path),
		ClientInfo:      product(),
		Settings:        c.always(),
		// The driver's clocks must never be first: each address has its own time to connect (dialer), each statement
		// its limit (flight).
		DialTimeout: time.Duration(len(s.Addresses)) * (s.DialTimeout + time.Second),
		ReadTimeout: s.QueryTimeout + 2*grace,
	}
	if s.MaxIdleConns == 0 { // the driver would take 5
		o.MaxIdleConns, o.ConnMaxLifetime = 1, idleNone
	}
	var err error
	if o.TLS, err = tlsConfig(s); err != nil {
		return nil, err
	}
	d := &dialer{
		timeout: s.DialTimeout, open: dial, proxied: dial != nil, tls: o.TLS,
		connected: func() { c.server.Store(nil) }, // it may be another server, or the user's profile may have changed
	}
	if dial == nil {
		d.open = func(ctx context.Context, addr string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", addr)
		}
	}
	o.DialStrategy = d.strategy
	return o, nil
}

// idleNone is how long a connection lives where none is to be kept idle.
const idleNone = time.Second

func httpPath(path string) string {
	if path == "" || strings.HasPrefix(path, "/") {
		return path
	}
	return "/" + path
}

// productName is how Fluxhound introduces itself.
const productName = "fluxhound"

// product is what system.processes and system.query_log show as the client's name, or HTTP's user agent.
func product() driver.ClientInfo {
	version := "dev"
	if info, err := buildinfo.GetBuildInfo(); err == nil && info.Version != "" {
		version = info.Version
	}
	return driver.ClientInfo{Products: []struct{ Name, Version string }{{productName, version}}}
}
