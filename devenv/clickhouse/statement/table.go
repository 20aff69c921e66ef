package statement

import (
	"fmt"
	"io"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
)

// Table is an external table: data that a client sends for one statement.
type Table struct {
	Name      string
	Structure string // columns as in CREATE TABLE
	Format    string
	Data      io.Reader
}

// AddTable makes a table that only this statement sees.
func (s *Statement) AddTable(table Table) error {
	create := "CREATE TEMPORARY TABLE " + engine.QuoteIdentifier(table.Name) + " (" + table.Structure + ") ENGINE = Memory"
	if _, err := s.session.Fetch(s.ctx, create, ""); err != nil {
		return s.Explain(err)
	}
	insert, err := s.session.Insert("INSERT INTO "+engine.QuoteIdentifier(table.Name), table.Format)
	if err != nil {
		return s.Explain(err)
	}
	defer insert.Close()
	if _, err := io.Copy(insert, table.Data); err != nil {
		return s.Explain(fmt.Errorf("read external table %s: %w", table.Name, err))
	}
	_, err = insert.Finish()
	return s.Explain(err)
}
