// Package drilltest looks for what drills leave behind.
package drilltest

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger/ledgertest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// NothingIsLeft fails the test where a table of the engine has a row of a drill: of events, lists, ledgers and kept findings, as far as they are
// there. when says after what.
func NothingIsLeft(t testing.TB, engine chtest.Server, when string) {
	t.Helper()
	client, err := clickhouse.New(engine.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	for _, in := range []struct{ table, where string }{
		{settings.DefaultTable, "position(concat(DeviceName, DeviceId, RemoteUrl), 'fluxhound-drill') > 0"},
		{schema.IndicatorsTable, "position(Value, 'fluxhound-drill') > 0"},
		{ledgertest.Table, "position(Name, 'fluxhound-drill') > 0"},
		{ledgertest.Destinations, "position(Host, 'fluxhound-drill') > 0"},
		{schema.FindingsRunsName(settings.DefaultTable), "position(Finding, 'fluxhound-drill') > 0"},
		{schema.FindingsName(settings.DefaultTable), "position(finalizeAggregation(Latest), 'fluxhound-drill') > 0"},
	} {
		if there, err := client.Present(t.Context(), engine.Database, []string{in.table}); err != nil || len(there) == 0 {
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		s, err := statement.New("SELECT toInt64(count()) AS N FROM "+statement.Qualified(engine.Database, in.table)+" WHERE "+in.where, nil, []statement.Column{{Name: "N", Kind: statement.Integer}})
		if err != nil {
			t.Fatal(err)
		}
		result, err := client.Query(t.Context(), s, clickhouse.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		if n := result.Data[0].([]int64)[0]; n > 0 {
			t.Errorf("%s: %d rows of the drill are left in %s", when, n, in.table)
		}
	}
}
