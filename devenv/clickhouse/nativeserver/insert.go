package nativeserver

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/sqltext"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/statement"
)

// insert tells the client what columns it expects and stores the blocks that come, until an empty one.
func (c *connection) insert(ctx context.Context, s *statement.Statement, insert sqltext.Insert) error {
	columns, err := s.InsertColumns(insert)
	if err != nil {
		return err
	}
	running, err := s.Insert(insert.Head, "Native")
	if err != nil {
		return err
	}
	defer running.Close()
	if err := c.writer.header(columns); err != nil {
		return err
	}
	if err := c.receiveRows(ctx, s, running); err != nil {
		return err
	}
	progress, err := running.Finish()
	if err != nil {
		return s.Explain(err)
	}
	return c.writer.summary(progress)
}

// receiveRows passes blocks on. When the engine takes no more, the rest is still read, for the client sends it
// before it looks for an answer; what went wrong is for Finish to say.
func (c *connection) receiveRows(ctx context.Context, s *statement.Statement, running *engine.Insert) error {
	stopped := false
	for {
		next, ok := c.receive(ctx)
		switch {
		case !ok:
			return s.Explain(context.Canceled)
		case next.err != nil:
			return next.err
		case next.code != proto.ClientCodeData:
			return fmt.Errorf("packet %d came in the middle of an INSERT's data", next.code)
		case next.data.end():
			return nil
		}
		if stopped || next.data.shape.Rows == 0 {
			continue
		}
		if _, err := running.Write(next.data.block); errors.Is(err, engine.ErrInsertStopped) {
			stopped = true
		} else if err != nil {
			return s.Explain(err)
		}
	}
}

// insertInline stores data that stands in the statement's text.
func (c *connection) insertInline(s *statement.Statement, insert sqltext.Insert, inline string) error {
	format := insert.Format
	if format == "" {
		format = "Values"
	}
	running, err := s.Insert(insert.Head, format)
	if err != nil {
		return err
	}
	defer running.Close()
	if _, err := running.Write([]byte(inline)); err != nil && !errors.Is(err, engine.ErrInsertStopped) {
		return s.Explain(err)
	}
	progress, err := running.Finish()
	if err != nil {
		return s.Explain(err)
	}
	return c.writer.summary(progress)
}
