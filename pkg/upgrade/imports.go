package upgrade

import (
	"context"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// imports makes and completes what imports keep, where any of it is there.
func (p *planner) imports() error {
	var some bool
	for _, name := range schema.ImportTables() {
		_, there := p.there[name]
		some = some || there
	}
	if !some {
		return nil
	}
	statements, err := schema.ImportDDL(p.clusterName(), p.quoted)
	if err != nil {
		return err
	}
	for i, name := range schema.ImportTables() {
		if _, there := p.there[name]; !there {
			p.create(name, statements[i], "imports keep it beside the events, and an earlier version did not")
		} else if err := p.complete(name, p.on(), statements[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) clusterName() string {
	if p.Cluster == "" {
		return ""
	}
	return statement.Identifier(p.Cluster)
}

func (p *planner) create(name, text, why string) {
	p.plan.Steps = append(p.plan.Steps, Step{Why: name + " is not there: " + why, SQL: text, Right: "CREATE TABLE ON " + statement.Identifier(p.Settings.Database) + ".*"})
}

// landings makes and completes the landing tables of each source of which some are there.
func (p *planner) landings(ctx context.Context) error {
	names := ingest.Names{Database: p.Settings.Database, Cluster: p.Cluster}
	for _, source := range p.Sources {
		var present, absent []string
		for _, log := range source.Logs {
			name := source.LandingTable(log.Name)
			if _, there := p.there[name]; there {
				present = append(present, name)
			} else {
				absent = append(absent, name)
			}
		}
		if len(present) == 0 {
			continue
		}
		statements, err := source.Landing(names)
		if err != nil {
			return err
		}
		for _, name := range absent {
			for _, text := range statements {
				if head := "CREATE TABLE IF NOT EXISTS " + p.quoted(name); strings.Contains(text, head+"\n") || strings.Contains(text, head+" ") {
					p.create(name, text, "the source "+source.Name+" has learnt to read that log")
				}
			}
		}
		changes, err := ingest.Changes(ctx, p.client, names, source, present)
		if err != nil {
			p.refuse("%v", err)
			continue
		}
		for _, c := range changes {
			why := c.Table + " is of an earlier version"
			if len(c.Lacks) > 0 {
				why += ", and lacks " + strings.Join(c.Lacks, ", ")
			}
			for _, text := range c.Statements {
				p.plan.Steps = append(p.plan.Steps, Step{Why: why, SQL: text, Right: strings.Join(c.Rights, ", ") + " ON " + p.quoted(c.Table)})
			}
		}
	}
	return nil
}

// view makes the view of another product's tables anew where it is of an earlier version.
func (p *planner) view(ctx context.Context) error {
	r, there := p.there[ingest.ViewTable]
	if !there {
		return nil
	}
	for _, v := range p.Views {
		if !v.Made(r.comment) {
			continue
		}
		text, err := v.Change(ctx, p.client, ingest.Names{Database: p.Settings.Database, Cluster: p.Cluster})
		if err != nil {
			return err
		}
		if text != "" {
			p.plan.Steps = append(p.plan.Steps, Step{
				Why: ingest.ViewTable + " is the view of an earlier version on the tables of " + v.Name, SQL: text,
				Right: "CREATE VIEW, DROP VIEW ON " + p.quoted(ingest.ViewTable),
			})
		}
		return nil
	}
	p.refuse("%s.%s does not say whose tables it reads, and is left alone. Make it anew by `fluxhound schema apply --source NAME`, or rename it if it is not Fluxhound's", p.Settings.Database, ingest.ViewTable)
	return nil
}
