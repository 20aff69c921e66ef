package schema

// Earlier is a table or view beside an events table that an earlier version of the schema made, and that nothing reads any more. A
// relation is taken for it only where its kind, its columns and its order are these: another may have the name.
type Earlier struct {
	Name    string
	Columns []string // the names of all of its columns
	Engine  string   // as PlainEngine writes it
	OrderBy string   // as PlainKey writes it; empty for a view and a Distributed table
	From    string   // of a view: the table that it reads at each INSERT
	To      string   // of a view: the table that it writes to
}

// View reports whether it is a view that fills a table at each INSERT into another.
func (e Earlier) View() bool { return e.To != "" }

// GroupHash and GroupsProjection are what earlier versions kept in the events table: a hash of what beaconing groups by, and what the
// hashes of a day stand for.
const (
	GroupHash        = "GroupHash"
	GroupsProjection = "Groups"
)

var (
	rollupColumns   = []string{"Bucket", DeviceName, RemoteURL, RemoteIP, DeviceID, ActionType, RemotePort, InitiatingProcessFileName, GroupHash, Connections, SentBytes, ReceivedBytes, FirstSeen, LastSeen}
	beaconColumns   = []string{"Hours", "Bucket", GroupHash, Connections, SentBytes, "FirstHour", "LastHour"}
	nameColumns     = []string{"Week", DeviceName, RemoteURL, RemoteIP, DeviceID, GroupHash}
	coverageColumns = []string{"Grain", "From", "To", "Source"}
)

const rollupOrder = "Bucket, DeviceName, RemoteUrl, RemoteIP, DeviceId, ActionType, RemotePort, InitiatingProcessFileName, GroupHash"

// EarlierViews are the views that filled roll-ups of an events table, in an order in which they may be dropped: what reads the events
// first.
func EarlierViews(table string) []Earlier {
	view := func(suffix, from, to string, columns []string) Earlier {
		return Earlier{Name: table + suffix, Columns: columns, Engine: "MaterializedView", From: table + from, To: table + to}
	}
	return []Earlier{
		view("_1h_mv", "", "_1h", rollupColumns),
		view("_1d_mv", "", "_1d", rollupColumns),
		view("_beacons_1h_mv", "_1h", "_beacons", beaconColumns),
		view("_beacons_1d_mv", "_1d", "_beacons", beaconColumns),
		view("_beacons_names_mv", "_1h", "_beacons_names", nameColumns),
	}
}

// EarlierTables are the roll-ups themselves, and what said which of them were complete.
func EarlierTables(table string) []Earlier {
	return []Earlier{
		{Name: table + "_beacons_names", Columns: nameColumns, Engine: "ReplacingMergeTree", OrderBy: "Week, DeviceName, RemoteUrl, RemoteIP, DeviceId, GroupHash"},
		{Name: table + "_beacons", Columns: beaconColumns, Engine: "AggregatingMergeTree", OrderBy: "GroupHash, Bucket"},
		{Name: table + "_1h", Columns: rollupColumns, Engine: "AggregatingMergeTree", OrderBy: rollupOrder},
		{Name: table + "_1d", Columns: rollupColumns, Engine: "AggregatingMergeTree", OrderBy: rollupOrder},
		{Name: table + "_rollup_coverage", Columns: coverageColumns, Engine: "MergeTree", OrderBy: "Grain, From"},
	}
}

// EarlierDistributed are the tables of a cluster over the roll-ups of all shards, and the list of the shards' tables.
func EarlierDistributed(table string) []Earlier {
	list := []Earlier{{Name: table + "_rollup_tables", Columns: []string{"database", "name", "engine", "uuid"}, Engine: "Distributed"}}
	for _, e := range EarlierTables(table) {
		list = append(list, Earlier{Name: e.Name, Columns: e.Columns, Engine: "Distributed"})
	}
	return list
}

// EarlierHours are the hours of a version that told groups by a hash of 64 bits. keys are the events' columns that hours keep.
func EarlierHours(table string, keys []HourColumn) Earlier {
	columns := []string{HourStart, Build, "MadeAt", GroupHash, Connections, SentBytes, ReceivedBytes, FirstSeen, LastSeen, Seconds, Sizes, OpenMs, LongestMs}
	for _, key := range keys {
		columns = append(columns, key.Name)
	}
	return Earlier{Name: HoursName(table), Columns: columns, Engine: "MergeTree", OrderBy: "DeviceName, RemoteUrl, RemoteIP, DeviceId, GroupHash, Build"}
}
