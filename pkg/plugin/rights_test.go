package plugin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// What an allowlist hides, why and for whom is a map of what goes unseen.
func TestViewersLearnNothingOfTheAllowlistsEntries(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", seen(5)...)
	entry := func(device string) map[string]any {
		return map[string]any{"device": device, "reason": "a-secret-reason", "owner": "secret.owner@example.com"}
	}
	expired := entry("secret-expired")
	expired["expires"] = "2020-01-01"
	faulty := entry("secret-faulty")
	faulty["domain"] = "com"
	b := newBench(t, server, settings.Native, map[string]any{"allowlist": []any{entry("d1"), entry("secret-device"), expired, faulty}}, nil)
	for _, user := range []*backend.User{{Login: "viewer", Role: "Viewer"}, {Login: "nobody"}, nil, {Login: "editor", Role: "Editor"}} {
		all := ""
		for _, q := range []string{dynamicDNS, `{"queryType":"dynamicDns","format":"table","allowlist":"ignore"}`, `{"queryType":"alerts","format":"numeric"}`, `{"queryType":"alerts","format":"table","allowlist":"ignore"}`} {
			res, err := b.plugin.QueryData(t.Context(), &backend.QueryDataRequest{PluginContext: b.source.PluginContext(user), Queries: []backend.DataQuery{
				{RefID: "A", JSON: []byte(q), TimeRange: backend.TimeRange{From: noon.Add(-time.Hour), To: noon}},
			}})
			if err != nil {
				t.Fatal(err)
			}
			text, err := res.MarshalJSON()
			if err != nil || res.Responses["A"].Error != nil {
				t.Fatal(err, res.Responses["A"].Error)
			}
			all += string(text)
		}
		health, err := b.plugin.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: b.source.PluginContext(user)})
		if err != nil {
			t.Fatal(err)
		}
		said := health.Message + string(health.JSONDetails)
		if !strings.Contains(all, "values, withheld") || !strings.Contains(all, "dynamicDns_match") && !strings.Contains(all, "ActionType") {
			t.Errorf("%+v: the executed SQL does not say what it withholds", user)
		}
		if strings.Contains(said, "secret") {
			t.Errorf("%+v: Save & test tells %s", user, said)
		}
		reasons := strings.Count(all, "a-secret-reason")
		if edits := user != nil && user.Role == "Editor"; edits && reasons != 2 || !edits && (reasons > 0 || strings.Contains(all, "secret")) {
			t.Errorf("%+v: got %d reasons; only who edits dashboards sees them, at a finding", user, reasons)
		}
	}
	if h := b.health(t); !strings.Contains(h.Message, "secret") {
		t.Errorf("an administrator is told %q", h.Message)
	}
}

func TestWhatTheSettingsPageNeedsIsForAdministrators(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Exec(t, "ALTER TABLE "+server.Database+".network_events ADD COLUMN SecretColumn String")
	b := newBench(t, server, settings.Native, nil, nil)
	for _, user := range []*backend.User{{Login: "viewer", Role: "Viewer"}, {Login: "editor", Role: "Editor"}, nil} {
		ask := func(path string) *backend.CallResourceResponse {
			res, err := b.plugin.CallResource(t.Context(), &backend.CallResourceRequest{PluginContext: b.source.PluginContext(user), Path: path, URL: path, Method: "GET"})
			if err != nil {
				t.Fatal(err)
			}
			return res
		}
		if res := ask("schema/tables"); res.Status != 403 || !strings.Contains(string(res.Body), "administrators") {
			t.Errorf("%+v: tables: got %d %s", user, res.Status, res.Body)
		}
		if res := ask("schema/columns"); res.Status != 200 || strings.Contains(string(res.Body), "SecretColumn") || !strings.Contains(string(res.Body), "RemoteUrl") {
			t.Errorf("%+v: columns: got %d %s", user, res.Status, res.Body)
		}
	}
}

func TestAnAlertRuleNeverDecidesOnAPart(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	for _, url := range []string{"a.duckdns.org", "b.duckdns.org", "c.duckdns.org"} {
		e := seen(1)[0]
		e.RemoteURL = url
		server.Insert(t, "network_events", e)
	}
	b := newBench(t, server, settings.Native, nil, nil)
	for _, format := range []string{"table", "timeseries"} {
		for _, header := range []string{backend.FromAlertHeaderName, "http_" + backend.FromAlertHeaderName, "fromalert"} {
			for limit, whole := range map[string]bool{"2": false, "3": true} {
				q := `{"queryType":"dynamicDns","format":"` + format + `","limit":` + limit + `}`
				res, err := b.plugin.QueryData(t.Context(), &backend.QueryDataRequest{
					PluginContext: b.source.PluginContext(nil), Headers: map[string]string{header: "true"},
					Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(q), Interval: time.Minute, TimeRange: backend.TimeRange{From: noon.Add(-time.Hour), To: noon}}},
				})
				if err != nil {
					t.Fatal(err)
				}
				if whole {
					if res.Responses["A"].Error != nil {
						t.Errorf("%s with %s: %v", q, header, res.Responses["A"].Error)
					}
				} else {
					wantCategory(t, res.Responses["A"], "limit")
				}
			}
		}
		if res := b.ask(t.Context(), t, `{"queryType":"dynamicDns","format":"`+format+`","limit":2}`)["A"]; res.Error != nil {
			t.Errorf("a viewer gets a notice, and got %v", res.Error)
		}
	}
}

// Saving the settings once failed the evaluations under way, and paged.
func TestSavedSettingsLetAnEvaluationEnd(t *testing.T) {
	server := chtest.Start(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", seen(12)...)
	server.Exec(t, slow)
	b := newBench(t, server, settings.Native, map[string]any{"table": "slow", "customSettings": slowly}, nil)
	answer := make(chan backend.DataResponse, 1)
	alert := &backend.QueryDataRequest{
		PluginContext: b.source.PluginContext(nil), Headers: map[string]string{backend.FromAlertHeaderName: "true"},
		Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(`{"queryType":"events","format":"numeric"}`), TimeRange: backend.TimeRange{From: noon.Add(-time.Hour), To: noon}}},
	}
	go func() {
		res, err := b.plugin.QueryData(t.Context(), alert)
		if err != nil {
			t.Error(err)
		}
		answer <- res.Responses["A"]
	}()
	waitForStatements(t, server, 1)
	b.source.Updated = noon // the settings were saved
	if status, _ := b.resource(t, "detectors"); status != 200 {
		t.Fatal(status)
	}
	if res := <-answer; res.Error != nil {
		t.Error(res.Error)
	}
}
