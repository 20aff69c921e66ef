package plugin

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// sourceAnswer is a source that the settings may name, and the tables that it needs.
type sourceAnswer struct {
	Name string `json:"name"`
	Help string `json:"help"` // empty for a view
	// View says that the events table is a view on another product's tables.
	View  bool   `json:"view"`
	Table string `json:"table"` // of the events
	// Tables are those beside it: where logs land, and what is kept of DNS and of the import.
	Tables []string `json:"tables"`
}

// knownSources are all of them, in the order of their names.
var knownSources = sync.OnceValues(func() ([]sourceAnswer, error) {
	read, err := ingest.Load(sources.Files)
	if err != nil {
		return nil, err
	}
	views, err := ingest.LoadViews(sources.Files)
	if err != nil {
		return nil, err
	}
	var list []sourceAnswer
	for _, s := range read {
		list = append(list, sourceAnswer{Name: s.Name, Help: s.Help, Table: settings.DefaultTable, Tables: s.Tables()})
	}
	for _, v := range views {
		list = append(list, sourceAnswer{Name: v.Name, View: true, Table: ingest.ViewTable, Tables: []string{}})
	}
	slices.SortFunc(list, func(a, b sourceAnswer) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
})

// sourceList answers a picker. It needs no ClickHouse, as the list is part of the plugin.
func (d *Datasource) sourceList(*http.Request) (any, error) {
	list, err := knownSources()
	return map[string][]sourceAnswer{"sources": list}, err
}

// sourceStep is the step of the health check that looks for the tables of the settings' source.
const sourceStep = "source"

// checkSource looks for the tables that the settings' source needs beside the events table. What is missing keeps new events from
// being made, and no query from being answered. There is no step where no source is named.
func (d *Datasource) checkSource(ctx context.Context) []check {
	name := d.settings.Source
	if name == "" {
		return nil
	}
	source, err := findSource(name)
	if err != nil {
		return []check{{Name: sourceStep, Warning: true, Message: err.Error() + ".", Hint: "Choose a source in the data source's settings, or none for a table of your own."}}
	}
	there, err := d.client.Present(ctx, d.settings.Database, source.Tables)
	if err != nil {
		return []check{failedCheck(sourceStep, err)}
	}
	missing := slices.DeleteFunc(slices.Clone(source.Tables), func(table string) bool { return slices.Contains(there, table) })
	if len(missing) == 0 {
		return []check{{Name: sourceStep, OK: true, Message: source.found(d.tableName())}}
	}
	return []check{{
		Name: sourceStep, Warning: true,
		Message: fmt.Sprintf("The source %s is not complete in %s: %s cannot be seen, and no events are made of its logs without them.", name, d.settings.Database, strings.Join(missing, ", ")),
		Hint: fmt.Sprintf("%s creates what is not there. Where it is there, let %s see it: GRANT SHOW TABLES ON %s.* TO %s.",
			source.howTo(), d.settings.Username, d.settings.Database, d.settings.Username),
	}}
}

// sourceHint is what to do where the events table is missing: empty where the settings name no source.
func (d *Datasource) sourceHint() string {
	source, err := findSource(d.settings.Source)
	if err != nil {
		return ""
	}
	return source.howTo() + " creates it."
}

func findSource(name string) (sourceAnswer, error) {
	list, err := knownSources()
	if err != nil {
		return sourceAnswer{}, err
	}
	names := make([]string, len(list))
	for i, s := range list {
		if names[i] = s.Name; s.Name == name {
			return s, nil
		}
	}
	return sourceAnswer{}, &settings.Error{Field: "source", Reason: fmt.Sprintf("there is no source %q; it may be %s", name, strings.Join(names, ", "))}
}

// found says that all of the source's tables are there.
func (s sourceAnswer) found(events string) string {
	if s.View {
		return fmt.Sprintf("The events of %s are read from its own tables, through %s.", s.Name, events)
	}
	return fmt.Sprintf("The source %s has its tables: %s.", s.Name, strings.Join(s.Tables, ", "))
}

// howTo is the command that creates the source's tables.
func (s sourceAnswer) howTo() string {
	return fmt.Sprintf("`fluxhound schema apply --settings FILE --source %s`", s.Name)
}
