package sources_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// variant is one way to write a record, and the event that must come of it: its columns, joined by blanks. Nothing where none may come.
type variant struct{ written, want string }

// wayOf is how a source's records are written.
type wayOf struct {
	source, file string
	header       string // of a CSV
	// record is a line; its event must be at the second of that number in the first minutes of 2026.
	record func(at clock, written string) string
}

// clock is the second of a record within the first hour of 2026.
type clock int

func (c clock) iso() string { return fmt.Sprintf("2026-01-01T00:%02d:%02d.000Z", int(c)/60, int(c)%60) }
func (c clock) unix() int   { return 1767225600 + int(c) }

// check imports one file that holds all variants, and compares the columns of the events, which are SQL over network_events.
func check(t *testing.T, way wayOf, columns string, variants []variant) {
	t.Helper()
	var text strings.Builder
	if way.header != "" {
		text.WriteString(way.header + "\n")
	}
	want := map[string]string{}
	for i, v := range variants {
		at := clock(i)
		text.WriteString(way.record(at, v.written) + "\n")
		if v.want != "" {
			want[fmt.Sprintf("%s %s", at.iso(), v.written)] = v.want
		}
	}
	got := map[string]string{}
	for _, row := range importedTexts(t, way.source, way.file, text.String(), columns) {
		at, columns, _ := strings.Cut(row, " ")
		for i, v := range variants {
			if clock(i).iso() == at {
				at = at + " " + v.written
			}
		}
		got[at] = columns
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", way.source, diff)
	}
}

// importedTexts imports a file and gives the events in order of time, each as its time and columns.
func importedTexts(t *testing.T, source, file, text, columns string) []string {
	t.Helper()
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	client, err := clickhouse.New(server.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	summary, err := ingest.Import(t.Context(), ingest.Options{
		Client: client, Database: server.Database, Table: settings.DefaultTable, Sources: known, Internal: settings.PrivateNetworks(),
	}, []ingest.File{{Path: path, Named: true}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range summary.Files {
		if f.Source != source || f.Fault != "" || f.Rejected > 0 || f.Others > 0 {
			t.Errorf("%s was read as %q: %s %v, and %d records as of others", f.Path, f.Source, f.Fault, f.Rejects, f.Others)
		}
	}
	result, err := client.Query(t.Context(), statement.Statement{
		SQL: "SELECT concat(formatDateTime(Timestamp, '%Y-%m-%dT%H:%i:%S.'), leftPad(toString(toUnixTimestamp64Milli(Timestamp) % 1000), 3, '0'), 'Z ', " + columns + ") AS Row FROM " +
			statement.Identifier(server.Database) + "." + statement.Identifier(settings.DefaultTable) + " ORDER BY Row",
		Columns:  []statement.Column{{Name: "Row", Kind: statement.Text}},
		RowLimit: 10_000,
	}, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Data[0].([]string)
}

// ecsEvent is an event with the fields within objects; what is written stands before them, and ends with a comma where there is any.
func ecsEvent(at clock, written string) string {
	return fmt.Sprintf(`{"@timestamp":%q,%s"source":{"ip":"10.0.0.5","port":50001,"bytes":100},"destination":{"ip":"203.0.113.9","port":443,"bytes":200}}`, at.iso(), written)
}

// In the common schema a field's place may be taken by a text, and a scalar's by a list. No event is lost by it.
func TestATextWhereAnObjectIsUsualKeepsTheEvent(t *testing.T) {
	check(t, wayOf{source: "ecs", file: "events.ndjson", record: ecsEvent}, "concat(DeviceId, ' ', RemoteIP, ' ', InitiatingProcessFileName, ' ', InitiatingProcessAccountName)", []variant{
		{``, "10.0.0.5 203.0.113.9  "},
		{`"host":"ws-1",`, "10.0.0.5 203.0.113.9  "},
		{`"host":["ws-1"],`, "10.0.0.5 203.0.113.9  "},
		{`"host":"ws-1","process":"a.exe",`, "ws-1 203.0.113.9 a.exe "},
		{`"host":["ws-1"],"process":["a.exe"],`, "ws-1 203.0.113.9 a.exe "},
		{`"host":[{"name":"ws-1"}],"process":{"name":"a.exe"},`, "ws-1 203.0.113.9 a.exe "},
		{`"host":{"name":["ws-1"],"ip":["::ffff:10.0.0.5"]},`, "ws-1 203.0.113.9  "},
		{`"url":"https://x.example/?q=\"{[",`, "10.0.0.5 203.0.113.9  "},
		{`"url":"{",`, "10.0.0.5 203.0.113.9  "},
		{`"user":"alice",`, "10.0.0.5 203.0.113.9  alice"},
		{`"user":["Doe, Jane"],`, "10.0.0.5 203.0.113.9  Doe, Jane"},
		{`"user":7,"event":true,"tls":null,`, "10.0.0.5 203.0.113.9  7"},
		{`"event":"conn",`, "10.0.0.5 203.0.113.9  "},
		{`"event":["conn"],"network":"lan","dns":"x","tls":"yes","flow":"abc","observer":"fw1",`, "10.0.0.5 203.0.113.9  "},
		{`"event":{"kind":["event"]},`, "10.0.0.5 203.0.113.9  "},
		{`"event":{"kind":"-"},`, "10.0.0.5 203.0.113.9  "},
		{`"event":{"kind":"Event"},`, "10.0.0.5 203.0.113.9  "},
		{`"event.kind":["event"],`, "10.0.0.5 203.0.113.9  "},
		{`"event.kind":"alert",`, ""},
		{`"event":{"kind":["alert"]},`, ""},
		{`"event":{"start":"-"},`, "10.0.0.5 203.0.113.9  "},
	})
	check(t, wayOf{source: "ecs", file: "index.ndjson", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"_index":"x","_source":{"@timestamp":%q,%s}}`, at.iso(), written)
	}}, "concat(DeviceId, ' ', RemoteIP, ' ', toString(RemotePort), ' ', RemoteUrl)", []variant{
		{`"source":{"ip":"10.0.0.5"},"destination":{"ip":"203.0.113.9","port":443}`, "10.0.0.5 203.0.113.9 443 "},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","destination.port":443`, "10.0.0.5 203.0.113.9 443 "},
		{`"source":{"ip":"10.0.0.5"},"destination.ip":"203.0.113.9","destination":{"port":443},"host":"ws-1","user":"x"`, "10.0.0.5 203.0.113.9 443 "},
		{`"source.ip":["10.0.0.5"],"destination.ip":["203.0.113.9"],"destination.port":[443],"tls.client.server_name":["a.example"]`, "10.0.0.5 203.0.113.9 443 a.example"},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","tls.client":{"server_name":"a.example"}`, "10.0.0.5 203.0.113.9 0 a.example"},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","tls":{"client.server_name":"a.example"}`, "10.0.0.5 203.0.113.9 0 a.example"},
	})
}
