package schema

import (
	"fmt"
	"regexp"
	"strings"
)

// Definition is what a CREATE TABLE statement of ddl says of a table, as far as ClickHouse tells the same of one that is there.
type Definition struct {
	Columns     []DefinedColumn // in their order
	Engine      string          // such as MergeTree, without Replicated and without arguments
	OrderBy     string          // as PlainKey writes it
	PartitionBy string          // likewise; empty for none
}

// DefinedColumn is a column of a definition.
type DefinedColumn struct {
	Name string
	Type string
	Text string // all that stands behind the name: type, DEFAULT, codec and comment
}

var (
	// definedColumn is a line that declares a column; what is said of it behind -- is no part of it.
	definedColumn = regexp.MustCompile("(?m)^ {4}`([A-Za-z]+)` +(.+?),?(?: -- .*)?$")
	// behindType begins what follows a column's type.
	behindType = regexp.MustCompile(` (?:CODEC\(|DEFAULT |COMMENT )`)

	definedEngine    = regexp.MustCompile(`(?m)^ENGINE = ([A-Za-z]+)`)
	definedOrder     = regexp.MustCompile(`(?m)^ORDER BY (.+)$`)
	definedPartition = regexp.MustCompile(`(?m)^PARTITION BY (.+)$`)
)

// Defined reads a statement of ddl that creates a table. What it cannot read is a mistake in the statement's layout.
func Defined(create string) (Definition, error) {
	d := Definition{OrderBy: PlainKey(first(definedOrder, create)), PartitionBy: PlainKey(first(definedPartition, create)), Engine: PlainEngine(first(definedEngine, create))}
	for _, m := range definedColumn.FindAllStringSubmatch(create, -1) {
		kind := m[2]
		if at := behindType.FindStringIndex(kind); at != nil {
			kind = kind[:at[0]]
		}
		d.Columns = append(d.Columns, DefinedColumn{Name: m[1], Type: kind, Text: m[2]})
	}
	if len(d.Columns) == 0 || d.Engine == "" || d.OrderBy == "" {
		head, _, _ := strings.Cut(create, "\n")
		return d, fmt.Errorf("the statement that begins with %q creates no table with columns, an engine and an order", head)
	}
	return d, nil
}

func first(pattern *regexp.Regexp, text string) string {
	if m := pattern.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// PlainEngine is an engine's name without what says where its copies are: ReplicatedMergeTree and SharedMergeTree are MergeTree.
func PlainEngine(engine string) string {
	return strings.TrimPrefix(strings.TrimPrefix(engine, "Replicated"), "Shared")
}

// PlainKey is a sorting or partition key as ClickHouse tells it and as a statement writes it, without quotes and without the brackets
// around all of it.
func PlainKey(key string) string {
	key = strings.ReplaceAll(key, "`", "")
	if inner, ok := strings.CutPrefix(key, "("); ok {
		key = strings.TrimSuffix(inner, ")")
	}
	return key
}

// PlainType is a type without LowCardinality: whether few different texts are kept as such changes no value.
func PlainType(chType string) string {
	if inner, ok := strings.CutPrefix(chType, "LowCardinality("); ok {
		return strings.TrimSuffix(inner, ")")
	}
	return chType
}

// AlwaysThere are the columns of the events table that every version of the schema has made.
func AlwaysThere() []string {
	return []string{
		Timestamp, DeviceID, DeviceName, ActionType, RemoteIP, RemotePort, RemoteURL, Protocol, LocalIP,
		InitiatingProcessFileName, InitiatingProcessAccountName, SentBytes, ReceivedBytes,
	}
}
