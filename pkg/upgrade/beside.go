package upgrade

import (
	"fmt"
	"strings"

	ledgerlist "github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
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
