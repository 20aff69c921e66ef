package nativeserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/access"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/statement"
)

// serverRevision is the protocol revision that this server speaks. It has query parameters and not yet chunked
// packets.
const serverRevision = 54460

// connection is one client's.
type connection struct {
	server   *Server
	reader   *proto.Reader
	writer   *writer
	revision int
	user     access.User
	session  session
	packets  chan packet

	mu     sync.Mutex
	cancel context.CancelFunc // of the statement that runs; nil when none does
}

func (s *Server) serveConnection(ctx context.Context, conn net.Conn) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	c := &connection{server: s, reader: proto.NewReader(conn), writer: newWriter(conn), packets: make(chan packet)}
	if err := c.handshake(ctx); err != nil {
		return err
	}
	var reading sync.WaitGroup
	defer reading.Wait()
	defer cancel()
	reading.Go(func() {
		defer close(c.packets)
		if c.readPackets(ctx) {
			cancel() // a client that went away has no use for its statement
		}
	})
	for {
		next, ok := c.receive(ctx)
		if !ok {
			return nil
		}
		if err := c.answer(ctx, next); err != nil {
			return err
		}
	}
}

func (c *connection) answer(ctx context.Context, next packet) error {
	if next.err != nil {
		err := fmt.Errorf("read packet %d: %w", next.code, next.err)
		return errors.Join(err, c.writer.exception(asException(err)))
	}
	switch next.code {
	case proto.ClientCodePing:
		return c.writer.pong()
	case proto.ClientCodeQuery:
		return c.answerQuery(ctx, next.query)
	case proto.ClientCodeData:
		return nil // the rest of an INSERT that failed
	default:
		return c.writer.exception(&engine.Exception{
			Code: engine.CodeUnexpectedPacket, Name: "UNKNOWN_PACKET_FROM_CLIENT",
			Message: fmt.Sprintf("Unknown packet %d from client", next.code),
		})
	}
}

// handshake exchanges greetings. A client that may not connect is told so, and the error returned.
func (c *connection) handshake(ctx context.Context) error {
	code, err := c.reader.ReadByte()
	if err != nil {
		return fmt.Errorf("read greeting: %w", err)
	}
	if proto.ClientCode(code) != proto.ClientCodeHello {
		return fmt.Errorf("read greeting: it starts with packet %d", code)
	}
	var hello proto.ClientHello
	if err := hello.Decode(c.reader); err != nil {
		return fmt.Errorf("read greeting: %w", err)
	}
	c.revision = min(serverRevision, hello.ProtocolVersion)
	c.writer.revision = c.revision
	if c.user, err = c.server.users.Authenticate(hello.User, hello.Password); err == nil {
		err = c.enter(ctx, hello.Database)
	}
	if err != nil {
		return errors.Join(err, c.writer.exception(asException(err)))
	}
	identity := c.server.identity
	if err := c.writer.hello(proto.ServerHello{
		Name: "ClickHouse", DisplayName: identity.DisplayName, Timezone: identity.Timezone,
		Major: identity.Version[0], Minor: identity.Version[1], Patch: identity.Version[2], Revision: serverRevision,
	}); err != nil {
		return err
	}
	if proto.FeatureAddendum.In(c.revision) {
		if _, err := c.reader.Str(); err != nil { // the quota key
			return fmt.Errorf("read the greeting's addendum: %w", err)
		}
	}
	return nil
}

// enter finds out whether the database exists, as a server does before it greets.
func (c *connection) enter(ctx context.Context, database string) error {
	s, err := c.server.runner.Open(ctx, statement.Request{User: c.user, Database: database})
	if err != nil {
		return err
	}
	s.Close()
	c.session.database = database
	return nil
}

// receive waits for the client's next packet; false when there will be none.
func (c *connection) receive(ctx context.Context) (packet, bool) {
	select {
	case next, ok := <-c.packets:
		return next, ok
	case <-ctx.Done():
		return packet{}, false
	}
}

// running notes how to cancel the statement that runs; nil when none does.
func (c *connection) running(cancel context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = cancel
}

func (c *connection) cancelStatement() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel()
	}
}

// asException makes any error one that ClickHouse's clients understand.
func asException(err error) *engine.Exception {
	var exception *engine.Exception
	if errors.As(err, &exception) {
		return exception
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &engine.Exception{Code: 33, Name: "CANNOT_READ_ALL_DATA", Message: fmt.Sprint(err)}
	}
	return &engine.Exception{Code: engine.CodeUnknownException, Name: "UNKNOWN_EXCEPTION", Message: fmt.Sprint(err)}
}
