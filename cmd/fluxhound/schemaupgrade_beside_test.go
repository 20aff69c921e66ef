package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// fresh is a database with all that this version makes.
func fresh(t *testing.T) upgrading {
	t.Helper()
	u := upgrading{Server: chtest.Database(t)}
	u.settings = file(t, "settings.json", map[string]any{"jsonData": json.RawMessage(u.JSON(settings.Native))})
	for _, flags := range [][]string{{"--source", "zeek", "--hours", "--findings", "--indicators", "--ledger"}, {"--source", "suricata"}} {
		if got := run(t, append([]string{"schema", "apply", "--settings", u.settings}, flags...)...); got.code != exitOK {
			t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
		}
	}
	return u
}

// What this version makes is this version's, and each thing that a version in between lacked is brought up.
func TestAnUpgradeBringsUpWhatStandsBesideTheEvents(t *testing.T) {
	u := fresh(t)
	got := u.upgrade(t, "--drop-unused")
	if got.code != exitOK || !strings.HasPrefix(got.stdout, "Nothing to do") || !strings.Contains(got.stdout, "--hours --findings --ledger`") {
		t.Fatalf("all of this version: exit code %d, stderr %q, stdout\n%s", got.code, got.stderr, got.stdout)
	}
	columns := func() []string {
		return u.rows(t, "SELECT concat(table, ' ', name, ' ', type) AS Told FROM system.columns WHERE database = {database:String} ORDER BY table, name")
	}
	want := columns()
	for _, one := range []string{
		"DROP TABLE soc.derived_claims",
		"DROP TABLE soc.zeek_dns",
		"ALTER TABLE soc.zeek_conn DROP COLUMN history",
		"DROP TABLE soc.network_events_findings_seen", // reads the column below
		"ALTER TABLE soc.network_events_findings_runs DROP COLUMN Rule",
		"ALTER TABLE soc.network_events_hours DROP COLUMN NameSource",
		"ALTER TABLE soc.network_events_destinations DROP COLUMN FirstPlace",
		"ALTER TABLE soc.network_events DROP COLUMN Source",
	} {
		u.Exec(t, strings.ReplaceAll(one, "soc.", u.Database+"."))
	}
	got = u.upgrade(t)
	if got.code != exitOK || strings.Count(got.stdout, "Done. ") != 7 {
		t.Fatalf("exit code %d, stderr %q, stdout\n%s", got.code, got.stderr, got.stdout)
	}
	var kept []string
	for _, column := range want {
		if !strings.HasPrefix(column, "network_events_findings_seen ") { // schema apply --findings makes it anew
			kept = append(kept, column)
		}
	}
	if diff := cmp.Diff(kept, columns()); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if got := u.upgrade(t); !strings.HasPrefix(got.stdout, "Nothing to do") {
		t.Errorf("a second time: %s%s", got.stdout, got.stderr)
	}
}

// Hours of the version that told groups by a hash of 64 bits are named, and dropped with their jobs where somebody wants it.
func TestEarlierHoursAreUnused(t *testing.T) {
	u := fresh(t)
	for _, one := range []string{
		"DROP TABLE soc.network_events_hours",
		"CREATE TABLE soc.network_events_hours (Hour DateTime('UTC'), Build Int64, MadeAt DateTime64(3, 'UTC'), DeviceName String, RemoteUrl String, RemoteIP String, DeviceId String, ActionType String, RemotePort UInt16," +
			" Protocol String, InitiatingProcessFileName String, InitiatingProcessFolderPath String, NameSource String, GroupHash UInt64, Connections Int64, SentBytes Nullable(Int64), ReceivedBytes Nullable(Int64)," +
			" FirstSeen DateTime64(3, 'UTC'), LastSeen DateTime64(3, 'UTC'), Seconds Array(UInt32), Sizes Array(Int64), OpenMs Int64, LongestMs Int64)" +
			" ENGINE = MergeTree PARTITION BY toYYYYMMDD(Hour) PRIMARY KEY (DeviceName, RemoteUrl) ORDER BY (DeviceName, RemoteUrl, RemoteIP, DeviceId, GroupHash, Build)",
	} {
		u.Exec(t, strings.ReplaceAll(one, "soc.", u.Database+"."))
	}
	if got := u.upgrade(t); got.code != exitOK || !strings.Contains(got.stdout, "Unused, and kept: network_events_hours") {
		t.Errorf("exit code %d, stderr %q, stdout\n%s", got.code, got.stderr, got.stdout)
	}
	u.holds(t, "(SELECT count() FROM system.tables WHERE database = currentDatabase() AND name LIKE 'network_events_hours%') = 6")
	if got := u.upgrade(t, "--drop-unused"); got.code != exitOK {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
	u.holds(t, "(SELECT count() FROM system.tables WHERE database = currentDatabase() AND name LIKE 'network_events_hours%') = 1") // the view that apply makes anew
	if got := run(t, "schema", "apply", "--settings", u.settings, "--hours"); got.code != exitOK {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
}
