package upgrade

import (
	"context"
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	ledgerlist "github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// What stands beside the events table is brought up where it is there. What nobody has asked for is not made.

// hours completes the hours of the events table as it is after the upgrade. Those of a version that told groups otherwise are unused.
func (p *planner) hours(table schema.Table) error {
	name, made := schema.HoursName(p.events), schema.HoursMadeName(p.events)
	r, there := p.there[name]
	if !there || table.Name == "" {
		return nil
	}
	keys := table.HourColumns()
	if _, old := r.column(schema.GroupHash); old {
		var then []schema.HourColumn // the keys that its events had
		for _, key := range keys {
			if _, has := r.column(key.Name); has {
				then = append(then, key)
			}
		}
		if p.isEarlier(r, schema.EarlierHours(p.events, then)) {
			p.earlierHours(r, made)
		}
		return nil
	}
	statements, err := schema.HoursDDL(schema.HoursNames{Hours: p.quoted(name), Made: p.quoted(made), Keys: keys, RetentionDays: int(schema.HoursRetention.Hours() / 24)})
	if err != nil {
		return err
	}
	for i, of := range []string{name, made} {
		if _, there := p.there[of]; !there {
			continue
		}
		if err := p.complete(of, p.on(), statements[i]); err != nil {
			return err
		}
	}
	if p.Cluster != "" {
		defined, err := schema.Defined(statements[0])
		if err != nil {
			return err
		}
		p.over(schema.HoursName(p.Settings.Table), defined.Columns)
	}
	return nil
}

func (p *planner) earlierHours(r relation, made string) {
	const why = "hours of a version that told groups by another key; nothing reads them any more"
	u := Unused{What: r.name + ", " + r.size + ": " + why + ". They are made anew by `fluxhound schema apply --hours` once these are dropped"}
	for _, job := range schema.HoursJobNames(p.events) {
		if _, there := p.there[job]; there {
			u.Steps = append(u.Steps, p.drop("VIEW", job, p.on(), why))
		}
	}
	u.Steps = append(u.Steps, p.drop("TABLE", r.name, p.on(), why))
	if _, there := p.there[made]; there {
		u.Steps = append(u.Steps, p.drop("TABLE", made, p.on(), why))
	}
	p.plan.Unused = append(p.plan.Unused, u)
}

// findings completes what findings are kept in, which is on one server.
func (p *planner) findings() error {
	events := p.Settings.Table
	runs, found, verdicts := schema.FindingsRunsName(events), schema.FindingsName(events), schema.VerdictsName(events)
	statements, err := schema.FindingsDDL(schema.FindingsNames{
		Runs: p.quoted(runs), Findings: p.quoted(found), Seen: p.quoted(schema.FindingsSeenName(events)), Verdicts: p.quoted(verdicts),
		RunsHours: int(schema.RunsRetention.Hours()), RetentionDays: int(schema.FindingsRetention.Hours() / 24),
	})
	if err != nil {
		return err
	}
	for _, name := range []string{runs, found, verdicts} {
		if _, there := p.there[name]; !there {
			continue
		}
		if err := p.completeBy(name, statements); err != nil {
			return err
		}
	}
	return nil
}

// completeBy completes a table by the one of the statements that creates it.
func (p *planner) completeBy(name string, statements []string) error {
	for _, text := range statements {
		if strings.Contains(text, "CREATE TABLE IF NOT EXISTS "+p.quoted(name)+"\n") {
			return p.complete(name, "", text)
		}
	}
	return fmt.Errorf("no statement of the schema creates %s", name)
}

// ledgers completes the ledgers, by the names that the settings give them.
func (p *planner) ledgers() error {
	for _, l := range []struct {
		list  ledgerlist.List
		usual string
		ddl   func(string) (string, error)
	}{
		{ledgerlist.Names(), schema.LedgerName(p.Settings.Table), schema.LedgerDDL},
		{ledgerlist.Destinations(), schema.DestinationsName(p.Settings.Table), schema.DestinationsDDL},
	} {
		name := l.list.Source(p.Settings)
		if name == "" {
			name = l.usual
		}
		if _, there := p.there[name]; !there {
			continue
		}
		text, err := l.ddl(p.quoted(name))
		if err != nil {
			return err
		}
		if err := p.complete(name, "", text); err != nil {
			return err
		}
	}
	return nil
}

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

func (p *planner) note(format string, args ...any) {
	p.plan.Notes = append(p.plan.Notes, fmt.Sprintf(format, args...))
}

// notes says what has a command of its own.
func (p *planner) notes() {
	var kept, flags []string
	for _, part := range []struct{ table, what, flag string }{
		{schema.HoursName(p.events), "hours", "--hours"},
		{schema.FindingsRunsName(p.Settings.Table), "findings", "--findings"},
		{schema.LedgerName(p.Settings.Table), "ledgers", "--ledger"},
	} {
		if _, there := p.there[part.table]; there {
			kept, flags = append(kept, part.what), append(flags, part.flag)
		}
	}
	if len(kept) > 0 {
		p.note("The views that keep %s hold statements of the version that made them: after each new version run `fluxhound schema apply --settings FILE %s`.", strings.Join(kept, ", "), strings.Join(flags, " "))
	}
}
