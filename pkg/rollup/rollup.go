// Package rollup keeps the roll-ups of an events table: it creates them, fills them from the events that are there already,
// and says which of their buckets are complete.
package rollup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// ErrUnfit says that an events table can have no roll-ups.
var ErrUnfit = errors.New("the events table can have no roll-ups")

// Keeper keeps the roll-ups of one events table.
type Keeper struct {
	client *clickhouse.Client
	table  schema.Table
	now    func() time.Time
}

// New makes a keeper.
func New(client *clickhouse.Client, table schema.Table, now func() time.Time) Keeper {
	return Keeper{client: client, table: table, now: now}
}

// state is what system.tables says about an events table and its roll-ups.
type state struct {
	engine string
	source string            // what coverage must have been written for
	absent []string          // tables and views that are not there, or that the user may not see
	plain  []string          // tables that do not replicate although the events table does
	full   map[string]string // of those that are there, the engine with its arguments
}

func (k Keeper) state(ctx context.Context) (state, error) {
	rows, err := k.texts(ctx, "SELECT name AS Name, engine AS Engine, toString(uuid) AS Id, engine_full AS Full FROM system.tables WHERE database = {database:String} AND name IN {names:Array(String)}",
		map[string]any{"database": k.table.Database, "names": append(companions(k.table.Name), k.table.Name, schema.RollupTablesName(k.table.Name))}, "Name", "Engine", "Id", "Full")
	if err != nil {
		return state{}, err
	}
	return k.read(k.table.Name, rows)
}

// companions are the tables and views that belong to the roll-ups of a table.
func companions(table string) []string {
	names := []string{schema.CoverageName(table)}
	for _, g := range schema.RollupTables() {
		names = append(names, g.Table(table))
	}
	for _, g := range schema.RollupViews() {
		names = append(names, g.View(table))
	}
	return names
}

// read reads rows of system.tables: name, engine, identifier and the engine with its arguments.
func (k Keeper) read(table string, rows [][]string) (s state, err error) {
	engines := map[string]string{}
	s.full = map[string]string{}
	for _, row := range rows {
		engines[row[0]], s.full[row[0]] = row[1], row[3]
		if row[0] == table {
			if s.source, err = k.source(row[2]); err != nil {
				return state{}, err
			}
		}
	}
	s.engine = engines[table]
	for _, name := range companions(table) {
		switch engine, there := engines[name]; {
		case !there:
			s.absent = append(s.absent, name)
		case s.engine == replicated && engine != "MaterializedView" && !strings.HasPrefix(engine, "Replicated"):
			s.plain = append(s.plain, name)
		}
	}
	return s, nil
}

// rules is the version of what a roll-up makes of an event. Roll-ups that were filled by others are not read.
//   - 2: the address in RemoteIP is what is hashed and judged, and bytes that no event counts are NULL.
const rules = 2

// source identifies the events table, which may have been created anew under its name, how its columns are mapped, and the
// rules.
func (k Keeper) source(id string) (string, error) {
	columns := map[string]schema.Described{}
	for _, c := range schema.Columns() {
		if k.table.Has(c.Name) {
			columns[c.Name] = k.table.Column(c.Name)
		}
	}
	text, err := json.Marshal(map[string]any{"table": id, "columns": columns, "rules": rules})
	return string(text), err
}

func (k Keeper) quoted(name string) string {
	return statement.Identifier(k.table.Database) + "." + statement.Identifier(name)
}

func (k Keeper) coverage() string { return k.quoted(schema.CoverageName(k.table.Name)) }

func (k Keeper) rollup(g schema.Grain) string { return k.quoted(g.Table(k.table.Name)) }

// texts runs a statement whose columns are texts.
func (k Keeper) texts(ctx context.Context, sql string, values map[string]any, columns ...string) ([][]string, error) {
	typed := make([]statement.Column, len(columns))
	for i, name := range columns {
		typed[i] = statement.Column{Name: name, Kind: statement.Text}
	}
	s, err := statement.New(sql, values, typed)
	if err != nil {
		return nil, err
	}
	s.RowLimit = mostRows
	result, err := k.client.Query(ctx, s, clickhouse.Origin{Detector: "rollup"})
	if err != nil {
		return nil, err
	}
	rows := make([][]string, result.Rows)
	for i := range rows {
		for _, column := range result.Data {
			rows[i] = append(rows[i], column.([]string)[i])
		}
	}
	return rows, nil
}

// mostRows bounds what is read about roll-ups: coverage has a few rows a day.
const mostRows = 100_000

// instants runs a statement that answers one row of times.
func (k Keeper) instants(ctx context.Context, sql string, columns ...string) ([]time.Time, error) {
	typed := make([]statement.Column, len(columns))
	for i, name := range columns {
		typed[i] = statement.Column{Name: name, Kind: statement.Time}
	}
	s, err := statement.New(sql, nil, typed)
	if err != nil {
		return nil, err
	}
	result, err := k.client.Query(ctx, s, clickhouse.Origin{Detector: "rollup"})
	if err != nil || result.Rows == 0 {
		return nil, err
	}
	var times []time.Time
	for _, column := range result.Data {
		times = append(times, column.([]time.Time)[0])
	}
	return times, nil
}

func literal(t time.Time) string {
	return fmt.Sprintf("toDateTime64('%s', 3, 'UTC')", t.UTC().Format("2006-01-02 15:04:05.000"))
}

// keys lists the columns that tell a bucket's rows apart, beside the hash of their group, after a comma.
func keys(g schema.Grain) string {
	if _, beacons := g.Finer(); beacons {
		return ", " + schema.Hours
	}
	return ", " + strings.Join(schema.RollupKeys(), ", ")
}
