package statement

import (
	"fmt"
	"slices"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Computed columns with the bytes of an event as a Nullable(Int128), so that no sum of them wraps. NULL is what the sensor did
// not count; a negative number is no count.
const (
	Sent     = "Sent"
	Received = "Received"
)

func (s Source) bytes(column string) string {
	if !s.table.Has(column) {
		return "CAST(NULL, 'Nullable(Int128)')"
	}
	own := s.table.Column(column)
	counted := s.raw(column)
	if slices.Contains([]string{"Int8", "Int16", "Int32", "Int64"}, schema.Base(own.Type)) {
		counted = fmt.Sprintf("if(%s >= 0, %s, NULL)", counted, counted)
	}
	return fmt.Sprintf("CAST(%s, 'Nullable(Int128)')", counted)
}

// Total renders the aggregate that sums bytes: NULL where none of the events has a count, and at most 2^53, which no group of
// connections sends: what is more is a sensor's fault, and must not wrap.
func Total(column string) string { return total("sum(" + column + ")") }

// TotalOver is Total over a window.
func TotalOver(column, window string) string { return total("sum(" + column + ") OVER " + window) }

func total(sum string) string {
	return fmt.Sprintf("CAST(if(%s > %d, %d, %s), 'Nullable(Int64)')", sum, MostBytes, MostBytes, sum) // least() would take NULL for the bound
}

// MostBytes is the highest sum of bytes.
const MostBytes int64 = 1 << 53
