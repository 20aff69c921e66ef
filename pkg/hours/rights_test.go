package hours_test

import (
	"errors"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// What a user may see is asked of ClickHouse at each query: of hours nobody is shown more than of the events, and who may only
// insert events needs no right on what is made of them.
func TestHoursShowNobodyMoreThanTheEventsDo(t *testing.T) {
	t.Run("who sees all events", func(t *testing.T) { shown(t, nil, nil) })
	t.Run("who has a row policy", func(t *testing.T) {
		shown(t, map[string]string{"default.network_events": "DeviceName LIKE 'A-%'"}, hours.ErrPolicy)
	})
}

func shown(t *testing.T, policies map[string]string, want error) {
	const table = "network_events"
	reads := []string{"SELECT ON default.network_events", "SELECT ON default.network_events_hours", "SELECT ON default.network_events_hours_made", "SELECT ON default.network_events_hours_valid"}
	server := chtest.Start(t, chtest.WithUsers(
		chtest.User{Name: "analyst", Password: "x", Grants: reads, Filters: policies},
		chtest.User{Name: "sensor", Password: "x", Grants: []string{"INSERT ON default.network_events"}},
	))
	as := func(name string) *clickhouse.Client {
		s := server.Settings(settings.Native)
		if name != "" {
			s.Username, s.Password = name, "x"
		}
		client, err := clickhouse.New(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := client.Close(); err != nil {
				t.Error(err)
			}
		})
		return client
	}
	server.CreateTable(t, table)
	admin := as("")
	described, err := admin.Describe(t.Context(), "default", table)
	if err != nil {
		t.Fatal(err)
	}
	events, err := schema.Resolve("default", table, nil, described)
	if err != nil {
		t.Fatal(err)
	}
	keeper := hours.New(admin, events)
	if err := keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Schedule(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := time.Now().UTC().Truncate(time.Hour).Add(-30 * time.Hour)
	insert := clickhouse.Block{Database: "default", Table: table, Columns: []string{"Timestamp", "DeviceName"}, Data: []any{[]time.Time{at, at}, []string{"A-1", "B-1"}}}
	if err := as("sensor").Insert(t.Context(), insert); err != nil {
		t.Fatalf("a user who may only insert: %v", err)
	}
	if err := keeper.Run(t.Context(), func(int) {}); err != nil {
		t.Fatal(err)
	}
	week := query.Window{From: at.AddDate(0, 0, -7), To: at.Add(2 * time.Hour)}
	k := hours.New(as("analyst"), events)
	state, err := k.Look(t.Context())
	if err != nil || !state.There {
		t.Fatalf("got %v and %v", state, err)
	}
	valid, _, err := k.Valid(t.Context(), week, state)
	if !errors.Is(err, want) || (want == nil) != (len(valid) == 1) {
		t.Errorf("got %d hours and %v, want %v", len(valid), err, want)
	}
}
