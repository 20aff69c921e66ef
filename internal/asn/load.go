package asn

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Names of what Load makes in a database.
const (
	Dictionary = "asn"
	table      = "asn_prefixes"
)

// blockRows is how many prefixes are written at once.
const blockRows = 100_000

// Load is LoadFrom of a file.
func Load(ctx context.Context, client *clickhouse.Client, database, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the autonomous systems: %w", err)
	}
	defer file.Close() // nothing was written to it
	if err := LoadFrom(ctx, client, database, file); err != nil {
		return fmt.Errorf("load %s: %w", path, err)
	}
	return nil
}

// LoadFrom fills the dictionary of autonomous systems in a database from ranges, and creates it where it is not there. What was in it
// before goes.
func LoadFrom(ctx context.Context, client *clickhouse.Client, database string, ranges io.Reader) error {
	quoted := func(name string) string {
		return statement.Qualified(database, name)
	}
	statements, err := schema.ASNDDL(schema.ASNNames{
		Prefixes: quoted(table), Dictionary: quoted(Dictionary), DatabaseText: statement.Quoted(database), PrefixesText: statement.Quoted(table),
	})
	if err != nil {
		return err
	}
	for _, text := range append(statements, "TRUNCATE TABLE "+quoted(table)) {
		if err := client.Exec(ctx, text); err != nil {
			return fmt.Errorf("make the dictionary of autonomous systems: %w", err)
		}
	}
	var rows prefixes
	write := func() error { return rows.write(ctx, client, database) }
	err = Each(ranges, func(p netip.Prefix, number uint32, name string) error {
		rows.add(p, number, name)
		if len(rows.networks) < blockRows {
			return nil
		}
		return write()
	})
	if err == nil {
		err = write()
	}
	if err != nil {
		return fmt.Errorf("read the autonomous systems: %w", err)
	}
	return client.Exec(ctx, "SYSTEM RELOAD DICTIONARY "+quoted(Dictionary))
}

// prefixes are rows of the table.
type prefixes struct {
	networks, names []string
	numbers         []uint32
}

func (r *prefixes) add(p netip.Prefix, number uint32, name string) {
	r.networks, r.numbers, r.names = append(r.networks, p.String()), append(r.numbers, number), append(r.names, name)
}

func (r *prefixes) write(ctx context.Context, client *clickhouse.Client, database string) error {
	if len(r.networks) == 0 {
		return nil
	}
	err := client.Insert(ctx, clickhouse.Block{
		Database: database, Table: table, Columns: []string{"Prefix", "ASN", "Name"}, Data: []any{r.networks, r.numbers, r.names},
	})
	*r = prefixes{}
	return err
}
