// Package hours keeps the hours of an events table: what detectors need of a closed hour's events, made as a whole and read in
// their place. A job makes them in three steps (plan.sql, make.sql, prove.sql): it notes what the events' days are made of, makes
// the hours that are not what their events are, and notes those that are. Before each query valid.sql says which hours stand for
// the events as they are now; the others are read from events. So an hour that is missing, half made, made twice or made of
// what has changed since costs time, and never gives a wrong answer.
package hours

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"text/template"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// ErrUnfit says that hours of an events table cannot be kept.
var ErrUnfit = errors.New("hours of the events table cannot be kept")

var (
	//go:embed known.sql
	knownText string
	//go:embed counted.sql
	countedText string
	//go:embed valid.sql
	validText string
	//go:embed plan.sql
	planText string
	//go:embed make.sql
	makeText string
	//go:embed prove.sql
	proveText string

	knownTemplate   = statement.Parse("known.sql", knownText)
	countedTemplate = statement.Parse("counted.sql", countedText)
	validTemplate   = statement.Parse("valid.sql", validText)
	planTemplate    = statement.Parse("plan.sql", planText)
	makeTemplate    = statement.Parse("make.sql", makeText)
	proveTemplate   = statement.Parse("prove.sql", proveText)
)

// Keeper keeps the hours of one events table.
type Keeper struct {
	client *clickhouse.Client
	query  Query
	table  schema.Table
	kept   time.Duration
	most   int
}

// Query runs a statement: a client's own, or one that shares answers.
type Query func(context.Context, statement.Statement, clickhouse.Origin) (*clickhouse.Result, error)

// New makes a keeper.
func New(client *clickhouse.Client, table schema.Table) Keeper {
	return Keeper{client: client, query: client.Query, table: table, kept: schema.HoursRetention, most: MostEvents}
}

// Asking returns the keeper that asks by another way.
func (k Keeper) Asking(by Query) Keeper {
	k.query = by
	return k
}

// Keeping returns the keeper that keeps hours for so long, in whole days.
func (k Keeper) Keeping(retention time.Duration) Keeper {
	k.kept = retention
	return k
}

// Engines of tables that are more than one server's.
const (
	distributed = "Distributed"
	replicated  = "ReplicatedMergeTree"
)

// rules is the version of what is made of an event. Hours that others made are not read.
const rules = 1

// Settle is how long an hour must be over before it is made: most of its events have come by then.
const Settle = 10 * time.Minute

// MostEvents is how many events are made at a time: their groups have to fit into memory.
const MostEvents = 5_000_000

// texts are what names an events table among the notes, the SELECT of the view that says which hours are valid, and those of the
// job's steps.
type texts struct{ source, valid, plan, make, prove string }

// render writes the statements of the table, which has the engine. Patient, the job does not make an hour that keeps changing at
// each run. Names of the settings are quoted; nothing of a user's stands in them.
func (k Keeper) render(engine string, patient bool) (texts, error) {
	row := statement.HourRowOf(k.table)
	database, events := statement.Quoted(k.table.Database), statement.Quoted(k.table.Name)
	mapping, err := mappingOf(k.table)
	if err != nil {
		return texts{}, err
	}
	t := texts{
		// a table that was created anew under its name is another one
		source: fmt.Sprintf("cityHash64(%d, toString((SELECT any(uuid) FROM system.tables WHERE database = %s AND name = %s)))", mapping, database, events),
	}
	data := map[string]any{
		"DatabaseText": database, "EventsText": events, "HoursText": statement.Quoted(schema.HoursName(k.table.Name)),
		"Events": row.Events, "Hours": k.quoted(schema.HoursName(k.table.Name)), "Made": k.quoted(schema.HoursMadeName(k.table.Name)),
		"Source": t.source, "Rules": fmt.Sprintf("toUInt64(%d)", mapping),
		"Replicated":    engine == replicated || strings.HasPrefix(engine, "Shared"),
		"RetentionDays": k.days(), "SettleSeconds": int(Settle.Seconds()), "Patient": patient, "MostEvents": k.most,
		"At": row.At, "Time": row.Time, "Keys": row.Keys, "GroupKey": row.GroupKey, "SentBytes": row.SentBytes, "ReceivedBytes": row.ReceivedBytes,
		"Sizes": row.Sizes, "OpenMs": row.OpenMs, "LongestMs": row.LongestMs,
	}
	var known, counted string
	for _, part := range []struct {
		name string // under which those behind it find it
		to   *string
		from *template.Template
	}{
		{"Known", &known, knownTemplate}, {"Counted", &counted, countedTemplate},
		{"", &t.valid, validTemplate}, {"", &t.plan, planTemplate}, {"", &t.make, makeTemplate}, {"", &t.prove, proveTemplate},
	} {
		text, err := statement.Render(part.from, data)
		if err != nil {
			return texts{}, err
		}
		*part.to = strings.TrimSpace(text)
		data[part.name] = *part.to
	}
	return t, nil
}

// days is how long hours are kept.
func (k Keeper) days() int { return int(k.kept.Hours() / 24) }

// mappingOf tells one way of making hours from another: the columns that are read, and the rules.
func mappingOf(table schema.Table) (uint64, error) {
	columns := map[string]schema.Described{}
	for _, c := range schema.Columns() {
		if table.Has(c.Name) {
			columns[c.Name] = table.Column(c.Name)
		}
	}
	text, err := json.Marshal(map[string]any{"columns": columns, "rules": rules})
	hash := fnv.New64a()
	_, _ = hash.Write(text)
	return hash.Sum64(), err
}

// Asked says how a statement that runs again and again asks for the hours of a table that has some.
func Asked(table schema.Table) (schema.AskedHours, error) {
	mapping, err := mappingOf(table)
	return schema.AskedHours{Database: table.Database, Valid: schema.HoursValidName(table.Name), Rules: mapping}, err
}

// ValidRows renders the SELECT of the view that says which hours are valid, for a table of one shard.
func ValidRows(table schema.Table) (string, error) {
	t, err := Keeper{table: table, kept: schema.HoursRetention, most: MostEvents}.render(replicated, true)
	return t.valid, err
}

// ask runs a statement of the keeper's own.
func (k Keeper) ask(ctx context.Context, sql string, values map[string]any, columns ...statement.Column) (*clickhouse.Result, error) {
	s, err := statement.New(sql, values, columns)
	if err != nil {
		return nil, err
	}
	s.RowLimit = mostRows
	return k.query(ctx, s, clickhouse.Origin{Detector: "hours"})
}

// mostRows is more hours than are kept of a few hundred shards.
const mostRows = 500_000

func (k Keeper) quoted(name string) string {
	return statement.Qualified(k.table.Database, name)
}
