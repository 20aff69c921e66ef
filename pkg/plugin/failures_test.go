package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

var protocols = []settings.Protocol{settings.Native, settings.HTTP}

func TestABadQueryIsStatus400AndLeavesTheOthersStanding(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", seen(5)...)
	b := newBench(t, server, settings.Native, nil, nil)
	res := b.ask(t.Context(), t, dynamicDNS, `{"queryType":"dynamicDns","params":{"match":"regex"}}`, `{"queryType":"events","format":"table","limit":-5}`, eventRows)
	wantRows(t, res["A"], 1)
	wantRows(t, res["D"], 5)
	for refID, field := range map[string]string{"B": "params.match", "C": "limit"} {
		if res[refID].Status != backend.StatusBadRequest || !strings.Contains(res[refID].Error.Error(), field) {
			t.Errorf("%s: got status %d, error %v; want 400 with %s", refID, res[refID].Status, res[refID].Error, field)
		}
	}
}

func TestClickHouseDownAtStartCostsNoRestart(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(string(protocol), func(t *testing.T) {
			server := chtest.Start(t)
			server.CreateTable(t, "network_events")
			server.Insert(t, "network_events", seen(5)...)
			server.Kill()
			b := newBench(t, server, protocol, map[string]any{"dialTimeout": 2}, nil)
			wantCategory(t, b.ask(t.Context(), t, dynamicDNS)["A"], "network")
			if h := b.health(t); h.Status != backend.HealthStatusError || !strings.Contains(h.Message, "[network]") {
				t.Errorf("health: got %s %q, want an error of category network", h.Status, h.Message)
			}
			server.Restart()
			wantRows(t, b.ask(t.Context(), t, dynamicDNS)["A"], 1)
		})
	}
}

// slow makes every event cost a second, so that a statement outlasts what the test does to it.
const slow = "CREATE VIEW slow AS SELECT * FROM network_events WHERE sleepEachRow(1) = 0"

func TestClickHouseKilledInTheMiddle(t *testing.T) {
	server := chtest.Start(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", seen(100)...)
	server.Exec(t, slow)
	b := newBench(t, server, settings.Native, map[string]any{"table": "slow", "dialTimeout": 2, "customSettings": slowly}, nil)
	answer := make(chan backend.Responses, 1)
	go func() { answer <- b.ask(t.Context(), t, dynamicDNS) }()
	waitForStatements(t, server, 1)
	server.Kill()
	wantCategory(t, (<-answer)["A"], "network")
	server.Restart()
	b.source.JSONData = []byte(strings.Replace(string(b.source.JSONData), `"slow"`, `"network_events"`, 1))
	b.source.Updated = noon // the settings were saved
	wantRows(t, b.ask(t.Context(), t, dynamicDNS)["A"], 1)
}

// slowly lets the view sleep for longer than ClickHouse allows by default.
var slowly = []map[string]string{{"setting": "function_sleep_max_microseconds_per_block", "value": "600000000"}}

// waitForStatements waits until so many statements of the view's run.
func waitForStatements(t *testing.T, server chtest.Server, n int) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for server.Running(t, "slow") != n {
		if time.Now().After(deadline) {
			t.Fatalf("%d statements run after 30 s, want %d", server.Running(t, "slow"), n)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestAStatementSlowerThanTheLimitIsATimeoutAndTheOthersStand(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(string(protocol), func(t *testing.T) {
			server := chtest.Database(t)
			server.CreateTable(t, "network_events")
			server.Insert(t, "network_events", seen(100)...)
			server.Exec(t, "CREATE VIEW "+server.Database+".slow AS SELECT * FROM "+server.Database+".network_events WHERE sleepEachRow(1) = 0")
			b := newBench(t, server, protocol, map[string]any{"table": "slow", "queryTimeout": 5, "customSettings": slowly}, nil)
			req := &backend.QueryDataRequest{PluginContext: b.source.PluginContext(nil), Queries: []backend.DataQuery{
				{RefID: "A", JSON: []byte(dynamicDNS), TimeRange: backend.TimeRange{From: noon.Add(-time.Hour), To: noon}},
				{RefID: "B", JSON: []byte(dynamicDNS), TimeRange: backend.TimeRange{From: noon.AddDate(0, 0, -2), To: noon.AddDate(0, 0, -1)}}, // reads nothing
			}}
			answer, err := b.plugin.QueryData(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			res := answer.Responses
			wantCategory(t, res["A"], "timeout")
			wantRows(t, res["B"], 0)
		})
	}
}

func TestACancelledRequestStopsTheStatement(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(string(protocol), func(t *testing.T) {
			server := chtest.Start(t)
			server.CreateTable(t, "network_events")
			server.Insert(t, "network_events", seen(100)...)
			server.Exec(t, slow)
			b := newBench(t, server, protocol, map[string]any{"table": "slow", "customSettings": slowly}, nil)
			ctx, cancel := context.WithCancel(t.Context())
			left := make(chan error, 1)
			go func() {
				_, err := b.plugin.QueryData(ctx, &backend.QueryDataRequest{
					PluginContext: b.source.PluginContext(nil),
					Queries:       []backend.DataQuery{{RefID: "A", JSON: []byte(dynamicDNS), TimeRange: backend.TimeRange{From: noon.Add(-time.Hour), To: noon}}},
				})
				left <- err
			}()
			waitForStatements(t, server, 1)
			cancel()
			if err := <-left; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want a cancellation", err)
			}
			waitForStatements(t, server, 0)
		})
	}
}

func TestWhatTheUserMayNotDoIsSaidWithItsCategory(t *testing.T) {
	server := chtest.Start(t, chtest.WithUsers(
		chtest.User{Name: "reader", Password: "s3cret", Grants: []string{"SELECT ON default.network_events"}},
		chtest.User{Name: "poor", Password: "s3cret", Grants: []string{"SELECT ON default.other"}},
		chtest.User{Name: "narrow", Password: "s3cret", Grants: []string{"SELECT(Timestamp, DeviceId) ON default.network_events"}},
		chtest.User{Name: "strict", Password: "s3cret", Settings: map[string]string{"readonly": "1"}, Grants: []string{"SELECT ON default.network_events"}},
	))
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", seen(5)...)
	for name, c := range map[string]struct {
		user, password, table, category string
	}{
		"a reader's right is enough":   {"reader", "s3cret", "network_events", ""},
		"so is that of readonly=1":     {"strict", "s3cret", "network_events", ""},
		"a wrong password":             {"reader", "wr0ng-s3cret", "network_events", "auth"},
		"a user that does not exist":   {"nobody", "s3cret", "network_events", "auth"},
		"a missing grant":              {"poor", "s3cret", "network_events", "permission"},
		"columns that are not granted": {"narrow", "s3cret", "network_events", "schema"},
		"a table that does not exist":  {"default", "", "no_such_events", "schema"},
	} {
		for _, protocol := range protocols {
			t.Run(name+" over "+string(protocol), func(t *testing.T) {
				b := newBench(t, server, protocol, map[string]any{"username": c.user, "table": c.table}, map[string]string{"password": c.password})
				res, health := b.ask(t.Context(), t, dynamicDNS)["A"], b.health(t)
				if c.category == "" {
					wantRows(t, res, 1)
					if health.Status != backend.HealthStatusUnknown || strings.Contains(health.Message, "[") { // events without a count of bytes
						t.Errorf("health: %s", health.Message)
					}
					return
				}
				wantCategory(t, res, c.category)
				if health.Status != backend.HealthStatusError || !strings.Contains(health.Message, "["+c.category+"]") {
					t.Errorf("health: got %s %q, want category %s", health.Status, health.Message, c.category)
				}
				if all := res.Error.Error() + health.Message + string(health.JSONDetails); c.password != "" && strings.Contains(all, c.password) {
					t.Errorf("the password is in %q", all)
				}
			})
		}
	}
}

func TestUnusableSettingsAreSaidAtEachCall(t *testing.T) {
	b := &bench{plugin: hosttest.Start(t)}
	b.source.UID, b.source.JSONData = "x", []byte(`{"host":"h","databse":1}`)
	if res := b.ask(t.Context(), t, dynamicDNS)["A"]; res.Status != backend.StatusBadRequest || !strings.Contains(res.Error.Error(), "databse") {
		t.Errorf("query: got %d %v, want 400 that names databse", res.Status, res.Error)
	}
	if h := b.health(t); h.Status != backend.HealthStatusError || !strings.Contains(h.Message, "databse") {
		t.Errorf("health: got %s %q, want an error that names databse", h.Status, h.Message)
	}
	if status, answer := b.get(t, "schema/columns"); status != 400 {
		t.Errorf("resource: got %d %v, want 400", status, answer)
	}
}

func TestANumericAnswerOverItsBoundHasAnInstanceForTheRest(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	for i, url := range []string{"a.duckdns.org", "b.duckdns.org", "c.duckdns.org"} {
		e := seen(1)[0]
		e.RemoteURL, e.DeviceName = url, strings.Repeat("x", i)
		server.Insert(t, "network_events", e)
	}
	b := newBench(t, server, settings.Native, nil, nil)
	res := b.ask(t.Context(), t, `{"queryType":"dynamicDns","format":"numeric","limit":2}`, `{"queryType":"dynamicDns","format":"numeric","limit":3}`)
	for refID, want := range map[string]string{"A": "1", "B": ""} {
		more, frames := "", res[refID].Frames
		for _, f := range frames {
			if value := f.Fields[len(f.Fields)-1]; value.Labels["overflow"] == "true" {
				more = fmt.Sprint(value.At(0))
			}
		}
		if res[refID].Error != nil || len(frames) != 3 || more != want {
			t.Errorf("%s: got %d frames, %q more findings, %v; want 3 and %q", refID, len(frames), more, res[refID].Error, want)
		}
	}
}
