// Package ledger is the ledger of names as a list: a table that says which networks each name led to. The plugin reads how far it reaches.
package ledger

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// List implements lists.List.
type List struct{}

var _ lists.List = List{}

// Name is the list's name, in listTables of the settings as well.
const Name = "nameNetworks"

//go:embed ledger.sql
var sqlText string

var sqlTemplate = statement.Parse("ledger.sql", sqlText)

// Spec describes the list. Other detectors do without it, and repointed says for itself that it cannot be read.
func (List) Spec() lists.Spec {
	return lists.Spec{Name: Name, What: "the ledger of names", Effect: "re-pointed names cannot be asked for", Optional: true}
}

// Source is the ledger.
func (List) Source(s settings.Settings) string { return s.ListTables[Name] }

// Read asks how far the ledger reaches, and how many names it knows.
func (l List) Read(ctx context.Context, ask lists.Ask, s settings.Settings) ([][]string, error) {
	text, err := statement.Render(sqlTemplate, Quoted(s.Database, l.Source(s)))
	if err != nil {
		return nil, err
	}
	var columns []statement.Column
	for _, name := range []string{"Since", "Until", "Names"} {
		columns = append(columns, statement.Column{Name: name, Kind: statement.Text})
	}
	of, err := statement.New(text, map[string]any{"limit": int64(2)}, columns)
	if err != nil {
		return nil, err
	}
	of.RowLimit = 1
	return ask(ctx, of)
}

// Quoted is how statements name a ledger.
func Quoted(database, table string) string {
	return statement.Qualified(database, table)
}

// With is how far the ledger reached when it was read.
func (l List) With(s settings.Settings, held [][]string) lists.Entries {
	e := &entries{table: l.Source(s)}
	switch {
	case e.table == "":
	case len(held) == 0 || len(held[0]) == 0:
		e.told.Lost = true
	default:
		e.told = detect.Ledger{Table: Quoted(s.Database, e.table), Since: instant(held[0][0]), Until: instant(held[1][0])}
		e.names, _ = strconv.Atoi(held[2][0]) // it was a count
	}
	return e
}

// instant reads seconds from the epoch; the zero time for none.
func instant(text string) time.Time {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

type entries struct {
	table string // empty where none is configured
	told  detect.Ledger
	names int
}

func (e *entries) Configured() bool { return e.table != "" }

// Faults tells of a ledger that was never filled: a detector that can find nothing must say so.
func (e *entries) Faults() []string {
	if e.table == "" || e.told.Lost || !e.told.Since.IsZero() {
		return nil
	}
	return []string{fmt.Sprintf("the ledger of names %s is empty, so that nothing is known of where names led: run `fluxhound schema apply --ledger`", e.table)}
}

func (e *entries) Tell(site *detect.Site, _ time.Time) { site.Ledger = e.told }

// Text tells how many names are known, since when, and whether the ledger is kept up.
func (e *entries) Text(now time.Time, _ bool) string {
	if e.told.Since.IsZero() {
		return ""
	}
	text := fmt.Sprintf("The ledger knows where %s names led since %s.", thousands.Apart(max(0, e.names-1)), e.told.Since.Format(time.DateOnly)) // without its own row
	if e.told.Behind(now) {
		text += fmt.Sprintf(" It was filled last up to %s UTC, and is not kept up: run `fluxhound schema apply --ledger`, or `fluxhound watch`.", e.told.Until.Format(time.DateTime))
	}
	return text
}
