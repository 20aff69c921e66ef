package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/asn"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/devserver"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/indicators"
	ledgerlist "github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// settingsOf returns a data source's jsonData for the server. Its row limit holds every finding of the scenario.
func settingsOf(server *devserver.Server) ([]byte, error) {
	host, port, err := net.SplitHostPort(server.Native)
	if err != nil {
		return nil, fmt.Errorf("read the address of ClickHouse: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("read the address of ClickHouse: %w", err)
	}
	return json.Marshal(map[string]any{
		"host": host, "port": number, "protocol": settings.Native, "asnDictionary": settings.DefaultDatabase + "." + asn.Dictionary,
		"listTables": map[string]string{indicators.Name: schema.IndicatorsTable, ledgerlist.NamesName: schema.LedgerName(settings.DefaultTable)},
	})
}

// connect opens a client with the data source's settings for the server. The caller owes Close.
func connect(server *devserver.Server) (*clickhouse.Client, settings.Settings, error) {
	stored, err := settingsOf(server)
	if err != nil {
		return nil, settings.Settings{}, err
	}
	decoded, err := settings.Decode(stored, nil)
	if err != nil {
		return nil, settings.Settings{}, err
	}
	client, err := clickhouse.New(decoded, nil)
	return client, decoded, err
}

// applySchema makes the tables, the dictionary of the scenario's autonomous systems, and its list of threat intelligence.
func applySchema(ctx context.Context, server *devserver.Server, ddl []string, s *scenario.Scenario) (err error) {
	client, decoded, err := connect(server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	for _, text := range ddl {
		if err := client.Exec(ctx, text); err != nil {
			return fmt.Errorf("apply the schema: %w", err)
		}
	}
	if err := importFeed(ctx, client, decoded.Database); err != nil {
		return err
	}
	var systems bytes.Buffer
	if err := s.WriteSystems(&systems); err != nil {
		return err
	}
	return asn.LoadFrom(ctx, client, decoded.Database, &systems)
}

// insert sends the events and returns their number.
func insert(ctx context.Context, address string, events iter.Seq[scenario.Event]) (int, error) {
	names := columnNames()
	for i, name := range names {
		names[i] = statement.Identifier(name)
	}
	into := fmt.Sprintf("INSERT INTO %s (%s) FORMAT TabSeparated", eventsTable(), strings.Join(names, ", "))
	count := 0
	for batch, rows := range batches(events) {
		if _, err := post(ctx, address, into, batch); err != nil {
			return count, fmt.Errorf("load the events: %w", err)
		}
		count += rows
	}
	return count, nil
}

// dropTables empties the default database: what an earlier demo made there, in whatever version of the schema.
func dropTables(ctx context.Context, address string) error {
	// A materialized view takes its inner table with it; a dictionary goes before the table that it reads.
	list, err := post(ctx, address, "SELECT if(engine = 'Dictionary', 'DICTIONARY', 'TABLE') AS Kind, name FROM system.tables WHERE database = '"+
		settings.DefaultDatabase+"' AND NOT startsWith(name, '.inner') ORDER BY Kind FORMAT TabSeparatedRaw", nil)
	if err != nil {
		return fmt.Errorf("list the demo's old tables: %w", err)
	}
	for line := range strings.Lines(list) {
		kind, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		table := statement.Qualified(settings.DefaultDatabase, name)
		if _, err := post(ctx, address, "DROP "+kind+" IF EXISTS "+table+" SYNC", nil); err != nil {
			return fmt.Errorf("drop the demo's old table %s: %w", table, err)
		}
	}
	return nil
}

func countEvents(ctx context.Context, address string) (int, error) {
	answer, err := post(ctx, address, "SELECT count() FROM "+eventsTable(), nil)
	if err != nil {
		return 0, fmt.Errorf("count the events: %w", err)
	}
	return strconv.Atoi(strings.TrimSpace(answer))
}

func eventsTable() string {
	return statement.Qualified(settings.DefaultDatabase, settings.DefaultTable)
}

// post runs a statement over ClickHouse's HTTP interface; an INSERT's rows are the body.
func post(ctx context.Context, address, sql string, body []byte) (string, error) {
	where := url.URL{Scheme: "http", Host: address, Path: "/", RawQuery: url.Values{"query": {sql}}.Encode()}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, where.String(), bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ClickHouse answered %s: %s", response.Status, strings.TrimSpace(string(text)))
	}
	return string(text), nil
}
