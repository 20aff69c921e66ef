// Package capturestest imports captures for tests.
package capturestest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// Import brings all logs of a capture's folder into the default events table of a database, which is made. A log that cannot be read to its end
// fails the test. The labels of a capture and the ranges of addresses beside it are no logs.
func Import(t testing.TB, engine chtest.Server, folder string) {
	t.Helper()
	engine.CreateTable(t, settings.DefaultTable)
	files, err := ingest.Find([]string{folder})
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f ingest.File) bool {
		return slices.Contains([]string{"truth.json", "asn.tsv"}, filepath.Base(f.Path))
	})
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	decoded := engine.Settings(settings.Native)
	decoded.QueryTimeout = 10 * time.Minute
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	summary, err := ingest.Import(t.Context(), ingest.Options{
		Client: client, Database: decoded.Database, Table: decoded.Table, Sources: known, Internal: settings.PrivateNetworks(), Stdin: strings.NewReader(""),
	}, files)
	if err != nil || summary.Failed() {
		t.Fatalf("import %s: failed %v, %v", folder, summary.Failed(), err)
	}
}
