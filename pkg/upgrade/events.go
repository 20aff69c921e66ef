package upgrade

import (
	"maps"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// eventsTable gives the events table the columns that it lacks, and returns it as it is then. A table of somebody's own is left alone.
func (p *planner) eventsTable() (schema.Table, error) {
	r := p.there[p.events]
	statements, err := schema.DDL(statement.Identifier(p.Settings.Database), statement.Identifier(p.events))
	if err != nil {
		return schema.Table{}, err
	}
	defined, err := schema.Defined(statements[0])
	if err != nil {
		return schema.Table{}, err
	}
	described := r.described()
	switch missing, fault := lacks(r, defined); {
	case strings.HasSuffix(r.engine, "View") || len(p.Settings.Columns) > 0:
		p.note("%s.%s is yours, and stays as it is. What it may have beside is in docs/own-table.md.", p.Settings.Database, p.events)
	case fault != "" || isMissing(missing, schema.AlwaysThere()):
		if fault == "" {
			fault = "it lacks " + strings.Join(namesOf(missing), ", ")
		}
		p.refuse("%s.%s is of no version of Fluxhound: %s. No column is added to it. Where it is a table of your own, add what it lacks and you want by hand (docs/own-table.md); otherwise make a new one beside it by `fluxhound schema apply` and copy the events",
			p.Settings.Database, p.events, fault)
	case len(missing) > 0:
		p.plan.Steps = append(p.plan.Steps, p.add(p.events, p.on(), missing, "what network sensors know. Rows that are there have none of it; none is rewritten"))
		for _, c := range missing {
			described = append(described, schema.Described{Name: c.Name, Type: c.Type})
		}
		fallthrough
	default:
		p.over(p.Settings.Table, defined.Columns)
	}
	table, err := schema.Resolve(p.Settings.Database, p.events, p.Settings.Columns, described)
	if err != nil {
		p.refuse("%v", err)
	}
	return table, nil
}

func namesOf(columns []schema.DefinedColumn) []string {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}

func isMissing(missing []schema.DefinedColumn, of []string) bool {
	return slices.ContainsFunc(missing, func(c schema.DefinedColumn) bool { return slices.Contains(of, c.Name) })
}

// earlierViews drops the views that fill roll-ups: each INSERT waits for them, and fails where they do.
func (p *planner) earlierViews() {
	for _, e := range schema.EarlierViews(p.events) {
		if r, there := p.there[e.Name]; there && p.isEarlier(r, e) {
			p.plan.Steps = append(p.plan.Steps, p.drop("VIEW", e.Name, p.on(), "it fills a roll-up at each INSERT of events, which waits for it and fails where it does; nothing reads roll-ups any more"))
		}
	}
}

// earlierTables names the roll-ups.
func (p *planner) earlierTables() {
	list := schema.EarlierTables(p.events)
	if p.Cluster != "" { // what is over them first
		list = append(schema.EarlierDistributed(p.Settings.Table), list...)
	}
	for _, e := range list {
		r, there := p.there[e.Name]
		if !there || !p.isEarlier(r, e) {
			continue
		}
		if view := p.heldBy(e.Name); view != "" {
			p.note("%s is kept with any flag: the view %s stays, and could not do without it.", e.Name, view)
			continue
		}
		what := e.Name
		if r.size != "" {
			what += ", " + r.size
		}
		p.plan.Unused = append(p.plan.Unused, Unused{What: what, Steps: []Step{p.drop("TABLE", e.Name, p.on(), "roll-ups, or what was known of them; nothing reads them any more")}})
	}
}

// heldBy returns a view that stays, and reads the table or writes to it.
func (p *planner) heldBy(table string) string {
	for _, name := range slices.Sorted(maps.Keys(p.there)) {
		r := p.there[name]
		if !p.goes(r) && strings.HasSuffix(r.engine, "View") && (r.writes(p.Settings.Database, table) || r.reads(p.Settings.Database, table)) {
			return name
		}
	}
	return ""
}

// goes reports whether a view is one that the plan drops.
func (p *planner) goes(r relation) bool {
	return slices.ContainsFunc(schema.EarlierViews(p.events), func(e schema.Earlier) bool { return e.Name == r.name && unknown(r, e, p.Settings.Database) == "" })
}

// isEarlier says whether a relation is what an earlier version made, and refuses another that has its name.
func (p *planner) isEarlier(r relation, e schema.Earlier) bool {
	why := unknown(r, e, p.Settings.Database)
	if why != "" {
		p.refuse("%s.%s has the name of something that an earlier version made, and is not that: %s. It is left alone. Rename it, so that nobody takes it for Fluxhound's", p.Settings.Database, e.Name, why)
	}
	return why == ""
}

// earlierInEvents names the projection and the column that an earlier version kept in the events table.
func (p *planner) earlierInEvents() {
	r := p.there[p.events]
	hash, there := r.column(schema.GroupHash)
	if !there || hash.way != "MATERIALIZED" || !strings.HasPrefix(hash.expression, "cityHash64(") {
		return
	}
	for name, view := range p.there { // somebody's own, that reads what would go
		if strings.HasSuffix(view.engine, "View") && view.reads(p.Settings.Database, p.events) && strings.Contains(view.create, schema.GroupHash) && !p.goes(view) {
			p.note("The column %s of %s is kept with any flag: the view %s stays, and reads it.", schema.GroupHash, p.events, name)
			return
		}
	}
	u := Unused{What: "the column " + schema.GroupHash + " of " + p.events}
	alter := "ALTER TABLE " + p.quoted(p.events) + p.on()
	if strings.Contains(r.create, "PROJECTION "+schema.GroupsProjection+" (") {
		u.What = "the projection " + schema.GroupsProjection + " and " + u.What + ", which cost each INSERT"
		u.Steps = append(u.Steps, Step{
			Why: p.events + ": the projection " + schema.GroupsProjection + " is made at each INSERT, and nothing reads it any more",
			SQL: alter + " DROP PROJECTION IF EXISTS " + statement.Identifier(schema.GroupsProjection), Right: "ALTER DROP PROJECTION ON " + p.quoted(p.events),
		})
	}
	column := func(name, on string) {
		if _, has := p.there[name].column(schema.GroupHash); has {
			u.Steps = append(u.Steps, Step{
				Why: name + ": the column " + schema.GroupHash + " is worked out from four others at each INSERT, and nothing reads it any more",
				SQL: "ALTER TABLE " + p.quoted(name) + on + " DROP COLUMN IF EXISTS " + statement.Identifier(schema.GroupHash), Right: "ALTER DROP COLUMN ON " + p.quoted(name),
			})
		}
	}
	if p.Cluster != "" {
		column(p.Settings.Table, p.on())
	}
	column(p.events, p.on())
	p.plan.Unused = append(p.plan.Unused, u)
}
