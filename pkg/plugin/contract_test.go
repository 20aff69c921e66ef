package plugin_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/tests/contract"
)

// The front end's tests draw their forms from these answers.
func TestTheFrontEndKnowsTheResourcesAsTheyAre(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	b := newBench(t, server, settings.Native, nil, nil)
	for file, path := range map[string]string{"detectors.json": "detectors", "columns.json": "schema/columns", "sources.json": "sources", "hunting.json": "hunting"} {
		status, body := b.resource(t, path)
		if status != 200 {
			t.Fatalf("%s: got %d %s", path, status, body)
		}
		// The test's database has a name of its own.
		contract.Check(t, file, json.RawMessage(strings.Replace(string(body), server.Database, settings.DefaultDatabase, 1)))
	}
}
