package demo

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/devserver"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed past.sql
var pastText string

var pastTemplate = statement.Parse("past.sql", pastText)

// moved is a name of an attack's server: a site that somebody took over, and that was elsewhere before.
const moved = "static.paper-kite.example"

// remember makes the ledger of names and fills it with the events, and with a past that these do not have.
func remember(ctx context.Context, server *devserver.Server) (err error) {
	client, decoded, err := connect(server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	table, err := client.EventsTable(ctx)
	if err != nil {
		return err
	}
	name := schema.LedgerName(settings.DefaultTable)
	keeper, err := ledger.Names(ctx, client, table, name)
	if err != nil {
		return err
	}
	if err := keeper.Apply(ctx, func(time.Time) {}); err != nil {
		return fmt.Errorf("fill the demo's ledger of names: %w", err)
	}
	past, err := statement.Render(pastTemplate, map[string]string{
		"Ledger": statement.Qualified(decoded.Database, name), "Moved": statement.Quoted(moved),
	})
	if err != nil {
		return err
	}
	if err := client.Exec(ctx, past); err != nil {
		return fmt.Errorf("give the demo's ledger a past: %w", err)
	}
	return keeper.Schedule(ctx)
}
