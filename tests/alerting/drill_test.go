//go:build e2e

package alerting_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/grafana"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/drill"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake/intaketest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger/ledgertest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Each drill goes the whole way, from the events to a contact point that was told, and fails where the way is broken.
func TestADrillGoesFromTheEventsToTheContactPointAndFailsWhereThatIsBroken(t *testing.T) {
	t.Parallel()
	s := drillGround(t)
	var steps []string
	d := s.drill(t, func(step string) { steps = append(steps, step) })
	for _, kind := range drill.Kinds() {
		steps = nil
		if err := d.Run(s.ctx, kind); err != nil {
			t.Errorf("%s, after %v: %v", kind.Name, steps, err)
		}
	}

	beacon, _ := drill.Named("beacon")
	fails := func(when string, wait time.Duration, want ...string) {
		t.Helper()
		d := d
		d.Wait = wait
		err := d.Run(s.ctx, beacon)
		if !errors.Is(err, drill.ErrBroken) {
			t.Errorf("%s: %v", when, err)
			return
		}
		for _, text := range want {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %q is not in %v", when, text, err)
			}
		}
	}
	s.setPassword(t, "wrong")
	fails("the data source cannot log in", time.Minute, "[auth]") // as the data source's answer, or as the rule's
	s.setPassword(t, password)

	cases := filepath.Join(s.options.Provisioning, "alerting", "cases.yaml")
	text, err := os.ReadFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	reload := func(text string) {
		t.Helper()
		if err := os.WriteFile(cases, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.call(t, http.MethodPost, "/api/admin/provisioning/alerting/reload", nil, nil)
	}
	reload(strings.ReplaceAll(string(text), "        condition: B\n", "        condition: B\n        isPaused: true\n"))
	fails("the rule is paused", time.Minute, "rule, after", "is paused")
	reload(string(text))

	s.inbox.close()
	fails("the contact point is gone", 2*time.Minute, "notification", "could not be told")
	if err := s.grafana.Stop(); err != nil {
		t.Error(err)
	}
	fails("Grafana is stopped", time.Minute, "rule, after", "Grafana does not answer")
	s.startGrafana(t)
}

// drillGround is a system on which every kind of drill can be run: events come in, and there are indicators and a ledger.
func drillGround(t *testing.T) *system {
	t.Helper()
	s := start(t, func(o *grafana.Options) {
		o.Environment = append(o.Environment, "FLUXHOUND_INDICATORS_TABLE="+schema.IndicatorsTable, "FLUXHOUND_LEDGER_TABLE="+ledgertest.Table)
	})
	s.insert(t, heartbeats(time.Now())...)
	intaketest.Make(t, s.clickhouse)
	ledgertest.Fill(t, s.clickhouse)
	return s
}

// drill makes a drill on this system, as an editor's service account.
func (s *system) drill(t *testing.T, said func(step string)) drill.Drill {
	t.Helper()
	var account struct{ ID int }
	s.call(t, http.MethodPost, "/api/serviceaccounts", map[string]any{"name": "drill", "role": "Editor"}, &account)
	var token struct{ Key string }
	s.call(t, http.MethodPost, "/api/serviceaccounts/"+jsonText(t, account.ID)+"/tokens", map[string]any{"name": "drill"}, &token)
	decoded, err := settings.Decode(ledgertest.With(t, intaketest.With(t, s.clickhouse.JSON(settings.Native))), nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	table, err := client.EventsTable(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	return drill.Drill{
		Client: client, Settings: decoded, Table: table, Wait: hang, Poll: time.Second, Now: time.Now,
		Grafana: &drill.Grafana{URL: s.grafana.URL, Token: token.Key, Client: http.DefaultClient},
		Say: func(step string, took time.Duration, what string) {
			t.Logf("%-13s %8s  %s", step, took.Round(10*time.Millisecond), what)
			said(step)
		},
	}
}

func jsonText(t *testing.T, of any) string {
	t.Helper()
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
