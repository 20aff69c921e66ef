package main

import (
	"flag"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// sourceDefinition returns the statements that a source needs beside the events table: what `fluxhound derive` creates on one server,
// or the view of a product whose tables are read where they are.
func sourceDefinition(set *flag.FlagSet, name, database, cluster string) ([]string, error) {
	for _, other := range []string{"table", "rollups", "allowlist", "suffixes", "asn"} {
		if isSet(set, other) {
			return nil, misused("--source goes with --database and --cluster, not with --%s", other)
		}
	}
	if isSet(set, "cluster") && cluster == "" {
		return nil, misused("--cluster must name a cluster")
	}
	known, err := ingest.Load(sources.Files)
	if err != nil {
		return nil, err
	}
	views, err := ingest.LoadViews(sources.Files)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range known {
		if names = append(names, s.Name); s.Name == name {
			return landingDefinition(s, database, cluster)
		}
	}
	for _, v := range views {
		if names = append(names, v.Name); v.Name != name {
			continue
		}
		if isSet(set, "database") {
			return nil, misused("the view of %s is created in the database of the tables that it reads: run it there, without --database", name)
		}
		return []string{v.DDL(cluster)}, nil
	}
	slices.Sort(names)
	return nil, misused("--source %q is none; it may be %s", name, strings.Join(names, ", "))
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
	more, err := schema.ImportDDL(on, func(table string) string { return statement.Identifier(database) + "." + statement.Identifier(table) })
	return append(statements, more...), err
}
