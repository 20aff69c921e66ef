package ingest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// question is a SELECT with the values of its parameters, which it may not all use.
type question struct {
	sql    string
	values map[string]any
}

// ofSource is the condition of a source's rows within some hours.
const ofSource = schema.EventSource + " = {source:String} AND Timestamp >= {from:DateTime64(3, 'UTC')} AND Timestamp < {to:DateTime64(3, 'UTC')}"

// there is what a table holds of a source.
func (t target) there() question {
	return question{"SELECT " + list(t.columns) + " FROM " + t.table + " WHERE " + ofSource, map[string]any{"source": t.source}}
}

// should is what the landing tables come to.
func (t target) should(internal []string) question {
	return question{"SELECT " + list(t.columns) + " FROM (\n" + t.selection + "\n)", map[string]any{"internalNetworks": internal}}
}

// statement fills in the hours; what the SQL does not use is left out.
func (q question) statement(sql string, span []hour, columns []statement.Column) (statement.Statement, error) {
	values := map[string]any{"from": time.Unix(span[0].at, 0), "to": time.Unix(span[len(span)-1].at+3600, 0)}
	for name, value := range q.values {
		values[name] = value
	}
	for name := range values {
		if !strings.Contains(sql, "{"+name+":") {
			delete(values, name)
		}
	}
	return statement.New(sql, values, columns)
}

// rowHash tells rows by what they hold.
func (t target) rowHash() string { return "cityHash64(toString(tuple(" + list(t.columns) + ")))" }

// holds says whether a table has anything of the hours.
func (s store) holds(ctx context.Context, t target, span []hour) (bool, error) {
	ask, err := t.there().statement("SELECT toInt64(count()) AS N FROM (SELECT 1 FROM "+t.table+" WHERE "+ofSource+" LIMIT 1)", span,
		[]statement.Column{{Name: "N", Kind: statement.Integer}})
	if err != nil {
		return false, err
	}
	result, err := s.client.Query(ctx, ask, origin)
	return err == nil && result.Data[0].([]int64)[0] > 0, err
}

// mostWrong is how many rows of some hours are taken out one by one. Where more are wrong, all of the hours are.
const mostWrong = 10_000

// wrong finds the rows of a table that should not be there, or not as often. There may be more than mostWrong.
func (s store) wrong(ctx context.Context, t target, span []hour, internal []string) ([]string, error) {
	return s.differs(ctx, t, span, internal, "countIf(There) > 0 AND ", mostWrong+1)
}

// right says whether a table has what should be there, and nothing else.
func (s store) right(ctx context.Context, t target, span []hour, internal []string) (bool, error) {
	rows, err := s.differs(ctx, t, span, internal, "", 1)
	return err == nil && len(rows) == 0, err
}

// differs finds rows that are there more or less often than they should be, as far as a condition holds.
func (s store) differs(ctx context.Context, t target, span []hour, internal []string, condition string, most int) ([]string, error) {
	there, should := t.there(), t.should(internal)
	should.values["source"] = t.source
	ask, err := should.statement(fmt.Sprintf("SELECT groupArray(%d)(toString(Row)) AS Rows FROM (SELECT Row FROM"+
		" (SELECT %s AS Row, true AS There FROM (%s) UNION ALL SELECT %s AS Row, false AS There FROM (%s))"+
		" GROUP BY Row HAVING %scountIf(There) != countIf(NOT There))", most, t.rowHash(), there.sql, t.rowHash(), should.sql, condition),
		span, []statement.Column{{Name: "Rows", Kind: statement.List}})
	if err != nil {
		return nil, err
	}
	result, err := s.client.Query(ctx, ask, origin)
	if err != nil {
		return nil, err
	}
	return result.Data[0].([][]string)[0], nil
}

// remove takes rows of a source out of a table, or all of the hours where they are too many.
func (s store) remove(ctx context.Context, t target, span []hour, wrong []string) error {
	q, condition := t.there(), ofSource
	if len(wrong) <= mostWrong {
		q.values["wrong"] = wrong
		condition += " AND has({wrong:Array(String)}, toString(" + t.rowHash() + "))"
	}
	do, err := q.statement("DELETE FROM "+t.table+" WHERE "+condition, span, nil)
	if err != nil {
		return err
	}
	return s.client.Apply(ctx, "take out what is made anew", do, bounded(nil))
}

// fill makes what lacks from the landing tables.
func (s store) fill(ctx context.Context, t target, span []hour, internal []string, there bool) error {
	q := t.should(internal)
	q.values["source"] = t.source
	lacks := ""
	if there {
		lacks = fmt.Sprintf(" WHERE %s NOT IN (SELECT %s FROM (%s))", t.rowHash(), t.rowHash(), t.there().sql)
	}
	do, err := q.statement(fmt.Sprintf("INSERT INTO %s (%s) SELECT %s, {source:String} FROM (%s)%s",
		t.table, list(append(t.columns[:len(t.columns):len(t.columns)], schema.EventSource)), list(t.columns), q.sql, lacks), span, nil)
	if err != nil {
		return err
	}
	// The same rows of an hour that was taken out are no repetition.
	return s.client.Apply(ctx, "write what was made", do, bounded(map[string]any{"insert_deduplicate": 0}))
}

type derivedHour struct {
	landed  uint64
	version string
}

// derived are the hours that were made.
func (s store) derived(ctx context.Context, source string, kind Kind) (map[int64]derivedHour, error) {
	ask, err := statement.New("SELECT toInt64(toUnixTimestamp(Hour)) AS At, toInt64(argMax(Landed, d.At)) AS Rows, argMax(Version, d.At) AS Newest FROM "+
		s.quoted(schema.DerivedTable)+" AS d WHERE Source = {source:String} AND Kind = {kind:String} GROUP BY Hour",
		map[string]any{"source": source, "kind": string(kind)},
		[]statement.Column{{Name: "At", Kind: statement.Integer}, {Name: "Rows", Kind: statement.Integer}, {Name: "Newest", Kind: statement.Text}})
	if err != nil {
		return nil, err
	}
	result, err := s.all(ctx, ask)
	if err != nil {
		return nil, err
	}
	hours := map[int64]derivedHour{}
	for i, at := range result.Data[0].([]int64) {
		hours[at] = derivedHour{uint64(result.Data[1].([]int64)[i]), result.Data[2].([]string)[i]}
	}
	return hours, nil
}

func (s store) noteHours(ctx context.Context, t target, span []hour) error {
	n := len(span)
	at, rows, versions := make([]time.Time, n), make([]uint64, n), make([]string, n)
	for i, h := range span {
		at[i], rows[i], versions[i] = time.Unix(h.at, 0).UTC(), h.landed, h.version
	}
	return s.insert(ctx, clickhouse.Block{
		Table: schema.DerivedTable, Columns: []string{"Source", "Kind", "Hour", "Landed", "Version"},
		Data: []any{repeated(t.source, n), repeated(string(t.kind), n), at, rows, versions},
	})
}

// describe says what is there of the hours that have landing rows.
func (s store) describe(ctx context.Context, t target, l landed, made *Made) error {
	if len(l.own) == 0 {
		return nil
	}
	span := []hour{{at: 1<<62 - 1}, {at: 0}}
	for at := range l.own {
		span[0].at, span[1].at = min(span[0].at, at), max(span[1].at, at)
	}
	q := t.there()
	ask, err := q.statement("SELECT toInt64(count()) AS Rows, toInt64(uniqExact(DeviceId)) AS Devices, min(Timestamp) AS First, max(Timestamp) AS Last FROM "+t.table+" WHERE "+ofSource,
		span, []statement.Column{{Name: "Rows", Kind: statement.Integer}, {Name: "Devices", Kind: statement.Integer}, {Name: "First", Kind: statement.Time}, {Name: "Last", Kind: statement.Time}})
	if err != nil {
		return err
	}
	result, err := s.client.Query(ctx, ask, origin)
	if err != nil {
		return err
	}
	made.Rows, made.Devices = result.Data[0].([]int64)[0], result.Data[1].([]int64)[0]
	made.First, made.Last = result.Data[2].([]time.Time)[0], result.Data[3].([]time.Time)[0]
	return nil
}
