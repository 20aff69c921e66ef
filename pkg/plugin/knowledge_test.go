package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// clock is a time that tests move.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time           { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) advance(by time.Duration) { c.at.Add(int64(by)) }
func (c *clock) set(to time.Time)         { c.at.Store(to.UnixNano()) }

// instance is a data source in this process, whose time the test moves.
func instance(t *testing.T, server chtest.Server, c *clock, changes map[string]any) *Datasource {
	t.Helper()
	stored := map[string]any{}
	if err := json.Unmarshal(server.JSON(settings.Native), &stored); err != nil {
		t.Fatal(err)
	}
	maps.Copy(stored, changes)
	data, err := json.Marshal(stored)
	if err != nil {
		t.Fatal(err)
	}
	d := newDatasource(t.Context(), backend.DataSourceInstanceSettings{JSONData: data}, c.now)
	if d.fault != nil {
		t.Fatal(d.fault)
	}
	t.Cleanup(d.close)
	return d
}

// Examined is what Save & test says of the data and the lists, by a data source in this process. The whole tries every query
// beside it, which takes most of its time.
func Examined(t *testing.T, server chtest.Server, changes map[string]any) *backend.CheckHealthResult {
	t.Helper()
	c := newClock()
	c.set(time.Now())
	d := instance(t, server, c, changes)
	ctx := backend.WithUser(t.Context(), &backend.User{Role: "Admin"})
	ctx, done := serve(ctx, backend.PluginContext{User: &backend.User{Role: "Admin"}}, clickhouse.Viewer)
	defer done()
	table, _, err := d.checkTable(ctx)
	if err != nil {
		t.Fatal(err)
	}
	found, checks := d.checkData(ctx, table)
	lists, err := d.checkSite(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return health(append(checks, d.withDictionary(ctx, lists)...), found)
}

// withLists makes an events table and both lists.
func withLists(t *testing.T) chtest.Server {
	t.Helper()
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Exec(t, "CREATE TABLE "+server.Database+".allowed (Domain String, Network String, Process String, Device String, Detector String, Reason String, Owner String, Expires Nullable(DateTime('UTC'))) ENGINE = Memory")
	server.Exec(t, "INSERT INTO "+server.Database+".allowed VALUES ('', '', '', 'SECRET-HOST', '', 'a secret reason', 'secret.owner', NULL)")
	server.Exec(t, "CREATE TABLE "+server.Database+".domains (Suffix String, Provider String) ENGINE = Memory")
	server.Exec(t, "INSERT INTO "+server.Database+".domains VALUES ('dyn.example.com', '')")
	return server
}

var bothLists = map[string]any{"allowlistTable": "allowed", "dynamicDnsSuffixTable": "domains"}

// A viewer who left just after the lists were read once left an empty allowlist to everybody.
func TestNoAllowlistIsEmptyBecauseAViewerLeft(t *testing.T) {
	c := newClock()
	d := instance(t, withLists(t), c, bothLists)
	random := rand.New(rand.NewPCG(1, 1))
	for i := range 100 {
		c.advance(time.Hour)
		ctx, leave := context.WithTimeout(t.Context(), time.Duration(random.IntN(10_000))*time.Microsecond)
		_, _ = d.knownSite(ctx) // either way
		leave()
		known, err := d.knownSite(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(known.at(c.now()).Allowlist) != 1 || len(known.at(c.now()).Suffixes) != 1 || len(known.notices) > 0 {
			t.Fatalf("after %d viewers: %d entries, %d domains, notices %q", i+1, len(known.at(c.now()).Allowlist), len(known.at(c.now()).Suffixes), known.notices)
		}
	}
}

func TestAListThatCannotBeReadIsTheLastGoodOneUpToABound(t *testing.T) {
	server, c := withLists(t), newClock()
	d := instance(t, server, c, bothLists)
	alert := clickhouse.WithClass(t.Context(), clickhouse.Alert)
	if _, err := d.knownSite(alert); err != nil {
		t.Fatal(err)
	}
	server.Exec(t, "RENAME TABLE "+server.Database+".allowed TO "+server.Database+".away")
	for _, ctx := range []context.Context{alert, t.Context()} {
		c.advance(time.Hour)
		known, err := d.knownSite(ctx)
		if err != nil || len(known.at(c.now()).Allowlist) != 1 || !strings.Contains(fmt.Sprint(known.notices), "last good state, of 2026-03-08 12:00:00 UTC, is used") {
			t.Errorf("while it cannot be read: %d entries, notices %q, %v", len(known.at(c.now()).Allowlist), known.notices, err)
		}
	}
	c.advance(oldest)
	if _, err := d.knownSite(alert); err == nil || !strings.Contains(err.Error(), "[schema]") || !strings.Contains(err.Error(), "allowlist's table allowed") {
		t.Errorf("too old: got %v, want an error that names the list", err)
	}
	if known, err := d.knownSite(t.Context()); err != nil || len(known.at(c.now()).Allowlist) != 1 {
		t.Errorf("a viewer: %d entries, %v", len(known.at(c.now()).Allowlist), err)
	}
	server.Exec(t, "RENAME TABLE "+server.Database+".away TO "+server.Database+".allowed")
	c.advance(listed.Retry)
	if known, err := d.knownSite(alert); err != nil || len(known.notices) > 0 {
		t.Errorf("once it can be read: notices %q, %v", known.notices, err)
	}
}

func TestAListThatWasNeverReadIsAnAlertRulesErrorAndAViewersNotice(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	c := newClock()
	d := instance(t, server, c, map[string]any{"allowlistTable": "nowhere", "allowlist": []any{map[string]any{"device": "d", "reason": "r", "owner": "o"}}})
	if _, err := d.knownSite(clickhouse.WithClass(t.Context(), clickhouse.Alert)); err == nil || !strings.Contains(err.Error(), "allowlist's table nowhere: it was never read") {
		t.Errorf("got %v", err)
	}
	known, err := d.knownSite(t.Context())
	if err != nil || len(known.at(c.now()).Allowlist) != 1 || !strings.Contains(fmt.Sprint(known.notices), "it hides nothing") {
		t.Errorf("got %d entries, notices %q, %v; want the settings' own entry", len(known.at(c.now()).Allowlist), known.notices, err)
	}
}

// A transient error takes nothing away, and is told.
func TestATableThatCannotBeLookedUpForAMomentStaysInUse(t *testing.T) {
	c := newClock()
	d := instance(t, withLists(t), c, nil)
	table, notices, err := d.eventsTable(t.Context())
	if err != nil || len(notices) > 0 {
		t.Fatal(notices, err)
	}
	d.client.Close() //nolint:errcheck // the way to ClickHouse is gone
	c.advance(tables.Fresh)
	for range 2 {
		again, told, err := d.eventsTable(t.Context())
		if err != nil || again.Name != table.Name {
			t.Fatal(err)
		}
		notices = told
		known, err := d.known.columns.Get(t.Context(), time.Nanosecond) // waits for the read in the background
		if err != nil || known.Generation != 1 {
			t.Fatal(known, err)
		}
	}
	if !strings.Contains(fmt.Sprint(notices), "last good state") {
		t.Errorf("got the notices %q", notices)
	}
}

// statements counts what the server was asked to select.
func statements(t *testing.T, client *clickhouse.Client, event string) int64 {
	t.Helper()
	s, err := statement.New("SELECT toInt64(sum(value)) AS N FROM system.events WHERE event = '"+event+"'", nil, []statement.Column{{Name: "N", Kind: statement.Integer}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := client.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Data[0].([]int64)[0]
}

func (d *Datasource) see(ctx context.Context, t *testing.T, user, panel string, from, to time.Time) backend.DataResponse {
	t.Helper()
	res, err := d.QueryData(ctx, &backend.QueryDataRequest{
		PluginContext: backend.PluginContext{User: &backend.User{Login: user, Role: "Viewer"}},
		Queries:       []backend.DataQuery{{RefID: "A", JSON: []byte(panel), Interval: time.Minute, TimeRange: backend.TimeRange{From: from, To: to}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Responses["A"].Error != nil {
		t.Error(res.Responses["A"].Error)
	}
	return res.Responses["A"]
}

const panel = `{"queryType":"dynamicDns","format":"table"}`

// A hundred viewers of one panel once asked 749 statements, where one asks nine.
func TestAHundredViewersCostAsManyStatementsAsOne(t *testing.T) {
	c := newClock()
	d := instance(t, withLists(t), c, map[string]any{"allowlistTable": "allowed", "dynamicDnsSuffixTable": "domains", "cacheTTL": 5, "maxOpenConns": 4, "maxIdleConns": 4})
	other := instance(t, chtest.Database(t), c, nil)
	cost := func(viewers int) int64 {
		c.advance(time.Hour) // every list, the table and every answer have expired
		before := statements(t, other.client, "SelectQuery")
		var all sync.WaitGroup
		for i := range viewers {
			all.Go(func() { d.see(t.Context(), t, fmt.Sprint(i), panel, c.now().Add(-7*24*time.Hour), c.now()) })
		}
		all.Wait()
		return statements(t, other.client, "SelectQuery") - before
	}
	cost(1) // connects
	one, hundred := cost(1), cost(100)
	// many at once open more connections, each of which asks for the server's settings
	if hundred > 2*one {
		t.Errorf("a hundred viewers cost %d statements, one %d", hundred, one)
	}
}

// Each refreshes every half minute at a phase of its own, and no two ends are to the millisecond as far apart.
func TestAHundredViewersOverTenMinutesReadWhatOneReads(t *testing.T) {
	server, c := withLists(t), newClock()
	start := c.now()
	server.Exec(t, fmt.Sprintf("INSERT INTO %s.network_events (Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteUrl) SELECT toDateTime64(%d - number, 3), 'd', 'WS-1', 'ConnectionSuccess', '198.51.100.7', 443, 'a.duckdns.org' FROM numbers(100000)", server.Database, start.Unix()))
	other := instance(t, chtest.Database(t), c, nil)
	read := func(viewers int) int64 {
		d := instance(t, server, c, map[string]any{"cacheTTL": 30})
		random := rand.New(rand.NewPCG(3, uint64(viewers)))
		var refreshes []time.Duration
		for range viewers {
			phase := time.Duration(random.Int64N(int64(30 * time.Second)))
			for i := range 20 {
				refreshes = append(refreshes, phase+time.Duration(i)*30*time.Second)
			}
		}
		slices.Sort(refreshes)
		before := statements(t, other.client, "SelectedRows")
		for i, at := range refreshes {
			c.set(start.Add(at))
			jitter := func() time.Duration { return time.Duration(random.IntN(5)-2) * time.Millisecond }
			d.see(t.Context(), t, fmt.Sprint(i%viewers), panel, c.now().Add(-7*24*time.Hour+jitter()), c.now().Add(jitter()))
		}
		return statements(t, other.client, "SelectedRows") - before
	}
	one, hundred := read(1), read(100)
	t.Logf("one viewer: %d rows read, a hundred: %d", one, hundred)
	if float64(hundred) > 1.5*float64(one) {
		t.Errorf("a hundred viewers read %d rows, one %d", hundred, one)
	}
}

func TestAPanicIsAnAnswersErrorAndThePluginsFault(t *testing.T) {
	d := instance(t, withLists(t), newClock(), nil)
	columns := d.known.columns
	d.known.columns = nil // what breaks off
	res, err := d.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(panel)}}})
	d.known.columns = columns
	if a := res.Responses["A"]; err != nil || a.ErrorSource != backend.ErrorSourcePlugin || a.Status != backend.StatusInternal || !strings.Contains(a.Error.Error(), "the plugin broke off") {
		t.Errorf("got %+v, %v", a, err)
	}
}
