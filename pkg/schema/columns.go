// Package schema knows the events table: its canonical columns, how they map to the columns of a user's own table,
// and the tables that Fluxhound itself creates (ddl/*.sql).
package schema

// Kind says what a canonical column holds, whatever ClickHouse type carries it.
type Kind string

// The kinds of canonical columns, each with the ClickHouse types that may carry it (LowCardinality and Nullable of
// these count as well).
const (
	Time    Kind = "time"    // DateTime, DateTime64
	Text    Kind = "string"  // String, FixedString, Enum8, Enum16, UUID, IPv4, IPv6, UInt8 … UInt256, Int8 … Int256
	Address Kind = "ip"      // String, FixedString, IPv4, IPv6
	Integer Kind = "integer" // UInt8 … UInt64, Int8 … Int64
)

// Column is a canonical column of the events table, named as in Microsoft Defender's DeviceNetworkEvents where that has
// one.
type Column struct {
	Name     string // in Defender's spelling
	Kind     Kind
	Required bool   // without it no query can run; an optional one only turns off what needs it
	Help     string // one sentence for pickers and the documentation
}

// Names of the canonical columns.
const (
	Timestamp                    = "Timestamp"
	DeviceID                     = "DeviceId"
	DeviceName                   = "DeviceName"
	ActionType                   = "ActionType"
	RemoteIP                     = "RemoteIP"
	RemotePort                   = "RemotePort"
	RemoteURL                    = "RemoteUrl"
	Protocol                     = "Protocol"
	LocalIP                      = "LocalIP"
	InitiatingProcessFileName    = "InitiatingProcessFileName"
	InitiatingProcessAccountName = "InitiatingProcessAccountName"
	SentBytes                    = "SentBytes"
	ReceivedBytes                = "ReceivedBytes"
	SentPackets                  = "SentPackets"
	ReceivedPackets              = "ReceivedPackets"
	DurationMs                   = "DurationMs"
	InitiatingProcessFolderPath  = "InitiatingProcessFolderPath"
	NameSource                   = "NameSource"
	EventSource                  = "Source"
)

// Columns returns the canonical columns in the order of the table's definition.
func Columns() []Column {
	return []Column{
		{Timestamp, Time, true, "When the connection was seen."},
		{DeviceID, Text, true, "The device's identifier, stable over renames."},
		{DeviceName, Text, true, "The device's name."},
		{ActionType, Text, true, "What happened: ConnectionSuccess, ConnectionAttempt, ConnectionFailed …"},
		{RemoteIP, Address, true, "The address connected to."},
		{RemotePort, Integer, false, "The port connected to."},
		{RemoteURL, Text, true, "The URL or name connected to, as the sensor wrote it; may be empty."},
		{Protocol, Text, false, "The transport protocol, such as Tcp or Udp."},
		{LocalIP, Address, false, "The device's own address."},
		{InitiatingProcessFileName, Text, false, "The file name of the process that connected."},
		{InitiatingProcessAccountName, Text, false, "The account that ran the process."},
		{SentBytes, Integer, false, "Bytes sent; null where the sensor does not count them."},
		{ReceivedBytes, Integer, false, "Bytes received; null where the sensor does not count them."},
		{SentPackets, Integer, false, "Packets sent; null where the sensor does not count them."},
		{ReceivedPackets, Integer, false, "Packets received; null where the sensor does not count them."},
		{DurationMs, Integer, false, "How long the connection was open, in milliseconds; null where the sensor does not say."},
		{InitiatingProcessFolderPath, Text, false, "The folder or full path of the process that connected."},
		{NameSource, Text, false, "Where RemoteUrl comes from: tls, http, dns or sensor; empty where no name is known, unknown where no names were recorded."},
		{EventSource, Text, false, "What wrote the event, such as zeek, suricata, sysmon or defender."},
	}
}

// Lookup finds a canonical column by its exact name.
func Lookup(name string) (Column, bool) {
	for _, c := range Columns() {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}
