package events

import (
	"fmt"
	"slices"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// groups builds the statement that counts events by columns: one row a combination, most events first.
func groups(by []string, q query.Query, table schema.Table, source statement.Source) (statement.Statement, error) {
	if missing := table.Missing(by...); len(missing) > 0 {
		return statement.Statement{}, &query.Error{Field: "params." + GroupBy, Reason: fmt.Sprintf("the events table has no column %s; map one to it in the data source's settings", missing[0])}
	}
	by = once(by)
	var columns []statement.Column
	for _, name := range by {
		c, _ := schema.Lookup(name)
		columns = append(columns, statement.Column{Name: name, Kind: statement.Text, Help: c.Help})
	}
	columns = append(columns,
		statement.Column{Name: "Events", Kind: statement.Integer, Help: "Events of the group."},
		statement.Column{Name: "Devices", Kind: statement.Integer, Help: "Distinct devices of the group."},
		statement.Column{Name: "BytesSent", Kind: statement.Integer, Unit: "bytes", Help: "Bytes sent by the devices."},
		statement.Column{Name: "BytesReceived", Kind: statement.Integer, Unit: "bytes", Help: "Bytes received by the devices."},
		statement.Column{Name: "FirstSeen", Kind: statement.Time, Help: "The group's first event in the window."},
		statement.Column{Name: "LastSeen", Kind: statement.Time, Help: "The group's last event in the window."},
	)
	read := slices.Clone(by)
	for _, c := range []string{schema.Timestamp, schema.DeviceID, schema.SentBytes, schema.ReceivedBytes} {
		if !slices.Contains(read, c) {
			read = append(read, c)
		}
	}
	values := source.Values()
	values["limit"] = int64(q.Limit) + 1
	s, err := build(groupsTemplate, map[string]any{"Source": source, "Read": read, "By": by}, values, columns)
	s.RowLimit, s.Prefix = q.Limit, true
	s.Notices = detect.MissingNotices(table, map[string]string{schema.SentBytes: "BytesSent is 0", schema.ReceivedBytes: "BytesReceived is 0"})
	return s, err
}

// once leaves out what is named again.
func once(names []string) []string {
	var distinct []string
	for _, n := range names {
		if !slices.Contains(distinct, n) {
			distinct = append(distinct, n)
		}
	}
	return distinct
}

// groupable lists the columns that events can be grouped by.
func groupable() []string {
	var names []string
	for _, c := range schema.Columns() {
		if c.Kind != schema.Time {
			names = append(names, c.Name)
		}
	}
	return names
}
