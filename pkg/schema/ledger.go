package schema

import "time"

// The ledgers are kept beside the events by jobs that ClickHouse runs. The ledger of names says which networks each name led to, and since
// when: a name that moves after weeks in one place can be told from one that always has. Events and DNS answers feed it. The ledger of
// destinations says since when devices connect to a host, and how many: what is new to all of them can be told from what is new in a
// window. Events feed it.

// LedgerRetention is how long a name's network is remembered after it was seen last.
const LedgerRetention = 400 * 24 * time.Hour

// LedgerDevices is how many devices of a name's network are remembered; of more there is no telling how many.
const LedgerDevices = 100

// DestinationsRetention is how long a destination is remembered after the last connection to it.
const DestinationsRetention = 365 * 24 * time.Hour

// DrillPrefix begins the names of all devices and hosts of drills: what has it is no real device's.
const DrillPrefix = "fluxhound-drill-"

// LedgerName returns the usual name of the ledger of names beside an events table.
func LedgerName(table string) string { return table + "_name_networks" }

// DestinationsName returns the usual name of the ledger of destinations beside an events table.
func DestinationsName(table string) string { return table + "_destinations" }

// LedgerJobNames returns the names of the refreshable views that fill a ledger: with the newest events, and with late ones.
func LedgerJobNames(ledger string) (newest, late string) {
	return ledger + "_job", ledger + "_job_late"
}

// LedgerDDL returns the statement that creates a ledger of names. Its name comes quoted, with its database.
func LedgerDDL(table string) (string, error) {
	return render("name_networks.sql", map[string]any{"Table": table, "RetentionDays": int(LedgerRetention.Hours() / 24)})
}

// DestinationsDDL returns the statement that creates a ledger of destinations. Its name comes quoted, with its database.
func DestinationsDDL(table string) (string, error) {
	return render("destinations.sql", map[string]any{"Table": table, "RetentionDays": int(DestinationsRetention.Hours() / 24)})
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
