package schema

// LocalName returns the name of the table that holds one shard's events, where the named one is Distributed over it. The
// hours of the shard are beside it, under its name.
func LocalName(table string) string { return table + "_local" }

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

// HoursDDL returns the statements that create each shard's hours, the view that says which of them stand for its events, and the
// Distributed ones over them all. valid renders the view's SELECT on the shard. To make the hours is for each shard.
func (c Cluster) HoursDDL(valid func(local Table) (string, error)) ([]string, error) {
	local, err := c.local()
	if err != nil {
		return nil, err
	}
	made := HoursMadeName(local.Name)
	statements, err := HoursDDL(HoursNames{Hours: c.quoted(HoursName(local.Name)), Made: c.quoted(made), Cluster: c.Identifier(c.Name), Keys: local.HourColumns(), RetentionDays: int(HoursRetention.Hours() / 24)})
	if err != nil {
		return nil, err
	}
	rows, err := valid(local)
	if err != nil {
		return nil, err
	}
	statements = append(statements, "CREATE VIEW IF NOT EXISTS "+c.quoted(HoursValidName(local.Name))+" ON CLUSTER "+c.Identifier(c.Name)+" AS\n"+rows)
	for _, name := range []func(string) string{HoursName, HoursValidName} {
		text, err := c.over("distributed_read.sql", name(""))
		if err != nil {
			return nil, err
		}
		statements = append(statements, text)
	}
	return statements, nil
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

// local resolves the events table of one shard from its definition.
func (c Cluster) local() (Table, error) {
	statements, err := c.DDL()
	if err != nil {
		return Table{}, err
	}
	defined, err := Defined(statements[0])
	if err != nil {
		return Table{}, err
	}
	var described []Described
	for _, column := range defined.Columns {
		described = append(described, Described{Name: column.Name, Type: column.Type})
	}
	return Resolve(c.Database, LocalName(c.Table), nil, described)
}
