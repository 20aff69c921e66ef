package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// store is the ClickHouse that is written to.
type store struct {
	client   *clickhouse.Client
	database string
	events   string // the events table
}

func (s store) quoted(table string) string {
	return statement.Qualified(s.database, table)
}

// mostHours is more than a server has hours of all sources, and runs that claim them.
const mostHours = 10_000_000

// all returns all rows of an answer that has one for each hour, or for each run.
func (s store) all(ctx context.Context, ask statement.Statement) (*clickhouse.Result, error) {
	ask.RowLimit = mostHours
	return s.client.Query(ctx, ask, origin)
}

// origin is how what an import asks is told from what the plugin asks.
var origin = clickhouse.Origin{User: "fluxhound import"}

// tries is how often a block is sent that the network lost, and how long is waited before it is sent again. ClickHouse knows
// a block by its token.
const tries, between = 5, time.Second

// insert writes rows, and again where the network failed.
func (s store) insert(ctx context.Context, b clickhouse.Block) error {
	b.Database = s.database
	for try := 1; ; try++ {
		err := s.client.Insert(ctx, b)
		if fault := new(clickhouse.Error); try == tries || !errors.As(err, &fault) || fault.Category != clickhouse.Network {
			return err
		}
		if sleep(ctx, between*time.Duration(try)) != nil {
			return err
		}
	}
}

// prepare creates what is not there: the events table's neighbours, and the landing tables of the sources. Those of an earlier version
// are completed.
func (s store) prepare(ctx context.Context, sources []Source) error {
	statements, err := schema.ImportDDL("", s.quoted)
	if err != nil {
		return err
	}
	for _, source := range sources {
		landing, err := source.Landing(Names{Database: s.database})
		if err != nil {
			return err
		}
		statements = append(statements, landing...)
	}
	for _, text := range statements {
		if err := s.client.Exec(ctx, text); err != nil {
			return err
		}
	}
	for _, source := range sources {
		if err := Complete(ctx, s.client, Names{Database: s.database}, source); err != nil {
			return err
		}
	}
	return nil
}

// landing is a landing table as it is on the server.
type landing struct {
	table   string
	columns map[string]int  // of the sensor's fields
	names   []string        // in the order of the columns
	within  map[string]bool // objects that columns lie in, by the columns' names
	id      string          // another one where the table was dropped and created anew
}

// landingOf reads what a log's table has. A field that somebody added is filled as well.
func (s store) landingOf(ctx context.Context, table string) (landing, error) {
	described, err := s.client.Describe(ctx, s.database, table)
	if err != nil {
		return landing{}, err
	}
	l := landing{table: table, columns: map[string]int{}}
	for _, column := range described {
		own := slices.Contains([]string{columnFile, columnChunk, columnLine, columnTime, columnArrive}, column.Name)
		if !own && schema.Base(column.Type) == "String" && column.Materialized == "" {
			l.columns[column.Name] = len(l.names)
			l.names = append(l.names, column.Name)
		}
	}
	ask, err := statement.New("SELECT toString(uuid) AS Id FROM system.tables WHERE database = {database:String} AND name = {table:String}",
		map[string]any{"database": s.database, "table": table}, []statement.Column{{Name: "Id", Kind: statement.Text}})
	if err != nil {
		return landing{}, err
	}
	ask.RowLimit = 1
	result, err := s.client.Query(ctx, ask, origin)
	if err != nil {
		return landing{}, err
	}
	if ids := result.Data[0].([]string); len(ids) == 1 {
		l.id = ids[0]
	}
	return l, nil
}

// after finds the parts that were imported behind a hash, in the order in which they were.
func (s store) after(ctx context.Context, start string) ([]link, error) {
	ask, err := statement.New("SELECT End, toInt64(Bytes) AS Bytes FROM "+s.quoted(schema.PartsTable)+" WHERE Start = {start:String} GROUP BY End, Bytes ORDER BY min(At), End",
		map[string]any{"start": start}, []statement.Column{{Name: "End", Kind: statement.Text}, {Name: "Bytes", Kind: statement.Integer}})
	if err != nil {
		return nil, err
	}
	ask.RowLimit = 100_000
	result, err := s.client.Query(ctx, ask, origin)
	if err != nil {
		return nil, fmt.Errorf("look up what was imported before: %w", err)
	}
	links := make([]link, result.Rows)
	for i := range links {
		links[i] = link{End: result.Data[0].([]string)[i], Bytes: result.Data[1].([]int64)[i]}
	}
	return links, nil
}

// note notes a part as imported.
func (s store) note(ctx context.Context, n noted) error {
	return s.insert(ctx, clickhouse.Block{
		Table:   schema.PartsTable,
		Columns: []string{"Start", "End", "Bytes", "Source", "File", "FirstLine", "Records", "Rows", "Rejected"},
		Data: []any{
			[]string{n.part.start}, []string{n.part.end}, []uint64{uint64(n.part.bytes)}, []string{n.source}, []string{n.file},
			[]uint64{uint64(n.part.records[0].line)}, []uint64{uint64(len(n.part.records))}, []uint64{uint64(n.rows)}, []uint64{uint64(n.rejected)},
		},
	})
}

type noted struct {
	part           *part
	source, file   string
	rows, rejected int
}

// Reject is a record that could not be read.
type Reject struct {
	File   string
	Line   int64 // from 1
	Reason string
	Text   string
}

func (s store) reject(ctx context.Context, source, token string, list []Reject) error {
	if len(list) == 0 {
		return nil
	}
	b := clickhouse.Block{Table: schema.RejectsTable, Token: token, Rows: len(list), Columns: []string{"Source", "File", "Line", "Reason", "Text"}}
	var sources, files, reasons, texts []string
	var at []uint64
	for _, r := range list {
		sources, files, reasons = append(sources, source), append(files, r.File), append(reasons, r.Reason)
		at, texts = append(at, uint64(r.Line)), append(texts, r.Text)
	}
	b.Data = []any{sources, files, at, reasons, texts}
	return s.insert(ctx, b)
}

// lines joins a list for SQL.
func list(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = statement.Identifier(name)
	}
	return strings.Join(quoted, ", ")
}
