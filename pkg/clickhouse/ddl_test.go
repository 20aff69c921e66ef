package clickhouse_test

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// The schema's partitions, order and index must survive the way in which statements read the table.
func TestAStatementReadsOnlyItsPartOfTheSchemasTable(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	// 700,000 events of 100 devices over 7 days: some 12 granules a day, two hours in each.
	server.Exec(t, "INSERT INTO "+server.Database+".network_events (Timestamp, DeviceName)"+
		" SELECT fromUnixTimestamp64Milli(toInt64(1767571200000 + number * 864), 'UTC'), concat('WS-', toString(number % 100)) FROM numbers(700000)")
	server.Exec(t, "OPTIMIZE TABLE "+server.Database+".network_events FINAL")
	client := connect(t, server.Settings(settings.Native))
	described, err := client.Describe(t.Context(), server.Database, "network_events")
	if err != nil {
		t.Fatal(err)
	}
	table, err := schema.Resolve(server.Database, "network_events", nil, described)
	if err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	at := func(hours int) time.Time { return monday.Add(time.Duration(hours) * time.Hour) }
	device := []query.Filter{{Column: schema.DeviceName, Operator: query.Equal, Values: []string{"WS-42"}}}
	cases := []struct {
		name    string
		window  query.Window
		filters []query.Filter
		most    int // granules
	}{
		{"an hour", query.Window{From: at(30), To: at(31)}, nil, 2},
		{"a millisecond", query.Window{From: at(30), To: at(30).Add(time.Millisecond)}, nil, 2},
		{"a day", query.Window{From: at(24), To: at(48)}, nil, 13},
		{"nothing", query.Window{From: at(7 * 24), To: at(8 * 24)}, nil, 0},
		{"all", query.Window{From: at(0), To: at(7 * 24)}, nil, 7 * 13},
		{"a device's hour", query.Window{From: at(30), To: at(31)}, device, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			source, err := statement.NewSource(table, c.window, c.filters)
			if err != nil {
				t.Fatal(err)
			}
			sql := "EXPLAIN indexes = 1 WITH mapped AS (" + source.Select(0, schema.Timestamp, schema.DeviceName) + ") SELECT count(DeviceName) FROM mapped WHERE DeviceName != ''"
			plan := strings.Join(run(t, client, selecting(t, sql, source.Values(), column("explain", statement.Text))).Data[0].([]string), "\n")
			if got := granules(t, plan); got > c.most {
				t.Errorf("want at most %d granules, got %d:\n%s", c.most, got, plan)
			}
		})
	}
}

// granules reads from a plan how many granules are left after the last index.
func granules(t *testing.T, plan string) int {
	t.Helper()
	if !strings.Contains(plan, "ReadFromMergeTree") {
		return 0
	}
	all := regexp.MustCompile(`Granules: (\d+)/\d+`).FindAllStringSubmatch(plan, -1)
	if len(all) == 0 {
		t.Fatalf("the plan has no granules:\n%s", plan)
	}
	n, err := strconv.Atoi(all[len(all)-1][1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The definition of a view on tables that are named alone means those of the settings' database.
func TestAViewIsDefinedInTheSettingsDatabase(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		server := chtest.Database(t)
		server.Exec(t, "CREATE TABLE "+server.Database+".flows (n UInt8) ENGINE = Memory")
		client, err := clickhouse.NewIn(server.Settings(protocol))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(client.Exec(t.Context(), "CREATE VIEW seen AS SELECT n FROM flows"), client.Close()); err != nil {
			t.Fatal(err)
		}
		server.Exec(t, "SELECT n FROM "+server.Database+".seen FORMAT Null")
	})
}
