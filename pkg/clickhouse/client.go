// Package clickhouse runs statements on a data source's ClickHouse: it connects, limits, reads and says whose fault an
// error is. It is the only importer of the driver.
package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Client runs statements on one data source's ClickHouse, through one bounded pool of connections that are made when
// they are first needed. It finds a ClickHouse that was down as soon as it is up again. Safe for concurrent use.
type Client struct {
	settings settings.Settings
	pool     driver.Conn
	slots    *slots                 // one for each statement that runs
	server   atomic.Pointer[Server] // as its newest connection saw it; nil until asked
	closing  context.Context        // done when Close begins
	shut     context.CancelFunc
}

// New makes a client and connects nothing. dial may be nil; otherwise it makes every connection, such as through
// Grafana's secure socks proxy. The error is an *Error of category TLS where a certificate or key cannot be read, and a
// *settings.Error where customSettings would change what statements mean.
func New(s settings.Settings, dial func(ctx context.Context, addr string) (net.Conn, error)) (*Client, error) {
	return open(s, dial, "")
}

// NewIn makes a client whose statements run in the settings' database, which must be there: for the definition of a view that
// names its tables alone. It is New in all else.
func NewIn(s settings.Settings) (*Client, error) { return open(s, nil, s.Database) }

func open(s settings.Settings, dial func(ctx context.Context, addr string) (net.Conn, error), database string) (*Client, error) {
	if err := checkCustom(s.Custom); err != nil {
		return nil, err
	}
	c := &Client{settings: s, slots: newSlots(s.MaxOpenConns)}
	options, err := c.options(dial)
	if err != nil {
		return nil, err
	}
	options.Auth.Database = database
	if c.pool, err = driver.Open(options); err != nil {
		return nil, classify("set up the connection to ClickHouse", err)
	}
	c.closing, c.shut = context.WithCancel(context.Background())
	return c, nil
}

// Close stops the statements that run, waits for them and closes the connections. A statement on a closed client
// fails with an *Error of category Network.
func (c *Client) Close() error {
	c.shut()
	c.slots.close() // no statement runs now, and none can start
	if err := c.pool.Close(); err != nil {
		return fmt.Errorf("close the connections to ClickHouse: %w", err)
	}
	return nil
}

// enter waits for one of the pool's connections to be free, for as long as a statement may take. leave gives it back.
func (c *Client) enter(ctx context.Context, op string, o Origin, limit time.Duration) (leave func(), err error) {
	if ctx.Err() != nil {
		return nil, gaveUp(ctx, op)
	}
	if c.closing.Err() != nil {
		return nil, closed(op)
	}
	waiting, cancel := context.WithTimeoutCause(ctx, limit, errBusy)
	defer cancel()
	waiting, shut := context.WithCancelCause(waiting)
	defer shut(nil)
	defer context.AfterFunc(c.closing, func() { shut(errClosed) })()
	leave, err = c.slots.take(waiting, ClassOf(ctx), o.asker())
	switch {
	case err == nil:
		return leave, nil
	case errors.Is(err, errClosed):
		return nil, closed(op)
	case errors.Is(err, errBusy):
		return nil, c.busy(op, ClassOf(ctx), limit)
	default:
		return nil, gaveUp(ctx, op)
	}
}

var errBusy = errors.New("no connection became free")

func (c *Client) busy(op string, class Class, waited time.Duration) error {
	what := fmt.Errorf("all %d connections were busy for %s", c.settings.MaxOpenConns, waited)
	if class == Viewer {
		what = fmt.Errorf("none of the connections for viewers, %d of %d, became free for %s", c.slots.viewers, c.settings.MaxOpenConns, waited)
	}
	return &Error{
		Category: Limit, Op: op, Err: what,
		Hint: "Raise maxOpenConns in the data source's settings, or ask for fewer panels or shorter time ranges at a time.",
	}
}

var errClosed = errors.New("the data source was changed or removed meanwhile")

func closed(op string) error {
	return &Error{Category: Network, Op: op, Err: errClosed, Hint: "Run the query again."}
}

// gaveUp is the error of a statement whose caller wants it no more. A cancellation is no fault of anyone and so no
// *Error; a deadline of the caller's is a timeout.
func gaveUp(ctx context.Context, op string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &Error{
			Category: Timeout, Op: op, Err: fmt.Errorf("the caller's own time limit ran out: %w", context.DeadlineExceeded),
			Hint: "Shorten the time range or narrow the filters, or raise the limit of whoever asked, such as the alert rule's evaluation timeout.",
		}
	}
	return fmt.Errorf("%s: stopped, because the request was cancelled: %w", op, context.Canceled)
}
