// Package watched is the list of addresses that are watched for.
package watched

import (
	"context"
	_ "embed"
	"fmt"
	"net/netip"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// List implements lists.List.
type List struct{}

//go:embed watched.sql
var sqlText string

var sqlTemplate = statement.Parse("watched.sql", sqlText)

const most = 5000

// Spec describes the list.
func (List) Spec() lists.Spec {
	return lists.Spec{
		Name: "watched", What: "the table of watched addresses", Effect: "none is looked for",
		One: "of the watched addresses is not looked for", Many: "of the watched addresses are not looked for",
	}
}

// Source is the table of addresses.
func (List) Source(s settings.Settings) string { return s.ListTables["watched"] }

// Read reads the table.
func (l List) Read(ctx context.Context, ask lists.Ask, s settings.Settings) ([][]string, error) {
	text, err := statement.Render(sqlTemplate, statement.Qualified(s.Database, l.Source(s)))
	if err != nil {
		return nil, err
	}
	of, err := statement.New(text, map[string]any{"limit": int64(most) + 1}, []statement.Column{{Name: "Address", Kind: statement.Text}})
	if err != nil {
		return nil, err
	}
	of.RowLimit = most
	return ask(ctx, of)
}

// With is what the table held.
func (l List) With(s settings.Settings, held [][]string) lists.Entries {
	e := entries{configured: l.Source(s) != "", addresses: []string{}}
	if len(held) > 0 {
		for _, text := range held[0] {
			if address, err := netip.ParseAddr(text); err != nil {
				e.faults = append(e.faults, fmt.Sprintf("%.100q is no address", text))
			} else {
				e.addresses = append(e.addresses, address.String())
			}
		}
	}
	return e
}

type entries struct {
	addresses, faults []string
	configured        bool
}

func (e entries) Configured() bool { return e.configured }

func (e entries) Faults() []string { return e.faults }

func (e entries) Tell(site *detect.Site, _ time.Time) {
	site.Params = map[string]any{"watchedAddresses": e.addresses}
}

func (e entries) Text(time.Time, bool) string {
	return fmt.Sprintf("%d addresses are watched.", len(e.addresses))
}
