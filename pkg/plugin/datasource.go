// Package plugin holds Grafana's handlers. It joins the stages of a query and decides nothing itself.
package plugin

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/events"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Datasource is one data source instance: its settings, its pool of connections and what it knows of the table.
type Datasource struct {
	settings settings.Settings
	// fault is why the settings cannot be used. The instance exists all the same, so that every answer can say so.
	fault  error
	client *clickhouse.Client
	shared *clickhouse.Shared // the client, for viewers who ask the same
	table  tableCache
	site   siteCache
	now    func() time.Time
	backend.CallResourceHandler
}

var (
	_ backend.QueryDataHandler      = (*Datasource)(nil)
	_ backend.CheckHealthHandler    = (*Datasource)(nil)
	_ backend.CallResourceHandler   = (*Datasource)(nil)
	_ instancemgmt.InstanceDisposer = (*Datasource)(nil)
)

// NewDatasource makes an instance. It connects to nothing: the first query does, so a ClickHouse that is down now costs
// no restart later.
func NewDatasource(ctx context.Context, stored backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	d := &Datasource{now: time.Now}
	d.CallResourceHandler = httpadapter.New(d.routes())
	if d.settings, d.fault = settings.Decode(stored.JSONData, stored.DecryptedSecureJSONData); d.fault != nil {
		return d, nil
	}
	dial, err := socksDialer(ctx, stored)
	if err != nil {
		d.fault = err
		return d, nil
	}
	if d.client, d.fault = clickhouse.New(d.settings, dial); d.fault == nil {
		d.shared = d.client.Share(d.settings.CacheTTL)
	}
	return d, nil
}

// Dispose closes the pool; Grafana calls it when the settings have changed.
func (d *Datasource) Dispose() {
	if d.client != nil {
		d.shared.Close()
		_ = d.client.Close() // nobody is left who could act on it
	}
}

// socksDialer returns Grafana's secure socks proxy when the data source uses it, else nil.
func socksDialer(ctx context.Context, stored backend.DataSourceInstanceSettings) (func(context.Context, string) (net.Conn, error), error) {
	proxy, err := stored.ProxyClient(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the secure socks proxy's settings: %w", err)
	}
	if !proxy.SecureSocksProxyEnabled() {
		return nil, nil
	}
	dialer, err := proxy.NewSecureSocksProxyContextDialer()
	if err != nil {
		return nil, fmt.Errorf("set up the secure socks proxy: %w", err)
	}
	contextual, ok := dialer.(interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	})
	if !ok {
		return nil, fmt.Errorf("set up the secure socks proxy: its dialer %T cannot be cancelled", dialer)
	}
	return func(ctx context.Context, address string) (net.Conn, error) {
		return contextual.DialContext(ctx, "tcp", address)
	}, nil
}

// queryTypes returns everything that can be asked: the detectors, their union and the events.
func queryTypes(at detect.Site) []detect.Detector {
	return append(catalog.DetectorsAt(at), catalog.AlertsAt(at), events.Events{})
}

// queryType finds one of queryTypes by name.
func queryType(name string, at detect.Site) (detect.Detector, bool) {
	for _, d := range queryTypes(at) {
		if d.Spec().Name == name {
			return d, true
		}
	}
	return nil, false
}

// decodable describes the query types to the decoder.
func decodable() map[string]query.Type {
	types := map[string]query.Type{}
	for _, d := range queryTypes(detect.Site{}) {
		spec := d.Spec()
		types[spec.Name] = query.Type{Formats: spec.Formats, Params: spec.Params}
	}
	return types
}
