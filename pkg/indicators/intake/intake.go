// Package intake brings what feeds name into the table of indicators.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/feeds"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Feed is what is said of a feed as a whole.
type Feed struct {
	Source     string        // whose it is
	Format     feeds.Format  // how it is written
	Confidence int           // where an entry has none, 0 to 100
	Holds      time.Duration // how long an entry holds that does not say so itself, from when it was last seen; from now where that is not known
	Reference  string        // where an entry has none
}

// DefaultConfidence and DefaultHolds are what a feed is taken for of which nothing else is said: worth a look, and no alarm by itself.
const (
	DefaultConfidence = 50
	DefaultHolds      = 90 * 24 * time.Hour
)

// Store is where indicators are kept.
type Store struct {
	Client          *clickhouse.Client
	Database, Table string
	Now             func() time.Time
}

// Definition returns the statements that make a table of indicators in a database and the dictionaries on it. Running them again changes
// nothing.
func Definition(database, table string) ([]string, error) {
	networks, names := schema.IndicatorDictionaries(table)
	of := func(name string) string { return statement.Qualified(database, name) }
	return schema.IndicatorsDDL(schema.IndicatorNames{Table: of(table), Networks: of(networks), Names: of(names), Text: statement.Quoted})
}

// Reloads returns the statements that have ClickHouse read the dictionaries on a table of indicators anew.
func Reloads(database, table string) []string {
	networks, names := schema.IndicatorDictionaries(table)
	var statements []string
	for _, name := range []string{networks, names} {
		statements = append(statements, "SYSTEM RELOAD DICTIONARY "+statement.Qualified(database, name))
	}
	return statements
}

// Report is what became of a feed's entries.
type Report struct {
	Read    int // entries
	Written int // of which indicators were written
	Flagged int // of those, with a reason why they say little by themselves
	Expired int // that had expired already, and are not written
	Revoked int // that their source has taken back: written as expired
	// Refused are the others, by the reason.
	Refused map[string]*Refused
}

// Refused is how many entries were refused for one reason, and the first of them.
type Refused struct {
	Count          int
	Example, Where string
}

func (r *Report) refuse(e feeds.Entry, err error) {
	reason, value := err.Error(), e.Value
	if of := new(indicators.Refusal); errors.As(err, &of) {
		reason, value = of.Reason, of.Value
	}
	if r.Refused == nil {
		r.Refused = map[string]*Refused{}
	}
	if r.Refused[reason] == nil {
		r.Refused[reason] = &Refused{Example: value, Where: e.Where}
	}
	r.Refused[reason].Count++
}

// blockRows is how many rows are written at once.
const blockRows = 100_000

// Import writes what a feed names. A feed that is broken off leaves what was read before, and running it again changes nothing that is
// there. The error is of the feed, of ClickHouse, or the context's.
func (s Store) Import(ctx context.Context, of Feed, in io.Reader) (Report, error) {
	var report Report
	var rows block
	now := s.Now().UTC().Truncate(time.Second)
	flush := func() error {
		if len(rows.values) == 0 {
			return nil
		}
		written := rows
		rows = block{}
		if err := s.Client.Insert(ctx, written.insert(s.Database, s.Table)); err != nil {
			return fmt.Errorf("write indicators: %w", err)
		}
		return nil
	}
	err := feeds.Read(in, of.Format, func(e feeds.Entry) error {
		report.Read++
		if err := of.settle(&e, now); err != nil {
			report.refuse(e, err)
			return nil
		}
		switch {
		case e.Revoked:
			e.Expires = now
			report.Revoked++
		case !e.Expires.After(now):
			report.Expired++
			return nil
		}
		report.Written++
		if e.Flag != "" {
			report.Flagged++
		}
		rows.add(e.Indicator, now)
		if len(rows.values) < blockRows {
			return ctx.Err()
		}
		return flush()
	})
	return report, errors.Join(err, flush())
}

// settle fills in what the feed says as a whole.
func (f Feed) settle(e *feeds.Entry, now time.Time) error {
	if e.Problem != nil {
		return e.Problem
	}
	if err := e.Settle(); err != nil {
		return err
	}
	e.Source = f.Source
	if e.Confidence < 0 {
		e.Confidence = f.Confidence
	}
	if e.Reference == "" {
		e.Reference = f.Reference
	}
	if e.Expires.IsZero() {
		since := now
		if !e.LastSeen.IsZero() && e.LastSeen.Before(now) {
			since = e.LastSeen
		}
		e.Expires = since.Add(f.Holds)
	}
	e.Threat, e.Reference = short(e.Threat), short(e.Reference)
	return nil
}

// short bounds what a feed says in words: it stands in every finding.
func short(text string) string {
	const most = 200
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// Reload has ClickHouse read the dictionaries anew, so that what was imported is found at once and not within five minutes.
func (s Store) Reload(ctx context.Context) error {
	for _, text := range Reloads(s.Database, s.Table) {
		if err := s.Client.Exec(ctx, text); err != nil {
			return fmt.Errorf("read the dictionaries of indicators anew: %w", err)
		}
	}
	return nil
}

// block is rows of the table, column by column.
type block struct {
	kinds, values, sources, threats, references, flags []string
	confidences                                        []uint8
	first, last                                        []*time.Time
	expires, added                                     []time.Time
}

func (b *block) add(i indicators.Indicator, now time.Time) {
	b.kinds, b.values, b.sources = append(b.kinds, string(i.Kind)), append(b.values, i.Value), append(b.sources, i.Source)
	b.threats, b.references, b.flags = append(b.threats, i.Threat), append(b.references, i.Reference), append(b.flags, i.Flag)
	b.confidences = append(b.confidences, uint8(i.Confidence)) //nolint:gosec // 0 to 100
	b.first, b.last = append(b.first, known(i.FirstSeen)), append(b.last, known(i.LastSeen))
	b.expires, b.added = append(b.expires, representable(i.Expires)), append(b.added, now)
}

func known(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = representable(at)
	return &at
}

// representable bounds a time to what a DateTime holds.
func representable(at time.Time) time.Time {
	last := time.Unix(1<<32-1, 0).UTC()
	switch {
	case at.Before(time.Unix(0, 0)):
		return time.Unix(0, 0).UTC()
	case at.After(last):
		return last
	}
	return at
}

func (b block) insert(database, table string) clickhouse.Block {
	return clickhouse.Block{
		Database: database, Table: table,
		Columns: []string{"Kind", "Value", "Source", "Threat", "Confidence", "FirstSeen", "LastSeen", "Expires", "Reference", "Flag", "Added", "Imported"},
		Data:    []any{b.kinds, b.values, b.sources, b.threats, b.confidences, b.first, b.last, b.expires, b.references, b.flags, b.added, b.added},
	}
}
