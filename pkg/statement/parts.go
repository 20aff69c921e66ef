package statement

import (
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Ragged returns the source of what lies in no whole bucket, and is read from events; nil where there is nothing.
func (s Source) Ragged() *Source {
	for _, p := range s.parts {
		if !p.rolled {
			return &Source{table: s.table, filters: s.filters, parts: []part{p}}
		}
	}
	return nil
}

// Rows renders the rows of the roll-ups alone with the named columns of theirs, indented by the given number of spaces.
func (s Source) Rows(indent int, columns ...string) string {
	var texts []string
	for _, p := range s.parts {
		if !p.rolled {
			continue
		}
		list := make([]string, len(columns))
		for i, name := range columns {
			list[i] = fmt.Sprintf("    CAST(t.%s, '%s') AS %s", name, plainType(name), name) // without the aggregate function in its type
		}
		of := Source{table: p.table}
		texts = append(texts, fmt.Sprintf("SELECT\n%s\nFROM %s.%s AS t\nWHERE %s", strings.Join(list, ",\n"),
			Identifier(p.table.Database), Identifier(p.table.Name), p.condition(of.raw(schema.Timestamp))))
	}
	return strings.ReplaceAll(strings.Join(texts, "\nUNION ALL\n"), "\n", "\n"+strings.Repeat(" ", indent))
}

// plainType is the type of a roll-up's own column.
func plainType(column string) string {
	switch column {
	case GroupHash:
		return "UInt64"
	case schema.FirstSeen, schema.LastSeen:
		return `DateTime64(3, \'UTC\')`
	default:
		return "Int64"
	}
}
