package allowlist

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed table.sql
var tableSQL string

var tableTemplate = statement.Parse("table.sql", tableSQL)

// TableStatement reads the entries of a table, which has the columns of schema.AllowlistDDL. One row more than MaxEntries
// may come.
func TableStatement(database, name string) (statement.Statement, error) {
	text, err := statement.Render(tableTemplate, map[string]any{"Table": statement.Qualified(database, name)})
	if err != nil {
		return statement.Statement{}, err
	}
	var columns []statement.Column
	for _, name := range []string{"Domain", "Network", "Process", "Device", "Detector", "Reason", "Owner", "Expires"} {
		columns = append(columns, statement.Column{Name: name, Kind: statement.Text})
	}
	s, err := statement.New(text, map[string]any{"limit": int64(MaxEntries) + 1}, columns)
	s.RowLimit = MaxEntries
	return s, err
}

// Add reads the entries of the settings.
func (l *List) Add(entries []json.RawMessage, detectors []string) {
	for i, data := range entries {
		e, err := Decode(data, detectors)
		l.take(e, err, fmt.Sprintf("allowlist[%d]", i))
	}
}

// AddRows reads the rows of TableStatement, column by column.
func (l *List) AddRows(table string, columns [][]string, detectors []string) {
	if len(columns) == 0 {
		return
	}
	for i := range columns[0] {
		row := func(column int) string { return columns[column][i] }
		f := Fields{row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)}
		e, err := f.Entry(detectors)
		l.take(e, err, fmt.Sprintf("%s (%s)", table, f))
	}
}

// take adds an entry. Those beyond MaxEntries hide nothing.
func (l *List) take(e Entry, err error, where string) {
	if err == nil && len(l.Entries) >= MaxEntries {
		err = fmt.Errorf("there are more than %d entries", MaxEntries)
	}
	if err != nil {
		l.Faults = append(l.Faults, Fault{where, err})
		return
	}
	l.Entries = append(l.Entries, e)
}

// String tells an entry of a table from others: it has no number there.
func (f Fields) String() string {
	text, _ := json.Marshal([]string{f.Domain, f.Network, f.Process, f.Device, f.Detector, f.Owner}) // texts always marshal
	return string(text)
}
