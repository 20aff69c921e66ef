package statement

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// FromHours returns the source with the hours that stand for their events read from the table's hours, and the rest of the
// window from events. why says why hours that exist cannot be used. Where the window holds no such hour, the source stays as it
// is. prefix tells the parameters of several sources in one statement apart.
func (s Source) FromHours(prefix string) (hourly Source, why string) {
	asked, ask := s.table.HoursAsked()
	if len(s.table.Hours()) == 0 && !ask {
		return s, ""
	}
	for _, f := range s.filters {
		if !slices.Contains(schema.HourKeys(), f.Column) {
			return s, "they do not keep " + f.Column + ", which a filter names"
		}
	}
	if ask {
		return s.fromAsked(asked), ""
	}
	whole, rest, builds := within(s.window, s.table.Hours())
	if len(whole) == 0 {
		return s, ""
	}
	s.parts = []part{{table: s.table.HoursTable(), spans: whole, builds: builds, name: prefix + "hours"}}
	if len(rest) > 0 {
		s.parts = append(s.parts, part{table: s.table, spans: rest, name: prefix + "raw"})
	}
	return s, ""
}

// within takes from a window the hours that lie in it, and returns their spans, what is left, and the builds of the hours. Hours
// are sorted; of several with one start each is a shard's.
func within(w query.Window, hours []schema.Hour) (whole, rest []schema.Span, builds []int64) {
	at := w.From
	for _, h := range hours {
		end := h.Start.Add(time.Hour)
		if h.Start.Before(w.From) || end.After(w.To) {
			continue
		}
		builds = append(builds, h.Build)
		switch last := len(whole) - 1; {
		case last >= 0 && whole[last].To.Equal(end): // another shard's
			continue
		case last >= 0 && whole[last].To.Equal(h.Start):
			whole[last].To = end
		default:
			if at.Before(h.Start) {
				rest = append(rest, schema.Span{From: at, To: h.Start})
			}
			whole = append(whole, schema.Span{From: h.Start, To: end})
		}
		at = end
	}
	if at.Before(w.To) {
		rest = append(rest, schema.Span{From: at, To: w.To})
	}
	return whole, rest, builds
}

// part is the spans of the window that are read from one table.
type part struct {
	table  schema.Table
	spans  []schema.Span
	builds []int64 // of hours; nil for events
	name   string  // of its parameters
	asked  bool    // where is what to read, and the spans are not known yet
	where  string
}

func (p part) hourly() bool { return p.builds != nil }

func (p part) bounds(values map[string]any) {
	if p.asked {
		return
	}
	for i, s := range p.spans {
		values[fmt.Sprintf("%s%d_from", p.name, i)], values[fmt.Sprintf("%s%d_to", p.name, i)] = s.From, s.To
	}
	if p.hourly() {
		values[p.name+"_builds"] = p.builds
	}
}

func (p part) condition(at string) string {
	if p.asked {
		return p.where
	}
	var spans []string
	for i := range p.spans {
		spans = append(spans, fmt.Sprintf("(%s >= {%s%d_from:DateTime64(3, 'UTC')} AND %s < {%s%d_to:DateTime64(3, 'UTC')})", at, p.name, i, at, p.name, i))
	}
	text := "(" + strings.Join(spans, " OR ") + ")"
	if p.hourly() {
		text += fmt.Sprintf("\n  AND t.%s IN {%s_builds:Array(Int64)}", schema.Build, p.name)
	}
	return text
}

// selectParts renders the SELECT of each part, with the same types in all.
func (s Source) selectParts(columns []string) string {
	texts := make([]string, len(s.parts))
	for i, p := range s.parts {
		of := Source{table: p.table, filters: s.filters, marked: s.marked}
		var list []string
		for _, name := range columns {
			list = append(list, fmt.Sprintf("    %s AS %s", of.partExpression(name, p), name))
		}
		for _, m := range of.measures(p) {
			list = append(list, "    "+m)
		}
		texts[i] = fmt.Sprintf("SELECT\n%s\nFROM %s.%s AS t\nWHERE %s%s", strings.Join(list, ",\n"),
			Identifier(p.table.Database), Identifier(p.table.Name), p.condition(of.raw(schema.Timestamp)), of.conditions())
	}
	return strings.Join(texts, "\nUNION ALL\n")
}

// partExpression gives a column the type that it has in hours.
func (s Source) partExpression(name string, p part) string {
	if p.hourly() {
		switch name {
		case GroupKey:
			return "t." + GroupKey
		case OpenMs, LongestMs:
			return "t." + name
		}
	}
	text := s.expression(name)
	if isKey(name) && s.table.Column(name).Type != lowCardinality {
		return "CAST(" + text + ", '" + lowCardinality + "')"
	}
	return text
}

// isKey says whether a column is one of the texts that hours keep as a dictionary.
func isKey(name string) bool {
	switch name {
	case schema.RemoteIP, schema.RemoteURL, schema.RemotePort:
		return false
	}
	return slices.Contains(schema.HourKeys(), name)
}

const lowCardinality = "LowCardinality(String)"

// carried are the columns that a row of hours has beside the events' own.
var carried = []string{schema.Connections, schema.FirstSeen, schema.LastSeen, schema.Seconds, schema.Sizes}

func (s Source) measures(p part) []string {
	at := s.expression(schema.Timestamp)
	expressions := []string{"toInt64(1)", at, at, "[" + second(at) + "]", "if(isNull(" + s.expression(Sent) + "), emptyArrayInt64(), [assumeNotNull(" + size(s.expression(Sent)) + ")])"}
	if p.hourly() {
		expressions = []string{"t.Connections", "t.FirstSeen", "t.LastSeen", "t.Seconds", "t.Sizes"}
	}
	list := make([]string, len(carried))
	for i, name := range carried {
		list[i] = expressions[i] + " AS " + name
	}
	return list
}

// Whole reports whether every row of Select is one event.
func (s Source) Whole() bool { return s.parts == nil }

// Carried renders the columns that a row of hours has beside the events' own, for the lists of columns between Select and the
// aggregates; nothing where every row is one event.
func (s Source) Carried() string {
	if s.Whole() {
		return ""
	}
	return ",\n        " + strings.Join(carried, ",\n        ")
}

// Count renders the aggregate that counts events.
func (s Source) Count() string { return s.either("count()", "sum(Connections)") }

// First renders the aggregate of the first event's time.
func (s Source) First() string { return s.either("min(Timestamp)", "min(FirstSeen)") }

// Last renders the aggregate of the last event's time.
func (s Source) Last() string { return s.either("max(Timestamp)", "max(LastSeen)") }

// Newest renders the aggregate of a text of the relation events as the newest event has it; of several at once the last in order.
func (s Source) Newest(column string) string { return s.NewestOf("events", column) }

// NewestOf is Newest of another relation.
func (s Source) NewestOf(relation, column string) string {
	return fmt.Sprintf("argMax(%s.%s, (%s.%s, %s.%s))", relation, column, relation, s.either("Timestamp", "LastSeen"), relation, column)
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

// Seconds renders the aggregate that lists the events' times in whole seconds from the epoch, rounded towards the past.
func (s Source) Seconds() string {
	return s.either("groupArray(toInt64(floor(toUnixTimestamp64Milli(Timestamp) / 1000)))", "arrayMap(second -> toInt64(second), groupArrayArray(Seconds))")
}

// Offsets is Seconds in few bytes: of hours UInt32 from the epoch, of events from the window's first second, which may lie before the
// epoch. FromOffsets gives them back.
func (s Source) Offsets() string {
	kind := "UInt32"
	if s.window.To.Sub(s.window.From) > math.MaxUint32*time.Second {
		kind = "Int64" // a window of centuries
	}
	return s.either(fmt.Sprintf("groupArray(to%s(floor(toUnixTimestamp64Milli(Timestamp) / 1000) - %s))", kind, firstSecond), "groupArrayArray(Seconds)")
}

// FromOffsets renders the seconds from the epoch of a list of Offsets.
func (s Source) FromOffsets(column string) string {
	return fmt.Sprintf("arrayMap(offset -> toInt64(offset)%s, %s)", s.either(" + toInt64("+firstSecond+")", ""), column)
}

// firstSecond is the window's.
const firstSecond = "floor(toUnixTimestamp64Milli({from:DateTime64(3, 'UTC')}) / 1000)"

// Sizes renders the aggregate that lists the bytes that each event sent, where they are known. More than a petabyte is no
// connection's, and counts as that.
func (s Source) Sizes() string {
	return s.either("groupArray("+size("Sent")+")", "groupArrayArray(Sizes)")
}

// second renders the second of a time as a UInt32, which it is within hours' retention; events have times of any year.
func second(at string) string { return "toUInt32(toUnixTimestamp(" + at + "))" }

func size(sent string) string {
	return fmt.Sprintf("toInt64(if(%s > 1125899906842624, 1125899906842624, %s))", sent, sent)
}

func (s Source) either(whole, hourly string) string {
	if s.Whole() {
		return whole
	}
	return hourly
}

// HourRow is how a row of hours is made of a table's events: SQL over the table under the name t.
type HourRow struct {
	Events               string // the table
	At, Time             string // Timestamp as it stands, and as a DateTime64(3, 'UTC')
	Keys                 []HourKey
	GroupKey             string
	SentBytes            string
	ReceivedBytes, Sizes string
	OpenMs, LongestMs    string
}

// HourKey is one of schema.HourKeys, and what it is in hours.
type HourKey struct{ Name, Expression string }

// HourRowOf returns how the rows of hours are made of the table's events.
func HourRowOf(table schema.Table) HourRow {
	s := Source{table: table}
	row := HourRow{
		Events: Qualified(table.Database, table.Name), At: s.raw(schema.Timestamp), Time: s.expression(schema.Timestamp),
		GroupKey: s.expression(GroupKey), SentBytes: Total(s.expression(Sent)), ReceivedBytes: Total(s.expression(Received)),
		Sizes: "groupArray(" + size(s.expression(Sent)) + ")", OpenMs: "sum(" + s.expression(OpenMs) + ")", LongestMs: "max(" + s.expression(LongestMs) + ")",
	}
	for _, column := range table.HourColumns() {
		row.Keys = append(row.Keys, HourKey{column.Name, s.partExpression(column.Name, part{})})
	}
	return row
}

// Computed columns with how long a connection was open, in milliseconds: of a row of hours all of them together, and the longest. 0
// where it is not known.
const (
	OpenMs    = schema.OpenMs
	LongestMs = schema.LongestMs
)

func (s Source) open() string {
	if !s.table.Has(schema.DurationMs) {
		return "toInt64(0)"
	}
	return "ifNull(toInt64(" + s.raw(schema.DurationMs) + "), 0)"
}

// GroupKey is the computed column that stands for what beaconing groups by: DeviceId, DeviceName, RemoteAddress and RemoteUrl.
const GroupKey = schema.GroupKey

// groupKey hashes the texts, so that it is the same for every type that carries them.
func (s Source) groupKey() string {
	return fmt.Sprintf("reinterpretAsUInt128(sipHash128(%s, %s, %s, %s))", s.expression(schema.DeviceID), s.expression(schema.DeviceName), s.addressText(schema.RemoteIP), s.expression(schema.RemoteURL))
}

// InHours returns columns that are of use only where the source reads hours; none where it does not.
func (s Source) InHours(columns []string) []string {
	if s.Whole() {
		return nil
	}
	return columns
}
