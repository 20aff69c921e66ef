package clickhouse

import (
	"context"
	"crypto/rand"
	"errors"
	"sync/atomic"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// flight follows one try of one statement through the driver, whose hooks find it in their context.
type flight struct {
	ctx      context.Context
	caller   context.Context
	cancel   context.CancelCauseFunc
	id       string
	settings driver.Settings // what the statement sets; nil for nothing
	limit    time.Duration   // when the client ends it
	clock    *time.Timer
	dialed   atomic.Bool // a connection was made for it
	sent     atomic.Bool // as a HTTP request
	rows     atomic.Uint64
	bytes    atomic.Uint64
	promised atomic.Int64 // rows that the answer has, by its HTTP header; noPromise until it came
}

// noPromise stands for an answer that does not say how many rows it has.
const noPromise = -1

type flightKey struct{}

// grace is how much later than ClickHouse the client stops a statement, so that ClickHouse's own word comes first.
const grace = 3 * time.Second

var errTimeLimit = errors.New("the statement's time limit ran out")

// takeOff makes the context that a statement runs in. It has no deadline, though its caller's may have one: the driver
// would make a setting of it, which a user with readonly=1 may not set. land must be called when the statement is
// over.
func (c *Client) takeOff(caller context.Context, set driver.Settings, limit time.Duration) (f *flight, land func()) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(caller))
	f = &flight{caller: caller, cancel: cancel, id: productName + "-" + rand.Text(), settings: set, limit: limit}
	f.promised.Store(noPromise)
	if f.limited() {
		f.limit += grace
	}
	callerEnds := context.AfterFunc(caller, func() { cancel(caller.Err()) })
	clientEnds := context.AfterFunc(c.closing, func() { cancel(errClosed) })
	f.clock = time.AfterFunc(f.limit, func() { cancel(errTimeLimit) })
	f.ctx = driver.Context(context.WithValue(ctx, flightKey{}, f),
		driver.WithQueryID(f.id), driver.WithSettings(set),
		driver.WithProgress(func(p *driver.Progress) { f.progress(p.Rows, p.Bytes) }))
	return f, func() {
		callerEnds()
		clientEnds()
		f.clock.Stop()
		cancel(nil)
	}
}

// flightOf finds the flight that a context of the driver's belongs to; nil when it belongs to none.
func flightOf(ctx context.Context) *flight {
	f, _ := ctx.Value(flightKey{}).(*flight)
	return f
}

// connecting notes that a connection is made for the statement of ctx. Its clock stands still until done is called,
// for connecting has a limit of its own. The new context is no longer the statement's: what the driver asks when it
// connects must not run under the statement's id and settings.
func connecting(ctx context.Context) (_ context.Context, done func()) {
	done = func() {}
	if f := flightOf(ctx); f != nil {
		f.dialed.Store(true)
		f.clock.Stop()
		done = func() { f.clock.Reset(f.limit) }
	}
	ctx = context.WithValue(ctx, flightKey{}, (*flight)(nil))
	return driver.Context(ctx, driver.WithQueryID(""), driver.WithSettings(driver.Settings{})), done
}

// limited says whether ClickHouse itself limits the statement's time.
func (f *flight) limited() bool {
	if f == nil {
		return false
	}
	_, ok := f.settings["max_execution_time"]
	return ok
}

func (f *flight) progress(rows, bytes uint64) {
	if f != nil {
		f.rows.Add(rows)
		f.bytes.Add(bytes)
	}
}

// cut says why the client itself ended the statement; nil when it did not.
func (f *flight) cut() error { return context.Cause(f.ctx) }
