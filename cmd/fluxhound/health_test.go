package main

import (
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestHealthPrintsEveryCheckAndExitsWith1UnlessAllIsWell(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	empty, uncounted, blind := chtest.Database(t), chtest.Database(t), chtest.Database(t)
	for server, action := range map[*chtest.Server]string{&uncounted: "ConnectionSuccess", &blind: "SF"} {
		server.CreateTable(t, settings.DefaultTable)
		for i := range 20 {
			server.Insert(t, settings.DefaultTable, chtest.Event{
				Timestamp: time.Now().UTC().Add(-time.Duration(i+1) * time.Minute).Truncate(time.Millisecond), DeviceID: "d", DeviceName: "WS-1",
				ActionType: action, RemoteIP: "203.0.113.9", RemotePort: 443, RemoteURL: "a.example.com", InitiatingProcessFileName: "a.exe",
			})
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		jsonData any
		code     int
		says     []string
	}{
		"all is well":              {json.RawMessage(server.JSON(settings.Native)), exitOK, []string{"OK: ", "ok      settings", "ok      connection", "ok      table", "ok      queries"}},
		"no table":                 {json.RawMessage(empty.JSON(settings.Native)), exitFailed, []string{"ERROR: [schema]", "ok      connection", "failed  table", settings.DefaultTable}},
		"a sensor counts no bytes": {json.RawMessage(uncounted.JSON(settings.Native)), exitFailed, []string{"WARNING: All of the 20 events", "ok      data", "warns   data", "Map SentBytes"}},
		"nothing can be found":     {json.RawMessage(blind.JSON(settings.Native)), exitFailed, []string{"ERROR: Beaconing can find nothing", "failed  data", "actionTypes"}},
		"nobody listens":           {map[string]any{"host": nobody}, exitFailed, []string{"ERROR: [network]", "failed  connection"}},
		"settings are broken":      {map[string]any{"host": "x", "protocol": "gopher"}, exitFailed, []string{"ERROR: ", "failed  settings", "protocol", "native or http"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, "health", "--settings", file(t, "settings.json", map[string]any{"jsonData": c.jsonData}), "--plugin", hosttest.Plugin(t))
			if got.code != c.code || got.stderr != "" {
				t.Errorf("exit code %d, stderr %q; want %d and silence", got.code, got.stderr, c.code)
			}
			for _, part := range c.says {
				if !strings.Contains(got.stdout, part) {
					t.Errorf("stdout lacks %q:\n%s", part, got.stdout)
				}
			}
		})
	}
}
