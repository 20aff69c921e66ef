// Package suffixes is the list of dynamic DNS domains that are looked for beside the known ones.
package suffixes

import (
	"context"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// List implements lists.List.
type List struct{}

var _ lists.List = List{}

const name = "dynamicDnsSuffixes"

// Spec describes the list.
func (List) Spec() lists.Spec {
	return lists.Spec{
		Name: name, What: "the table of dynamic DNS domains", Effect: "its domains are not looked for",
		One: "of the dynamic DNS domains is not looked for", Many: "of the dynamic DNS domains are not looked for",
	}
}

// Source is the table of domains.
func (List) Source(s settings.Settings) string { return s.SuffixTable }

// Read reads the table of domains.
func (List) Read(ctx context.Context, ask lists.Ask, s settings.Settings) ([][]string, error) {
	statement, err := dynamicdns.SuffixStatement(s.Database, s.SuffixTable)
	if err != nil {
		return nil, err
	}
	return ask(ctx, statement)
}

// With joins the settings' domains with the table's.
func (List) With(s settings.Settings, held [][]string) lists.Entries {
	d := &domains{configured: len(s.Suffixes) > 0 || s.SuffixTable != ""}
	for i, stored := range s.Suffixes {
		d.add(fmt.Sprintf("%s[%d]", name, i), stored.Suffix, stored.Provider)
	}
	if len(held) > 0 {
		for i, suffix := range held[0] {
			d.add(s.SuffixTable, suffix, held[1][i])
		}
	}
	return d
}

// domains are those of the settings and the table, and what is wrong with others.
type domains struct {
	list       []providers.Domain
	faults     []string
	configured bool
}

// add adds a domain, or what is wrong with it.
func (d *domains) add(where, name, provider string) {
	suffix, err := providers.Suffix(name)
	if err == nil && len(d.list) >= dynamicdns.MaxSuffixes {
		err = fmt.Errorf("there are more than %d domains", dynamicdns.MaxSuffixes)
	}
	if err != nil {
		d.faults = append(d.faults, fmt.Sprintf("%s: %.100q is not looked for: %v", where, name, err))
		return
	}
	if provider == "" {
		provider = suffix
	}
	d.list = append(d.list, providers.Domain{Suffix: suffix, Provider: provider})
}

func (d *domains) Configured() bool { return d.configured }

func (d *domains) Faults() []string { return d.faults }

func (d *domains) Tell(site *detect.Site, _ time.Time) { site.Suffixes = d.list }

func (d *domains) Text(time.Time, bool) string {
	if len(d.list) == 1 {
		return "1 more dynamic DNS domain is looked for."
	}
	return fmt.Sprintf("%d more dynamic DNS domains are looked for.", len(d.list))
}
