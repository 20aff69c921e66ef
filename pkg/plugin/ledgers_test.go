package plugin_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger/ledgertest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Who has a row policy on the events is told nothing by the ledgers, which are made of all of them.
func TestARowPolicyHoldsForLedgers(t *testing.T) {
	now := time.Now().UTC()
	var events []chtest.Event
	for _, device := range []string{"A-1", "B-1"} {
		for n := range 30 {
			e := recent(1)[0]
			e.DeviceID, e.DeviceName, e.RemoteIP, e.RemoteURL, e.Timestamp = device, device, "203.0.113.7", "portal.example", now.Add(-time.Duration(n+1)*time.Hour)
			if device == "B-1" { // who goes there for weeks, and to another place before
				e.Timestamp = now.AddDate(0, 0, -n)
				if n > 3 {
					e.RemoteIP = "198.51.7.1"
				}
			}
			events = append(events, e)
		}
	}
	for name, bounded := range map[string]bool{"a tenant": true, "who sees all": false} {
		t.Run(name, func(t *testing.T) {
			user := chtest.User{Name: "analyst", Password: "x", Grants: []string{"SELECT ON default.*"}}
			if bounded {
				user.Filters = map[string]string{"default.network_events": "DeviceName LIKE 'A-%'"}
			}
			server := chtest.Start(t, chtest.WithUsers(user))
			server.CreateTable(t, settings.DefaultTable)
			server.Insert(t, settings.DefaultTable, events...)
			ledgertest.Fill(t, server)
			ledgertest.FillDestinations(t, server)
			changes := map[string]any{}
			if err := json.Unmarshal(ledgertest.WithDestinations(t, ledgertest.With(t, []byte(`{"username":"analyst"}`))), &changes); err != nil {
				t.Fatal(err)
			}
			b := newBench(t, server, settings.Native, changes, map[string]string{"password": "x"})
			for _, alert := range []bool{true, false} {
				text := told(t, b.ofWeek(t, alert, `{"queryType":"cases","format":"table","params":{"minRisk":0}}`))
				for _, table := range []string{ledgertest.Table, ledgertest.Destinations} {
					if read := strings.Contains(text, `"`+table+`"`); read == bounded {
						t.Errorf("alert %v: %s is read: %v\n%s", alert, table, read, text)
					}
				}
				if withheld := strings.Contains(text, "Answered without the ledgers of names and destinations: a row policy"); withheld != bounded {
					t.Errorf("alert %v: it is said that the ledgers are withheld: %v", alert, withheld)
				}
			}
			res := b.ofWeek(t, true, `{"queryType":"repointed","format":"numeric"}`)
			if refused := res.Error != nil && strings.Contains(res.Error.Error(), "a row policy bounds the events"); refused != bounded {
				t.Errorf("names that moved: %v", res.Error)
			}
			text := fmt.Sprintf("%s %s", b.health(t).Message, b.health(t).JSONDetails)
			if !strings.Contains(text, "The ledger knows of 1 destinations since") || strings.Contains(text, "It is not used: a row policy") != bounded {
				t.Errorf("Save & test says %s", text)
			}
		})
	}
}
