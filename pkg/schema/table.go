package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrUnusable says that the events table cannot serve queries: a required column is missing, or a column has a type
// that cannot carry what it should. The user's mapping or table is at fault.
var ErrUnusable = errors.New("the events table cannot be used")

// Described is one column as ClickHouse's DESCRIBE TABLE reports it.
type Described struct {
	Name         string
	Type         string // such as LowCardinality(Nullable(String))
	Materialized string // the expression of a MATERIALIZED column, as ClickHouse writes it; empty for others
	Ephemeral    bool   // it stands in INSERTs alone, and no SELECT can read it
}

// Table is a user's events table, resolved once: where it is, and which of its columns carries which canonical column.
type Table struct {
	Database string
	Name     string
	columns  map[string]Described // canonical name → the table's own column
	hours    []Hour               // that stand for its events; nil for none
	asked    *AskedHours
	kept     map[string]Kept // runs that answer what is asked, by the query type
}

// Resolve matches the canonical columns with the columns that the server described. mapping (canonical name → the
// table's column) comes from the settings; a canonical column without an entry is looked for under its own name.
// It returns ErrUnusable, naming every missing or ill-typed column, so that one reading is enough to mend them all.
func Resolve(database, name string, mapping map[string]string, described []Described) (Table, error) {
	table := Table{Database: database, Name: name, columns: map[string]Described{}}
	var faults []string
	for _, column := range Columns() {
		own, mapped := mapping[column.Name]
		if !mapped {
			own = column.Name
		}
		i := slices.IndexFunc(described, func(d Described) bool { return d.Name == own })
		switch {
		case i >= 0 && described[i].Ephemeral && (column.Required || mapped):
			faults = append(faults, fmt.Sprintf("column %s for %s is EPHEMERAL: it is not stored, and no query can read it; map the column that is computed from it, or a view's, in the data source's settings", own, column.Name))
		case i >= 0 && described[i].Ephemeral: // an optional one that happens to have the name is as good as none
		case i >= 0 && carries(column.Kind, described[i].Type):
			table.columns[column.Name] = described[i]
		case i >= 0:
			faults = append(faults, fmt.Sprintf("column %s for %s has type %s, but must be one of %s",
				own, column.Name, described[i].Type, strings.Join(carriers[column.Kind], ", ")))
		case column.Required:
			faults = append(faults, fmt.Sprintf("required column %s is missing: the table has no column %s, or the user may not read it; map it to one of yours in the data source's settings, or grant it", column.Name, own))
		case mapped:
			faults = append(faults, fmt.Sprintf("column %s is mapped to %s, which the table does not have", column.Name, own))
		}
	}
	if len(faults) > 0 {
		return Table{}, fmt.Errorf("%w: %s.%s: %s", ErrUnusable, database, name, strings.Join(faults, "; "))
	}
	return table, nil
}

// Has reports whether the table carries the canonical column.
func (t Table) Has(canonical string) bool {
	_, ok := t.columns[canonical]
	return ok
}

// Column returns the table's own column that carries the canonical one; the zero value when there is none.
func (t Table) Column(canonical string) Described { return t.columns[canonical] }

// Missing returns those of the named canonical columns that the table does not carry, in the order given.
func (t Table) Missing(canonical ...string) []string {
	var missing []string
	for _, name := range canonical {
		if !t.Has(name) {
			missing = append(missing, name)
		}
	}
	return missing
}

var integers = []string{"UInt8", "UInt16", "UInt32", "UInt64", "Int8", "Int16", "Int32", "Int64"}

// A text may be of any type that has one spelling for each value: identifiers of devices are often addresses or numbers.
var carriers = map[Kind][]string{
	Time:    {"DateTime", "DateTime64"},
	Text:    slices.Concat([]string{"String", "FixedString", "Enum8", "Enum16", "UUID", "IPv4", "IPv6"}, integers, []string{"UInt128", "UInt256", "Int128", "Int256"}),
	Address: {"String", "FixedString", "IPv4", "IPv6"},
	Integer: integers,
}

func carries(kind Kind, chType string) bool {
	return slices.Contains(carriers[kind], Base(chType))
}

// Base returns the name of a ClickHouse type without its LowCardinality and Nullable wrappers and without its
// arguments: LowCardinality(Nullable(FixedString(16))) → FixedString.
func Base(chType string) string {
	for {
		inner, ok := unwrap(chType)
		if !ok {
			break
		}
		chType = inner
	}
	name, _, _ := strings.Cut(chType, "(")
	return name
}

// Nullable reports whether values of the ClickHouse type may be NULL.
func Nullable(chType string) bool {
	if inner, ok := strings.CutPrefix(chType, "LowCardinality("); ok {
		chType = inner
	}
	return strings.HasPrefix(chType, "Nullable(")
}

func unwrap(chType string) (string, bool) {
	for _, wrapper := range []string{"LowCardinality(", "Nullable("} {
		if inner, ok := strings.CutPrefix(chType, wrapper); ok {
			return strings.TrimSuffix(inner, ")"), true
		}
	}
	return "", false
}
