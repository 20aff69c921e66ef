package plugin_test

import (
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/plugin"
)

func TestHealthTellsWhatIsWrongWithTheLists(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	server.Exec(t, "CREATE TABLE "+server.Database+".entries (Domain String, Network String, Process String, Device String, Detector String, Reason String, Owner String, Expires Nullable(DateTime('UTC'))) ENGINE = Memory")
	server.Exec(t, "INSERT INTO "+server.Database+".entries VALUES ('a.example.com', '', '', '', '', 'r', 'o', NULL), ('b.example.com', '', '', '', '', 'r', 'o', '2020-01-01 00:00:00')")
	server.Exec(t, "CREATE TABLE "+server.Database+".bad_entries (Domain String, Network String, Process String, Device String, Detector String, Reason String, Owner String, Expires Nullable(DateTime('UTC'))) ENGINE = Memory")
	server.Exec(t, "INSERT INTO "+server.Database+".bad_entries VALUES ('', '203.0.113.7/24', '', '', '', 'r', 'o', NULL)")
	server.Exec(t, "CREATE TABLE "+server.Database+".suffixes (Suffix String, Provider String) ENGINE = Memory")
	server.Exec(t, "INSERT INTO "+server.Database+".suffixes VALUES ('dyn.example.com', ''), ('com', '')")
	for rule, c := range map[string]struct {
		settings map[string]any
		status   backend.HealthStatus
		says     string
	}{
		"valid entries":               {map[string]any{"allowlist": []any{map[string]any{"device": "d", "reason": "r", "owner": "o"}}}, backend.HealthStatusOk, "The allowlist has 1 entry."},
		"an expired entry":            {map[string]any{"allowlistTable": "entries"}, backend.HealthStatusOk, "1 has expired and hides nothing: domain b.example.com: r (o)"},
		"an invalid entry":            {map[string]any{"allowlist": []any{map[string]any{"domain": "com", "reason": "r", "owner": "o"}}}, backend.HealthStatusError, `allowlist[0] hides nothing: domain "com": it is a public suffix`},
		"an invalid row":              {map[string]any{"allowlistTable": "bad_entries"}, backend.HealthStatusError, "203.0.113.0/24 or only 203.0.113.7"},
		"a table that is absent":      {map[string]any{"allowlistTable": "nowhere"}, backend.HealthStatusError, "the allowlist's table nowhere cannot be read, so that it hides nothing: [schema]"},
		"more domains":                {map[string]any{"dynamicDnsSuffixes": []any{map[string]any{"suffix": "dyn.example.org"}}}, backend.HealthStatusOk, "1 more dynamic DNS domain is looked for."},
		"a bad domain in a row":       {map[string]any{"dynamicDnsSuffixTable": "suffixes"}, backend.HealthStatusError, `suffixes: "com" is not looked for`},
		"a bad domain":                {map[string]any{"dynamicDnsSuffixes": []any{map[string]any{"suffix": "dyn.example.org"}, map[string]any{"suffix": ".example.org"}}}, backend.HealthStatusError, `dynamicDnsSuffixes[1]: ".example.org" is not looked for: it must not start`},
		"and the good ones":           {map[string]any{"dynamicDnsSuffixes": []any{map[string]any{"suffix": "dyn.example.org"}, map[string]any{"suffix": ""}}}, backend.HealthStatusError, "1 more dynamic DNS domain is looked for."},
		"a fault and an expired one":  {map[string]any{"allowlistTable": "entries", "allowlist": []any{map[string]any{"domain": "com", "reason": "r", "owner": "o"}}}, backend.HealthStatusError, `give a domain under it. The allowlist has 1 entry. 1 has expired and hides nothing: domain b.example.com: r (o).`},
		"a dictionary that is absent": {map[string]any{"asnDictionary": "nowhere"}, backend.HealthStatusError, "the dictionary of autonomous systems nowhere cannot be read"},
	} {
		t.Run(rule, func(t *testing.T) {
			if h := plugin.Examined(t, server, c.settings); h.Status != c.status || !strings.Contains(h.Message, c.says) {
				t.Errorf("got %s %q, want %s with %q", h.Status, h.Message, c.status, c.says)
			}
		})
	}
}
