package accuracy

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/asn"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// loaded is a capture in a database of its own.
type loaded struct {
	database    string
	first, last time.Time
	ports       []int64 // the most used ones, at most as many as a list of ports may hold
}

// days is how long the capture is, and a day at least: a rule looks at a day.
func (l loaded) days() float64 { return max(1, l.last.Sub(l.first).Hours()/24) }

// load imports a capture's logs, the DNS log among them or not, and the autonomous systems beside it.
func (o Options) load(ctx context.Context, c Capture, withDNS bool, database string) (l loaded, err error) {
	l.database = database
	if err := o.create(ctx, database); err != nil {
		return l, err
	}
	decoded, err := o.settings(database)
	if err != nil {
		return l, err
	}
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	ddl, err := schema.DDL(statement.Identifier(database), statement.Identifier(decoded.Table))
	if err != nil {
		return l, err
	}
	for _, text := range ddl {
		if err := client.Exec(ctx, text); err != nil {
			return l, err
		}
	}
	found, err := ingest.Find([]string{c.Folder})
	if err != nil {
		return l, err
	}
	files := make([]ingest.File, 0, len(found))
	for _, file := range found {
		name := filepath.Base(file.Path)
		if name == truthFile || name == rangesFile || !withDNS && strings.HasPrefix(name, "dns.") {
			continue
		}
		files = append(files, file)
	}
	known, err := ingest.Load(sources.Files)
	if err != nil {
		return l, err
	}
	summary, err := ingest.Import(ctx, ingest.Options{
		Client: client, Database: database, Table: decoded.Table, Sources: known, Internal: settings.PrivateNetworks(), Stdin: strings.NewReader(""),
	}, files)
	if err != nil {
		return l, err
	}
	if summary.Failed() {
		return l, fmt.Errorf("%s was not read to its end", c.Folder)
	}
	if c.Ranges != "" {
		if err := asn.Load(ctx, client, database, c.Ranges); err != nil {
			return l, err
		}
	}
	return l, l.look(ctx, client, decoded)
}

func (o Options) settings(database string) (settings.Settings, error) {
	text, err := o.jsonData(database, false)
	if err != nil {
		return settings.Settings{}, err
	}
	decoded, err := settings.Decode(text, nil)
	decoded.QueryTimeout = longest
	return decoded, err
}

// longest is how long one statement of an import may take.
const longest = 10 * time.Minute

// jsonData is that of a data source on a capture's database.
func (o Options) jsonData(database string, withSystems bool) ([]byte, error) {
	var all map[string]any
	if err := json.Unmarshal(o.JSONData, &all); err != nil {
		return nil, fmt.Errorf("read the data source's settings: %w", err)
	}
	all["database"], all["queryTimeout"], all["cacheTTL"] = database, 300, 0
	if withSystems {
		all["asnDictionary"] = database + "." + asn.Dictionary
	}
	return json.Marshal(all)
}

// create makes a database, from a connection to the one that the settings name.
func (o Options) create(ctx context.Context, database string) (err error) {
	decoded, err := settings.Decode(o.JSONData, nil)
	if err != nil {
		return err
	}
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	text, err := schema.DatabaseDDL(statement.Identifier(database))
	if err != nil {
		return err
	}
	return client.Exec(ctx, text)
}

//go:embed facts.sql
var factsText string

//go:embed ports.sql
var portsText string

var (
	factsTemplate = statement.Parse("facts.sql", factsText)
	portsTemplate = statement.Parse("ports.sql", portsText)
)

// look learns what there is to look at.
func (l *loaded) look(ctx context.Context, client *clickhouse.Client, s settings.Settings) error {
	table := map[string]string{"Table": statement.Qualified(s.Database, s.Table)}
	facts, err := ask(ctx, client, factsTemplate, table, statement.Column{Name: "First", Kind: statement.Time}, statement.Column{Name: "Last", Kind: statement.Time})
	if err != nil {
		return err
	}
	l.first, l.last = facts.Data[0].([]time.Time)[0], facts.Data[1].([]time.Time)[0]
	ports, err := ask(ctx, client, portsTemplate, table, statement.Column{Name: "Port", Kind: statement.Integer})
	if err != nil {
		return err
	}
	l.ports = ports.Data[0].([]int64)
	return nil
}

func ask(ctx context.Context, client *clickhouse.Client, sql *template.Template, of map[string]string, columns ...statement.Column) (*clickhouse.Result, error) {
	text, err := statement.Render(sql, of)
	if err != nil {
		return nil, err
	}
	return client.Query(ctx, statement.Statement{SQL: text, RowLimit: 1000, Columns: columns}, clickhouse.Origin{User: "fluxhound accuracy"})
}
