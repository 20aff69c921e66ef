package upgrade

import (
	"context"
	_ "embed"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

var (
	//go:embed tables.sql
	tablesSQL string
	//go:embed columns.sql
	columnsSQL string
)

// relation is a table or view as ClickHouse has it.
type relation struct {
	name      string
	engine    string
	orderBy   string // as schema.PlainKey writes it
	partition string // likewise
	create    string // the statement that makes it, as ClickHouse writes it, without quotes around names
	comment   string
	size      string // for people; empty where it holds nothing by itself
	columns   []column
}

type column struct{ name, kind, way, expression string }

func (r relation) column(name string) (column, bool) {
	i := slices.IndexFunc(r.columns, func(c column) bool { return c.name == name })
	if i < 0 {
		return column{}, false
	}
	return r.columns[i], true
}

// writes reports whether it is a view that writes to the table.
func (r relation) writes(database, table string) bool {
	return mentions(r.create, " TO "+database+"."+table)
}

// reads reports whether it is a view that reads the table.
func (r relation) reads(database, table string) bool {
	return mentions(r.create, " FROM "+database+"."+table) || mentions(r.create, " JOIN "+database+"."+table)
}

// mentions reports whether a name that a text ends with stands in a statement, and is not the beginning of a longer one.
func mentions(statement, text string) bool {
	for {
		_, behind, found := strings.Cut(statement, text)
		if !found || behind == "" || strings.ContainsAny(behind[:1], " ,();\n") {
			return found
		}
		statement = behind
	}
}

// described are its columns as the server describes them.
func (r relation) described() []schema.Described {
	var list []schema.Described
	for _, c := range r.columns {
		d := schema.Described{Name: c.name, Type: c.kind, Ephemeral: c.way == "EPHEMERAL"}
		if c.way == "MATERIALIZED" {
			d.Materialized = c.expression
		}
		list = append(list, d)
	}
	return list
}

var origin = clickhouse.Origin{User: "fluxhound schema upgrade"}

// mostRows is more than there are tables in a database that anybody looks at, or columns in them.
const mostRows = 100_000

// look reads the tables and views of a database that the user may see, by their names.
func look(ctx context.Context, client *clickhouse.Client, database string) (map[string]relation, error) {
	rows, err := texts(ctx, client, tablesSQL, database, "Name", "Engine", "OrderBy", "Partition", "Made", "Comment", "Size")
	if err != nil {
		return nil, err
	}
	there := map[string]relation{}
	for _, row := range rows {
		there[row[0]] = relation{
			name: row[0], engine: row[1], orderBy: schema.PlainKey(row[2]), partition: schema.PlainKey(row[3]),
			create: strings.ReplaceAll(row[4], "`", ""), comment: row[5], size: row[6],
		}
	}
	rows, err = texts(ctx, client, columnsSQL, database, "Place", "Name", "Kind", "Way", "Expression")
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if r, ok := there[row[0]]; ok {
			r.columns = append(r.columns, column{row[1], row[2], row[3], row[4]})
			there[row[0]] = r
		}
	}
	return there, nil
}

// texts runs a statement about a database whose columns are texts, and returns its rows.
func texts(ctx context.Context, client *clickhouse.Client, sql, database string, names ...string) ([][]string, error) {
	columns := make([]statement.Column, len(names))
	for i, name := range names {
		columns[i] = statement.Column{Name: name, Kind: statement.Text}
	}
	s, err := statement.New(sql, map[string]any{"database": database}, columns)
	if err != nil {
		return nil, err
	}
	s.RowLimit = mostRows
	found, err := client.Texts(ctx, s, origin)
	if err != nil {
		return nil, err
	}
	rows := make([][]string, 0, len(found[0]))
	for i := range found[0] {
		row := make([]string, len(found))
		for j := range found {
			row[j] = found[j][i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}
