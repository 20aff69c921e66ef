package upgrade

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// lacks returns the columns that a table lacks of its definition. A fault says what is of no version: then nothing is known of the table.
func lacks(r relation, d schema.Definition) (missing []schema.DefinedColumn, fault string) {
	switch {
	case schema.PlainEngine(r.engine) != d.Engine:
		return nil, fmt.Sprintf("its engine is %s, and each version's is %s", r.engine, d.Engine)
	case r.orderBy != d.OrderBy:
		return nil, fmt.Sprintf("its ORDER BY is (%s), and each version's is (%s)", r.orderBy, d.OrderBy)
	case r.partition != d.PartitionBy:
		return nil, fmt.Sprintf("its PARTITION BY is %q, and each version's is %q", r.partition, d.PartitionBy)
	}
	for _, defined := range d.Columns {
		has, there := r.column(defined.Name)
		switch {
		case !there:
			missing = append(missing, defined)
		case schema.PlainType(has.kind) != schema.PlainType(defined.Type):
			return nil, fmt.Sprintf("its column %s is %s, and each version's is %s", defined.Name, has.kind, defined.Type)
		case has.way == "MATERIALIZED" || has.way == "ALIAS" || has.way == "EPHEMERAL":
			return nil, fmt.Sprintf("its column %s is %s, and each version's is stored as it comes", defined.Name, has.way)
		}
	}
	return missing, ""
}

// unknown says what is different from what an earlier version made; an empty text where it is that.
func unknown(r relation, e schema.Earlier, database string) string {
	var names []string
	for _, c := range r.columns {
		names = append(names, c.name)
	}
	want := slices.Sorted(slices.Values(e.Columns))
	slices.Sort(names)
	switch {
	case schema.PlainEngine(r.engine) != e.Engine:
		return fmt.Sprintf("its engine is %s, and it was %s", r.engine, e.Engine)
	case !slices.Equal(names, want):
		return fmt.Sprintf("its columns are %s, and they were %s", strings.Join(names, ", "), strings.Join(want, ", "))
	case e.OrderBy != "" && r.orderBy != e.OrderBy:
		return fmt.Sprintf("its ORDER BY is (%s), and it was (%s)", r.orderBy, e.OrderBy)
	case e.View() && !r.writes(database, e.To):
		return "it does not write to " + e.To
	case e.View() && !r.reads(database, e.From):
		return "it does not read " + e.From
	}
	return ""
}
