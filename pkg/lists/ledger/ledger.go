// Package ledger is the two ledgers as lists: the table that says which networks each name led to, and the table that says since when devices
// connect to each destination. The plugin reads how far they reach.
package ledger

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"text/template"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// List implements lists.List. Names and Destinations return the two that there are.
type List struct {
	spec lists.Spec
	// empty says what a ledger that was never filled means, and knows what one knows: a number of things.
	empty, knows string
	sql          *template.Template
	tell         func(*detect.Site, detect.Ledger)
}

var _ lists.List = List{}

// The lists' names, in listTables of the settings as well.
const (
	NamesName        = "nameNetworks"
	DestinationsName = "destinations"
)

var (
	//go:embed names.sql
	namesText string
	//go:embed destinations.sql
	destinationsText string

	namesTemplate        = statement.Parse("names.sql", namesText)
	destinationsTemplate = statement.Parse("destinations.sql", destinationsText)
)

// Names is the ledger of names. Other detectors do without it, and repointed says for itself that it cannot be read.
func Names() List {
	return List{
		spec:  lists.Spec{Name: NamesName, What: "the ledger of names", Effect: "re-pointed names cannot be asked for", Optional: true},
		empty: "nothing is known of where they led", knows: "where %s names led", sql: namesTemplate,
		tell: func(site *detect.Site, told detect.Ledger) { site.Ledger = told },
	}
}

// Destinations is the ledger of destinations. Cases do without it.
func Destinations() List {
	return List{
		spec:  lists.Spec{Name: DestinationsName, What: "the ledger of destinations", Effect: "what is new to all devices, and how many connect there, is told of the window alone", Optional: true},
		empty: "nothing is known of the time before a window", knows: "of %s destinations", sql: destinationsTemplate,
		tell: func(site *detect.Site, told detect.Ledger) { site.Destinations = told },
	}
}

// Spec describes the list.
func (l List) Spec() lists.Spec { return l.spec }

// Source is the ledger.
func (l List) Source(s settings.Settings) string { return s.ListTables[l.spec.Name] }

// Read asks how far the ledger reaches, and how much it knows.
func (l List) Read(ctx context.Context, ask lists.Ask, s settings.Settings) ([][]string, error) {
	table := Quoted(s.Database, l.Source(s))
	reaches, err := detect.Reaches(table)
	if err != nil {
		return nil, err
	}
	text, err := statement.Render(l.sql, map[string]string{"Table": table, "Reaches": reaches})
	if err != nil {
		return nil, err
	}
	var columns []statement.Column
	for _, name := range []string{"Since", "Until", "Known"} {
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
	e := &entries{List: l, table: l.Source(s)}
	switch {
	case e.table == "":
	case len(held) == 0 || len(held[0]) == 0:
		e.told.Lost = true
	default:
		e.told = detect.Ledger{Table: Quoted(s.Database, e.table), Since: instant(held[0][0]), Until: instant(held[1][0])}
		e.known, _ = strconv.Atoi(held[2][0]) // it was a count
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
	List
	table string // empty where none is configured
	told  detect.Ledger
	known int
}

func (e *entries) Configured() bool { return e.table != "" }

// Faults tells of a ledger that was never filled: what can find nothing must say so.
func (e *entries) Faults() []string {
	if e.table == "" || e.told.Lost || !e.told.Since.IsZero() {
		return nil
	}
	return []string{fmt.Sprintf("%s %s is empty, so that %s: run `fluxhound schema apply --ledger`", e.spec.What, e.table, e.empty)}
}

func (e *entries) Tell(site *detect.Site, _ time.Time) { e.tell(site, e.told) }

// Text tells how much is known, since when, and whether the ledger is kept up.
func (e *entries) Text(now time.Time, _ bool) string {
	if e.told.Since.IsZero() {
		return ""
	}
	text := fmt.Sprintf("The ledger knows %s since %s.", fmt.Sprintf(e.knows, thousands.Apart(max(0, e.known-1))), e.told.Since.Format(time.DateOnly)) // without its own row
	if e.told.Behind(now) {
		text += fmt.Sprintf(" It was filled last up to %s UTC, and is not kept up: run `fluxhound schema apply --ledger`, or `fluxhound watch`.", e.told.Until.Format(time.DateTime))
	}
	return text
}
