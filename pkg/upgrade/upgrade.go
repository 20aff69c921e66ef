package upgrade

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// ErrPlace says that there is nothing to upgrade where the settings point, or that a cluster has to be named. Who runs it is at fault.
var ErrPlace = errors.New("nothing is upgraded")

// Target says what is upgraded.
type Target struct {
	Settings settings.Settings
	Cluster  string // all of whose servers are brought up; empty for one server
	Sources  []ingest.Source
	Views    []ingest.View
}

// planner makes a plan from what the asked server has.
type planner struct {
	Target
	client *clickhouse.Client
	there  map[string]relation
	events string // the table that holds events: of a cluster each shard's
	plan   Plan
}

// Look compares what ClickHouse has with what this version makes. It changes nothing. client runs its statements in the settings' database.
// Of a cluster the asked server stands for all.
func Look(ctx context.Context, client *clickhouse.Client, t Target) (Plan, error) {
	p := &planner{Target: t, client: client, events: t.Settings.Table}
	if t.Cluster != "" {
		p.events = schema.LocalName(t.Settings.Table)
	}
	var err error
	if p.there, err = look(ctx, client, t.Settings.Database); err != nil {
		return Plan{}, err
	}
	if err := p.fits(); err != nil {
		return Plan{}, err
	}
	p.earlierViews()
	table, err := p.eventsTable()
	if err != nil {
		return Plan{}, err
	}
	p.earlierInEvents()
	p.earlierTables()
	for _, part := range []func() error{
		func() error { return p.hours(table) }, p.findings, p.ledgers, p.imports,
		func() error { return p.landings(ctx) },
		func() error { return p.view(ctx) },
	} {
		if err := part(); err != nil {
			return Plan{}, err
		}
	}
	p.notes()
	forAll(p.plan.Steps)
	for _, u := range p.plan.Unused {
		forAll(u.Steps)
	}
	return p.plan, nil
}

// forAll adds the right that a statement for all servers of a cluster needs.
func forAll(steps []Step) {
	for i := range steps {
		if strings.Contains(steps[i].SQL, " ON CLUSTER ") {
			steps[i].Right += ", CLUSTER ON *.*"
		}
	}
}

// fits says what keeps the place from being upgraded.
func (p *planner) fits() error {
	name := p.Settings.Database + "." + p.Settings.Table
	r, there := p.there[p.Settings.Table]
	_, local := p.there[p.events]
	switch {
	case !there:
		return fmt.Errorf("%w: %s is not there, or the user of the settings may not see it. An upgrade is for what is there: `fluxhound schema apply` makes a new one. Check database and table in the settings, and that the user has SELECT on it", ErrPlace, name)
	case p.Cluster == "" && r.engine == "Distributed":
		return fmt.Errorf("%w: %s is Distributed, and its rows are on other servers: name the cluster with --cluster", ErrPlace, name)
	case p.Cluster == "" && strings.HasPrefix(r.engine, "Replicated"):
		return fmt.Errorf("%w: %s replicates, and views beside it are each server's own: name the cluster with --cluster, and in the settings the Distributed table", ErrPlace, name)
	case p.Cluster != "" && (r.engine != "Distributed" || !local):
		return fmt.Errorf("%w: with --cluster the settings name a Distributed table, and each server has %s beside it; %s is %s. Leave --cluster out on one server", ErrPlace, p.events, name, r.engine)
	}
	return nil
}

func (p *planner) quoted(name string) string { return statement.Qualified(p.Settings.Database, name) }

// on is what stands behind a name in a statement for all servers.
func (p *planner) on() string {
	if p.Cluster == "" {
		return ""
	}
	return " ON CLUSTER " + statement.Identifier(p.Cluster)
}

func (p *planner) refuse(format string, args ...any) {
	p.plan.Refused = append(p.plan.Refused, fmt.Sprintf(format, args...))
}

// drop is the step that drops a table or view.
func (p *planner) drop(kind, name, on, why string) Step {
	return Step{Why: name + ": " + why, SQL: "DROP " + kind + " IF EXISTS " + p.quoted(name) + on, Right: "DROP " + kind + " ON " + p.quoted(name)}
}

// add is the step that gives a table columns.
func (p *planner) add(name, on string, columns []schema.DefinedColumn, why string) Step {
	var names, changes []string
	for _, c := range columns {
		names = append(names, c.Name)
		changes = append(changes, "ADD COLUMN IF NOT EXISTS "+statement.Identifier(c.Name)+" "+c.Text)
	}
	return Step{
		Why:   name + " lacks " + strings.Join(names, ", ") + ": " + why,
		SQL:   "ALTER TABLE " + p.quoted(name) + on + "\n    " + strings.Join(changes, ",\n    "),
		Right: "ALTER ADD COLUMN ON " + p.quoted(name),
	}
}

// complete gives a table of Fluxhound's own the columns that it lacks of its definition, or refuses it.
func (p *planner) complete(name, on, create string) error {
	defined, err := schema.Defined(create)
	if err != nil {
		return err
	}
	missing, fault := lacks(p.there[name], defined)
	switch {
	case fault != "":
		p.refuse("%s.%s is of no version of Fluxhound: %s. It is left alone. Rename it if it is not Fluxhound's, and apply the schema again", p.Settings.Database, name, fault)
	case len(missing) > 0:
		p.plan.Steps = append(p.plan.Steps, p.add(name, on, missing, "an earlier version did not keep that"))
	}
	return nil
}

// typed are columns with nothing but their types, as a Distributed table has them.
func typed(columns []schema.DefinedColumn) []schema.DefinedColumn {
	list := make([]schema.DefinedColumn, len(columns))
	for i, c := range columns {
		list[i] = schema.DefinedColumn{Name: c.Name, Type: c.Type, Text: c.Type}
	}
	return list
}

// over gives a Distributed table the columns of the shards' that it lacks.
func (p *planner) over(name string, columns []schema.DefinedColumn) {
	r, there := p.there[name]
	if p.Cluster == "" || !there || r.engine != "Distributed" {
		return
	}
	var missing []schema.DefinedColumn
	for _, c := range columns {
		if _, has := r.column(c.Name); !has {
			missing = append(missing, c)
		}
	}
	if len(missing) > 0 {
		p.plan.Steps = append(p.plan.Steps, p.add(name, p.on(), typed(missing), "the table over all shards shows what the shards keep"))
	}
}
