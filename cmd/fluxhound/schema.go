package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// schema prints the definition of the events table, applies it, or brings an earlier one up.
func (p program) schema(ctx context.Context, arguments []string) error {
	const verbs = "it may be print, apply or upgrade"
	if len(arguments) == 0 {
		return misused("what to do with the schema is missing; %s", verbs)
	}
	switch verb := arguments[0]; verb {
	case "print":
		return p.schemaPrint(arguments[1:])
	case "apply":
		return p.schemaApply(ctx, arguments[1:])
	case "upgrade":
		return p.schemaUpgrade(ctx, arguments[1:])
	case "-h", "--help", "help":
		fmt.Fprintln(p.stdout, "Usage: fluxhound schema print|apply|upgrade [FLAGS]; fluxhound schema print --help tells the flags.")
		return nil
	default:
		return misused("%q is nothing to do with the schema; %s", verb, verbs)
	}
}

func (p program) schemaPrint(arguments []string) error {
	set := p.flags("schema print", "schema print [--cluster NAME [--hours=false]|--source NAME [--cluster NAME] [--internal NETWORKS]|--allowlist|--suffixes|--asn|--indicators|--ledger|--destinations] [--database NAME] [--table NAME]\n\nIt prints the events table, or what a flag names.")
	database := set.String("database", settings.DefaultDatabase, "`name` of the database")
	table := set.String("table", "", "`name` of the table (default network_events, allowlist, dynamic_dns_suffixes, asn_prefixes, indicators, network_events_name_networks or network_events_destinations); the dictionary of --asn is asn, those of --indicators have the table's name and _networks and _names behind it")
	cluster := set.String("cluster", "", "`name` of the cluster on all of whose servers the tables are created")
	hourly := set.Bool("hours", true, "with --cluster: what hours need as well")
	source := set.String("source", "", "`name` of a source: its landing tables and what is kept beside them, or the view of a product whose tables are read where they are")
	internal := set.String("internal", "", "with --source: "+internalInViewHelp)
	chosen := map[string]*bool{
		"allowlist":    set.Bool("allowlist", false, "a table of allowlist entries, for allowlistTable in the data source's settings"),
		"suffixes":     set.Bool("suffixes", false, "a table of dynamic DNS domains, for dynamicDnsSuffixTable"),
		"asn":          set.Bool("asn", false, "a table of prefixes and the dictionary on it, for asnDictionary"),
		"indicators":   set.Bool("indicators", false, "a table of indicators of threat intelligence and the dictionaries on it, for listTables.indicators"),
		"ledger":       set.Bool("ledger", false, "a ledger of names, for listTables.nameNetworks, which `schema apply --ledger` and `watch` fill"),
		"destinations": set.Bool("destinations", false, "a ledger of destinations, for listTables.destinations, which the same fill"),
	}
	if err := parse(set, arguments); err != nil {
		return err
	}
	what := "events"
	for name, flag := range chosen {
		if *flag && what != "events" {
			return misused("one of --allowlist, --suffixes, --asn, --indicators, --ledger and --destinations at a time")
		}
		if *flag {
			what = name
		}
	}
	if *database == "" || (isSet(set, "table") && *table == "") {
		return misused("--database and --table must not be empty")
	}
	if isSet(set, "source") {
		statements, err := sourceDefinition(set, *source, *database, *cluster, *internal)
		if err != nil {
			return err
		}
		return p.printStatements(statements)
	}
	if isSet(set, "internal") {
		return misused("--internal is for the view of a --source")
	}
	if *cluster == "" && (isSet(set, "cluster") || isSet(set, "hours")) {
		return misused("--cluster must name a cluster; --hours is for the tables of one, and elsewhere `schema apply --hours` creates them")
	}
	if *cluster != "" && what != "events" {
		return misused("--cluster is for the events table, not for --%s", what)
	}
	if *table == "" {
		*table = map[string]string{"events": settings.DefaultTable, "allowlist": "allowlist", "suffixes": "dynamic_dns_suffixes", "asn": "asn_prefixes", "indicators": schema.IndicatorsTable, "ledger": schema.LedgerName(settings.DefaultTable), "destinations": schema.DestinationsName(settings.DefaultTable)}[what]
	}
	var statements []string
	var err error
	if *cluster == "" {
		statements, err = definition(what, *database, *table)
	} else {
		statements, err = clusterDefinition(*cluster, *database, *table, *hourly)
	}
	if err != nil {
		return err
	}
	return p.printStatements(statements)
}

func (p program) printStatements(statements []string) error {
	_, err := fmt.Fprintf(p.stdout, "%s;\n", strings.Join(statements, ";\n\n"))
	return err
}

// internalInViewHelp is what the schema's commands say of --internal.
var internalInViewHelp = "`networks` that are inside, separated by commas, for a view whose tables do not always tell (default: " + strings.Join(settings.PrivateNetworks(), ",") + ")"

func isSet(set *flag.FlagSet, name string) bool {
	found := false
	set.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

// clusterDefinition returns the statements that create the events table on every server of a cluster.
func clusterDefinition(cluster, database, table string, hourly bool) ([]string, error) {
	c := schema.Cluster{Name: cluster, Database: database, Table: table, Identifier: statement.Identifier, Text: statement.Quoted}
	statements, err := c.DDL()
	if err != nil || !hourly {
		return statements, err
	}
	more, err := c.HoursDDL(hours.ValidRows)
	return append(statements, more...), err
}

// definition returns the statements that create the events table or one of the lists beside it.
func definition(what, database, table string) ([]string, error) {
	of := func(name string) string { return statement.Qualified(database, name) }
	one := func(text string, err error) ([]string, error) { return []string{text}, err }
	switch what {
	case "allowlist":
		return one(schema.AllowlistDDL(of(table)))
	case "suffixes":
		return one(schema.SuffixDDL(of(table)))
	case "asn":
		return schema.ASNDDL(schema.ASNNames{
			Prefixes: of(table), Dictionary: of("asn"), DatabaseText: statement.Quoted(database), PrefixesText: statement.Quoted(table),
		})
	case "ledger":
		return one(schema.LedgerDDL(of(table)))
	case "destinations":
		return one(schema.DestinationsDDL(of(table)))
	case "indicators":
		return intake.Definition(database, table)
	default:
		return ddl(database, table)
	}
}

func (p program) schemaApply(ctx context.Context, arguments []string) error {
	set := p.flags("schema apply", "schema apply --settings FILE [--source NAME [--cluster NAME]] [--create-database] [--hours] [--findings] [--indicators] [--ledger]\n\nIt changes nothing where the tables exist already, but that a source's tables and view of an earlier version are brought up. With --hours it may be interrupted and run again: it goes on where it was.")
	settingsFile := set.String("settings", "", "`file` of the data source's settings; its user needs the right to create tables")
	create := set.Bool("create-database", false, "create the database first, if it is not there; that needs the right to create databases")
	source := set.String("source", "", "`name` of a source: its landing tables and what is kept beside them as well; or, alone, the view of a product whose tables are in the database")
	cluster := set.String("cluster", "", "with --source: `name` of a cluster on all of whose servers that is made")
	internal := set.String("internal", "", "with --source: "+internalInViewHelp)
	hourly := set.Bool("hours", false, "keep hours beside the events table, from which detectors answer in a fraction of the time; ClickHouse makes them by itself from then on")
	found := set.Bool("findings", false, "keep what detectors find beside the events table, so that dashboards and alert rules read it; ClickHouse asks the detectors by itself from then on")
	indicated := set.Bool("indicators", false, "make the table of indicators of threat intelligence, which `fluxhound intel import` fills")
	ledgered := set.Bool("ledger", false, "keep which networks each name led to, for names that move after weeks in one place, and since when devices connect to each destination, for what is new to all of them; ClickHouse keeps both up by itself from then on")
	set.BoolVar(hourly, "rollups", false, "the earlier name of --hours, which took the place of roll-ups")
	if err := parse(set, arguments); err != nil {
		return err
	}
	decoded, err := decodedSettings(*settingsFile)
	if err != nil {
		return err
	}
	if isSet(set, "cluster") && *cluster == "" {
		return misused("--cluster must name a cluster")
	}
	for _, other := range []string{"create-database", "hours", "rollups", "findings", "indicators", "ledger"} {
		if *cluster != "" && isSet(set, other) {
			return misused("--cluster goes with --source, not with --%s", other)
		}
	}
	apply, err := toApply(decoded, isSet(set, "source"), *source, *cluster, *internal)
	if err != nil {
		return err
	}
	tables, isView := apply.tables, apply.view != nil
	const ofAnother = "--%s is for the table %s of the settings, and the view of %s is %s"
	switch {
	case isView && *hourly:
		return misused(ofAnother, "hours", decoded.Table, *source, tables[0])
	case isView && *ledgered && decoded.Table != tables[0]:
		return misused(ofAnother, "ledger", decoded.Table, *source, tables[0])
	case isView && *found && decoded.Table != tables[0]:
		return misused(ofAnother, "findings", decoded.Table, *source, tables[0])
	}
	if *create {
		if err := createDatabase(ctx, decoded); err != nil {
			return err
		}
	}
	if err := apply.run(ctx, decoded); err != nil {
		return err
	}
	for _, table := range tables {
		if _, err := fmt.Fprintf(p.stdout, "%s.%s is there.\n", decoded.Database, table); err != nil {
			return err
		}
	}
	if isView && decoded.Table != tables[0] {
		p.say("Choose it as the events table of the data source: \"table\": %q.", tables[0])
	}
	if *hourly {
		if err := p.applyHours(ctx, decoded); err != nil {
			return err
		}
	}
	if *indicated {
		if err := p.applyIndicators(ctx, decoded); err != nil {
			return err
		}
	}
	if *ledgered {
		if err := p.applyLedger(ctx, decoded); err != nil {
			return err
		}
	}
	if *found {
		return p.applyFindings(ctx, decoded)
	}
	return nil
}

// createDatabase connects to another database, since ClickHouse refuses connections to one that is not there.
func createDatabase(ctx context.Context, decoded settings.Settings) error {
	text, err := schema.DatabaseDDL(statement.Identifier(decoded.Database))
	if err != nil {
		return err
	}
	decoded.Database = settings.DefaultDatabase
	return execute(ctx, decoded, []string{text})
}

func ddl(database, table string) ([]string, error) {
	return schema.DDL(statement.Identifier(database), statement.Identifier(table))
}

// execute runs statements, which say themselves in which database.
func execute(ctx context.Context, decoded settings.Settings, statements []string) (err error) {
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	for _, text := range statements {
		if err := client.Exec(ctx, text); err != nil {
			return err
		}
	}
	return nil
}
