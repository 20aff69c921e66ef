package sources_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// Whatever a sensor writes lands, and events are made of the rest: one row that makes no sense must not keep all others back.
func TestNoTextKeepsRowsFromLandingOrEventsFromBeingMade(t *testing.T) {
	texts := []string{
		"", "-", "0", "1", "-1", "NaN", "inf", "-inf", "1e308", "1e400", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "99999999999999999999999",
		"4102444800000", "2026-01-05T00:00:00Z", "2026-13-45T99:99:99Z", "1/5/2026", "13/45/2026, 99:99:99 PM", "Jan 5, 2026", "Xyz ", "10.0.0.5", "::ffff:203.0.113.9", "fe80::1%5",
		"{", "{}", "[]", "null", "[null]", `{"a":`, `[{}]`, `{"ip":{"ip":[]},"port":-1,"start":"x","end":"x","state":[],"type":"answer","answers":[1,null,"x",{"rdata":null,"ttl":-5}],"grouped":[1]}`,
		"/", "//", "TCP/ ", "\\", "\\x", "'", "a b c d e f g h i j", "1 2 3 4/5 6 7 8 9/10 11", "\xff\xfe", "\x00", strings.Repeat("9", 400),
	}
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range known {
		t.Run(source.Name, func(t *testing.T) {
			server := chtest.Database(t)
			server.CreateTable(t, settings.DefaultTable)
			client, err := clickhouse.New(server.Settings(settings.Native), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := client.Close(); err != nil {
					t.Error(err)
				}
			}()
			options := ingest.Options{
				Client: client, Database: server.Database, Table: settings.DefaultTable, Sources: []ingest.Source{source}, Internal: settings.PrivateNetworks(),
			}
			folders, err := filepath.Glob(filepath.Join(source.Name, "fixtures", "*", "in"))
			if err != nil {
				t.Fatal(err)
			}
			files, err := ingest.Find(folders)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ingest.Import(t.Context(), options, files); err != nil {
				t.Fatal(err)
			}
			for _, log := range source.Logs {
				spoil(t, server, client, source.LandingTable(log.Name), texts)
			}
			if _, err := ingest.Make(t.Context(), options); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// spoil writes each text into all of a landing table's fields at once, and into each field of every third row that is there.
func spoil(t *testing.T, server chtest.Server, client *clickhouse.Client, table string, texts []string) {
	t.Helper()
	described, err := client.Describe(t.Context(), server.Database, table)
	if err != nil {
		t.Fatal(err)
	}
	block := clickhouse.Block{Database: server.Database, Table: table, Token: table}
	var fields []string
	for _, column := range described {
		if schema.Base(column.Type) == "String" && column.Materialized == "" && !strings.HasPrefix(column.Name, "Import") {
			fields = append(fields, statement.Identifier(column.Name))
			block.Columns, block.Data = append(block.Columns, column.Name), append(block.Data, texts)
		}
	}
	quoted := statement.Qualified(server.Database, table)
	originals := "(SELECT * FROM " + quoted + " WHERE ImportFile != '' AND ImportLine % 3 = 1)"
	if err := client.Insert(t.Context(), block); err != nil {
		t.Fatalf("land: %v", err)
	}
	spoiled := "SELECT arrayJoin((SELECT groupArray(" + fields[0] + ") FROM " + quoted + " WHERE ImportFile = '' AND ImportLine = 0))"
	for i, field := range fields {
		others := slices.Delete(slices.Clone(fields), i, i+1)
		list := strings.Join(append(others, "EventTime", "ImportLine"), ", ")
		// Rows keep their time, so that they are made into events whatever their texts say. Their lines tell them from the first.
		server.Exec(t, "INSERT INTO "+quoted+" ("+field+", "+list+") "+spoiled+", "+strings.ReplaceAll(list, "ImportLine", "ImportLine + 1")+" FROM "+originals)
	}
}
