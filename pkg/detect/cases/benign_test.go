package cases_test

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

//go:embed testdata/benign.sql
var benign string

// A week of a thousand devices that nothing is wrong with: each day's window and the week's slow cases, as the shipped rules ask, and at
// most one case that is high for each hundred devices and day.
func TestBenignTrafficIsSeldomHigh(t *testing.T) {
	const devices, days = 1000, 7
	week := detecttest.Days(days)
	table := detecttest.Start(t).Events(t, nil)
	columns := []string{"Timestamp", "DeviceId", "DeviceName", "ActionType", "RemoteIP", "RemotePort", "RemoteUrl", "Protocol", "InitiatingProcessFileName", "DurationMs"}
	table.Fill(t, "("+strings.Join(columns, ", ")+")\n"+strings.Replace(benign, "{from}", week.From.Format("2006-01-02 15:04:05"), 1))
	high, all, why := 0, 0, map[string]int{}
	ask := func(window referee.Window, params map[string]any) {
		found := answered(t, table.Frames(t, detecttest.Question{Type: "cases", Format: "table", Params: params, Window: window, Limit: 1_000_000}))
		for _, c := range found {
			if all++; c.Risk < cases.High {
				continue
			}
			high++
			for _, reason := range c.Why {
				why[strings.Join(strings.FieldsFunc(reason, func(r rune) bool { return r >= '0' && r <= '9' || r == ' ' })[:2], " ")]++
			}
		}
	}
	for day := range days {
		from := week.From.AddDate(0, 0, day)
		ask(referee.Window{From: from, To: from.AddDate(0, 0, 1)}, map[string]any{"minRisk": cases.Medium})
	}
	ask(week, map[string]any{"minRisk": cases.Medium, "maxConnections": 1000})
	for _, reason := range slices.Sorted(maps.Keys(why)) {
		t.Logf("%6d  %s …", why[reason], reason)
	}
	t.Logf("%d of %d cases of medium risk or more are high", high, all)
	if all < devices { // timers that are worth a look
		t.Errorf("%d cases are medium or more", all)
	}
	if most := days * devices / 100; high > most {
		t.Errorf("%d cases are high, at most %d may be", high, most)
	}
}
