package main

import (
	"context"
	"errors"
	"flag"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
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

// applied is what `schema apply` makes.
type applied struct {
	statements []string       // that create tables
	tables     []string       // names of what is there then; the first holds the events
	source     *ingest.Source // whose landing tables are completed; nil for none
	view       *ingest.View   // on another product's tables; nil for none
	networks   []string       // inside, for the view
	named      bool           // somebody named them
	names      ingest.Names
}

// toApply finds what `schema apply` makes. On a cluster that is what the source needs beside the events.
func toApply(decoded settings.Settings, withSource bool, name, cluster, internal string) (applied, error) {
	a := applied{names: ingest.Names{Database: decoded.Database, Cluster: cluster}}
	var err error
	if !withSource {
		switch {
		case internal != "":
			return a, misused("--internal is for the view of a --source")
		case cluster != "":
			return a, misused("--cluster is for what a --source needs: have what fluxhound schema print --cluster %s prints run for the events tables", cluster)
		}
		a.tables = []string{decoded.Table}
		a.statements, err = ddl(decoded.Database, decoded.Table)
		return a, err
	}
	if a.source, a.view, err = findSource(name); err != nil {
		return a, err
	}
	if a.view != nil {
		a.tables = []string{ingest.ViewTable}
		a.named = internal != "" || !slices.Equal(decoded.InternalNetworks, settings.PrivateNetworks())
		a.networks, err = networksOf(*a.view, internal, decoded.InternalNetworks)
		return a, err
	}
	if internal != "" {
		return a, notInLanding(name)
	}
	if cluster == "" {
		if a.statements, err = ddl(decoded.Database, decoded.Table); err != nil {
			return a, err
		}
		a.tables = []string{decoded.Table}
	}
	more, err := landingDefinition(*a.source, decoded.Database, cluster)
	a.statements, a.tables = append(a.statements, more...), append(a.tables, a.source.Tables()...)
	return a, err
}

// run makes it.
func (a applied) run(ctx context.Context, decoded settings.Settings) (err error) {
	if a.view == nil {
		if err := execute(ctx, decoded, a.statements); err != nil || a.source == nil {
			return err
		}
	}
	open := func() (*clickhouse.Client, error) { return clickhouse.New(decoded, nil) }
	if a.view != nil { // it names its tables alone
		open = func() (*clickhouse.Client, error) { return clickhouse.NewIn(decoded) }
	}
	client, err := open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if a.view != nil {
		return a.view.Apply(ctx, client, a.names, a.networks, a.named)
	}
	return ingest.Complete(ctx, client, a.names, *a.source)
}
