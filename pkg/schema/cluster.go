package schema

import (
	"regexp"
	"strings"
)

// LocalName returns the name of the table that holds one shard's events, where the named one is Distributed over it. The
// roll-ups of the shard are beside it, under its name.
func LocalName(table string) string { return table + "_local" }

// RollupTablesName returns the name of the table that lists the tables of every shard.
func RollupTablesName(table string) string { return table + "_rollup_tables" }

// Cluster says where the tables of a cluster's definition are. Names come as they are.
type Cluster struct {
	Name, Database, Table string
	// Identifier and Text quote a name, as an identifier and as a text.
	Identifier, Text func(name string) string
}

// DDL returns the statements that create the events table of each shard, and the Distributed one over them all. Running
// them again changes nothing.
func (c Cluster) DDL() ([]string, error) {
	local, err := render("network_events.sql", map[string]string{"Table": c.quoted(LocalName(c.Table)), "Cluster": c.Identifier(c.Name)})
	if err != nil {
		return nil, err
	}
	all, err := c.over("distributed.sql", "")
	return []string{local, all}, err
}

// RollupDDL returns the statements that create each shard's roll-ups, which its own events fill, and the Distributed ones
// over them all. rows renders the rows of a grain's view on the shard. None of them is used before
// its coverage says so, which is for each shard to fill.
func (c Cluster) RollupDDL(rows func(local Table, g Grain) (string, error)) ([]string, error) {
	local, err := c.local()
	if err != nil {
		return nil, err
	}
	names := RollupNames{Cluster: c.Identifier(c.Name), Coverage: c.quoted(CoverageName(local.Name)), PortType: local.RollupType(RemotePort)}
	statements := make([]string, 0, 18)
	add := func(text string, renderErr error) {
		if statements = append(statements, text); err == nil {
			err = renderErr
		}
	}
	add(CoverageDDL(names))
	add(c.over("distributed_read.sql", CoverageName("")))
	add(c.over("rollup_tables.sql", RollupTablesName("")))
	for _, g := range RollupTables() {
		names.Rollup = c.quoted(g.Table(local.Name))
		add(RollupTableDDL(g, names))
		distributed := "distributed.sql"
		if _, beacons := g.Finer(); beacons { // they have no device to shard by
			distributed = "distributed_read.sql"
		}
		add(c.over(distributed, g.Table("")))
	}
	for _, g := range RollupViews() {
		text, rowsErr := rows(local, g)
		if rowsErr != nil {
			return nil, rowsErr
		}
		names.Rollup, names.View, names.Select = c.quoted(g.Table(local.Name)), c.quoted(g.View(local.Name)), text
		add(RollupViewDDL(names))
	}
	return statements, err
}

// over renders a table that is Distributed over what has the same suffix on each shard.
func (c Cluster) over(file, suffix string) (string, error) {
	local := LocalName(c.Table) + suffix
	return render(file, map[string]string{
		"Table": c.quoted(c.Table + suffix), "Local": c.quoted(local), "LocalText": c.Text(local),
		"DatabaseText": c.Text(c.Database), "Cluster": c.Identifier(c.Name), "ClusterText": c.Text(c.Name),
	})
}

func (c Cluster) quoted(name string) string {
	return c.Identifier(c.Database) + "." + c.Identifier(name)
}

// definedColumn finds a column in the events table's definition, with its type.
var definedColumn = regexp.MustCompile("(?m)^ +`([A-Za-z]+)` +(.+?) CODEC\\(")

// local resolves the events table of one shard from its definition.
func (c Cluster) local() (Table, error) {
	statements, err := c.DDL()
	if err != nil {
		return Table{}, err
	}
	var described []Described
	for _, m := range definedColumn.FindAllStringSubmatch(statements[0], -1) {
		chType, expression, _ := strings.Cut(m[2], " MATERIALIZED ")
		described = append(described, Described{Name: m[1], Type: strings.TrimSpace(chType), Materialized: strings.ReplaceAll(expression, "`", "")})
	}
	return Resolve(c.Database, LocalName(c.Table), nil, described)
}
