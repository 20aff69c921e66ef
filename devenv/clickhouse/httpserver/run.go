package httpserver

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/sqltext"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/statement"
)

// runQuery writes a statement's output as it comes.
func runQuery(s *statement.Statement, request *request, out *output) error {
	if len(sqltext.FirstWords(request.query, 1)) == 0 && strings.TrimSpace(request.query) == "" {
		return &engine.Exception{Code: engine.CodeSyntaxError, Name: "SYNTAX_ERROR", Message: "Syntax error: failed at position 1 (end of query): Empty query"}
	}
	format, _ := sqltext.OutputFormat(request.query)
	format = firstOf(format, request.format)
	out.describe(format)
	stream, err := s.Query(request.query, request.format)
	if err != nil {
		return err
	}
	defer stream.Close()
	next := func() ([]byte, error) { return stream.Next(s.Context()) }
	if strings.EqualFold(format, "Native") && request.revision > 0 {
		blocks := statement.NewBlocks(s.Context(), stream, request.revision)
		next = func() ([]byte, error) {
			block, _, err := blocks.Next()
			if errors.Is(err, io.EOF) {
				return nil, nil
			}
			return block, err
		}
	}
	for {
		piece, err := next()
		if err != nil {
			return err
		}
		out.progress = stream.Progress()
		if piece == nil {
			return out.finish()
		}
		if err := out.write(piece); err != nil {
			return err
		}
	}
}

// insertPiece is how much of an INSERT's data is handed to the engine at a time, in bytes.
const insertPiece = 1 << 20

// runInsert passes the data on to the engine as it comes.
func runInsert(s *statement.Statement, request *request, out *output) error {
	out.describe(request.format)
	insert, err := s.Insert(request.insert.Head, firstOf(request.insert.Format, "Values"))
	if err != nil {
		return err
	}
	defer insert.Close()
	_, copyErr := io.CopyBuffer(insert, struct{ io.Reader }{request.data}, make([]byte, insertPiece))
	if copyErr != nil && !errors.Is(copyErr, engine.ErrInsertStopped) {
		return fmt.Errorf("read the INSERT's data: %w", copyErr)
	}
	progress, err := insert.Finish()
	if err != nil {
		return err
	}
	out.progress = progress
	return out.finish()
}
