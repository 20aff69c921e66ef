package clickhouse_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Slow viewers once held every connection, so that alert rules failed or waited for as long as a statement may take.
func TestSlowViewersHoldNoAlertRuleUp(t *testing.T) {
	for _, connections := range []int{2, 3, 10} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			server := chtest.Shared(t)
			s := server.Settings(settings.Native)
			s.MaxOpenConns, s.MaxIdleConns = connections, connections
			client := connect(t, s)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			var viewers sync.WaitGroup
			for i := range 24 {
				viewers.Go(func() {
					_, _ = client.Query(ctx, slow(t), clickhouse.Origin{User: fmt.Sprint(i), RefID: t.Name()})
				})
			}
			eventually(t, "viewers wait", func() bool { return len(running(t, server, t.Name())) >= (connections+1)/2 })
			alert, cancel := context.WithTimeout(clickhouse.WithClass(t.Context(), clickhouse.Alert), time.Minute)
			defer cancel()
			for range 3 {
				if _, err := client.Query(alert, one(t), clickhouse.Origin{}); err != nil {
					t.Error(err)
				}
			}
			if n := len(running(t, server, t.Name())); n != (connections+1)/2 {
				t.Errorf("%d viewers' statements run on %d connections", n, connections)
			}
			leave()
			viewers.Wait()
		})
	}
}

func TestAnAlertRulesStatementEndsBeforeGrafanaGivesUp(t *testing.T) {
	s := chtest.Shared(t).Settings(settings.Native)
	for rule, c := range map[string]struct {
		class    clickhouse.Class
		timeout  time.Duration // of the data source
		deadline time.Duration // of the request; 0 for none
		want     string
	}{
		"a viewer has the data source's limit":       {clickhouse.Viewer, 60 * time.Second, 0, "60"},
		"a viewer's deadline changes no statement":   {clickhouse.Viewer, 60 * time.Second, 20 * time.Second, "60"},
		"an alert rule has Grafana's own":            {clickhouse.Alert, 60 * time.Second, 0, "25"},
		"or the request's":                           {clickhouse.Alert, 600 * time.Second, 5*time.Minute + 500*time.Millisecond, "295"},
		"but no more than the data source's":         {clickhouse.Alert, 10 * time.Second, 5 * time.Minute, "10"},
		"and a second where there is nearly no time": {clickhouse.Alert, 60 * time.Second, 4 * time.Second, "1"},
		"upkeep is brief":                            {clickhouse.Upkeep, 60 * time.Second, 0, "15"},
	} {
		t.Run(rule, func(t *testing.T) {
			s.QueryTimeout = c.timeout
			client := connect(t, s)
			ctx := clickhouse.WithClass(t.Context(), c.class)
			if c.deadline > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.deadline)
				defer cancel()
			}
			if got := settingsUnder(ctx, t, client, clickhouse.Origin{})["max_execution_time"]; got != c.want {
				t.Errorf("got %s s, want %s", got, c.want)
			}
		})
	}
}
