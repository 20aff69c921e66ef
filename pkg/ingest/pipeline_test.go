package ingest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// derive makes events of what landed.
func (b *bench) derive() (ingest.Summary, error) {
	return ingest.Make(b.Context(), ingest.Options{
		Client: b.client, Database: b.server.Database, Table: settings.DefaultTable, Sources: b.sources, Internal: b.internal,
	})
}

func (b *bench) mustDerive() {
	b.Helper()
	if _, err := b.derive(); err != nil {
		b.Fatal(err)
	}
}

func TestAPipelineThatMayInsertIntoALandingTableAloneIsEnough(t *testing.T) {
	server := chtest.Start(t, chtest.WithUsers(chtest.User{Name: "shipper", Password: "p", Grants: []string{"INSERT ON default.zeek_conn"}}))
	server.CreateTable(t, settings.DefaultTable)
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	client, err := clickhouse.New(server.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }() // what it did is checked below
	b := &bench{T: t, server: server, client: client, sources: known, internal: settings.PrivateNetworks()}
	b.mustDerive() // creates the landing tables
	ask := func(query, body string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			"http://"+server.Address(settings.HTTP)+"/?query="+url.QueryEscape(query), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("shipper", "p")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		said, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(said)
	}
	for range 2 { // as a pipeline does that got no answer
		if got, said := ask("INSERT INTO zeek_conn FORMAT JSONEachRow", goodLine); got != http.StatusOK {
			t.Fatalf("the shipper's INSERT: status %d: %s", got, said)
		}
	}
	for _, query := range []string{
		"INSERT INTO zeek_dns (uid) VALUES ('C1')", "INSERT INTO network_events (DeviceId) VALUES ('d')", "SELECT * FROM zeek_conn", "SELECT * FROM network_events", "TRUNCATE TABLE zeek_conn",
	} {
		if got, said := ask(query, ""); got == http.StatusOK || !strings.Contains(said, "ACCESS_DENIED") {
			t.Errorf("%s: status %d, %q; want ACCESS_DENIED", query, got, said)
		}
	}
	b.mustDerive()
	if n := b.count("SELECT count() FROM default.network_events WHERE RemoteIP = '203.0.113.1' AND Source = 'zeek'"); n != "1" {
		t.Errorf("%s events, want 1", n)
	}
	if n := b.count("SELECT count() FROM default.zeek_conn"); n != "2" {
		t.Errorf("%s rows landed, want 2", n)
	}
}

// What cannot be written now, since the events table refuses it, is written once it can: nothing is lost and nothing doubled.
func TestAFaultWhereEventsAreMadeIsMendedByTheNextRun(t *testing.T) {
	b := newBench(t)
	b.mustDerive()
	b.server.Exec(t, "ALTER TABLE "+b.server.Database+".network_events ADD CONSTRAINT small CHECK RemotePort < 80")
	b.server.Exec(t, "INSERT INTO "+b.server.Database+".zeek_conn FORMAT JSONEachRow "+goodLine)
	for range 2 {
		if _, err := b.derive(); err == nil {
			t.Fatal("the events table took what it must not")
		}
	}
	if n := b.count("SELECT count() FROM DB.zeek_conn"); n != "1" {
		t.Errorf("%s rows landed, want 1", n)
	}
	b.server.Exec(t, "ALTER TABLE "+b.server.Database+".network_events DROP CONSTRAINT small")
	for range 2 {
		b.mustDerive()
	}
	if n := b.count("SELECT count() FROM DB.network_events"); n != "1" {
		t.Errorf("%s events, want 1", n)
	}
}

// A name that lands late changes its connection's event and no other row; events of other sources and times are never touched.
func TestOnlyWhatChangesIsWrittenAnew(t *testing.T) {
	b := newBench(t)
	db := b.server.Database
	b.server.Exec(t, "ALTER TABLE "+db+".network_events ADD COLUMN Written DateTime64(6) DEFAULT now64(6)")
	b.load(makeLogs(600).whole(t))
	b.server.Exec(t, "INSERT INTO "+db+".network_events (Timestamp, DeviceName, Source) VALUES ('2026-01-05 00:30:00', 'endpoint', 'defender')")
	loaded := b.count("SELECT toString(max(Written)) FROM DB.network_events")
	before := b.ask("SELECT toString(cityHash64(toString(tuple(* EXCEPT Written)))) AS H FROM DB.network_events ORDER BY H", "H")
	b.server.Exec(t, "INSERT INTO "+db+".zeek_ssl (ts, uid, server_name) SELECT ts, uid, 'late.example' FROM "+db+".zeek_conn WHERE uid = 'C3'")
	b.mustDerive()
	after := b.ask("SELECT toString(cityHash64(toString(tuple(* EXCEPT Written)))) AS H FROM DB.network_events ORDER BY H", "H")
	if len(before) != len(after) || differences(before, after) != 1 {
		t.Errorf("%d rows before and %d after, %d of them others; want one other", len(before), len(after), differences(before, after))
	}
	if n := b.count("SELECT count() FROM DB.network_events WHERE RemoteUrl = 'late.example' AND NameSource = 'tls'"); n != "1" {
		t.Errorf("%s events have the late name, want 1", n)
	}
	if n := b.count("SELECT countIf(Written > '" + loaded + "') FROM DB.network_events"); n != "1" {
		t.Errorf("%s events were written anew, want 1", n)
	}
}

// differences counts the texts of a list that another does not have.
func differences(a, b []string) int {
	has := map[string]int{}
	for _, text := range b {
		has[text]++
	}
	n := 0
	for _, text := range a {
		if has[text]--; has[text] < 0 {
			n++
		}
	}
	return n
}

// Landing rows have a shorter life than events: an hour whose rows are gone stays as it is.
func TestAnHourWhoseLandingRowsAreGoneIsLeft(t *testing.T) {
	b := newBench(t)
	b.load(makeLogs(200).whole(t))
	b.server.Exec(t, "DELETE FROM "+b.server.Database+".zeek_conn WHERE EventTime < '2026-01-05 01:00:00' AND uid != 'C1'")
	before := b.made()
	summary, err := b.derive()
	if err != nil {
		t.Fatal(err)
	}
	if got := b.made(); got != before {
		t.Errorf("got %s, want %s as before", got, before)
	}
	kept := 0
	for _, m := range summary.Made {
		kept += m.Kept
	}
	if fmt.Sprint(kept) != "1" {
		t.Errorf("%d hours were told to be left, want 1", kept)
	}
}
