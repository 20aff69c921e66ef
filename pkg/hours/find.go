package hours

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// State is what there is of the hours of an events table, apart from which of them are valid.
type State struct {
	// There says that they can be asked for.
	There bool
	// Sharded says that each of several servers keeps its own.
	Sharded bool
	// Why says, where they cannot although something is there, what is wrong; empty where there is nothing at all.
	Why string
}

// Look says whether the table has hours that may be read.
func (k Keeper) Look(ctx context.Context) (State, error) {
	engines, err := k.engines(ctx, []string{k.table.Name, schema.HoursName(k.table.Name), schema.HoursMadeName(k.table.Name), schema.HoursValidName(k.table.Name)})
	if err != nil {
		return State{}, err
	}
	needed := []string{schema.HoursName(k.table.Name), schema.HoursMadeName(k.table.Name), schema.HoursValidName(k.table.Name)}
	if engines[k.table.Name].engine == distributed { // what was made is noted on the shards
		needed = []string{schema.HoursName(k.table.Name), schema.HoursValidName(k.table.Name)}
	}
	var absent []string
	for _, name := range needed {
		if _, there := engines[name]; !there {
			absent = append(absent, name)
		}
	}
	switch {
	case len(absent) == len(needed):
		return State{}, nil
	case len(absent) > 0:
		return State{Why: strings.Join(absent, " and ") + " is not there, or the user may not see it"}, nil
	}
	if why := k.astray(engines); why != "" {
		return State{Why: why}, nil
	}
	if why, err := k.misfit(ctx); why != "" || err != nil {
		return State{Why: why}, err
	}
	return State{There: true, Sharded: engines[k.table.Name].engine == distributed}, nil
}

// found is what system.tables says of a table.
type found struct{ engine, full, partition string }

func (k Keeper) engines(ctx context.Context, names []string) (map[string]found, error) {
	text := func(name string) statement.Column { return statement.Column{Name: name, Kind: statement.Text} }
	result, err := k.ask(ctx, "SELECT name AS Name, engine AS Engine, engine_full AS Full, partition_key AS Partition FROM system.tables WHERE database = {database:String} AND name IN {names:Array(String)}",
		map[string]any{"database": k.table.Database, "names": names}, text("Name"), text("Engine"), text("Full"), text("Partition"))
	if err != nil {
		return nil, err
	}
	tables := map[string]found{}
	for i, name := range result.Data[0].([]string) {
		tables[name] = found{result.Data[1].([]string)[i], result.Data[2].([]string)[i], result.Data[3].([]string)[i]}
	}
	return tables, nil
}

// astray says which table is Distributed over something else than the shards' own: what is valid there says nothing about the
// events here. Nothing where all are in order.
func (k Keeper) astray(tables map[string]found) string {
	if tables[k.table.Name].engine != distributed {
		return ""
	}
	cluster := ""
	for _, suffix := range []func(string) string{func(name string) string { return name }, schema.HoursName, schema.HoursValidName} {
		name, local := suffix(k.table.Name), suffix(schema.LocalName(k.table.Name))
		head, _, cut := strings.Cut(tables[name].full, ", "+statement.Quoted(k.table.Database)+", "+statement.Quoted(local))
		if !cut || !strings.HasPrefix(head, distributed+"(") || cluster != "" && head != cluster {
			return fmt.Sprintf("%s is not Distributed over %s on the events' cluster", name, local)
		}
		cluster = head
	}
	return ""
}

// misfit says what is wrong with the columns of hours; nothing where they are right.
func (k Keeper) misfit(ctx context.Context) (string, error) {
	name := schema.HoursName(k.table.Name)
	described, err := k.client.Describe(ctx, k.table.Database, name)
	if err != nil {
		return "", err
	}
	want := map[string]string{
		schema.HourStart: "DateTime('UTC')", schema.Build: "Int64", schema.GroupKey: "UInt128", schema.Connections: "Int64",
		schema.SentBytes: "Nullable(Int64)", schema.ReceivedBytes: "Nullable(Int64)",
		schema.FirstSeen: "DateTime64(3, 'UTC')", schema.LastSeen: "DateTime64(3, 'UTC')", schema.Seconds: "Array(UInt32)", schema.Sizes: "Array(Int64)",
		schema.OpenMs: "Int64", schema.LongestMs: "Int64",
	}
	for _, column := range k.table.HourColumns() {
		want[column.Name] = column.Type
	}
	for _, d := range described {
		if want[d.Name] == d.Type {
			delete(want, d.Name)
		}
	}
	for name, t := range want {
		return fmt.Sprintf("%s has no column %s of type %s", schema.HoursName(k.table.Name), name, t), nil
	}
	return "", nil
}

// ErrPolicy says that a row policy lets the user see a part of the events alone. Hours are made of all.
var ErrPolicy = errors.New("a row policy bounds the events that the user may see, and hours are made of all")

var rowLevel = regexp.MustCompile(`(?i)row[- ]level`)

// SeesAll returns ErrPolicy where the user does not. ClickHouse is asked how it would read the events, which needs no right but
// to read them.
func (k Keeper) SeesAll(ctx context.Context, sharded bool) error {
	options := "actions = 1"
	if sharded {
		options += ", distributed = 1"
	}
	result, err := k.ask(ctx, "EXPLAIN "+options+" SELECT "+statement.Identifier(k.table.Column(schema.DeviceName).Name)+" FROM "+k.quoted(k.table.Name), nil,
		statement.Column{Name: "explain", Kind: statement.Text})
	if err != nil {
		return err
	}
	for _, step := range result.Data[0].([]string) {
		if rowLevel.MatchString(step) {
			return ErrPolicy
		}
	}
	return nil
}

// Valid returns the hours within a window that stand for the events as they are now, by their start, and those with events that no
// row stands for, which have to be read from these. It returns ErrPolicy where hours are not the user's to read.
func (k Keeper) Valid(ctx context.Context, w query.Window, state State) (valid []schema.Hour, others []time.Time, err error) {
	if err := k.SeesAll(ctx, state.Sharded); err != nil {
		return nil, nil, err
	}
	mapping, err := mappingOf(k.table)
	if err != nil {
		return nil, nil, err
	}
	result, err := k.ask(ctx, "SELECT toDateTime64(Hour, 3, 'UTC') AS Start, Build AS Build, toInt64(Rules = {rules:UInt64}) AS Ours FROM "+k.quoted(schema.HoursValidName(k.table.Name))+
		" WHERE Hour >= {from:DateTime64(3, 'UTC')} - INTERVAL 1 HOUR AND Hour < {to:DateTime64(3, 'UTC')} ORDER BY Hour, Build",
		map[string]any{"from": w.From, "to": w.To, "rules": new(big.Int).SetUint64(mapping)},
		statement.Column{Name: "Start", Kind: statement.Time}, statement.Column{Name: "Build", Kind: statement.Integer}, statement.Column{Name: "Ours", Kind: statement.Integer})
	if err != nil {
		return nil, nil, err
	}
	starts, builds, ours := result.Data[0].([]time.Time), result.Data[1].([]int64), result.Data[2].([]int64)
	spoiled := map[time.Time]bool{} // on some shard
	for i, start := range starts {
		if (builds[i] == 0 || ours[i] == 0) && !spoiled[start] {
			spoiled[start] = true
			others = append(others, start)
		}
	}
	for i, start := range starts {
		if !spoiled[start] {
			valid = append(valid, schema.Hour{Start: start, Build: builds[i]})
		}
	}
	return valid, others, nil
}
