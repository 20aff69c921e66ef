package statement

import (
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Rolled returns the source with whole buckets read from the table's roll-ups of the given grains, coarsest first, and
// the rest of the window from events: its ragged ends, and what the roll-ups do not cover. reason says why roll-ups that
// exist cannot be used. Without any, or where the window holds no whole bucket, the source stays as it is. prefix tells
// the parameters of several sources in one statement apart.
func (s Source) Rolled(prefix string, grains ...schema.Grain) (rolled Source, reason string) {
	if len(s.table.Rollups()) == 0 {
		return s, ""
	}
	if len(grains) == 0 {
		return s, "the interval of the time series is no multiple of an hour"
	}
	for _, f := range s.filters {
		if !keeps(f.Column) {
			return s, "they do not keep " + f.Column + ", which a filter names"
		}
	}
	rest := []schema.Span{{From: s.window.From, To: s.window.To}}
	var parts []part
	for _, g := range grains {
		var whole []schema.Span
		whole, rest = wholeBuckets(rest, s.table.Rollups()[g], g.Width)
		if len(whole) > 0 {
			parts = append(parts, part{table: s.table.Rollup(g), grain: g, spans: whole, name: prefix + strings.TrimPrefix(g.Suffix, "_"), rolled: true})
		}
	}
	if len(parts) == 0 {
		return s, ""
	}
	if len(rest) > 0 {
		parts = append(parts, part{table: s.table, spans: rest, name: prefix + "raw"})
	}
	s.parts = parts
	return s, ""
}

func keeps(column string) bool {
	for _, key := range schema.RollupKeys() {
		if key == column {
			return true
		}
	}
	return false
}

// wholeBuckets takes from the spans what lies in covered, in whole buckets, and returns it and what is left.
func wholeBuckets(spans, covered []schema.Span, width time.Duration) (whole, rest []schema.Span) {
	for _, s := range spans {
		for _, c := range covered {
			from, to := ceil(later(s.From, c.From), width), floor(earlier(s.To, c.To), width)
			if !from.Before(to) {
				continue
			}
			whole = append(whole, schema.Span{From: from, To: to})
			if s.From.Before(from) {
				rest = append(rest, schema.Span{From: s.From, To: from})
			}
			s.From = to
		}
		if s.From.Before(s.To) {
			rest = append(rest, s)
		}
	}
	return whole, rest
}

// Bucket returns the start of the bucket of a grain in which an instant lies.
func Bucket(t time.Time, g schema.Grain) time.Time { return floor(t, g.Width) }

// floor and ceil count from the epoch, as ClickHouse's buckets do; time.Truncate counts from the year 1.
func floor(t time.Time, width time.Duration) time.Time {
	ms, w := t.UnixMilli(), width.Milliseconds()
	over := ms % w
	if over < 0 {
		over += w
	}
	return time.UnixMilli(ms - over).UTC()
}

func ceil(t time.Time, width time.Duration) time.Time {
	if down := floor(t, width); down.Before(t) {
		return down.Add(width)
	}
	return t
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// part is the spans of the window that are read from one table.
type part struct {
	table  schema.Table
	grain  schema.Grain // of a roll-up
	spans  []schema.Span
	name   string // of its parameters
	rolled bool
}

func (p part) bounds(values map[string]any) {
	for i, s := range p.spans {
		values[fmt.Sprintf("%s%d_from", p.name, i)], values[fmt.Sprintf("%s%d_to", p.name, i)] = s.From, s.To
	}
}

func (p part) condition(at string) string {
	var spans []string
	for i := range p.spans {
		spans = append(spans, fmt.Sprintf("(%s >= {%s%d_from:DateTime64(3, 'UTC')} AND %s < {%s%d_to:DateTime64(3, 'UTC')})", at, p.name, i, at, p.name, i))
	}
	return strings.Join(spans, " OR ")
}

// selectParts renders the SELECT of each part, with the same types in all.
func (s Source) selectParts(columns []string) string {
	texts := make([]string, len(s.parts))
	for i, p := range s.parts {
		of := Source{table: p.table, filters: s.filters}
		var list []string
		for _, name := range columns {
			list = append(list, fmt.Sprintf("    %s AS %s", of.rolledExpression(name, p), name))
		}
		for _, m := range of.measures(p) {
			list = append(list, "    "+m)
		}
		texts[i] = fmt.Sprintf("SELECT\n%s\nFROM %s.%s AS t\nWHERE (%s)%s", strings.Join(list, ",\n"),
			Identifier(p.table.Database), Identifier(p.table.Name), p.condition(of.raw(schema.Timestamp)), of.conditions())
	}
	return strings.Join(texts, "\nUNION ALL\n")
}

// rolledExpression gives a column the type that it has in the roll-ups.
func (s Source) rolledExpression(name string, p part) string {
	if p.rolled && name == GroupHash {
		return "t." + GroupHash
	}
	text := s.expression(name)
	switch name {
	case schema.DeviceID, schema.DeviceName, schema.ActionType, schema.InitiatingProcessFileName:
		if s.table.Column(name).Type != lowCardinality {
			return "CAST(" + text + ", '" + lowCardinality + "')"
		}
	}
	return text
}

const lowCardinality = "LowCardinality(String)"

func (s Source) measures(p part) []string {
	if p.rolled {
		return []string{"CAST(t.Connections, 'Int64') AS Connections", "CAST(t.FirstSeen, 'DateTime64(3, \\'UTC\\')') AS FirstSeen", "CAST(t.LastSeen, 'DateTime64(3, \\'UTC\\')') AS LastSeen"}
	}
	at := s.expression(schema.Timestamp)
	return []string{"toInt64(1) AS Connections", at + " AS FirstSeen", at + " AS LastSeen"}
}

// Whole reports whether every row of Select is one event.
func (s Source) Whole() bool { return s.parts == nil }

// Carried renders the columns that a row of a roll-up has beside the events' own, for the lists of columns between
// Select and the aggregates; nothing where every row is one event.
func (s Source) Carried() string {
	if s.Whole() {
		return ""
	}
	return ",\n        Connections,\n        FirstSeen,\n        LastSeen"
}

// Count renders the aggregate that counts events.
func (s Source) Count() string { return s.either("count()", "sum(Connections)") }

// First renders the aggregate of the first event's time.
func (s Source) First() string { return s.either("min(Timestamp)", "min(FirstSeen)") }

// Last renders the aggregate of the last event's time.
func (s Source) Last() string { return s.either("max(Timestamp)", "max(LastSeen)") }

// Newest renders the aggregate of a text of the relation events as the newest event has it; of several at once the last in order.
func (s Source) Newest(column string) string {
	return fmt.Sprintf("argMax(events.%s, (events.%s, events.%s))", column, s.either("Timestamp", "LastSeen"), column)
}

// CountIf renders the aggregate that counts the events for which a condition holds.
func (s Source) CountIf(condition string) string {
	return s.either("countIf("+condition+")", "sumIf(Connections, "+condition+")")
}

// FirstIf renders the aggregate of the first event's time; the epoch where the condition never holds.
func (s Source) FirstIf(condition string) string {
	return s.either("minIf(Timestamp, "+condition+")", "minIf(FirstSeen, "+condition+")")
}

// LastIf renders the aggregate of the last event's time; the epoch where the condition never holds.
func (s Source) LastIf(condition string) string {
	return s.either("maxIf(Timestamp, "+condition+")", "maxIf(LastSeen, "+condition+")")
}

func (s Source) either(whole, rolled string) string {
	if s.Whole() {
		return whole
	}
	return rolled
}

// RollupSelect renders the rows of a roll-up, each column under its name, from the table's events. condition may bound
// them further; it is written on FirstSeen's expression, which at gives.
func RollupSelect(table schema.Table, g schema.Grain, condition func(at string) string) string {
	s := Source{table: table}
	at := s.expression(schema.Timestamp)
	var b strings.Builder
	fmt.Fprintf(&b, "SELECT\n    toStartOfInterval(%s, toIntervalMillisecond(%d), 'UTC') AS Bucket,\n    %s AS GroupHash,\n", at, g.Width.Milliseconds(), s.expression(GroupHash))
	for _, key := range schema.RollupKeys() {
		fmt.Fprintf(&b, "    %s AS %s,\n", s.rolledExpression(key, part{}), key)
	}
	fmt.Fprintf(&b, "    toInt64(count()) AS Connections,\n    %s AS SentBytes,\n    %s AS ReceivedBytes,\n    min(%s) AS FirstSeen,\n    max(%s) AS LastSeen\n",
		Total(s.expression(Sent)), Total(s.expression(Received)), at, at)
	fmt.Fprintf(&b, "FROM %s.%s AS t\n", Identifier(table.Database), Identifier(table.Name))
	if condition != nil {
		fmt.Fprintf(&b, "WHERE %s\n", condition(s.raw(schema.Timestamp)))
	}
	b.WriteString("GROUP BY Bucket, GroupHash, " + strings.Join(schema.RollupKeys(), ", "))
	return b.String()
}

// GroupHash is the computed column with the hash of what beaconing groups by: DeviceId, DeviceName, RemoteAddress and RemoteUrl.
const GroupHash = schema.GroupHash

// StoredHash is the hash that the table stores, of RemoteIP as it is written.
const StoredHash = "StoredHash"

// groupHash hashes the texts, so that it is the same for every type that carries them. A stored one is of RemoteIP as it is
// written, and holds where that is a canonical IPv4; elsewhere the address is hashed.
func (s Source) groupHash() string {
	hash := fmt.Sprintf("cityHash64(%s, %s, %s, %s)", s.expression(schema.DeviceID), s.expression(schema.DeviceName), s.addressText(schema.RemoteIP), s.expression(schema.RemoteURL))
	if !s.table.Has(GroupHash) {
		return hash
	}
	return fmt.Sprintf("if(isIPv4String(%s), t.%s, %s)", s.expression(schema.RemoteIP), GroupHash, hash)
}

// RollupGrains returns the grains whose buckets a series with the interval can be made of.
func RollupGrains(format query.Format, interval time.Duration) []schema.Grain {
	if format != query.TimeSeries {
		return schema.Grains()
	}
	var grains []schema.Grain
	for _, g := range schema.Grains() {
		if interval%g.Width == 0 {
			grains = append(grains, g)
		}
	}
	return grains
}
