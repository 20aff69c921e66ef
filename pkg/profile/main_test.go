package profile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// now is when every profile here is asked for; windows end with it.
var now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// bench is a database whose table is asked.
type bench struct {
	server chtest.Server
	client *clickhouse.Client
	table  string
	// mapping are the settings' columns.
	mapping map[string]string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{server: chtest.Database(t), table: "network_events"}
	client, err := clickhouse.New(b.server.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	b.client = client
	return b
}

func (b *bench) resolve(t *testing.T) schema.Table {
	t.Helper()
	described, err := b.client.Describe(t.Context(), b.server.Database, b.table)
	if err != nil {
		t.Fatal(err)
	}
	table, err := schema.Resolve(b.server.Database, b.table, b.mapping, described)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func (b *bench) run(t *testing.T, s statement.Statement) *clickhouse.Result {
	t.Helper()
	result, err := b.client.Query(t.Context(), s, clickhouse.Origin{Detector: "profile"})
	if err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	return result
}

// profile reads the profile of the hours before now.
func (b *bench) profile(t *testing.T, hours int, filters ...query.Filter) profile.Profile {
	t.Helper()
	request := profile.Request{Window: query.Window{From: now.Add(-time.Duration(hours) * time.Hour), To: now}, Rules: profile.Rules(), Now: now, Filters: filters}
	s, err := profile.Statement(request, b.resolve(t))
	if err != nil {
		t.Fatal(err)
	}
	return profile.Read(request, clickhouse.ProfileRows(b.run(t, s)))
}

// said are the verdicts as lines.
func said(verdicts []profile.Verdict) string {
	var lines []string
	for _, v := range verdicts {
		lines = append(lines, fmt.Sprintf("%s: %s\n    %s", v.Level, v.Text, v.Fix))
	}
	return strings.Join(lines, "\n")
}

// every is n events, a minute apart and the last a minute before now, which change may change.
func every(n int, changes ...func(i int, e *chtest.Event)) []chtest.Event {
	sent, received := uint64(200), uint64(300)
	events := make([]chtest.Event, n)
	for i := range events {
		e := chtest.Event{
			Timestamp: now.Add(-time.Duration(i+1) * time.Minute), DeviceID: "WS-1", DeviceName: "WS-1", ActionType: "ConnectionSuccess",
			RemoteIP: "203.0.113.10", RemotePort: 443, RemoteURL: "c2.example.com", InitiatingProcessFileName: "a.exe", SentBytes: &sent, ReceivedBytes: &received,
		}
		for _, change := range changes {
			change(i, &e)
		}
		events[i] = e
	}
	return events
}
