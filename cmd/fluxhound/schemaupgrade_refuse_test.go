package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// What no version has made is named with what is different, stays as it is, and is not dropped either.
func TestAnUpgradeLeavesAloneWhatItDoesNotKnow(t *testing.T) {
	for name, c := range map[string]struct {
		relations int
		then      []string
		stays     string // the name of what stays
		says      []string
	}{
		"another order": {
			onlyEvents, []string{"RENAME TABLE soc.network_events TO soc.was", "CREATE TABLE soc.network_events AS soc.was ENGINE = MergeTree PARTITION BY toYYYYMMDD(Timestamp) ORDER BY (DeviceName, Timestamp)"},
			"network_events", []string{"its ORDER BY is (DeviceName, Timestamp), and each version's is (toStartOfHour(Timestamp), DeviceName, Timestamp)", "docs/own-table.md"},
		},
		"another partition": {
			onlyEvents, []string{"RENAME TABLE soc.network_events TO soc.was", "CREATE TABLE soc.network_events AS soc.was ENGINE = MergeTree PARTITION BY toYYYYMM(Timestamp) ORDER BY (toStartOfHour(Timestamp), DeviceName, Timestamp)"},
			"network_events", []string{`its PARTITION BY is "toYYYYMM(Timestamp)"`},
		},
		"another type": {
			onlyEvents, []string{"ALTER TABLE soc.network_events DROP PROJECTION Groups", "ALTER TABLE soc.network_events MODIFY COLUMN RemotePort UInt32"},
			"network_events", []string{"its column RemotePort is UInt32, and each version's is UInt16"},
		},
		"another engine": {
			onlyEvents, []string{"ALTER TABLE soc.network_events DROP PROJECTION Groups", "RENAME TABLE soc.network_events TO soc.was", "CREATE TABLE soc.network_events AS soc.was ENGINE = ReplacingMergeTree PARTITION BY toYYYYMMDD(Timestamp) ORDER BY (toStartOfHour(Timestamp), DeviceName, Timestamp)"},
			"network_events", []string{"its engine is ReplacingMergeTree"},
		},
		"a column that each version had": {
			onlyEvents, []string{"ALTER TABLE soc.network_events DROP COLUMN LocalIP"},
			"network_events", []string{"it lacks LocalIP, SentPackets"},
		},
		"a table with a roll-up's name": {
			onlyEvents, []string{"CREATE TABLE soc.network_events_1h (Hour DateTime, Bytes UInt64) ENGINE = MergeTree ORDER BY Hour"},
			"network_events_1h", []string{"its engine is MergeTree, and it was AggregatingMergeTree"},
		},
		"a table with the coverage's name": {
			onlyEvents, []string{"CREATE TABLE soc.network_events_rollup_coverage (Grain String, Day Date) ENGINE = MergeTree ORDER BY Grain"},
			"network_events_rollup_coverage", []string{"its columns are Day, Grain, and they were From, Grain, Source, To"},
		},
		"a view with the name of a roll-up's": {
			onlyEvents, []string{"CREATE TABLE soc.sums (N UInt64) ENGINE = MergeTree ORDER BY N", "CREATE MATERIALIZED VIEW soc.network_events_1d_mv TO soc.sums AS SELECT count() AS N FROM soc.network_events"},
			"network_events_1d_mv", []string{"its columns are N, and they were"},
		},
		"a roll-up's view that writes elsewhere": {
			withViews, []string{"DROP VIEW soc.network_events_1h_mv", "CREATE TABLE soc.mine AS soc.network_events_1h", "CREATE MATERIALIZED VIEW soc.network_events_1h_mv TO soc.mine AS SELECT * FROM soc.network_events_1d AS t"},
			"network_events_1h_mv", []string{"it does not write to network_events_1h"},
		},
		"a view of somebody's own on a roll-up": {
			withViews, []string{"CREATE TABLE soc.totals (N UInt64) ENGINE = MergeTree ORDER BY N", "DROP VIEW soc.network_events_beacons_1d_mv", "CREATE MATERIALIZED VIEW soc.network_events_beacons_1d_mv TO soc.totals AS SELECT count() AS N FROM soc.network_events_1d"},
			"network_events_beacons_1d_mv", []string{"its columns are N, and they were"},
		},
		"a table with the name of an import's": {
			onlyEvents, []string{"CREATE TABLE soc.import_parts (Name String) ENGINE = MergeTree ORDER BY Name"},
			"import_parts", []string{"its ORDER BY is (Name)"},
		},
		"a view that does not say whose it is": {
			onlyEvents, []string{"CREATE VIEW soc.fluxhound_events AS SELECT 1 AS One"},
			"fluxhound_events", []string{"does not say whose tables it reads"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := earlier(t, c.relations, c.then...)
			stays := func() []string {
				return u.rows(t, "SELECT concat(toString(uuid), create_table_query) AS Told FROM system.tables WHERE database = {database:String} AND name = '"+c.stays+"'")
			}
			before := stays()
			for _, flags := range [][]string{{"--dry-run"}, nil} {
				got := u.upgrade(t, flags...)
				if got.code != exitFailed {
					t.Errorf("%v: exit code %d, want %d", flags, got.code, exitFailed)
				}
				for _, says := range append(c.says, u.Database+"."+c.stays) {
					if !strings.Contains(got.stderr, says) {
						t.Errorf("%v: stderr %q does not say %q", flags, got.stderr, says)
					}
				}
			}
			if diff := cmp.Diff(before, stays()); diff != "" {
				t.Errorf("it is changed (-before +after):\n%s", diff)
			}
			u.upgrade(t, "--drop-unused")
			u.Exec(t, strings.ReplaceAll(beaconSQL, "soc.", u.Database+".")) // what stays gets what it writes to
			if c.stays != "network_events" && len(stays()) != 1 {
				t.Error("it is dropped")
			}
		})
	}
}

// A table of somebody's own, which the settings map, stays as it is; the views that filled roll-ups of it go.
func TestAnUpgradeOfATableOfYourOwnDropsTheViewsAlone(t *testing.T) {
	u := earlier(t, withViews)
	var jsonData map[string]any
	if err := json.Unmarshal(u.JSON(settings.Native), &jsonData); err != nil {
		t.Fatal(err)
	}
	jsonData["columns"] = map[string]string{"LocalIP": "LocalIP"}
	u.settings = file(t, "settings.json", map[string]any{"jsonData": jsonData})
	got := u.upgrade(t)
	if got.code != exitOK || strings.Count(got.stdout, "Done. ") != 5 || !strings.Contains(got.stdout, "is yours, and stays as it is") {
		t.Errorf("exit code %d, stderr %q, stdout\n%s", got.code, got.stderr, got.stdout)
	}
	u.holds(t, "(SELECT count() FROM system.columns WHERE database = currentDatabase() AND table = 'network_events' AND name = 'Source') = 0")
}

func TestAnUpgradeOfNothingSaysWhatToDo(t *testing.T) {
	server := chtest.Database(t)
	settingsFile := file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(server.JSON(settings.Native))})
	if got := run(t, "schema", "upgrade", "--settings", settingsFile); got.code != exitFailed || !strings.Contains(got.stderr, "is not there, or the user of the settings may not see it") {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
	if got := run(t, "schema", "upgrade", "--settings", settingsFile, "--cluster", ""); got.code != exitUsage {
		t.Errorf("exit code %d for a cluster without a name", got.code)
	}
}

// Who lacks a right is told all that are missing, and what was done before stays done.
func TestAnUpgradeNamesTheRightsThatAreMissing(t *testing.T) {
	see := []string{"SELECT ON default.*", "SELECT ON system.tables", "SELECT ON system.columns"}
	server := chtest.Start(t, chtest.WithUsers(
		chtest.User{Name: "reader", Password: "x", Grants: see},
		chtest.User{Name: "dropper", Password: "x", Grants: append(see[:len(see):len(see)], "DROP VIEW ON default.*")},
		chtest.User{Name: "upgrader", Password: "x", Grants: append(see[:len(see):len(see)], "DROP VIEW ON default.*", "ALTER ADD COLUMN ON default.network_events")},
	))
	upgrading{Server: server}.relations(t, "91d6b1f", withViews)
	const view, column = `GRANT DROP VIEW ON "default"."network_events_1h_mv"`, `GRANT ALTER ADD COLUMN ON "default"."network_events"`
	for _, c := range []struct {
		user         string
		code         int
		says, silent []string
	}{
		{"reader", exitFailed, []string{"[permission]", view, column}, nil},
		{"dropper", exitFailed, []string{"[permission]", column}, []string{view}},
		{"upgrader", exitOK, nil, []string{"GRANT"}},
	} {
		settingsFile := file(t, "settings.json", map[string]any{
			"jsonData":       map[string]any{"host": server.Address(settings.Native), "username": c.user},
			"secureJsonData": map[string]string{"password": "x"},
		})
		got := run(t, "schema", "upgrade", "--settings", settingsFile)
		if got.code != c.code {
			t.Errorf("%s: exit code %d, want %d, stderr %q", c.user, got.code, c.code, got.stderr)
		}
		for _, says := range c.says {
			if !strings.Contains(got.stderr, says) {
				t.Errorf("%s: stderr %q does not say %q", c.user, got.stderr, says)
			}
		}
		for _, silent := range c.silent {
			if strings.Contains(got.stderr, silent) {
				t.Errorf("%s: stderr %q says %q", c.user, got.stderr, silent)
			}
		}
	}
}
