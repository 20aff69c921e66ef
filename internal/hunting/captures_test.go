package hunting_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/accuracy"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/asn"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hunting"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest/captures"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest/captures/capturestest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Captures of one device each: a day of a benign one gives no more rows than are said to be normal.
func TestQuestionsOnCaptures(t *testing.T) {
	found, err := accuracy.Find([]string{captures.Folder(t)}, filepath.Join("..", "accuracy", "truth"))
	if err != nil {
		t.Fatal(err)
	}
	plugin := hosttest.Start(t)
	for _, c := range found {
		t.Run(c.Name, func(t *testing.T) {
			asked := imported(t, plugin, c)
			benign := len(c.Truth.Channels) == 0
			for _, q := range hunting.Questions() {
				t.Run(q.ID, func(t *testing.T) {
					rows := asked.ask(t, q, 24*time.Hour)
					t.Logf("%d rows", len(rows))
					if benign && len(rows) > q.Normal.DeviceRows {
						t.Errorf("%d rows of one device and day without an attacker, and %d are said to be normal", len(rows), q.Normal.DeviceRows)
					}
				})
			}
		})
	}
}

// imported is a capture in a database of its own.
func imported(t *testing.T, plugin *host.Host, c accuracy.Capture) network {
	t.Helper()
	engine := chtest.Database(t)
	capturestest.Import(t, engine, c.Folder)
	client, err := clickhouse.New(engine.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	dictionary := ""
	if c.Ranges != "" {
		dictionary = asn.Dictionary
		if err := asn.Load(t.Context(), client, engine.Database, c.Ranges); err != nil {
			t.Fatal(err)
		}
	}
	return network{
		plugin: plugin, end: newest(t, client, engine).Add(time.Second).Truncate(time.Second),
		source: host.DataSource{UID: c.Name, Name: "Fluxhound", JSONData: jsonData(t, engine, engine.JSON(settings.Native), dictionary)},
	}
}

func newest(t *testing.T, client *clickhouse.Client, engine chtest.Server) time.Time {
	t.Helper()
	answer, err := client.Query(t.Context(), statement.Statement{
		SQL:      "SELECT max(Timestamp) AS Newest FROM " + statement.Qualified(engine.Database, settings.DefaultTable),
		RowLimit: 1, Columns: []statement.Column{{Name: "Newest", Kind: statement.Time}},
	}, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Data[0].([]time.Time)[0]
}
