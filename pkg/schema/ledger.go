package schema

import "time"

// The ledger of names says which networks each name led to, and since when: a name that moves after weeks in one place can be told from
// one that always has. Events and DNS answers feed it, by a job that ClickHouse runs.

// LedgerRetention is how long a name's network is remembered after it was seen last.
const LedgerRetention = 400 * 24 * time.Hour

// LedgerDevices is how many devices of a name's network are remembered; of more there is no telling how many.
const LedgerDevices = 100

// LedgerName returns the usual name of the ledger beside an events table.
func LedgerName(table string) string { return table + "_name_networks" }

// LedgerJobNames returns the names of the refreshable views that fill a ledger: with the newest events, and with late ones.
func LedgerJobNames(ledger string) (newest, late string) {
	return ledger + "_job", ledger + "_job_late"
}

// LedgerDDL returns the statement that creates a ledger. Its name comes quoted, with its database.
func LedgerDDL(table string) (string, error) {
	return render("name_networks.sql", map[string]any{"Table": table, "RetentionDays": int(LedgerRetention.Hours() / 24)})
}

// Columns of a DNS question that no event has.
const (
	Answers = "Answers" // addresses, and the names on the way to them
	TTLs    = "TTLs"    // of each answer, in seconds; fewer where the sensor does not tell
)

// DNSQuestions describes the table of DNS questions as far as it is read as if it were an events table: who asked, when, and the name.
func DNSQuestions(database string) Table {
	columns := map[string]Described{
		Timestamp: {Name: Timestamp, Type: "DateTime64(3, 'UTC')"}, RemoteURL: {Name: "Query", Type: "String"},
	}
	columns[Answers], columns[TTLs] = Described{Name: Answers, Type: "Array(String)"}, Described{Name: TTLs, Type: "Array(UInt32)"}
	for _, name := range []string{DeviceID, DeviceName} {
		columns[name] = Described{Name: name, Type: "LowCardinality(String)"}
	}
	return Table{Database: database, Name: DNSTable, columns: columns}
}

// LedgerTable describes what a name of the ledger can be filtered by, as if it were an events table.
func (t Table) LedgerTable() Table { return t.FindingsTable() }
