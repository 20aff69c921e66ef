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

// BeaconRows renders the rows of the beacon roll-ups alone, of every grain, with the named columns of theirs, indented by the
// given number of spaces.
func (s Source) BeaconRows(indent int, columns ...string) string {
	list := make([]string, len(columns))
	for i, name := range columns {
		list[i] = fmt.Sprintf("    CAST(t.%s, '%s') AS %s", name, plainType(name), name) // without the aggregate function in its type
	}
	var from string
	var grains []string
	for _, p := range s.parts {
		if !p.rolled {
			continue
		}
		of := Source{table: p.table}
		from = Identifier(p.table.Database) + "." + Identifier(p.table.Name)
		grains = append(grains, fmt.Sprintf("(t.%s = %d AND (%s))", schema.Hours, p.grain.Hours(), p.condition(of.raw(schema.Timestamp))))
	}
	text := fmt.Sprintf("SELECT\n%s\nFROM %s AS t\nWHERE %s", strings.Join(list, ",\n"), from, strings.Join(grains, "\n   OR "))
	return strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", indent))
}

// plainType is the type of a beacon roll-up's own column.
func plainType(column string) string {
	switch column {
	case GroupHash:
		return "UInt64"
	case schema.FirstHour, schema.LastHour:
		return "Int32"
	case schema.SentBytes:
		return "Nullable(Int128)" // no sum of them wraps
	default:
		return "Int64"
	}
}

// HourNumber renders the hour of a DateTime64(3) as an Int32 that counts from the epoch: the difference of two is the number
// of hours' boundaries between them.
func HourNumber(at string) string {
	return fmt.Sprintf("toInt32(floor(toUnixTimestamp64Milli(%s) / 3600000))", at)
}
