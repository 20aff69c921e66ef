package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake/intaketest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// What comes again brings its row up to date and keeps when it came first; what is taken back or has expired holds no more.
func TestAnImportBringsRowsUpToDate(t *testing.T) {
	engine := chtest.Database(t)
	intaketest.Make(t, engine)
	client, err := clickhouse.New(engine.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	now := time.Now().UTC().Truncate(time.Second)
	bring := func(at time.Time, text string) intake.Report {
		t.Helper()
		store := intake.Store{Client: client, Database: engine.Database, Table: schema.IndicatorsTable, Now: func() time.Time { return at }}
		report, err := store.Import(t.Context(), intake.Feed{Source: "feed", Confidence: 50, Holds: 90 * 24 * time.Hour}, strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	stix := func(revoked bool, name string) string {
		return fmt.Sprintf(`{"type":"bundle","objects":[{"type":"indicator","id":"indicator--1","pattern_type":"stix","pattern":"[domain-name:value = 'taken.example']","name":%q,"revoked":%t}]}`, name, revoked)
	}
	bring(now.Add(-time.Hour), stix(false, "one"))
	bring(now.Add(-time.Hour), "indicator,confidence\nlater.example,60\n")
	if got := bring(now, stix(true, "two")); got.Revoked != 1 || got.Written != 1 {
		t.Errorf("taken back: %+v", got)
	}
	old := now.AddDate(0, 0, -91).Format(time.DateTime)
	if got := bring(now, "indicator,last_seen\nold.example,"+old+"\n"); got.Expired != 1 || got.Written != 0 {
		t.Errorf("expired: %+v", got)
	}
	bring(now, "indicator,confidence,malware\nlater.example,80,"+strings.Repeat("ä", 300)+"\n")
	engine.Exec(t, fmt.Sprintf(`SELECT throwIf(groupArray((Value, Confidence, Expires > now(), Added, Imported, lengthUTF8(Threat))) != [
		('later.example', 80, 1, toDateTime(%[1]d, 'UTC'), toDateTime(%[2]d, 'UTC'), 200), ('taken.example', 50, 0, toDateTime(%[1]d, 'UTC'), toDateTime(%[2]d, 'UTC'), 3)])
		FROM (SELECT * FROM %[3]s.indicators FINAL ORDER BY Value) FORMAT Null`, now.Add(-time.Hour).Unix(), now.Unix(), engine.Database))
	report := bring(now, "10.0.0.1\ncom\n192.168.1.1\n203.0.112.0/22\n")
	refused := map[string]int{}
	for reason, of := range report.Refused {
		refused[reason] = of.Count
	}
	want := map[string]int{"it is no place of the internet: 10.0.0.0/8": 1, "it is no place of the internet: 192.168.0.0/16": 1, "it is neither an address, a name nor a URL": 1}
	if diff := cmp.Diff(want, refused); diff != "" || report.Read != 4 || report.Flagged != 1 {
		t.Errorf("%+v, refused (-want +got):\n%s", report, diff)
	}
}
