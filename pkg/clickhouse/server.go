package clickhouse

import (
	"context"
	"fmt"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Server is a ClickHouse as the data source's user sees it.
type Server struct {
	Version  string // such as 26.7.3.1
	Timezone string // the server's
	User     string
	Readonly int   // 0: may write, 1: may only read and set nothing, 2: may only read and set settings
	Revision int64 // of ClickHouse's code, which grows with each version

	skipsShards bool // unless a statement says otherwise
}

// Probe connects, authenticates and says what is there.
func (c *Client) Probe(ctx context.Context) (Server, error) {
	const op = "connect to ClickHouse"
	leave, err := c.enter(ctx, op)
	if err != nil {
		return Server{}, err
	}
	defer leave()
	return c.ask(ctx, op)
}

// access gives the server as the newest connection saw it.
func (c *Client) access(ctx context.Context, op string) (Server, error) {
	if known := c.server.Load(); known != nil {
		return *known, nil
	}
	return c.ask(ctx, op)
}

// serverStatement needs no right, and no setting that a user with readonly=1 may not set.
var serverStatement = statement.Statement{
	SQL: "SELECT version() AS Version, timezone() AS Timezone, currentUser() AS User," +
		" toInt64(getSetting('readonly')) AS Readonly, toInt64(revision()) AS Revision," +
		" toInt64(getSetting('" + skipsShards + "')) AS SkipsShards",
	Columns: []statement.Column{
		{Name: "Version", Kind: statement.Text}, {Name: "Timezone", Kind: statement.Text}, {Name: "User", Kind: statement.Text},
		{Name: "Readonly", Kind: statement.Integer}, {Name: "Revision", Kind: statement.Integer},
		{Name: "SkipsShards", Kind: statement.Integer},
	},
	RowLimit: 1,
}

func (c *Client) ask(ctx context.Context, op string) (Server, error) {
	var set driver.Settings // none: whether any may be set is the question
	result, err := c.run(ctx, op, request{Statement: serverStatement}, set)
	if err != nil {
		return Server{}, err
	}
	if result.Rows != 1 {
		return Server{}, classify(op, &mismatch{fmt.Sprintf("%d rows came, 1 was expected", result.Rows)})
	}
	server := Server{
		Version: result.text(0)[0], Timezone: result.text(1)[0], User: result.text(2)[0],
		Readonly: int(result.integer(3)[0]), Revision: result.integer(4)[0], skipsShards: result.integer(5)[0] != 0,
	}
	c.server.Store(&server)
	return server, nil
}

func (r *Result) text(column int) []string   { return r.Data[column].([]string) }
func (r *Result) integer(column int) []int64 { return r.Data[column].([]int64) }
