package clickhouse

import (
	"context"
	"maps"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Block is rows for one table.
type Block struct {
	Database, Table string
	Columns         []string // names
	Data            []any    // a slice for each column, all of one length: []string, []uint64, []int64, []time.Time
	// Token is what ClickHouse knows a block again by that was sent before, where the table keeps tokens; empty for none.
	Token string
}

// Insert writes a block. It takes as long as it may, up to the settings' query timeout; a block with a token may be sent
// again after any error. It writes whatever the user may: nothing of a viewer's comes here. The error is an *Error, or one
// that errors.Is(err, context.Canceled).
func (c *Client) Insert(ctx context.Context, b Block) error {
	names := make([]string, len(b.Columns))
	for i, name := range b.Columns {
		names[i] = statement.Identifier(name)
	}
	into := "INSERT INTO " + statement.Qualified(b.Database, b.Table) + " (" + strings.Join(names, ", ") + ")"
	set := writing()
	// The driver makes a block of its own; collecting it with others' would lose the token.
	set["async_insert"] = 0
	if b.Token != "" {
		set["insert_deduplicate"], set["insert_deduplication_token"] = 1, b.Token
	}
	return c.write(ctx, "write rows into "+b.Table, set, func(ctx context.Context) error {
		batch, err := c.pool.PrepareBatch(ctx, into)
		if err != nil {
			return err
		}
		defer func() { _ = batch.Close() }() // nothing, once it was sent
		for i, column := range b.Data {
			if err := batch.Column(i).Append(column); err != nil {
				return err
			}
		}
		return batch.Send()
	})
}

// Apply runs a statement that writes from what is there, such as INSERT … SELECT or DELETE. set are ClickHouse settings
// beside those that keep a statement's meaning.
func (c *Client) Apply(ctx context.Context, op string, s statement.Statement, set map[string]any) error {
	all := writing()
	maps.Copy(all, set)
	return c.write(ctx, op, all, func(ctx context.Context) error {
		sql, arguments := c.arguments(s)
		return c.pool.Exec(ctx, sql, arguments...)
	})
}

// writing are the settings that what is written depends on, whatever the user's profile says.
func writing() driver.Settings {
	return driver.Settings{
		"max_partitions_per_insert_block": 0, // a day each
		"distributed_foreground_insert":   1, // what is said to be written is written
		"lightweight_deletes_sync":        2,
		"max_execution_time":              0, // the client ends it
	}
}

// write runs something that writes, within the time limit, and stops it in ClickHouse where ctx ends.
func (c *Client) write(ctx context.Context, op string, set driver.Settings, run func(context.Context) error) error {
	leave, err := c.enter(ctx, op, Origin{}, c.settings.QueryTimeout)
	if err != nil {
		return err
	}
	defer leave()
	f, land := c.takeOff(ctx, set, c.settings.QueryTimeout)
	defer land()
	if err = run(f.ctx); err == nil {
		return nil
	}
	if f.cut() != nil {
		c.stop(f)
		return c.ended(f, op, c.settings.QueryTimeout)
	}
	return classify(op, err)
}
