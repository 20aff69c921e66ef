package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// schema prints the definition of the events table, or applies it.
func (p program) schema(ctx context.Context, arguments []string) error {
	const verbs = "it may be print or apply"
	if len(arguments) == 0 {
		return misused("what to do with the schema is missing; %s", verbs)
	}
	switch verb := arguments[0]; verb {
	case "print":
		return p.schemaPrint(arguments[1:])
	case "apply":
		return p.schemaApply(ctx, arguments[1:])
	case "-h", "--help", "help":
		fmt.Fprintln(p.stdout, "Usage: fluxhound schema print|apply [FLAGS]; fluxhound schema print --help tells the flags.")
		return nil
	default:
		return misused("%q is nothing to do with the schema; %s", verb, verbs)
	}
}

func (p program) schemaPrint(arguments []string) error {
	set := p.flags("schema print", "schema print [--database NAME] [--table NAME]")
	database := set.String("database", settings.DefaultDatabase, "`name` of the database")
	table := set.String("table", settings.DefaultTable, "`name` of the table")
	if err := parse(set, arguments); err != nil {
		return err
	}
	if *database == "" || *table == "" {
		return misused("--database and --table must not be empty")
	}
	statements, err := ddl(*database, *table)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s;\n", strings.Join(statements, ";\n\n"))
	return err
}

func (p program) schemaApply(ctx context.Context, arguments []string) error {
	set := p.flags("schema apply", "schema apply --settings FILE [--create-database] [--rollups]\n\nIt changes nothing where the tables exist already. With --rollups it may be interrupted and run again: it goes on where it was.")
	settingsFile := set.String("settings", "", "`file` of the data source's settings; its user needs the right to create tables")
	create := set.Bool("create-database", false, "create the database first, if it is not there; that needs the right to create databases")
	rollups := set.Bool("rollups", false, "create roll-ups beside the events table and fill them from the events that are there")
	if err := parse(set, arguments); err != nil {
		return err
	}
	source, err := readSettings(*settingsFile)
	if err != nil {
		return err
	}
	decoded, err := settings.Decode(source.JSONData, source.SecureJSONData)
	if err != nil {
		return misused("%v", err)
	}
	if *create {
		if err := createDatabase(ctx, decoded); err != nil {
			return err
		}
	}
	statements, err := ddl(decoded.Database, decoded.Table)
	if err != nil {
		return err
	}
	if err := execute(ctx, decoded, statements); err != nil {
		return err
	}
	if _, err = fmt.Fprintf(p.stdout, "%s.%s is there.\n", decoded.Database, decoded.Table); err != nil || !*rollups {
		return err
	}
	return p.applyRollups(ctx, decoded)
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
