package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/upgrade"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// schemaUpgrade brings what earlier versions made to what this one makes, or says what that would take.
func (p program) schemaUpgrade(ctx context.Context, arguments []string) (err error) {
	set := p.flags("schema upgrade", "schema upgrade --settings FILE [--dry-run] [--drop-unused] [--cluster NAME]\n\nIt brings what earlier versions made in ClickHouse to what this one makes. No event is changed or removed. It may be interrupted and run again; where there is nothing to do it says so. What no version made is left alone and named, and the exit code is 1 then. docs/upgrade.md tells what changed.")
	settingsFile := set.String("settings", "", "`file` of the data source's settings; its user needs the rights that a dry run names")
	dry := set.Bool("dry-run", false, "print the statements, each with its reason, and change nothing")
	unused := set.Bool("drop-unused", false, "drop as well what nothing reads any more: roll-ups, and what was worked out of the events for them. There is no way back but to make it anew")
	cluster := set.String("cluster", "", "`name` of the cluster on all of whose servers that is done; the settings name the Distributed table")
	if err := parse(set, arguments); err != nil {
		return err
	}
	if isSet(set, "cluster") && *cluster == "" {
		return misused("--cluster must name a cluster")
	}
	target := upgrade.Target{Cluster: *cluster}
	if target.Settings, err = decodedSettings(*settingsFile); err != nil {
		return err
	}
	if target.Sources, err = ingest.Load(sources.Files); err != nil {
		return err
	}
	if target.Views, err = ingest.LoadViews(sources.Files); err != nil {
		return err
	}
	client, err := clickhouse.NewIn(target.Settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	plan, err := upgrade.Look(ctx, client, target)
	if err != nil {
		return err
	}
	if *unused {
		plan = plan.Dropping()
	}
	if *dry {
		p.printPlan(plan)
	} else if err := plan.Run(ctx, client, func(s upgrade.Step) { p.say("Done. %s.", s.Why) }); err != nil {
		return err
	}
	return p.closing(plan, *dry)
}

// printPlan prints the statements of a plan, so that they can be given to who may run them.
func (p program) printPlan(plan upgrade.Plan) {
	for _, step := range plan.Steps {
		p.say("-- %s.\n-- It needs GRANT %s.\n%s;\n", step.Why, step.Right, step.SQL)
	}
}

// closing says what is left. In a dry run that are comments of SQL.
func (p program) closing(plan upgrade.Plan, dry bool) error {
	mark := ""
	if dry {
		mark = "-- "
	}
	switch {
	case len(plan.Steps) == 0 && len(plan.Refused) == 0:
		p.say("%sNothing to do: the schema is this version's.", mark)
	case !dry && len(plan.Refused) == 0:
		p.say("The schema is this version's.")
	}
	for _, u := range plan.Unused {
		p.say("%sUnused, and kept: %s. --drop-unused drops it.", mark, u.What)
	}
	for _, note := range plan.Notes {
		p.say("%s%s", mark, note)
	}
	if len(plan.Refused) == 0 {
		return nil
	}
	return fmt.Errorf("upgrade the schema: not all is known:\n%s", strings.Join(plan.Refused, "\n"))
}
