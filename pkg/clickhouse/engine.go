package clickhouse

import (
	"context"
	"errors"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Engine returns the name of a table's engine, such as MergeTree, or an empty text where the user may not see it. Whoever may
// SELECT from a table may see it in system.tables.
func (c *Client) Engine(ctx context.Context, database, table string) (string, error) {
	result, err := c.query(ctx, "look at the engine of "+database+"."+table, request{Statement: statement.Statement{
		SQL: "SELECT engine FROM system.tables WHERE database = {database:String} AND name = {table:String}",
		Params: []statement.Param{
			{Name: "database", Type: "String", Value: database}, {Name: "table", Type: "String", Value: table},
		},
		Columns:  []statement.Column{{Name: "engine", Kind: statement.Text}},
		RowLimit: 1,
	}}, Origin{RefID: "health"})
	if fault := new(Error); errors.As(err, &fault) && fault.Category == Permission {
		return "", nil // it only sharpens what is said of copies
	}
	if err != nil || result.Rows == 0 {
		return "", err
	}
	return result.text(0)[0], nil
}
