package plugin_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestDetectorsDescribeTheirParameters(t *testing.T) {
	server := chtest.Database(t) // without a table: forms are drawn all the same
	b := newBench(t, server, settings.Native, map[string]any{"rowLimit": 50}, nil)
	status, answer := b.get(t, "detectors")
	if status != 200 {
		t.Fatalf("got %d %v", status, answer)
	}
	var names []string
	for _, d := range answer["detectors"].([]any) {
		names = append(names, d.(map[string]any)["name"].(string))
	}
	if diff := cmp.Diff([]string{"beaconing", "dynamicDns", "fastFlux", "alerts", "cases", "threatIntel", "repointed", "findings", "events", "dataQuality"}, names); diff != "" {
		t.Errorf("detectors (-want +got):\n%s", diff)
	}
	first := answer["detectors"].([]any)[0].(map[string]any)["params"].([]any)[0]
	want := map[string]any{
		"name": "minConnections", "label": "Minimum connections", "kind": "integer", "unit": "connections",
		"min": 1.0, "max": 1e12, "default": 20.0, "help": "A finding has at least this many connections to one address and name.",
	}
	if diff := cmp.Diff(any(want), first); diff != "" {
		t.Errorf("first parameter (-want +got):\n%s", diff)
	}
	if limit := answer["defaults"].(map[string]any)["rowLimit"]; limit != 50.0 {
		t.Errorf("got row limit %v, want the data source's 50", limit)
	}
}

func TestColumnsShowTheMappingAndTheTablesOwn(t *testing.T) {
	server := chtest.Database(t)
	server.Exec(t, "CREATE TABLE "+server.Database+`.logs (ts DateTime, "host name" String, ip IPv4) ENGINE = Memory`)
	b := newBench(t, server, settings.HTTP, map[string]any{"table": "logs", "columns": map[string]string{"Timestamp": "ts", "DeviceName": "host name", "RemoteIP": "ip"}}, nil)
	status, answer := b.get(t, "schema/columns")
	if status != 200 {
		t.Fatalf("got %d %v", status, answer)
	}
	if n := len(answer["available"].([]any)); n != 3 {
		t.Errorf("got %d available columns, want 3", n)
	}
	for _, c := range answer["columns"].([]any) {
		column := c.(map[string]any)
		want := map[string]string{"Timestamp": "ts", "DeviceName": "host name", "RemoteIP": "ip"}[column["name"].(string)]
		if column["column"] != want || column["present"] != (want != "") {
			t.Errorf("%s: got %v, present %v; want %q", column["name"], column["column"], column["present"], want)
		}
	}
	if h := b.health(t); h.Status != backend.HealthStatusError || !strings.Contains(h.Message, "DeviceId") || !strings.Contains(h.Message, "RemoteUrl") {
		t.Errorf("health: got %s %q, want an error that names DeviceId and RemoteUrl", h.Status, h.Message)
	}
}

func TestTablesListsWhatTheUserMaySee(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	b := newBench(t, server, settings.Native, nil, nil)
	_, answer := b.get(t, "schema/tables")
	for _, d := range answer["databases"].([]any) {
		if database := d.(map[string]any); database["name"] == server.Database {
			if diff := cmp.Diff([]any{"network_events"}, database["tables"]); diff != "" {
				t.Errorf("tables (-want +got):\n%s", diff)
			}
			return
		}
	}
	t.Errorf("%s is not among %v", server.Database, answer)
}

func TestValuesAreDistinctSortedSearchedAndBounded(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Insert(t, "network_events", seen(9)...)
	odd := seen(1)[0]
	odd.DeviceName, odd.RemotePort = `it's "odd" {x:String} \`, 4444
	server.Insert(t, "network_events", odd)
	b := newBench(t, server, settings.Native, nil, nil)
	window := fmt.Sprintf("&from=%d&to=%d", noon.Add(-time.Hour).UnixMilli(), noon.UnixMilli())
	filters := url.QueryEscape(`[{"column":"RemotePort","operator":"=","values":["4444"]}]`)
	for query, want := range map[string]string{
		"column=DeviceName" + window:                                           `{"truncated":false,"values":["WS-0","WS-1","WS-2","it's \"odd\" {x:String} \\"]}`,
		"column=DeviceName&search=ws" + window:                                 `{"truncated":false,"values":["WS-0","WS-1","WS-2"]}`,
		"column=DeviceName&search=" + url.QueryEscape(`{x:String} \`) + window: `{"truncated":false,"values":["it's \"odd\" {x:String} \\"]}`,
		"column=DeviceName&limit=2" + window:                                   `{"truncated":true,"values":["WS-0","WS-1"]}`,
		"column=RemotePort" + window:                                           `{"truncated":false,"values":["443","4444"]}`,
		"column=RemotePort&filters=" + filters + window:                        `{"truncated":false,"values":["4444"]}`,
		"column=LocalIP" + window:                                              `{"truncated":false,"values":[]}`,
		"column=DeviceName":                                                    `{"truncated":false,"values":[]}`, // the last day
	} {
		status, answer := b.get(t, "values?"+query)
		got, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		var wanted map[string]any
		if err := json.Unmarshal([]byte(want), &wanted); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wanted, answer); diff != "" || status != 200 {
			t.Errorf("%s: got %d %s (-want +got):\n%s", query, status, got, diff)
		}
	}
	for _, query := range []string{"", "column=Timestamp", "column=x", "column=DeviceName&limit=0", "column=DeviceName&limit=10001", "column=DeviceName&from=x", "column=DeviceName&filters=[{]", "column=DeviceName&from=5&to=1"} {
		if status, answer := b.get(t, "values?"+query); status != 400 || answer["message"] == "" {
			t.Errorf("%s: got %d %v, want 400 with a message", query, status, answer)
		}
	}
}

func TestHealthSaysWhatWorksAndWhatIsOff(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Exec(t, "ALTER TABLE "+server.Database+".network_events DROP COLUMN SentBytes")
	b := newBench(t, server, settings.HTTP, nil, nil)
	h := b.health(t)
	if h.Status != backend.HealthStatusOk || !strings.Contains(h.Message, "lacks SentBytes") {
		t.Errorf("got %s %q, want OK that tells SentBytes is missing", h.Status, h.Message)
	}
	type step struct {
		Name string
		OK   bool
	}
	var details struct{ Checks []step }
	if err := json.Unmarshal(h.JSONDetails, &details); err != nil || len(details.Checks) != 7 || slices.ContainsFunc(details.Checks, func(c step) bool { return !c.OK }) {
		t.Errorf("got details %s, %v; want 7 checks that passed", h.JSONDetails, err)
	}
}
