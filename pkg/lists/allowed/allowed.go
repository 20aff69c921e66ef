// Package allowed is the allowlist as a list: its entries hide findings.
package allowed

import (
	"context"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// List implements lists.List.
type List struct{}

var _ lists.List = List{}

// Spec describes the list.
func (List) Spec() lists.Spec {
	return lists.Spec{
		Name: "allowlist", What: "the allowlist's table", Effect: "it hides nothing", Shown: true,
		One: "of the allowlist hides nothing", Many: "of the allowlist hide nothing",
	}
}

// Source is the table of entries.
func (List) Source(s settings.Settings) string { return s.AllowlistTable }

// Read reads the table of entries.
func (List) Read(ctx context.Context, ask lists.Ask, s settings.Settings) ([][]string, error) {
	statement, err := allowlist.TableStatement(s.Database, s.AllowlistTable)
	if err != nil {
		return nil, err
	}
	return ask(ctx, statement)
}

// With joins the settings' entries with the table's.
func (List) With(s settings.Settings, held [][]string) lists.Entries {
	var names []string
	for _, spec := range querytypes.Detectors() {
		names = append(names, spec.Name)
	}
	e := entries{configured: len(s.Allowlist) > 0 || s.AllowlistTable != ""}
	e.list.Add(s.Allowlist, names)
	e.list.AddRows(s.AllowlistTable, held, names)
	return e
}

type entries struct {
	list       allowlist.List
	configured bool
}

func (e entries) Configured() bool { return e.configured }

func (e entries) Faults() (faults []string) {
	for _, f := range e.list.Faults {
		faults = append(faults, fmt.Sprintf("%s hides nothing: %v", f.Where, f.Reason))
	}
	return faults
}

func (e entries) Tell(site *detect.Site, now time.Time) {
	site.Allowlist = allowlist.Active(e.list.Entries, now)
}

func (e entries) Text(now time.Time, named bool) string {
	active := allowlist.Active(e.list.Entries, now)
	text := fmt.Sprintf("The allowlist has %d entries.", len(active))
	if len(active) == 1 {
		text = "The allowlist has 1 entry."
	}
	var expired []string
	for _, entry := range e.list.Entries {
		if entry.Expired(now) {
			expired = append(expired, entry.String())
		}
	}
	shown := ""
	if named {
		shown = ": " + lists.First(expired, lists.Most)
	}
	switch len(expired) {
	case 0:
		return text
	case 1:
		return text + " 1 has expired and hides nothing" + shown + "."
	default:
		return text + fmt.Sprintf(" %d have expired and hide nothing%s.", len(expired), shown)
	}
}
