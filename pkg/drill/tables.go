package drill

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/indicators"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// write writes the drill's events and rows.
func (r *running) write(ctx context.Context) (string, error) {
	now := r.Now().UTC()
	r.since = now
	events := r.kind.events(r.mark, now)
	if err := r.Client.Insert(ctx, r.block(events)); err != nil {
		return "", err
	}
	if r.kind.lists != nil {
		for _, l := range r.kind.lists(r.mark, now) {
			if err := r.list(ctx, l); err != nil {
				return "", err
			}
		}
	}
	return fmt.Sprintf("%d events of %s: %s", len(events), r.mark.device(), r.kind.Does), nil
}

// block is the events in the table's own columns, as far as it has them.
func (r *running) block(events []event) clickhouse.Block {
	b := clickhouse.Block{Database: r.Table.Database, Table: r.Table.Name}
	add := func(column string, data any) {
		if r.Table.Has(column) {
			b.Columns, b.Data = append(b.Columns, r.Table.Column(column).Name), append(b.Data, data)
		}
	}
	texts := func(of func(event) string) []string {
		list := make([]string, len(events))
		for i, e := range events {
			list[i] = of(e)
		}
		return list
	}
	times, ports := make([]time.Time, len(events)), make([]uint16, len(events))
	for i, e := range events {
		times[i], ports[i] = e.at, e.port
	}
	add(schema.Timestamp, times)
	add(schema.DeviceID, texts(func(event) string { return r.mark.device() }))
	add(schema.DeviceName, texts(func(event) string { return r.mark.device() }))
	add(schema.ActionType, texts(func(event) string { return "ConnectionSuccess" }))
	add(schema.RemoteIP, texts(func(e event) string { return e.address }))
	add(schema.RemotePort, ports)
	add(schema.RemoteURL, texts(func(e event) string { return e.url }))
	add(schema.Protocol, texts(func(event) string { return "Tcp" }))
	add(schema.InitiatingProcessFileName, texts(func(e event) string { return e.process }))
	return b
}

// list writes rows of a list's table, and has ClickHouse read its dictionaries anew.
func (r *running) list(ctx context.Context, l rows) error {
	table := r.Settings.ListTables[l.list]
	if table == "" {
		return broken("the settings name no table for listTables.%s, without which the rule finds nothing", l.list)
	}
	s, err := statement.New("INSERT INTO "+r.quoted(table)+" "+l.insert, maps.Clone(l.values), nil)
	if err != nil {
		return err
	}
	if err := r.Client.Apply(ctx, "write rows into "+table, s, map[string]any{"async_insert": 0}); err != nil {
		return err
	}
	return r.reload(ctx, l.list, table)
}

func (r *running) reload(ctx context.Context, list, table string) error {
	if list != indicators.Name {
		return nil
	}
	for _, text := range intake.Reloads(r.Settings.Database, table) {
		if err := r.Client.Exec(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func (r *running) quoted(table string) string {
	return statement.Qualified(r.Settings.Database, table)
}

// marked is a table that a drill may have written to, and how the rows of drills are known in it.
type marked struct{ list, table, where string }

// leftovers is how old the events of a drill that was killed may be to be removed: those of a drill are a day old at most. Of a large table
// no more is looked through.
const leftovers = 8 * 24 * time.Hour

// written are those tables, as far as there are: the events first, so that a run that begins meanwhile finds nothing more.
func (r *running) written(ctx context.Context) ([]marked, error) {
	begins := func(column string) string { return "startsWith(" + statement.Identifier(column) + ", {prefix:String})" }
	column := func(canonical string) string { return r.Table.Column(canonical).Name }
	all := []marked{{"", r.Table.Name, fmt.Sprintf("%s AND %s >= now() - INTERVAL %d SECOND", begins(column(schema.DeviceName)), statement.Identifier(column(schema.Timestamp)), int(leftovers.Seconds()))}}
	for list, column := range map[string]string{indicators.Name: "Value", ledger.NamesName: "Name"} {
		if table := r.Settings.ListTables[list]; table != "" {
			all = append(all, marked{list, table, begins(column)})
		}
	}
	kept := map[string]string{schema.FindingsRunsName(r.Table.Name): "Finding", schema.FindingsName(r.Table.Name): "finalizeAggregation(Latest)"}
	there, err := r.Client.Present(ctx, r.Table.Database, slices.Sorted(maps.Keys(kept)))
	for _, table := range there {
		all = append(all, marked{"", table, "position(" + kept[table] + ", {prefix:String}) > 0"})
	}
	return all, err
}

// removeAll removes what any drill has written. Where there is nothing it proves the rights to.
func (r *running) removeAll(ctx context.Context) (string, error) {
	tables, err := r.written(ctx)
	if err != nil {
		return "", err
	}
	removed := int64(0)
	for _, t := range tables {
		from := "FROM " + r.quoted(t.table) + " WHERE " + t.where
		n, err := r.number(ctx, "SELECT toInt64(count()) AS N "+from, map[string]any{"prefix": Prefix})
		if err != nil {
			return "", err
		}
		s, err := statement.New("DELETE "+from, map[string]any{"prefix": Prefix}, nil)
		if err != nil {
			return "", err
		}
		if err := r.Client.Apply(ctx, "remove what drills have written from "+t.table, s, nil); err != nil {
			return "", err
		}
		if n > 0 {
			if err := r.reload(ctx, t.list, t.table); err != nil {
				return "", err
			}
		}
		removed += n
	}
	if removed == 0 {
		return "nothing of an earlier drill is there, and what this one writes can be removed", nil
	}
	return fmt.Sprintf("%d rows of %s are removed", removed, strings.TrimSuffix(Prefix, "-")), nil
}

// count returns how many rows of a table hold this drill's mark.
func (r *running) count(ctx context.Context, table, column string) (int64, error) {
	return r.number(ctx, "SELECT toInt64(count()) AS N FROM "+r.quoted(table)+" WHERE position("+statement.Identifier(column)+", {mark:String}) > 0", map[string]any{"mark": r.mark.device()})
}

func (r *running) number(ctx context.Context, sql string, values map[string]any) (int64, error) {
	s, err := statement.New(sql, values, []statement.Column{{Name: "N", Kind: statement.Integer}})
	if err != nil {
		return 0, err
	}
	result, err := r.Client.Query(ctx, s, clickhouse.Origin{Detector: "drill"})
	if err != nil {
		return 0, err
	}
	return result.Data[0].([]int64)[0], nil
}
