package clickhouse_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestDescribeReturnsColumnsInTheTablesOrder(t *testing.T) {
	server := chtest.Database(t)
	server.Exec(t, `CREATE TABLE `+server.Database+`.own ("when" DateTime('Europe/Berlin'), ip Nullable(IPv6), "a.b" LowCardinality(Nullable(String)),`+
		` sent UInt64 DEFAULT 0, kind Enum8('a\'b' = 1), twice UInt64 ALIAS sent * 2) ENGINE = Memory`)
	server.Exec(t, `CREATE VIEW `+server.Database+`."a view" AS SELECT ip FROM `+server.Database+`.own`)
	want := []schema.Described{
		{Name: "when", Type: "DateTime('Europe/Berlin')"}, {Name: "ip", Type: "Nullable(IPv6)"}, {Name: "a.b", Type: "LowCardinality(Nullable(String))"},
		{Name: "sent", Type: "UInt64"}, {Name: "kind", Type: `Enum8('a\'b' = 1)`}, {Name: "twice", Type: "UInt64"},
	}
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := connect(t, server.Settings(protocol))
		got, err := client.Describe(t.Context(), server.Database, "own")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v; -want +got\n%s", err, diff)
		}
		got, err = client.Describe(t.Context(), server.Database, "a view")
		if diff := cmp.Diff(want[1:2], got); err != nil || diff != "" {
			t.Errorf("%v; -want +got\n%s", err, diff)
		}
		_, err = client.Describe(t.Context(), server.Database, "nothing")
		wantError(t, err, clickhouse.Schema, "describe the table "+server.Database+".nothing")
		_, err = client.Describe(t.Context(), "nowhere", "nothing")
		wantError(t, err, clickhouse.Schema)
		_, err = client.Describe(t.Context(), server.Database, "own\"; DROP TABLE own; --\\")
		wantError(t, err, clickhouse.Schema)
	})
}

func TestTablesListsDatabasesWithTheirTablesAndNotClickHousesOwn(t *testing.T) {
	full, empty := chtest.Database(t), chtest.Database(t)
	full.Exec(t, "CREATE TABLE "+full.Database+".b (x UInt8) ENGINE = Memory")
	full.Exec(t, "CREATE TABLE "+full.Database+".a (x UInt8) ENGINE = Memory")
	full.Exec(t, "CREATE MATERIALIZED VIEW "+full.Database+".view ENGINE = MergeTree ORDER BY x AS SELECT x FROM "+full.Database+".a")
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		got, err := sharedClient(t, protocol).Tables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := map[string][]string{full.Database: {"a", "b", "view"}, empty.Database: {}}
		for database := range got {
			if strings.EqualFold(database, "information_schema") || database == "system" {
				t.Errorf("%s is listed", database)
			}
			if _, ok := want[database]; !ok {
				delete(got, database)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func TestExecAppliesTheSchemaAsOftenAsItIsCalled(t *testing.T) {
	server := chtest.Database(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := connect(t, server.Settings(protocol))
		table := "events_" + string(protocol)
		for range 2 {
			database, err := schema.DatabaseDDL(server.Database)
			if err != nil {
				t.Fatal(err)
			}
			tables, err := schema.DDL(server.Database, table)
			if err != nil {
				t.Fatal(err)
			}
			for _, ddl := range append([]string{database}, tables...) {
				if err := client.Exec(t.Context(), ddl); err != nil {
					t.Fatalf("%s: %v", ddl, err)
				}
			}
		}
		described, err := client.Describe(t.Context(), server.Database, table)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := schema.Resolve(server.Database, table, nil, described); err != nil {
			t.Error(err)
		}
		wantError(t, client.Exec(t.Context(), "CREATE TABLE nowhere.t (x UInt8) ENGINE = Memory"), clickhouse.Schema, "change the schema")
	})
}

func TestProbeTellsAboutTheServer(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		got, err := sharedClient(t, protocol).Probe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got.Version, ".") || got.Timezone == "" || got.User != "default" || got.Readonly != 0 || got.Revision == 0 {
			t.Errorf("got %+v", got)
		}
	})
}
