package main

import (
	"flag"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// sourceDefinition returns the statements that a source needs beside the events table: what `fluxhound derive` creates on one server,
// or the view of a product whose tables are read where they are.
func sourceDefinition(set *flag.FlagSet, name, database, cluster, internal string) ([]string, error) {
	for _, other := range []string{"table", "hours", "allowlist", "suffixes", "asn"} {
		if isSet(set, other) {
			return nil, misused("--source goes with --database, --cluster and --internal, not with --%s", other)
		}
	}
	if isSet(set, "cluster") && cluster == "" {
		return nil, misused("--cluster must name a cluster")
	}
	source, view, err := findSource(name)
	switch {
	case err != nil:
		return nil, err
	case view == nil && internal != "":
		return nil, notInLanding(name)
	case view == nil:
		return landingDefinition(*source, database, cluster)
	case isSet(set, "database"):
		return nil, misused("the view of %s is created in the database of the tables that it reads: run it there, without --database", name)
	}
	networks, err := networksOf(*view, internal, settings.PrivateNetworks())
	if err != nil {
		return nil, err
	}
	return []string{view.DDL(cluster, networks)}, nil
}

// findSource finds a source by its name: one of the two is not nil where there is no error.
func findSource(name string) (*ingest.Source, *ingest.View, error) {
	known, err := ingest.Load(sources.Files)
	if err != nil {
		return nil, nil, err
	}
	views, err := ingest.LoadViews(sources.Files)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for i, s := range known {
		if names = append(names, s.Name); s.Name == name {
			return &known[i], nil, nil
		}
	}
	for i, v := range views {
		if names = append(names, v.Name); v.Name == name {
			return nil, &views[i], nil
		}
	}
	slices.Sort(names)
	return nil, nil, misused("--source %q is none; it may be %s", name, strings.Join(names, ", "))
}

// notInLanding says where the networks of a source's events are asked for.
func notInLanding(name string) error {
	return misused("the landing tables of %s hold what the sensor wrote, whatever is inside: give --internal to fluxhound import or derive, or internalNetworks in their settings", name)
}

// networksOf reads the networks that a view is made with. One that asks for none takes none.
func networksOf(view ingest.View, flag string, byDefault []string) ([]string, error) {
	if flag != "" && !view.AsksForNetworks() {
		return nil, misused("the view of %s asks for no networks: its tables say what is inside; leave --internal out", view.Name)
	}
	return readNetworks(flag, byDefault)
}

func landingDefinition(source ingest.Source, database, cluster string) ([]string, error) {
	statements, err := source.Landing(ingest.Names{Database: database, Cluster: cluster})
	if err != nil {
		return nil, err
	}
	on := ""
	if cluster != "" {
		on = statement.Identifier(cluster)
	}
	more, err := schema.ImportDDL(on, func(table string) string { return statement.Qualified(database, table) })
	return append(statements, more...), err
}

// applied returns the statements that `schema apply` runs, and the names of what is there then; the first holds the events. isView
// says that it is a view on another product's tables.
func applied(decoded settings.Settings, withSource bool, name, internal string) (statements, tables []string, isView bool, err error) {
	if !withSource {
		if internal != "" {
			return nil, nil, false, misused("--internal is for the view of a --source")
		}
		statements, err = ddl(decoded.Database, decoded.Table)
		return statements, []string{decoded.Table}, false, err
	}
	source, view, err := findSource(name)
	if err != nil {
		return nil, nil, false, err
	}
	if view != nil {
		networks, err := networksOf(*view, internal, decoded.InternalNetworks)
		if err != nil {
			return nil, nil, false, err
		}
		return []string{view.DDL("", networks)}, []string{ingest.ViewTable}, true, nil
	}
	if internal != "" {
		return nil, nil, false, notInLanding(name)
	}
	if statements, err = ddl(decoded.Database, decoded.Table); err != nil {
		return nil, nil, false, err
	}
	more, err := landingDefinition(*source, decoded.Database, "")
	return append(statements, more...), append([]string{decoded.Table}, source.Tables()...), false, err
}
