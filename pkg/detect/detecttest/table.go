package detecttest

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake/intaketest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Table is an events table on the bench.
type Table struct {
	bench *Bench
	name  string
	// columns maps canonical columns to the table's own, as the settings do.
	columns map[string]string
	// protocol is how the plugin reaches ClickHouse; empty for native.
	protocol settings.Protocol
	// custom are ClickHouse settings of the data source.
	more map[string]any
}

// Events makes a table as the schema defines it, with the events in it.
func (b *Bench) Events(t testing.TB, events []referee.Event) Table {
	t.Helper()
	table := b.nextTable()
	b.engine.CreateTable(t, table.name)
	table.Insert(t, events)
	return table
}

// Derived makes a table from this one's rows: body is the rest of its CREATE TABLE, with {from} for this table.
func (tb Table) Derived(t testing.TB, body string) Table {
	t.Helper()
	table := tb.bench.nextTable()
	tb.bench.engine.Exec(t, "CREATE TABLE "+table.qualified()+" "+strings.ReplaceAll(body, "{from}", tb.qualified()))
	return table
}

// Mapped is the same table with a mapping of canonical columns to its own.
func (tb Table) Mapped(columns map[string]string) Table {
	tb.columns = maps.Clone(columns)
	return tb
}

// Setting is the same table, asked of a data source with a setting.
func (tb Table) Setting(name string, value any) Table {
	tb.more = maps.Clone(tb.more)
	if tb.more == nil {
		tb.more = map[string]any{}
	}
	tb.more[name] = value
	return tb
}

// WithSystems is the same table, asked of a data source with a dictionary of autonomous systems, which is made beside it. A
// bench has one at most.
func (tb Table) WithSystems(t testing.TB, systems []referee.AS) Table {
	t.Helper()
	tb.Exec(t, "CREATE TABLE {database}.asn_prefixes (Prefix String, ASN UInt32, Name String) ENGINE = Memory")
	for _, as := range systems {
		tb.Exec(t, fmt.Sprintf("INSERT INTO {database}.asn_prefixes SELECT '%s', %d, '%s'", as.Network, as.Number, strings.ReplaceAll(as.Name, "'", "''")))
	}
	tb.Exec(t, "CREATE DICTIONARY {database}.asn (Prefix String, ASN UInt32 DEFAULT 0, Name String DEFAULT '') PRIMARY KEY Prefix SOURCE(CLICKHOUSE(DB '"+tb.Database()+"' TABLE 'asn_prefixes')) LAYOUT(IP_TRIE) LIFETIME(3600)")
	return tb.Setting("asnDictionary", tb.Database()+".asn")
}

// WithIndicators is the same table, asked of a data source with a table of indicators, which is made beside it. A bench has one at
// most. rows are the values of an INSERT: Kind, Value, Source, Threat, Confidence, Expires, Reference, Flag, Added, Imported.
func (tb Table) WithIndicators(t testing.TB, rows ...string) Table {
	t.Helper()
	intaketest.Make(t, tb.bench.engine)
	table := statement.Qualified(tb.Database(), schema.IndicatorsTable)
	if len(rows) > 0 {
		tb.bench.engine.Exec(t, "INSERT INTO "+table+" (Kind, Value, Source, Threat, Confidence, Expires, Reference, Flag, Added, Imported) VALUES "+strings.Join(rows, ", "))
	}
	for _, text := range intake.Reloads(tb.Database(), schema.IndicatorsTable) {
		tb.bench.engine.Exec(t, text)
	}
	return tb.list("indicators", schema.IndicatorsTable)
}

// WithLedger is the same table, asked of a data source with a ledger of names that knows a time of its events and DNS answers. A bench has
// one at most.
func (tb Table) WithLedger(t testing.TB, known referee.Window) Table {
	t.Helper()
	const name = "names"
	keeper, err := ledger.Names(t.Context(), tb.bench.client(t), tb.Resolve(t), name)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, keeper, known)
	return tb.list("nameNetworks", name)
}

// WithDestinations is the same table, asked of a data source with a ledger of destinations that knows some times of its events. A bench has
// one at most.
func (tb Table) WithDestinations(t testing.TB, known ...referee.Window) Table {
	t.Helper()
	const name = "destinations"
	fill(t, ledger.Destinations(tb.bench.client(t), tb.Resolve(t), name), known...)
	return tb.list("destinations", name)
}

// fill makes a ledger, and fills it with some times.
func fill(t testing.TB, keeper ledger.Keeper, known ...referee.Window) {
	t.Helper()
	err := keeper.Create(t.Context())
	for _, w := range known {
		if err == nil {
			err = keeper.Fill(t.Context(), w.From, w.To)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// list is the same table, asked of a data source with the table of a list.
func (tb Table) list(name, table string) Table {
	all := map[string]string{name: table}
	if others, ok := tb.more["listTables"].(map[string]string); ok {
		for other, its := range others {
			all[other] = its
		}
	}
	return tb.Setting("listTables", all)
}

// Database is where the table is.
func (tb Table) Database() string { return tb.bench.engine.Database }

// Exec runs a statement beside the table, with {from} for its name and {database} for its database.
func (tb Table) Exec(t testing.TB, text string) {
	t.Helper()
	tb.bench.engine.Exec(t, strings.NewReplacer("{from}", tb.qualified(), "{database}", statement.Identifier(tb.bench.engine.Database)).Replace(text))
}

// Over is the same table, asked over a protocol.
func (tb Table) Over(p settings.Protocol) Table {
	tb.protocol = p
	return tb
}

// Insert adds events, all at once.
func (tb Table) Insert(t testing.TB, events []referee.Event) {
	t.Helper()
	if len(events) == 0 {
		return
	}
	rows := make([]chtest.Event, len(events))
	for i, e := range events {
		rows[i] = chtest.Event{
			Timestamp: e.Timestamp, DeviceID: e.DeviceID, DeviceName: e.DeviceName, ActionType: e.ActionType,
			RemoteIP: e.RemoteIP, RemotePort: uint16(e.RemotePort), RemoteURL: e.RemoteURL, Protocol: e.Protocol, LocalIP: e.LocalIP,
			InitiatingProcessFileName: e.InitiatingProcessFileName, InitiatingProcessAccountName: e.InitiatingProcessAccountName,
			SentBytes: unsigned(e.SentBytes), ReceivedBytes: unsigned(e.ReceivedBytes),
			DurationMs: unsigned(e.DurationMs), InitiatingProcessFolderPath: e.InitiatingProcessFolderPath, NameSource: e.NameSource,
		}
	}
	tb.bench.engine.Insert(t, tb.name, rows...)
}

// Fill adds what a SELECT makes: its columns in parentheses and the SELECT, for more events than are worth listing.
func (tb Table) Fill(t testing.TB, selected string) {
	t.Helper()
	tb.bench.engine.Exec(t, "INSERT INTO "+tb.qualified()+" "+selected)
}

// Replace removes the table's events and adds others.
func (tb Table) Replace(t testing.TB, events []referee.Event) {
	t.Helper()
	tb.bench.engine.Exec(t, "TRUNCATE TABLE "+tb.qualified())
	tb.Insert(t, events)
}

func (tb Table) qualified() string {
	return statement.Qualified(tb.bench.engine.Database, tb.name)
}

func unsigned(n *int64) *uint64 {
	if n == nil {
		return nil
	}
	u := uint64(*n)
	return &u
}

// nextTable names a table that does not exist yet, as a user may who likes spaces and quotes.
func (b *Bench) nextTable() Table {
	b.tables++
	return Table{bench: b, name: fmt.Sprintf(`bench's "events" %d`, b.tables)}
}
