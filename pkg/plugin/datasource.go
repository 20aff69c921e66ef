// Package plugin holds Grafana's handlers. It joins the stages of a query and decides nothing itself.
package plugin

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Datasource is one data source instance: its settings, its pool of connections and what it knows of the table.
type Datasource struct {
	settings settings.Settings
	// fault is why the settings cannot be used. The instance exists all the same, so that every answer can say so.
	fault  error
	client *clickhouse.Client
	shared *clickhouse.Shared // the client, for viewers who ask the same
	told   *clickhouse.Shared // what alert rules were answered, for the query of the same evaluation that asks why
	writer *clickhouse.Client // the user who writes verdicts; nil for none
	known  knowledge
	// profiles are what the newest events can be used for, for the answers' notices.
	profiles *profiles
	calls    *calls
	now      func() time.Time
	backend.CallResourceHandler
}

var (
	_ backend.QueryDataHandler      = (*Datasource)(nil)
	_ backend.CheckHealthHandler    = (*Datasource)(nil)
	_ backend.CallResourceHandler   = (*Datasource)(nil)
	_ instancemgmt.InstanceDisposer = (*Datasource)(nil)
)

// Instances makes the instances of all data sources. One that takes another's place, because settings were saved, takes over
// the lists that it knew.
type Instances struct {
	mu      sync.Mutex
	current map[string]*Datasource // by organisation and UID
}

// NewInstances makes an Instances.
func NewInstances() *Instances { return &Instances{current: map[string]*Datasource{}} }

// New makes an instance. It connects to nothing: the first query does, so a ClickHouse that is down now costs
// no restart later.
func (i *Instances) New(ctx context.Context, stored backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	d := newDatasource(ctx, stored, time.Now)
	key := backend.PluginConfigFromContext(ctx).Namespace + "\x00" + stored.UID
	i.mu.Lock()
	defer i.mu.Unlock()
	if before, ok := i.current[key]; ok {
		d.inherit(before)
	}
	if d.fault == nil { // one whose settings cannot be used knows nothing to take over
		i.current[key] = d
	}
	return d, nil
}

func newDatasource(ctx context.Context, stored backend.DataSourceInstanceSettings, now func() time.Time) *Datasource {
	d := &Datasource{now: now, calls: newCalls(), profiles: newProfiles()}
	d.CallResourceHandler = httpadapter.New(d.routes())
	if d.settings, d.fault = settings.Decode(stored.JSONData, stored.DecryptedSecureJSONData); d.fault != nil {
		return d
	}
	d.settings.Ignored = append(d.settings.Ignored, wrongWeights(d.settings.CaseWeights)...)
	dial, err := socksDialer(ctx, stored)
	if err != nil {
		d.fault = err
		return d
	}
	if d.writer, d.fault = writer(d.settings, dial); d.fault != nil {
		return d
	}
	if d.client, d.fault = clickhouse.New(d.settings, dial); d.fault == nil {
		d.shared = d.client.Share(d.kept())
		d.told = d.client.Share(clickhouse.Keep{For: clickhouse.Evaluation, Bytes: toldBytes, Now: d.now})
		d.known = d.learn()
	}
	return d
}

// Dispose lets the calls end that run, and then closes the pool. Grafana calls it when the settings have changed: new calls
// go to the new instance.
func (d *Datasource) Dispose() {
	if d.client != nil {
		go d.close() // ends with the calls, or with their bound
	}
}

// close ends what the instance owns: its reads, its answers, its connections.
func (d *Datasource) close() {
	d.calls.end(d.settings.QueryTimeout + drainBeyond)
	d.known.reads.Close()
	d.profiles.close()
	d.shared.Close()
	d.told.Close()
	_ = d.client.Close() // nobody is left who could act on it
	if d.writer != nil {
		_ = d.writer.Close()
	}
}

// drainBeyond is how much longer than a statement may take calls get to end: waiting for a connection, connecting, reading
// what is known, writing frames.
const drainBeyond = time.Minute

// kept is how viewers share answers. One whose clock is behind asks for the window before a little later than others do.
func (d *Datasource) kept() clickhouse.Keep {
	keep := clickhouse.Keep{Bytes: sharedBytes, Now: d.now}
	if d.settings.CacheTTL > 0 {
		keep.For = d.settings.CacheTTL + clockSkew
	}
	return keep
}

// clockSkew is how far apart viewers' clocks may be who share nearly every answer.
const clockSkew = 10 * time.Second

// sharedBytes bounds what the answers that viewers share hold in memory.
const sharedBytes = 64 << 20

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

// toldBytes bounds what is remembered of what alert rules were answered.
const toldBytes = 16 << 20
