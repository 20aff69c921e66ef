package accuracy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/tablerow"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake/intaketest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest/captures/capturestest"
)

// Who learns of a channel's server afterwards finds what was there before: the device of the channel, and whoever else went to the server.
func TestAnIndicatorFindsItsChannelAfterwards(t *testing.T) {
	plugin, found := hosttest.Start(t), 0
	for _, c := range labelled(t) {
		for i, channel := range c.Truth.Channels {
			if channel.Address == "" {
				continue
			}
			found++
			t.Run(fmt.Sprint(c.Name, " ", i), func(t *testing.T) {
				engine := chtest.Database(t)
				capturestest.Import(t, engine, c.Folder)
				jsonData := intaketest.Fill(t, engine, intake.Feed{Source: "learnt", Confidence: 90, Holds: 3650 * 24 * time.Hour}, channel.Address+"\n")
				source := host.DataSource{UID: "intel-" + engine.Database, Name: "Intel", JSONData: jsonData}
				answer, err := plugin.QueryData(t.Context(), &backend.QueryDataRequest{
					PluginContext: source.PluginContext(nil),
					Queries: []backend.DataQuery{{
						RefID: "A", JSON: json.RawMessage(`{"queryType":"threatIntel","format":"table"}`), Interval: time.Hour, MaxDataPoints: 1000,
						TimeRange: backend.TimeRange{From: time.Unix(0, 0).UTC(), To: time.Now()},
					}},
				})
				if err != nil {
					t.Fatal(err)
				}
				response := answer.Responses["A"]
				if response.Error != nil {
					t.Fatal(response.Error)
				}
				device := false
				for row := range response.Frames[0].Rows() {
					r := tablerow.Of(response.Frames[0], row)
					device = device || strings.EqualFold(r.Text("DeviceId"), channel.Device) || strings.EqualFold(r.Text("DeviceName"), channel.Device)
					if ips := tablerow.List[string](r, "Indicators"); len(ips) != 1 || ips[0] != channel.Address {
						t.Errorf("%s at %s: indicators %v, want the channel's address alone", r.Text("DeviceName"), r.Text("RemoteUrl"), ips)
					}
				}
				if !device {
					t.Errorf("the channel's device is in none of %d matches", response.Frames[0].Rows())
				}
			})
		}
	}
	if found == 0 {
		t.Error("no channel has an address")
	}
}
