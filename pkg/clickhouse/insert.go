package clickhouse

import (
	"context"
	"maps"
	"math"
	"reflect"
	"strings"

	clickhousego "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Block is rows for one table.
type Block struct {
	Database, Table string
	Columns         []string // names
	Data            []any    // a slice for each column, all of one length: []string, []uint64, []int64, []time.Time; or Texts
	Rows            int      // how many there are, where a column is Texts or they are many; they are sent piece by piece then
	// Token is what ClickHouse knows a block again by that was sent before, where the table keeps tokens; empty for none.
	Token string
}

// Texts is a column of texts that are put together when they are sent: it appends those of the rows [from, to).
type Texts func(into []string, from, to int) []string

// sentRows is how many rows are sent at once of a block that has Texts, so that it takes little memory beside its own. ClickHouse puts
// them together again.
const sentRows = 8 << 10

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
	if b.Rows > sentRows { // one data part, and one token, whatever the user's profile says
		set["min_insert_block_size_rows"], set["min_insert_block_size_bytes"] = int64(math.MaxInt64), int64(math.MaxInt64)
	}
	return c.write(ctx, "write rows into "+b.Table, set, func(ctx context.Context) error {
		batch, err := c.pool.PrepareBatch(ctx, into)
		if err != nil {
			return err
		}
		defer func() { _ = batch.Close() }() // nothing, once it was sent
		if err := b.send(batch); err != nil {
			return err
		}
		return batch.Send()
	})
}

// send gives the batch all rows. Over HTTP it keeps them until it is sent itself.
func (b Block) send(batch driver.Batch) error {
	if b.Rows == 0 {
		for i, column := range b.Data {
			if err := batch.Column(i).Append(column); err != nil {
				return err
			}
		}
		return nil
	}
	texts := make([]string, 0, min(b.Rows, sentRows))
	types := batch.Columns()
	for from := 0; from < b.Rows; from += sentRows {
		to := min(from+sentRows, b.Rows)
		for i, column := range b.Data {
			var err error
			if put, ok := column.(Texts); ok {
				texts = put(texts[:0], from, to)
				err = appendTexts(batch.Column(i), texts, strings.HasPrefix(string(types[i].Type()), "LowCardinality("))
			} else {
				err = batch.Column(i).Append(reflect.ValueOf(column).Slice(from, to).Interface())
			}
			if err != nil {
				return err
			}
		}
		if to < b.Rows {
			if err := batch.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendTexts appends texts to a column. The driver looks each one up that a column of few different ones has, by an interface: that is
// made once for the same text many times in a row.
func appendTexts(to driver.BatchColumn, texts []string, fewDifferent bool) error {
	if !fewDifferent {
		return to.Append(texts)
	}
	var last any
	for i, text := range texts {
		if i == 0 || text != texts[i-1] {
			last = text
		}
		if err := to.AppendRow(last); err != nil {
			return err
		}
	}
	return nil
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
func writing() clickhousego.Settings {
	return clickhousego.Settings{
		"max_partitions_per_insert_block": 0, // a day each
		"distributed_foreground_insert":   1, // what is said to be written is written
		"lightweight_deletes_sync":        2,
		"max_execution_time":              0, // the client ends it
	}
}

// write runs something that writes, within the time limit, and stops it in ClickHouse where ctx ends.
func (c *Client) write(ctx context.Context, op string, set clickhousego.Settings, run func(context.Context) error) error {
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
