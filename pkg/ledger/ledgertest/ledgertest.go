// Package ledgertest makes ledgers for tests.
package ledgertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger"
	listed "github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/liststest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Table and Destinations are the names of the ledgers beside the usual events table.
var (
	Table        = schema.LedgerName(settings.DefaultTable)
	Destinations = schema.DestinationsName(settings.DefaultTable)
)

// Quoted is how statements name the ledger of names.
func Quoted(engine chtest.Server) string { return listed.Quoted(engine.Database, Table) }

// Fill makes the ledger of names of the usual events table and fills it with its events.
func Fill(t testing.TB, engine chtest.Server) {
	t.Helper()
	apply(t, engine, func(client *clickhouse.Client, table schema.Table) (ledger.Keeper, error) {
		return ledger.Names(t.Context(), client, table, Table)
	})
}

// FillDestinations does the same with the ledger of destinations.
func FillDestinations(t testing.TB, engine chtest.Server) {
	t.Helper()
	apply(t, engine, func(client *clickhouse.Client, table schema.Table) (ledger.Keeper, error) {
		return ledger.Destinations(client, table, Destinations), nil
	})
}

func apply(t testing.TB, engine chtest.Server, of func(*clickhouse.Client, schema.Table) (ledger.Keeper, error)) {
	t.Helper()
	client, err := clickhouse.New(engine.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	table, err := client.EventsTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keeper, err := of(client, table)
	if err == nil {
		err = keeper.Apply(t.Context(), func(time.Time) {})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Move makes a move of a name's arrival in a network within the last week: before, it was elsewhere for a month, and DNS answers held longer.
func Move(t testing.TB, engine chtest.Server, name, network string) {
	t.Helper()
	row := func(network string, days, until, ttl int) string {
		return fmt.Sprintf("(%s, '%s', now() - INTERVAL %d DAY, now() - INTERVAL %d DAY, range(toUInt16(today()) - %d, toUInt16(today()) - %d), %d)", statement.Quoted(name), network, days, until, days, until, ttl)
	}
	engine.Exec(t, "INSERT INTO "+Quoted(engine)+" (Name, Network, LowAddress, HighAddress, FirstSeen, LastSeen, Days, ShortestTTL) SELECT Name, Network, splitByChar('/', Network)[1] AS Low, Low, FirstSeen, LastSeen, arrayMap(day -> toUInt16(day), Days), ShortestTTL FROM VALUES("+
		"'Name String, Network String, FirstSeen DateTime, LastSeen DateTime, Days Array(UInt32), ShortestTTL UInt32', "+row("198.51.100.0/24", 40, 8, 3600)+", "+row(network, 2, 0, 60)+")")
	// the ledger knows of the time before
	engine.Exec(t, "INSERT INTO "+Quoted(engine)+" (Name, Network, FirstSeen, LastSeen) SELECT '', '', now() - INTERVAL 40 DAY, now()")
}

// With adds the ledger of names to the lists of a data source's jsonData.
func With(t testing.TB, jsonData []byte) []byte {
	t.Helper()
	return liststest.With(t, jsonData, listed.NamesName, Table)
}

// WithDestinations adds the ledger of destinations to the lists of a data source's jsonData.
func WithDestinations(t testing.TB, jsonData []byte) []byte {
	t.Helper()
	return liststest.With(t, jsonData, listed.DestinationsName, Destinations)
}
