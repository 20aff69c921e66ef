package clickhouse_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Users of the tests below, whose server has the tables default.network_events and default.secrets.
var users = []chtest.User{
	{Name: "viewer", Password: "correct horse"},
	{Name: "readonly1", Settings: map[string]string{"readonly": "1"}},
	{Name: "partial1", Settings: map[string]string{"readonly": "1", "skip_unavailable_shards": "1"}},
	{Name: "partial2", Settings: map[string]string{"readonly": "2", "skip_unavailable_shards": "1"}},
	{Name: "readonly2", Settings: map[string]string{"readonly": "2"}},
	{Name: "analyst", Grants: []string{"SELECT ON default.network_events"}},
	{Name: "onlooker", Grants: []string{"SELECT ON default.network_events", "SHOW TABLES ON default.*"}},
	{Name: "columns", Grants: []string{"SELECT(Timestamp, DeviceName) ON default.network_events"}},
}

func serverWithUsers(t *testing.T) chtest.Server {
	t.Helper()
	server := chtest.Start(t, chtest.WithUsers(users...))
	server.CreateTable(t, "network_events")
	server.Exec(t, "CREATE TABLE default.secrets (s String) ENGINE = Memory")
	server.Insert(t, "network_events", chtest.Event{Timestamp: time.UnixMilli(1), DeviceName: "WS-1"})
	return server
}

// as are the server's settings for one of its users.
func as(server chtest.Server, protocol settings.Protocol, user, password string) settings.Settings {
	s := server.Settings(protocol)
	s.Username, s.Password = user, password
	return s
}

func TestUsers(t *testing.T) {
	server := serverWithUsers(t)
	events := selecting(t, "SELECT DeviceName FROM default.network_events WHERE Timestamp < {to:DateTime64(3, 'UTC')}",
		map[string]any{"to": time.UnixMilli(2)}, column("DeviceName", statement.Text))
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		for name, readonly := range map[string]int{"readonly1": 1, "readonly2": 2, "analyst": 0, "default": 0} {
			t.Run(name+" can read", func(t *testing.T) {
				client := connect(t, as(server, protocol, name, ""))
				if diff := cmp.Diff([]any{[]string{"WS-1"}}, run(t, client, events).Data); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				probed, err := client.Probe(t.Context())
				if err != nil || probed.Readonly != readonly {
					t.Errorf("want readonly=%d, got %+v, %v", readonly, probed, err)
				}
			})
		}
		for name, want := range map[string][]string{"analyst": {"network_events"}, "onlooker": {"network_events", "secrets"}, "default": {"network_events", "secrets"}} {
			t.Run(name+" sees the tables that are shown to them", func(t *testing.T) {
				got, err := connect(t, as(server, protocol, name, "")).Present(t.Context(), "default", []string{"secrets", "nowhere", "network_events"})
				if err != nil || !cmp.Equal(want, got) {
					t.Errorf("got %v, %v; want %v", got, err, want)
				}
			})
		}
		t.Run("the right password is let in", func(t *testing.T) {
			run(t, connect(t, as(server, protocol, "viewer", "correct horse")), one(t))
		})
		t.Run("a wrong password is refused and not shown", func(t *testing.T) {
			_, err := connect(t, as(server, protocol, "viewer", "battery staple")).Query(t.Context(), one(t), clickhouse.Origin{})
			wantError(t, err, clickhouse.Auth, "connect to ClickHouse at "+server.Address(protocol))
			wantNoSecret(t, err, "battery")
		})
		t.Run("an unknown user is refused", func(t *testing.T) {
			_, err := connect(t, as(server, protocol, "nobody", "")).Probe(t.Context())
			wantError(t, err, clickhouse.Auth)
		})
		t.Run("a missing grant is a permission", func(t *testing.T) {
			_, err := connect(t, as(server, protocol, "analyst", "")).Query(t.Context(),
				selecting(t, "SELECT s FROM default.secrets", nil, column("s", statement.Text)), clickhouse.Origin{})
			wantError(t, err, clickhouse.Permission, "GRANT SELECT")
		})
		t.Run("a readonly user cannot write", func(t *testing.T) {
			err := connect(t, as(server, protocol, "readonly1", "")).Exec(t.Context(), "DROP TABLE default.secrets")
			wantError(t, err, clickhouse.Permission)
		})
		t.Run("a user who would be answered from some shards only is refused", func(t *testing.T) {
			_, err := connect(t, as(server, protocol, "partial1", "")).Query(t.Context(), events, clickhouse.Origin{})
			wantError(t, err, clickhouse.Permission, "skip_unavailable_shards", "readonly=2")
		})
		t.Run("or is answered from all, where the statement may say so", func(t *testing.T) {
			client := connect(t, as(server, protocol, "partial2", ""))
			run(t, client, events)
			if got := settingsOf(t, client, clickhouse.Origin{})["skip_unavailable_shards"]; got != "0" {
				t.Errorf("skip_unavailable_shards is %q", got)
			}
		})
		t.Run("a user who may set nothing is still limited in time", func(t *testing.T) {
			s := as(server, protocol, "readonly1", "")
			s.QueryTimeout = 300 * time.Millisecond
			_, err := connect(t, s).Query(t.Context(), busy(t), clickhouse.Origin{})
			wantError(t, err, clickhouse.Timeout)
			eventually(t, "the statement is gone", func() bool { return computing(t, server) == 0 })
		})
		t.Run("a user who may set nothing is still limited in rows", func(t *testing.T) {
			s := as(server, protocol, "readonly1", "")
			s.RowLimit = 1000
			_, err := connect(t, s).Query(t.Context(), selecting(t, "SELECT toInt64(number) AS N FROM numbers(1000000)", nil, column("N", statement.Integer)), clickhouse.Origin{})
			wantError(t, err, clickhouse.Limit, "more than 1001 rows")
			eventually(t, "the statement is gone", func() bool { return computing(t, server) == 0 })
		})
		t.Run("columns that may be read are described", func(t *testing.T) {
			got, err := connect(t, as(server, protocol, "columns", "")).Describe(t.Context(), "default", "network_events")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"Timestamp", "DeviceName"}, namesOf(got)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
		t.Run("a table that may not be read is not described", func(t *testing.T) {
			_, err := connect(t, as(server, protocol, "analyst", "")).Describe(t.Context(), "default", "secrets")
			wantError(t, err, clickhouse.Permission, "describe the table default.secrets")
		})
		t.Run("tables that may not be seen are not listed", func(t *testing.T) {
			got, err := connect(t, as(server, protocol, "analyst", "")).Tables(t.Context())
			if diff := cmp.Diff(map[string][]string{"default": {"network_events"}}, got); err != nil || diff != "" {
				t.Errorf("%v; -want +got\n%s", err, diff)
			}
		})
	})
}

// A user's profile may change while connections are open: the statement that finds out is repeated.
func TestAUserWhoBecomesReadonlyIsNoticed(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		before := chtest.Start(t, chtest.WithUsers(chtest.User{Name: "viewer"}))
		after := chtest.Start(t, chtest.WithUsers(chtest.User{Name: "viewer", Settings: map[string]string{"readonly": "1"}}))
		addr, stop := listenUntil(t, forward(before.Address(protocol)))
		s := as(before, protocol, "viewer", "")
		s.Addresses = []string{addr, after.Address(protocol)}
		client := connect(t, s)
		run(t, client, one(t))
		stop()
		run(t, client, one(t))
		if probed, err := client.Probe(t.Context()); err != nil || probed.Readonly != 1 {
			t.Errorf("want readonly=1, got %+v, %v", probed, err)
		}
	})
}

// computing counts the statements of others that run on the server.
func computing(t *testing.T, server chtest.Server) int64 {
	t.Helper()
	client := connect(t, server.Settings(settings.Native))
	return run(t, client, selecting(t, "SELECT toInt64(count()) AS N FROM system.processes WHERE query LIKE '%FROM numbers(%' AND query NOT LIKE '%system.processes%'",
		nil, column("N", statement.Integer))).Data[0].([]int64)[0]
}

func namesOf(columns []schema.Described) []string {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}
