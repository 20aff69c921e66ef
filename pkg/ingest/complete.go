package ingest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// A landing table that an earlier version created lacks the columns of fields that a source has learnt to read since, and reads the time
// as it did then. Such a table is completed: columns are added, and nothing that is there is changed.

// declared is a column as landing.sql declares it.
type declared struct {
	name       string
	kind       string // its type
	expression string // of its DEFAULT; empty for none
	definition string // all of it, behind the name
}

var (
	// columnText is a line that declares a column.
	columnText = regexp.MustCompile("^\\s+`([^`]+)`\\s+(.*?),?$")
	// columnParts are a definition's type, its DEFAULT and its codec.
	columnParts = regexp.MustCompile(`^(.+?)(?: DEFAULT (.+?))?(?: CODEC\([^ ]+, [^ ]+\))?$`)
)

// declaredColumns reads the columns of a log's landing table from the statement that creates it.
func (s Source) declaredColumns(log string, n Names) ([]declared, error) {
	statements, err := s.Landing(n)
	if err != nil {
		return nil, err
	}
	table := "CREATE TABLE IF NOT EXISTS " + statement.Qualified(n.Database, s.LandingTable(log))
	for _, text := range statements {
		_, text, found := strings.Cut(text, table)
		if !found {
			continue
		}
		text, _, _ = strings.Cut(text, "\n)\nENGINE")
		var columns []declared
		for line := range strings.Lines(text) {
			if m := columnText.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
				parts := columnParts.FindStringSubmatch(m[2])
				columns = append(columns, declared{name: m[1], kind: parts[1], expression: parts[2], definition: m[2]})
			}
		}
		return columns, nil
	}
	return nil, fmt.Errorf("landing.sql of %s creates no table for the log %s", s.Name, log)
}

// completion is what a landing table needs.
type completion struct {
	lacks      []string // names of columns
	statements []string
	rights     []string // for them
}

// beside is what a column is called until it has its name: ClickHouse adds no column `id` where there is `id.orig_h`, for it takes
// it for there, but gives one that name.
func beside(name string) string { return "added_as_" + name }

// completion finds what a landing table lacks, as the server has it that answers.
func (s store) completion(ctx context.Context, source Source, log string, n Names) (completion, error) {
	var found completion
	columns, err := source.declaredColumns(log, n)
	if err != nil {
		return found, err
	}
	table := source.LandingTable(log)
	described, err := s.client.Describe(ctx, n.Database, table)
	if err != nil {
		return found, err
	}
	var changes, renames []string
	right := func(name string) {
		if !slices.Contains(found.rights, name) {
			found.rights = append(found.rights, name)
		}
	}
	for _, c := range columns {
		at := slices.IndexFunc(described, func(d schema.Described) bool { return d.Name == c.name })
		if at < 0 {
			found.lacks = append(found.lacks, c.name)
			right("ALTER ADD COLUMN")
			as := c.name
			if slices.ContainsFunc(described, func(d schema.Described) bool { return strings.HasPrefix(d.Name, c.name+".") }) {
				as = beside(c.name)
				renames = append(renames, "RENAME COLUMN IF EXISTS "+statement.Identifier(as)+" TO "+statement.Identifier(c.name))
				right("ALTER RENAME COLUMN")
			}
			changes = append(changes, "ADD COLUMN IF NOT EXISTS "+statement.Identifier(as)+" "+c.definition)
			continue
		}
		// The same in few different texts or in many is the same to an import.
		if is := described[at]; schema.Base(is.Type) != schema.Base(c.kind) || is.Materialized != "" || is.Ephemeral {
			return found, fmt.Errorf("complete the landing table %s.%s: its column %s is %s, and the source %s needs %s. Change it, such as by ALTER TABLE %s MODIFY COLUMN %s %s, or rename the table and run this again: it is created anew, and its files are read again",
				n.Database, table, c.name, kindOf(is), source.Name, c.kind, s.quoted(table), statement.Identifier(c.name), c.kind)
		}
		if c.name != columnTime {
			continue
		}
		same, err := s.readsTimeBy(ctx, n.Database, table, c.expression)
		if err != nil {
			return found, err
		}
		if !same { // after the columns that it reads
			renames = append(renames, "MODIFY COLUMN "+statement.Identifier(c.name)+" "+c.kind+" DEFAULT "+c.expression)
			right("ALTER MODIFY COLUMN")
		}
	}
	alter := "ALTER TABLE " + statement.Qualified(n.Database, table)
	if n.Cluster != "" {
		alter += " ON CLUSTER " + statement.Identifier(n.Cluster)
	}
	if len(changes) > 0 {
		found.statements = append(found.statements, alter+"\n    "+strings.Join(changes, ",\n    "))
	}
	for _, rename := range renames {
		found.statements = append(found.statements, alter+" "+rename)
	}
	return found, nil
}

// Change is what one landing table of an earlier version needs.
type Change struct {
	Table      string
	Lacks      []string // names of columns
	Statements []string
	Rights     []string // for them, such as ALTER ADD COLUMN
}

// Changes returns what Complete would do to the source's landing tables, of those of the named tables that are its own.
func Changes(ctx context.Context, client *clickhouse.Client, n Names, source Source, tables []string) ([]Change, error) {
	s := store{client: client, database: n.Database}
	var changes []Change
	for _, log := range source.Logs {
		table := source.LandingTable(log.Name)
		if !slices.Contains(tables, table) {
			continue
		}
		found, err := s.completion(ctx, source, log.Name, n)
		if err != nil {
			return nil, err
		}
		if len(found.statements) > 0 {
			changes = append(changes, Change{Table: table, Lacks: found.lacks, Statements: found.statements, Rights: found.rights})
		}
	}
	return changes, nil
}

// Complete gives the source's landing tables what they lack. They must be there. The error names the columns, and what to do.
func Complete(ctx context.Context, client *clickhouse.Client, n Names, source Source) error {
	s := store{client: client, database: n.Database}
	for _, log := range source.Logs {
		found, err := s.completion(ctx, source, log.Name, n)
		if err != nil {
			return err
		}
		for _, text := range found.statements {
			if err := client.Exec(ctx, text); err != nil {
				return s.cannot(source.LandingTable(log.Name), found, err)
			}
		}
	}
	return nil
}

// cannot says that a table could not be completed, and who can.
func (s store) cannot(table string, c completion, err error) error {
	what := "the landing table " + s.database + "." + table + " is of an earlier version"
	if len(c.lacks) > 0 {
		what += ", and lacks " + strings.Join(c.lacks, ", ")
	}
	if fault := new(clickhouse.Error); errors.As(err, &fault) && fault.Category == clickhouse.Permission {
		return fmt.Errorf("%s: %w Have GRANT %s ON %s given to the user of the settings, or have this run by who may:\n%s",
			what, err, strings.Join(c.rights, ", "), s.quoted(table), strings.Join(c.statements, ";\n"))
	}
	return fmt.Errorf("%s: %w", what, err)
}

func kindOf(d schema.Described) string {
	switch {
	case d.Materialized != "":
		return d.Type + " MATERIALIZED"
	case d.Ephemeral:
		return d.Type + " EPHEMERAL"
	}
	return d.Type
}

// readsTimeBy says whether a table reads the time of its rows by an expression. ClickHouse has its own way to write both.
func (s store) readsTimeBy(ctx context.Context, database, table, expression string) (bool, error) {
	ask, err := statement.New("SELECT toInt64(countIf(concat('SELECT ', default_expression) = formatQuerySingleLine(concat('SELECT ', {expression:String})))) AS Same"+
		" FROM system.columns WHERE database = {database:String} AND table = {table:String} AND name = {name:String}",
		map[string]any{"database": database, "table": table, "name": columnTime, "expression": expression}, []statement.Column{{Name: "Same", Kind: statement.Integer}})
	if err != nil {
		return false, err
	}
	result, err := s.client.Query(ctx, ask, origin)
	return err == nil && result.Data[0].([]int64)[0] > 0, err
}
