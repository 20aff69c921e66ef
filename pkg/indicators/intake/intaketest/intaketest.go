// Package intaketest makes indicators for tests.
package intaketest

import (
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/indicators"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/liststest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Fill makes the table of indicators and its dictionaries beside the events table, and imports a feed. It returns the jsonData of a data
// source that knows them.
func Fill(t testing.TB, engine chtest.Server, feed intake.Feed, text string) []byte {
	t.Helper()
	Make(t, engine)
	client, err := clickhouse.New(engine.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	store := intake.Store{Client: client, Database: engine.Database, Table: schema.IndicatorsTable, Now: time.Now}
	if _, err := store.Import(t.Context(), feed, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if err := store.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return With(t, engine.JSON(settings.Native))
}

// Make makes the table of indicators and its dictionaries.
func Make(t testing.TB, engine chtest.Server) {
	t.Helper()
	statements, err := intake.Definition(engine.Database, schema.IndicatorsTable)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range statements {
		engine.Exec(t, text)
	}
}

// With adds the table of indicators to a data source's jsonData.
func With(t testing.TB, jsonData []byte) []byte {
	t.Helper()
	return liststest.With(t, jsonData, indicators.Name, schema.IndicatorsTable)
}
