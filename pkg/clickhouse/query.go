package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Query runs a statement and reads its whole result. It runs read-only, within the limits of the settings, and under a
// comment that names its origin; only a user who is readonly=1 already, and so may set nothing, is left as is.
//
// When ctx ends, the statement is stopped in ClickHouse; for a cancellation the error is one that
// errors.Is(err, context.Canceled). Every other error is an *Error.
func (c *Client) Query(ctx context.Context, s statement.Statement, o Origin) (*Result, error) {
	return c.query(ctx, "run the statement", request{Statement: s}, o)
}

// request is a statement, and how its result is read.
type request struct {
	statement.Statement
	more bool // columns may come after the statement's own; they are not read
}

// Texts runs a statement that returns texts, and returns them column by column: how lists are read.
func (c *Client) Texts(ctx context.Context, s statement.Statement, o Origin) ([][]string, error) {
	result, err := c.Query(ctx, s, o)
	if err != nil {
		return nil, err
	}
	return result.Texts(), nil
}

func (c *Client) query(ctx context.Context, op string, r request, o Origin) (*Result, error) {
	leave, err := c.enter(ctx, op, o, c.limitOf(ctx))
	if err != nil {
		return nil, err
	}
	defer leave()
	server, err := c.access(ctx, op)
	if err != nil {
		return nil, err
	}
	if err := server.refusal(op); err != nil {
		return nil, err
	}
	limit := c.limitOf(ctx) // whoever asks may wait since before there was a connection
	if limit > time.Second {
		limit = limit.Truncate(time.Second)
	}
	result, err := c.run(ctx, op, r, c.limits(server, r.Statement, o, limit), limit)
	if readonlyRefused(err) {
		if now, askErr := c.ask(ctx, op); askErr == nil && now.Readonly != server.Readonly {
			if err := now.refusal(op); err != nil {
				return nil, err
			}
			server = now
			result, err = c.run(ctx, op, r, c.limits(now, r.Statement, o, limit), limit)
		}
	}
	return result, server.explain(ClassOf(ctx).explain(err))
}

// run tries a statement until it ran on a connection that is alive. A pool holds connections to a server that has gone
// since; what fails on one of those is tried again on the next, and at last on a new one.
func (c *Client) run(ctx context.Context, op string, r request, set driver.Settings, limit time.Duration) (*Result, error) {
	for tries := 0; ; tries++ {
		result, stale, err := c.try(ctx, op, r, set, limit)
		if !stale || tries > c.settings.MaxIdleConns {
			return result, err
		}
	}
}

// staleWithin is how soon a statement fails on a connection that was dead already. One that fails later may be what
// brought the server down, and is not tried again.
const staleWithin = time.Second

func (c *Client) try(ctx context.Context, op string, r request, set driver.Settings, limit time.Duration) (_ *Result, stale bool, _ error) {
	f, land := c.takeOff(ctx, set, limit)
	defer land()
	started := time.Now()
	result, err := c.fetch(f, r)
	if err == nil {
		result.Elapsed = time.Since(started)
		result.RowsRead, result.BytesRead = f.rows.Load(), f.bytes.Load()
		return result, false, nil
	}
	cut := f.cut()
	if cut != nil {
		c.stop(f)
	}
	if cut != nil && !errors.Is(cut, errUnread) {
		return nil, false, c.ended(f, op, limit)
	}
	fault := classify(op, err)
	stale = fault.Category == Network && !answered(err) && !f.dialed.Load() && time.Since(started) < staleWithin
	return nil, stale, fault
}

func (c *Client) fetch(f *flight, r request) (*Result, error) {
	sql, arguments := c.arguments(r.Statement)
	rows, err := c.pool.Query(f.ctx, sql, arguments...)
	if err != nil {
		return nil, err
	}
	result, err := read(rows, r.Columns, r.more, c.mostRows(r.Statement))
	if err != nil {
		f.cancel(errUnread) // or closing would read on to the end
	}
	if closeErr := rows.Close(); err == nil { // it waits until the driver is done with the connection
		err = closeErr
	}
	if err == nil && c.settings.Protocol == settings.HTTP {
		err = f.complete(result.Rows)
	}
	return result, err
}

var errUnread = errors.New("the rest of the result is of no use")

// ended is the error of a statement that the client ended itself.
func (c *Client) ended(f *flight, op string, limit time.Duration) error {
	switch cause := f.cut(); {
	case errors.Is(cause, errClosed):
		return closed(op)
	case errors.Is(cause, errTimeLimit):
		return &Error{Category: Timeout, Op: op, Err: fmt.Errorf("it took longer than %s", limit), Hint: slowHint}
	default:
		return gaveUp(f.caller, op)
	}
}

// stopWithin is how long ClickHouse gets to take the order to stop a statement.
const stopWithin = 3 * time.Second

// stop makes sure that a statement which the client left does not go on in ClickHouse. Over the native protocol the
// driver has sent a cancel. Over HTTP all it can do is hang up, which ClickHouse heeds where
// cancel_http_readonly_queries_on_client_close is set and no proxy keeps the line open: so it is told in words. A user
// may always stop their own statements. It is the best that can be done: its own failure is not reported.
func (c *Client) stop(f *flight) {
	if !f.sent.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(f.caller), stopWithin)
	defer cancel()
	rows, err := c.pool.Query(ctx, "KILL QUERY WHERE query_id = {id:String} ASYNC", driver.Named("id", f.id))
	if err == nil {
		_ = rows.Close()
	}
}
