package statement

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/native"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/sqltext"
)

// Columns says what columns a statement's output has, for one whose output had no rows and so did not say. text is
// without FORMAT. A statement without output has none.
func (s *Statement) Columns(text string) ([]native.Column, error) {
	words := sqltext.FirstWords(text, 1)
	if len(words) == 0 {
		return nil, nil
	}
	switch words[0] {
	case "SELECT", "WITH", "FROM":
		return s.describe("(" + strings.TrimRight(text, "; \t\r\n") + "\n)")
	case "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "CHECK":
		return s.columnsOfAgain(text)
	default:
		return nil, nil
	}
}

// InsertColumns says what columns an INSERT takes, in its order.
func (s *Statement) InsertColumns(insert sqltext.Insert) ([]native.Column, error) {
	if insert.Columns == nil {
		return s.describeTable(insert.Target)
	}
	if !plain(insert.Columns) {
		return s.describe("(SELECT " + strings.Join(insert.Columns, ", ") + " FROM " + strings.TrimPrefix(insert.Target, "FUNCTION ") + ")")
	}
	all, err := s.describeTable(insert.Target)
	if err != nil {
		return nil, err
	}
	types := map[string]string{}
	for _, column := range all {
		types[column.Name] = column.Type
	}
	columns := make([]native.Column, len(insert.Columns))
	for i, item := range insert.Columns {
		name := unquote(item)
		columnType, ok := types[name]
		if !ok {
			return nil, &engine.Exception{
				Code: 16, Name: "NO_SUCH_COLUMN_IN_TABLE",
				Message: fmt.Sprintf("No such column %s in table %s", name, insert.Target),
			}
		}
		columns[i] = native.Column{Name: name, Type: columnType}
	}
	return columns, nil
}

// describeTable lists the columns that an INSERT may fill.
func (s *Statement) describeTable(target string) ([]native.Column, error) {
	return s.describe("TABLE " + target)
}

func (s *Statement) describe(what string) ([]native.Column, error) {
	if rest, ok := strings.CutPrefix(what, "TABLE FUNCTION "); ok {
		what = "TABLE " + rest
	}
	output, err := s.session.Fetch(s.ctx, "DESCRIBE "+what, "JSONCompactEachRow", s.request.Parameters...)
	if err != nil {
		return nil, s.Explain(err)
	}
	var columns []native.Column
	decoder := json.NewDecoder(bytes.NewReader(output))
	for decoder.More() {
		var row []string
		if err := decoder.Decode(&row); err != nil || len(row) < 3 {
			return nil, fmt.Errorf("read the columns of %s: unexpected row %v: %w", what, row, err)
		}
		if row[2] == "MATERIALIZED" || row[2] == "ALIAS" {
			continue
		}
		columns = append(columns, native.Column{Name: row[0], Type: row[1]})
	}
	return columns, nil
}

// columnsOfAgain runs a statement that only shows something once more, in a format that names the columns without rows.
func (s *Statement) columnsOfAgain(text string) ([]native.Column, error) {
	output, err := s.session.Fetch(s.ctx, text, "JSONCompact", s.request.Parameters...)
	if err != nil {
		return nil, s.Explain(err)
	}
	var answer struct{ Meta []native.Column }
	if err := json.Unmarshal(output, &answer); err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", text, err)
	}
	return answer.Meta, nil
}

// plain says whether all items of a list are identifiers.
func plain(items []string) bool {
	for _, item := range items {
		tokens := sqltext.Tokens(item)
		for i, token := range tokens {
			identifier := token.Kind == sqltext.Word || token.Kind == sqltext.Quoted
			if identifier != (i%2 == 0) || !identifier && token.Text != "." {
				return false
			}
		}
	}
	return true
}

// unquote takes the quotes off an identifier, and off each part of a nested one.
func unquote(identifier string) string {
	var name strings.Builder
	for _, token := range sqltext.Tokens(identifier) {
		if token.Kind != sqltext.Quoted {
			name.WriteString(token.Text)
			continue
		}
		quote := token.Text[:1]
		inner := token.Text[1 : len(token.Text)-1]
		name.WriteString(strings.NewReplacer(quote+quote, quote, `\`+quote, quote, `\\`, `\`).Replace(inner))
	}
	return name.String()
}
