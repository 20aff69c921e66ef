package detect

import (
	"fmt"
	"maps"
	"slices"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Kinds of query types.
const (
	KindDetector = "detector"
	KindUnion    = "union"
	KindEvents   = "events"
	KindQuality  = "quality"
	KindFindings = "findings"
)

// CommonColumns returns the nine columns that every detector's findings start with, in the analytic's order.
func CommonColumns() []statement.Column {
	return []statement.Column{
		{Name: "Timestamp", Kind: statement.Time, Help: "When the finding was last seen; for fast flux the start of the hour."},
		{Name: "DeviceName", Kind: statement.Text, Help: "The device; Multiple where a finding spans devices."},
		{Name: "RemoteIP", Kind: statement.Text, Help: "The address, or the first of several."},
		{Name: "RemoteUrl", Kind: statement.Text, Help: "The URL or name, or the first of several."},
		{Name: "AlertType", Kind: statement.Text, Help: "The analytic's name for the kind of finding."},
		{Name: "ConnectionCount", Kind: statement.Integer, Help: "Connections in the finding."},
		{Name: "BytesSent", Kind: statement.Maybe, Unit: "bytes", Help: "Bytes sent by the device; empty where the sensor did not count them, 0 where the analytic does not."},
		{Name: "BytesReceived", Kind: statement.Maybe, Unit: "bytes", Help: "Bytes received by the device; empty where the sensor did not count them, 0 where the analytic does not."},
		{Name: "SampleProcesses", Kind: statement.List, Help: "The first of the sorted distinct process names."},
	}
}

// AddressColumn returns the computed column that the rule "the address is public" reads beside the address.
func AddressColumn(includeIPv6 bool) []string {
	if includeIPv6 {
		return []string{statement.RemoteIPNumber}
	}
	return []string{statement.RemoteIPv4Number}
}

// HostOr renders the host of RemoteUrl, or where it has none another column: what findings about one destination share.
func HostOr(column string) string {
	return fmt.Sprintf("ifNull(nullIf(%s, ''), %s)", statement.Host("RemoteUrl"), column)
}

// MissingNotices says, for each optional column that the table lacks, what is therefore off.
func MissingNotices(table schema.Table, effects map[string]string) []string {
	var notices []string
	for _, column := range slices.Sorted(maps.Keys(effects)) {
		if !table.Has(column) {
			notices = append(notices, fmt.Sprintf("The events table has no column %s: %s.", column, effects[column]))
		}
	}
	return notices
}
