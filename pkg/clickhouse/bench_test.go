package clickhouse_test

import (
	"fmt"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// BenchmarkQuery reads results as wide as beaconing's, ClickHouse's own time included.
func BenchmarkQuery(b *testing.B) {
	columns := []statement.Column{column("T", statement.Time)}
	sql := "SELECT fromUnixTimestamp64Milli(toInt64(1700000000000 + number), 'UTC') AS T"
	for i := range 5 {
		sql += fmt.Sprintf(", concat('some-text-%d-', toString(number)) AS S%d", i, i)
		columns = append(columns, column(fmt.Sprintf("S%d", i), statement.Text))
	}
	for i := range 4 {
		sql += fmt.Sprintf(", toInt64(number * %d) AS I%d", i, i)
		columns = append(columns, column(fmt.Sprintf("I%d", i), statement.Integer))
	}
	sql += ", number / 7 AS N, if(number % 2 = 0, NULL, toInt64(number)) AS M, [toString(number), 'chrome.exe'] AS L FROM numbers({rows:Int64})"
	columns = append(columns, column("N", statement.Number), column("M", statement.Maybe), column("L", statement.List))
	for _, protocol := range protocols {
		for _, rows := range []int64{1, 1000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", protocol, rows), func(b *testing.B) {
				client, err := clickhouse.New(chtest.Shared(b).Settings(protocol), nil)
				if err != nil {
					b.Fatal(err)
				}
				defer func() { _ = client.Close() }()
				s, err := statement.New(sql, map[string]any{"rows": rows}, columns)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := client.Query(b.Context(), s, clickhouse.Origin{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
