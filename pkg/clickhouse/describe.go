package clickhouse

import (
	"context"
	"errors"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Describe returns the columns of a table or view, in its order. The user needs SHOW COLUMNS, which comes with SELECT
// on the table; one who may SELECT only some columns is shown those. A missing database or table is an *Error of
// category Schema, a missing right one of category Permission.
func (c *Client) Describe(ctx context.Context, database, table string) ([]schema.Described, error) {
	op := "describe the table " + database + "." + table
	result, err := c.query(ctx, op, describeRequest(database, table), Origin{})
	if fault := new(Error); errors.As(err, &fault) && fault.Category == Permission {
		if granted, grantedErr := c.query(ctx, op, request{Statement: grantedStatement(database, table)}, Origin{}); grantedErr == nil && granted.Rows > 0 {
			result, err = granted, nil
		}
	}
	if err != nil {
		return nil, err
	}
	columns := make([]schema.Described, result.Rows)
	for i := range columns {
		columns[i] = schema.Described{Name: result.text(0)[i], Type: result.text(1)[i]}
		switch result.text(2)[i] {
		case "MATERIALIZED":
			columns[i].Materialized = result.text(3)[i]
		case "EPHEMERAL":
			columns[i].Ephemeral = true
		}
	}
	return columns, nil
}

// maxColumns bounds a table's description, in columns; ClickHouse's own advice ends at about a thousand.
const maxColumns = 10_000

// describeRequest reads the four columns with which every version and setting of ClickHouse begins a description.
func describeRequest(database, table string) request {
	return request{more: true, Statement: statement.Statement{
		SQL:      "DESCRIBE TABLE " + statement.Qualified(database, table),
		Columns:  describedColumns("default_type"),
		RowLimit: maxColumns,
	}}
}

func describedColumns(kind string) []statement.Column {
	var columns []statement.Column
	for _, name := range []string{"name", "type", kind, "default_expression"} {
		columns = append(columns, statement.Column{Name: name, Kind: statement.Text})
	}
	return columns
}

// grantedStatement reads system.columns, where a user sees just the columns that they may read.
func grantedStatement(database, table string) statement.Statement {
	return statement.Statement{
		SQL: "SELECT name, type, default_kind, default_expression FROM system.columns WHERE database = {database:String} AND table = {table:String} ORDER BY position",
		Params: []statement.Param{
			{Name: "database", Type: "String", Value: database},
			{Name: "table", Type: "String", Value: table},
		},
		Columns:  describedColumns("default_kind"),
		RowLimit: maxColumns,
	}
}

// presentStatement reads system.tables, where a user sees the tables that they may see.
func presentStatement(database string, names []string) statement.Statement {
	return statement.Statement{
		SQL: "SELECT name FROM system.tables WHERE database = {database:String} AND has({names:Array(String)}, name) ORDER BY name",
		Params: []statement.Param{
			{Name: "database", Type: "String", Value: database},
			{Name: "names", Type: "Array(String)", Value: names},
		},
		Columns:  []statement.Column{{Name: "name", Kind: statement.Text}},
		RowLimit: len(names),
	}
}

// EventsTable reads the columns of the settings' events table and resolves them by the settings' mapping.
func (c *Client) EventsTable(ctx context.Context) (schema.Table, error) {
	described, err := c.Describe(ctx, c.settings.Database, c.settings.Table)
	if err != nil {
		return schema.Table{}, err
	}
	return schema.Resolve(c.settings.Database, c.settings.Table, c.settings.Columns, described)
}

// Present returns those of the named tables that are in a database and that the user may see, sorted.
func (c *Client) Present(ctx context.Context, database string, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	result, err := c.query(ctx, "look for the tables "+strings.Join(names, ", ")+" in "+database, request{Statement: presentStatement(database, names)}, Origin{})
	if err != nil {
		return nil, err
	}
	return result.text(0), nil
}

// maxTables bounds what Tables lists, databases and tables together: more is nothing to pick from.
const maxTables = 10_000

// tablesStatement lists each database once without a table, so that empty ones show, and each table.
var tablesStatement = statement.Statement{
	SQL: `SELECT database, table FROM
(
    SELECT name AS database, '' AS table FROM system.databases
    UNION ALL
    SELECT database, name AS table FROM system.tables WHERE NOT is_temporary AND NOT startsWith(name, '.inner')
)
WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema')
ORDER BY table != '', database, table
LIMIT {limit:Int64}`,
	Params:   []statement.Param{{Name: "limit", Type: "Int64", Value: int64(maxTables)}},
	Columns:  []statement.Column{{Name: "database", Kind: statement.Text}, {Name: "table", Kind: statement.Text}},
	RowLimit: maxTables,
}

// Tables returns the databases that the user may see with the tables in each, sorted; ClickHouse's own databases are
// left out. Databases and tables together it lists 10,000 at most, databases first.
func (c *Client) Tables(ctx context.Context) (map[string][]string, error) {
	result, err := c.query(ctx, "list the tables", request{Statement: tablesStatement}, Origin{})
	if err != nil {
		return nil, err
	}
	tables := map[string][]string{}
	for i, database := range result.text(0) {
		if table := result.text(1)[i]; table != "" {
			tables[database] = append(tables[database], table)
		} else {
			tables[database] = []string{}
		}
	}
	return tables, nil
}
