package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// derive makes events of what pipelines have landed, once or every so often until it is stopped.
func (p program) derive(ctx context.Context, arguments []string) (err error) {
	known, err := ingest.Load(sources.Files)
	if err != nil {
		return err
	}
	set := p.flags("derive", "derive --settings FILE [--source NAME] [--every 1m]\n\nIt creates the landing tables where they are not there. Sources:\n"+helpOf(known))
	settingsFile := set.String("settings", "", "`file` of the data source's settings; its user needs the rights to create tables, insert, select and delete")
	logs := addLogFlags(set, known, "`name` of the source; auto is all")
	since := set.Duration("since", 0, "how far back hours are looked at, such as 48h; 0 for all that landed")
	every := set.Duration("every", 0, "how long to wait before it is done again; 0 to do it once")
	if err := parse(set, arguments); err != nil {
		return err
	}
	decoded, err := eventsSettings(*settingsFile)
	if err != nil {
		return err
	}
	chosen, networks, err := logs.read(decoded.InternalNetworks)
	if err != nil {
		return err
	}
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	for {
		o := ingest.Options{Client: client, Database: decoded.Database, Table: decoded.Table, Sources: chosen, Internal: networks}
		if *since > 0 {
			o.Since = p.now().Add(-*since)
		}
		summary, err := ingest.Make(ctx, o)
		p.printMade(summary.Made)
		switch {
		case *every == 0 || ctx.Err() != nil:
			return err
		case err != nil: // such as ClickHouse being restarted: the next time mends it
			fmt.Fprintf(p.stderr, "fluxhound derive: %v; it is tried again in %s\n", err, *every)
		}
		select {
		case <-time.After(*every):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
