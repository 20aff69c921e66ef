package nativeserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/sqltext"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/statement"
)

// answerQuery runs a statement and writes its answer, an exception if it fails. An error means that the connection
// is of no more use.
func (c *connection) answerQuery(ctx context.Context, query *proto.Query) error {
	if err := c.writer.compression(query.Compression == proto.CompressionEnabled, networkCompression(query)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.running(cancel)
	defer c.running(nil)
	tables, err := c.receiveTables(ctx)
	if err != nil {
		return errors.Join(err, c.writer.exception(asException(err)))
	}
	if err := c.run(ctx, query, tables); err != nil {
		c.server.log.Debug("statement failed", "queryID", query.ID, "error", err)
		return c.writer.exception(asException(err))
	}
	return c.writer.endOfStream()
}

func (c *connection) run(ctx context.Context, query *proto.Query, tables []statement.Table) error {
	if err := c.session.check(query.Body); err != nil {
		return err
	}
	request, err := c.request(query)
	if err != nil {
		return err
	}
	s, err := c.server.runner.Open(ctx, request)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, table := range tables {
		if err := s.AddTable(table); err != nil {
			return err
		}
	}
	insert, isInsert := sqltext.ParseInsert(query.Body)
	switch {
	case !isInsert:
		return c.selectRows(s, query.Body)
	case strings.TrimSpace(query.Body[insert.Data:]) != "":
		return c.insertInline(s, insert, query.Body[insert.Data:])
	default:
		return c.insert(ctx, s, insert)
	}
}

// request puts together what the client asked for and what the connection remembers.
func (c *connection) request(query *proto.Query) (statement.Request, error) {
	request := statement.Request{ID: query.ID, User: c.user, Database: c.session.database, Before: c.session.sets}
	for _, setting := range query.Settings {
		value := setting.Value
		if setting.Custom {
			var err error
			if value, err = restoreField(value); err != nil {
				return request, fmt.Errorf("read setting %s: %w", setting.Key, err)
			}
		}
		request.Settings = append(request.Settings, engine.Setting{Name: setting.Key, Value: value})
	}
	for _, parameter := range query.Parameters {
		value, err := restoreField(parameter.Value)
		if err != nil {
			return request, fmt.Errorf("read query parameter %s: %w", parameter.Key, err)
		}
		request.Parameters = append(request.Parameters, engine.Parameter{Name: parameter.Key, Value: value})
	}
	return request, nil
}

// receiveTables takes the external tables, which come between a query and an empty block.
func (c *connection) receiveTables(ctx context.Context) ([]statement.Table, error) {
	var tables []statement.Table
	for {
		next, ok := c.receive(ctx)
		switch {
		case !ok:
			return nil, context.Canceled
		case next.err != nil:
			return nil, next.err
		case next.code != proto.ClientCodeData:
			return nil, fmt.Errorf("packet %d came where a query's external tables should end", next.code)
		case next.data.end():
			return tables, nil
		}
		var structure []string
		for _, column := range next.data.shape.Columns {
			structure = append(structure, engine.QuoteIdentifier(column.Name)+" "+column.Type)
		}
		tables = append(tables, statement.Table{
			Name: next.data.table, Structure: strings.Join(structure, ", "), Format: "Native", Data: bytes.NewReader(next.data.block),
		})
	}
}

// selectRows writes a statement's output as blocks: first one without rows that names the columns, as a server does.
func (c *connection) selectRows(s *statement.Statement, body string) error {
	_, text := sqltext.OutputFormat(body)
	progress, headed, err := c.writeRows(s, text)
	if err != nil {
		return s.Explain(err)
	}
	if err := c.session.remember(s, text); err != nil {
		return err
	}
	if !headed {
		columns, err := s.Columns(text)
		if err != nil {
			return err
		}
		if len(columns) > 0 {
			if err := c.writer.header(columns); err != nil {
				return err
			}
		}
	}
	return c.writer.summary(progress)
}

func (c *connection) writeRows(s *statement.Statement, text string) (progress engine.Progress, headed bool, err error) {
	stream, err := s.Query(text, "Native")
	if err != nil {
		return progress, false, err
	}
	defer stream.Close()
	blocks := statement.NewBlocks(s.Context(), stream, c.revision)
	for {
		block, shape, err := blocks.Next()
		if errors.Is(err, io.EOF) {
			return stream.Progress(), headed, nil
		}
		if err != nil {
			return progress, headed, err
		}
		if !headed {
			if err := c.writer.header(shape.Columns); err != nil {
				return progress, headed, err
			}
			headed = true
		}
		if shape.Rows == 0 {
			continue
		}
		if err := c.writer.block(block); err != nil {
			return progress, headed, err
		}
		if err := c.writer.progress(stream.Progress()); err != nil {
			return progress, headed, err
		}
	}
}

// networkCompression is the method that the client asked for, such as ZSTD; "" for the default.
func networkCompression(query *proto.Query) string {
	for _, setting := range query.Settings {
		if setting.Key == "network_compression_method" {
			return setting.Value
		}
	}
	return ""
}
