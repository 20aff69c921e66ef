package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// upgrading is a database that an earlier version has made, with events.
type upgrading struct {
	chtest.Server
	settings string // a file
}

// earlier makes the first so many relations of testdata/upgrade/91d6b1f.sql, which is what that version's `schema apply --rollups` left in
// ClickHouse 26.7, and then inserts events: its views fill its roll-ups.
func earlier(t *testing.T, relations int, then ...string) upgrading {
	t.Helper()
	return of(t, "91d6b1f", relations, then...)
}

// of makes those of a version.
func of(t *testing.T, version string, relations int, then ...string) upgrading {
	t.Helper()
	u := upgrading{Server: chtest.Database(t)}
	u.settings = file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(u.JSON(settings.Native))})
	u.relations(t, version, relations)
	for _, one := range append([]string{beaconSQL, dynamicDNSSQL, fastFluxSQL}, then...) {
		u.Exec(t, strings.ReplaceAll(one, "soc.", u.Database+"."))
	}
	return u
}

// relations makes the first so many.
func (u upgrading) relations(t *testing.T, version string, n int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "upgrade", version+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range strings.Split(string(text), "\n;\n")[:n] {
		u.Exec(t, strings.ReplaceAll(one, "soc.", u.Database+"."))
	}
}

// What testdata/upgrade/91d6b1f.sql holds.
const (
	onlyEvents = 1
	withViews  = 11
)

const (
	earlierColumns = "INSERT INTO soc.network_events (Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteUrl, Protocol, InitiatingProcessFileName, SentBytes) "

	beaconSQL = earlierColumns + "SELECT toDateTime64('2026-03-04 00:00:00', 3, 'UTC') + number * 60, 'd1', 'WS-1', 'ConnectionSuccess', '203.0.113.7', 443, 'https://c2.example.com/x', 'Tcp', 'agent.exe', 500 FROM numbers(600)"

	dynamicDNSSQL = earlierColumns + "SELECT toDateTime64('2026-03-03 00:00:00', 3, 'UTC') + number * 900, 'd2', 'WS-2', 'ConnectionSuccess', '198.51.100.1', 443, 'a.duckdns.org', 'Tcp', 'loader.exe', NULL FROM numbers(9)"

	fastFluxSQL = earlierColumns + "SELECT toDateTime64('2026-03-04 10:00:00', 3, 'UTC') + number * 10, 'd3', 'WS-3', 'ConnectionSuccess', concat('198.51.100.', toString(number)), 443, 'https://flux.example.net/', 'Tcp', 'tool.exe', 900 FROM numbers(60)"

	allEvents = "669"
)

func (u upgrading) upgrade(t *testing.T, flags ...string) result {
	t.Helper()
	return run(t, append([]string{"schema", "upgrade", "--settings", u.settings}, flags...)...)
}

// rows are the texts of a statement's only column.
func (u upgrading) rows(t *testing.T, sql string) []string {
	t.Helper()
	client, err := clickhouse.New(u.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	s, err := statement.New(strings.ReplaceAll(sql, "soc.", u.Database+"."), map[string]any{"database": u.Database}, []statement.Column{{Name: "Told", Kind: statement.Text}})
	if err != nil {
		t.Fatal(err)
	}
	s.RowLimit = 10_000
	found, err := client.Texts(t.Context(), s, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return found[0]
}

// made is all that ClickHouse tells of the database's tables, views and columns.
func (u upgrading) made(t *testing.T) []string {
	t.Helper()
	return append(
		u.rows(t, "SELECT concat(name, ' ', toString(uuid), ' ', create_table_query) AS Told FROM system.tables WHERE database = {database:String} ORDER BY name"),
		u.rows(t, "SELECT concat(table, ' ', name, ' ', type, ' ', default_expression) AS Told FROM system.columns WHERE database = {database:String} ORDER BY table, position")...)
}

// findings are what the analytic finds, by detector and all together: each answer's values.
func (u upgrading) findings(t *testing.T) map[string]any {
	t.Helper()
	kinds := []string{"beaconing", "dynamicDns", "fastFlux", "alerts"}
	var queries []map[string]string
	for _, kind := range kinds {
		queries = append(queries, map[string]string{"refId": kind, "queryType": kind, "format": "table"})
	}
	got := run(t, "query", "--settings", u.settings, "--query", file(t, "queries.json", queries), "--plugin", hosttest.Plugin(t))
	var answer struct {
		Results map[string]struct {
			Frames []struct {
				Data struct {
					Values [][]any `json:"values"`
				} `json:"data"`
			} `json:"frames"`
		} `json:"results"`
	}
	if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil || got.code != exitOK {
		t.Fatalf("%v, exit code %d, stderr %q", err, got.code, got.stderr)
	}
	found := map[string]any{}
	for _, kind := range kinds {
		frames := answer.Results[kind].Frames
		if len(frames) != 1 || len(frames[0].Data.Values) == 0 || len(frames[0].Data.Values[0]) == 0 {
			t.Fatalf("%s finds nothing: %s", kind, got.stdout)
		}
		found[kind] = frames[0].Data.Values
	}
	return found
}

func (u upgrading) holds(t *testing.T, condition string) {
	t.Helper()
	u.Exec(t, strings.ReplaceAll("SELECT throwIf(NOT ("+condition+")) FORMAT Null", "soc.", u.Database+"."))
}

// From whatever state of the earlier version: a dry run changes nothing, an upgrade loses no event and no finding, a second one does nothing,
// and so does dropping what is unused.
func TestAnUpgradeKeepsEventsAndFindings(t *testing.T) {
	const views = 5
	for name, c := range map[string]struct {
		relations int
		then      []string
		dropped   int // views
		adds      bool
		unused    int
		version   string // 91d6b1f where it is empty
	}{
		"the last version with roll-ups":  {withViews, nil, views, false, 6, "6da06fb"},
		"without roll-ups":                {onlyEvents, nil, 0, true, 1, ""},
		"with roll-ups":                   {withViews, nil, views, true, 6, ""},
		"without the projection":          {onlyEvents, []string{"ALTER TABLE soc.network_events DROP PROJECTION Groups"}, 0, true, 1, ""},
		"without the hash":                {onlyEvents, []string{"ALTER TABLE soc.network_events DROP PROJECTION Groups", "ALTER TABLE soc.network_events DROP COLUMN GroupHash"}, 0, true, 0, ""},
		"partly upgraded":                 {withViews, []string{"DROP VIEW soc.network_events_1h_mv", "ALTER TABLE soc.network_events ADD COLUMN SentPackets Nullable(UInt64)"}, views - 1, true, 6, ""},
		"events brought up, views not":    {withViews, []string{"ALTER TABLE soc.network_events ADD COLUMN SentPackets Nullable(UInt64), ADD COLUMN ReceivedPackets Nullable(UInt64), ADD COLUMN DurationMs Nullable(UInt64), ADD COLUMN InitiatingProcessFolderPath String, ADD COLUMN NameSource String, ADD COLUMN Source String"}, views, false, 6, ""},
		"with a retention and own column": {onlyEvents, []string{"ALTER TABLE soc.network_events MODIFY TTL toDateTime(Timestamp) + INTERVAL 9000 DAY", "ALTER TABLE soc.network_events ADD COLUMN Site String"}, 0, true, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			u := of(t, []string{"91d6b1f", c.version}[min(1, len(c.version))], c.relations, c.then...)
			before, findings := u.made(t), u.findings(t)
			check := func(after string) {
				t.Helper()
				u.holds(t, "(SELECT count() FROM soc.network_events) = "+allEvents)
				if diff := cmp.Diff(findings, u.findings(t)); diff != "" {
					t.Errorf("findings after %s (-before +after):\n%s", after, diff)
				}
			}

			dry := u.upgrade(t, "--dry-run")
			if dry.code != exitOK || dry.stderr != "" || strings.Count(dry.stdout, "\nDROP VIEW ") != c.dropped || strings.Contains(dry.stdout, "ADD COLUMN") != c.adds ||
				strings.Count(dry.stdout, "Unused, and kept") != c.unused || strings.Contains(dry.stdout, "\nDROP TABLE ") {
				t.Errorf("dry run: exit code %d, stderr %q, stdout\n%s", dry.code, dry.stderr, dry.stdout)
			}
			if diff := cmp.Diff(before, u.made(t)); diff != "" {
				t.Errorf("a dry run changes (-before +after):\n%s", diff)
			}

			if got := u.upgrade(t); got.code != exitOK || got.stderr != "" || strings.Count(got.stdout, "Done. ") != strings.Count(dry.stdout, "It needs GRANT") {
				t.Fatalf("exit code %d, stderr %q, stdout\n%s", got.code, got.stderr, got.stdout)
			}
			check("the upgrade")
			u.holds(t, "(SELECT count() FROM system.tables WHERE database = currentDatabase() AND engine = 'MaterializedView') = 0")

			once := u.made(t)
			for _, flags := range [][]string{nil, {"--dry-run"}} {
				if got := u.upgrade(t, flags...); got.code != exitOK || !strings.Contains(got.stdout, "Nothing to do") || strings.Contains(got.stdout, "Done.") {
					t.Errorf("a second time: exit code %d, stderr %q, stdout\n%s", got.code, got.stderr, got.stdout)
				}
			}
			if diff := cmp.Diff(once, u.made(t)); diff != "" {
				t.Errorf("a second upgrade changes (-before +after):\n%s", diff)
			}

			if got := u.upgrade(t, "--drop-unused"); got.code != exitOK || strings.Contains(got.stdout, "Unused") {
				t.Errorf("--drop-unused: exit code %d, stderr %q, stdout\n%s", got.code, got.stderr, got.stdout)
			}
			check("dropping what is unused")
			var names []string
			for _, column := range schema.Columns() {
				names = append(names, column.Name)
			}
			var own []string
			for _, column := range u.rows(t, "SELECT name AS Told FROM system.columns WHERE database = {database:String} ORDER BY table, position") {
				if column != "Site" {
					own = append(own, column)
				}
			}
			if diff := cmp.Diff(names, own); diff != "" {
				t.Errorf("columns that are left in the database (-want +got):\n%s", diff)
			}
			if got := u.upgrade(t, "--drop-unused"); !strings.HasPrefix(got.stdout, "Nothing to do") {
				t.Errorf("--drop-unused a second time says %q", got.stdout)
			}
		})
	}
}

// copied is an engine whose copies other servers have.
var copied = regexp.MustCompile(`Replicated(\w*MergeTree)\([^)]*\)`)

// here is a statement of a cluster's as one server without a cluster runs it.
func here(text string) string {
	return copied.ReplaceAllString(strings.Replace(text, ` ON CLUSTER "two_shards"`, "", 1), "$1")
}

// Views of a cluster's shards, and the tables over them, are brought up on all servers. The engine of the tests has no cluster to run ON,
// and its replicated tables take no change: what a dry run prints is run without both.
func TestAnUpgradeOfAClusterIsForAllOfItsServers(t *testing.T) {
	u := upgrading{Server: chtest.Database(t)}
	u.settings = file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(u.JSON(settings.Native))})
	text, err := os.ReadFile(filepath.Join("testdata", "upgrade", "91d6b1f-cluster.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range printed(strings.NewReplacer(`"soc"`, `"`+u.Database+`"`, "'soc'", "'"+u.Database+"'").Replace(string(text))) {
		u.Exec(t, here(one))
	}
	if got := u.upgrade(t, "--dry-run"); got.code != exitFailed || !strings.Contains(got.stderr, "name the cluster with --cluster") {
		t.Errorf("without --cluster: exit code %d, stderr %q", got.code, got.stderr)
	}
	const flag, cluster, dropping = "--cluster", "two_shards", "--drop-unused"
	for _, flags := range [][]string{{flag, cluster}, {flag, cluster, dropping}} {
		got := u.upgrade(t, append(flags, "--dry-run")...)
		if got.code != exitOK || got.stderr != "" {
			t.Fatalf("%v: exit code %d, stderr %q", flags, got.code, got.stderr)
		}
		for _, block := range strings.Split(got.stdout, ";\n") {
			var lines []string
			for line := range strings.Lines(block) {
				if !strings.HasPrefix(line, "--") {
					lines = append(lines, line)
				}
			}
			if one := strings.TrimSpace(strings.Join(lines, "")); one != "" {
				if strings.Count(one, ` ON CLUSTER "two_shards"`) != 1 || !strings.Contains(block, ", CLUSTER ON *.*.\n") {
					t.Errorf("%v: not on the cluster: %s", flags, one)
				}
				u.Exec(t, here(one))
			}
		}
		if got := u.upgrade(t, append(flags, "--dry-run")...); !strings.Contains(got.stdout, "Nothing to do") {
			t.Errorf("%v: a second time there is to do:\n%s%s", flags, got.stdout, got.stderr)
		}
	}
	if diff := cmp.Diff([]string{"network_events", "network_events_local"}, u.rows(t, "SELECT name AS Told FROM system.tables WHERE database = {database:String} ORDER BY name")); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	u.holds(t, "(SELECT countIf(name = 'Source') = 2 AND countIf(name = 'GroupHash') = 0 FROM system.columns WHERE database = currentDatabase())")
}
