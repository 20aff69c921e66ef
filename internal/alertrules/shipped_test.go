package alertrules_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
)

var update = flag.Bool("update", false, "write the copy of what the shipped rules ask anew")

// Save & test proves that the shipped rules can be answered: what they ask has a copy that the plugin carries.
func TestThePluginKnowsWhatTheShippedRulesAsk(t *testing.T) {
	var want []catalog.Shipped
	every := intervals(t)
	for _, r := range rules(t) {
		for _, q := range r.Data {
			if !q.Decides() {
				continue
			}
			params, err := json.Marshal(q.Model["params"])
			if err != nil {
				t.Fatal(err)
			}
			format, _ := q.Model["format"].(string)
			want = append(want, catalog.Shipped{
				Rule: r.Title, QueryType: q.QueryType, Format: format, Params: params,
				LookbackSeconds: q.Range.From - q.Range.To, EverySeconds: int(every[r.UID].Seconds()),
			})
		}
	}
	if *update {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(want); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "pkg", "detect", "catalog", "shipped.json"), text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(plain(t, want), plain(t, catalog.ShippedRules())); diff != "" {
		t.Errorf("run the test with -update after a change of the rules (-rules +plugin):\n%s", diff)
	}
}

// intervals are how often the rules are evaluated.
func intervals(t *testing.T) map[string]time.Duration {
	t.Helper()
	every := map[string]time.Duration{}
	for _, g := range read(t, "alerting") {
		interval, err := time.ParseDuration(g.Interval)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range g.Rules {
			every[r.UID] = interval
		}
	}
	return every
}

// plain is a value without the white space of its JSON.
func plain(t *testing.T, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}
