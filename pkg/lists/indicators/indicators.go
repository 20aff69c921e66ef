// Package indicators is the list of threat intelligence: a table of indicators, and two dictionaries on it that ClickHouse keeps. The plugin
// reads how many there are, and that they can be read.
package indicators

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// List implements lists.List.
type List struct{}

var _ lists.List = List{}

// Name is the list's name, in listTables of the settings as well.
const Name = "indicators"

// mostSources is how many sources are told of.
const mostSources = 100

//go:embed indicators.sql
var sqlText string

var sqlTemplate = statement.Parse("indicators.sql", sqlText)

// Spec describes the list. Other detectors do without it, and threatIntel says for itself that it cannot be read.
func (List) Spec() lists.Spec {
	return lists.Spec{Name: Name, What: "the table of indicators", Effect: "threat intelligence cannot be asked", Optional: true}
}

// Source is the table of indicators.
func (List) Source(s settings.Settings) string { return s.ListTables[Name] }

// Read counts what the table holds, source by source, and proves that the dictionaries can be read.
func (l List) Read(ctx context.Context, ask lists.Ask, s settings.Settings) ([][]string, error) {
	names := Names(s.Database, l.Source(s))
	text, err := statement.Render(sqlTemplate, names.Table)
	if err != nil {
		return nil, err
	}
	columns := []statement.Column{}
	for _, name := range []string{"Source", "Holding", "Expired", "Newest", "Readable"} {
		columns = append(columns, statement.Column{Name: name, Kind: statement.Text})
	}
	of, err := statement.New(text, map[string]any{
		detect.IndicatorNetworksParam: names.Networks, detect.IndicatorNamesParam: names.Names, "limit": int64(mostSources),
	}, columns)
	if err != nil {
		return nil, err
	}
	of.RowLimit = mostSources
	return ask(ctx, of)
}

// Names returns how statements name a table of indicators and its dictionaries.
func Names(database, table string) detect.Indicators {
	networks, names := schema.IndicatorDictionaries(table)
	quoted := func(name string) string { return statement.Qualified(database, name) }
	return detect.Indicators{Table: quoted(table), Networks: database + "." + networks, Names: database + "." + names}
}

// With is what the table held when it was read.
func (l List) With(s settings.Settings, held [][]string) lists.Entries {
	e := &entries{table: l.Source(s)}
	if e.table == "" {
		return e
	}
	if e.told = Names(s.Database, e.table); held == nil {
		e.told = detect.Indicators{Lost: true}
		return e
	}
	e.held = held
	e.told.Empty = e.number(1) == 0
	return e
}

type entries struct {
	table string // empty where none is configured
	told  detect.Indicators
	held  [][]string
}

func (e *entries) Configured() bool { return e.table != "" }

// Faults tells of lists that hold nothing: a detector that can find nothing must say so.
func (e *entries) Faults() []string {
	if e.table == "" || e.told.Lost || e.number(1) > 0 {
		return nil
	}
	if expired := e.number(2); expired > 0 {
		return []string{fmt.Sprintf("all %s indicators in %s have expired, so that nothing matches: import newer ones with `fluxhound intel import`", thousands.Apart(expired), e.table)}
	}
	return []string{fmt.Sprintf("the table of indicators %s is empty, so that nothing matches: fill it with `fluxhound intel import`", e.table)}
}

func (e *entries) Tell(site *detect.Site, _ time.Time) { site.Indicators = e.told }

// Text tells how many indicators hold, of which sources, and how old they are.
func (e *entries) Text(now time.Time, _ bool) string {
	if len(e.held) == 0 || len(e.held[0]) == 0 {
		return ""
	}
	newest := time.Unix(int64(e.newest()), 0)
	text := fmt.Sprintf("%s indicators of threat intelligence hold, of %s; the last import was %s ago.", thousands.Apart(e.number(1)), strings.Join(e.sources(), ", "), age(now.Sub(newest)))
	if expired := e.number(2); expired > 0 {
		text += fmt.Sprintf(" %s have expired.", thousands.Apart(expired))
	}
	return text
}

// sources names the first of them.
func (e *entries) sources() []string {
	const most = 5
	if names := e.held[0]; len(names) > most {
		return append(append([]string{}, names[:most]...), fmt.Sprintf("%d more", len(names)-most))
	}
	return e.held[0]
}

func (e *entries) number(column int) (sum int) {
	if len(e.held) == 0 {
		return 0
	}
	for _, text := range e.held[column] {
		n, _ := strconv.Atoi(text) // it was a count
		sum += n
	}
	return sum
}

func (e *entries) newest() (last int) {
	for _, text := range e.held[3] {
		n, _ := strconv.Atoi(text) // it was a number
		last = max(last, n)
	}
	return last
}

func age(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", max(0, int(d.Minutes())))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}
