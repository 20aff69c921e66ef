package chtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Event is one row of the events table, by its canonical columns.
type Event struct {
	Timestamp                    time.Time // to the millisecond
	DeviceID                     string
	DeviceName                   string
	ActionType                   string
	RemoteIP                     string
	RemotePort                   uint16
	RemoteURL                    string
	Protocol                     string
	LocalIP                      string
	InitiatingProcessFileName    string
	InitiatingProcessAccountName string
	SentBytes                    *uint64
	ReceivedBytes                *uint64
	SentPackets                  *uint64
	ReceivedPackets              *uint64
	DurationMs                   *uint64
	InitiatingProcessFolderPath  string
	NameSource                   string
	Source                       string
}

// values are the event's, in the order of schema.Columns.
func (e Event) values() []any {
	return []any{
		e.Timestamp, e.DeviceID, e.DeviceName, e.ActionType, e.RemoteIP, e.RemotePort, e.RemoteURL, e.Protocol, e.LocalIP,
		e.InitiatingProcessFileName, e.InitiatingProcessAccountName, e.SentBytes, e.ReceivedBytes,
		e.SentPackets, e.ReceivedPackets, e.DurationMs, e.InitiatingProcessFolderPath, e.NameSource, e.Source,
	}
}

// CreateTable makes the events table, as the schema defines it, in the server's database.
func (s Server) CreateTable(t testing.TB, table string) {
	t.Helper()
	statements, err := schema.DDL(statement.Identifier(s.Database), statement.Identifier(table))
	if err != nil {
		t.Fatalf("write the schema: %v", err)
	}
	for _, ddl := range statements {
		s.Exec(t, ddl)
	}
}

// Exec runs a statement that returns nothing, as the user default and in the server's database.
func (s Server) Exec(t testing.TB, sql string) {
	t.Helper()
	if err := s.exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Insert adds events to a table of the server's database, whose columns have the canonical names.
func (s Server) Insert(t testing.TB, table string, events ...Event) {
	t.Helper()
	if err := s.insert(t.Context(), table, events); err != nil {
		t.Fatalf("insert %d events into %s: %v", len(events), table, err)
	}
}

func (s Server) exec(ctx context.Context, sql string) error {
	conn, err := s.connect()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Exec(ctx, sql)
}

func (s Server) insert(ctx context.Context, table string, events []Event) (err error) {
	conn, err := s.connect()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	columns := ""
	for i, c := range schema.Columns() {
		if i > 0 {
			columns += ", "
		}
		columns += statement.Identifier(c.Name)
	}
	batch, err := conn.PrepareBatch(ctx, fmt.Sprintf("INSERT INTO %s.%s (%s)", statement.Identifier(s.Database), statement.Identifier(table), columns))
	if err != nil {
		return err
	}
	defer func() { _ = batch.Close() }()
	for i, e := range events {
		if err := batch.Append(e.values()...); err != nil {
			return fmt.Errorf("event %d: %w", i, err)
		}
	}
	return batch.Send()
}

func (s Server) connect() (driver.Conn, error) {
	return driver.Open(&driver.Options{
		Addr:     []string{s.Address(settings.Native)},
		Auth:     driver.Auth{Username: admin, Database: s.Database},
		Protocol: driver.Native,
	})
}
