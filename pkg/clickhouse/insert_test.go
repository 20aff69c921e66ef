package clickhouse_test

import (
	"fmt"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// A block that is sent in pieces is one for ClickHouse: it becomes one data part, and counts once.
func TestABlockInPiecesIsOne(t *testing.T) {
	const rows = 20_000
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		server := chtest.Database(t)
		server.Exec(t, "CREATE TABLE "+server.Database+".t (N UInt64, Few LowCardinality(String), Text String) ENGINE = MergeTree ORDER BY N SETTINGS non_replicated_deduplication_window = 100")
		client := connect(t, server.Settings(protocol))
		numbers := make([]uint64, rows)
		for i := range numbers {
			numbers[i] = uint64(i)
		}
		texts := func(format string, of int) clickhouse.Texts {
			return func(into []string, from, to int) []string {
				for i := from; i < to; i++ {
					into = append(into, fmt.Sprintf(format, i%of))
				}
				return into
			}
		}
		block := clickhouse.Block{
			Database: server.Database, Table: "t", Columns: []string{"N", "Few", "Text"}, Token: "one", Rows: rows,
			Data: []any{numbers, texts("few %d", 7), texts("text %d", rows)},
		}
		for range 2 { // as where the network lost the answer
			if err := client.Insert(t.Context(), block); err != nil {
				t.Fatal(err)
			}
		}
		result, err := client.Query(t.Context(), statement.Statement{
			SQL: "SELECT toInt64(count()) AS Rows, toInt64(countIf(Few != concat('few ', toString(N % 7)) OR Text != concat('text ', toString(N)))) AS Wrong," +
				" toInt64(uniqExact(_part)) AS Parts FROM " + server.Database + ".t",
			RowLimit: 1, Columns: []statement.Column{column("Rows", statement.Integer), column("Wrong", statement.Integer), column("Parts", statement.Integer)},
		}, clickhouse.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []int64{rows, 0, 1} {
			if got := result.Data[i].([]int64)[0]; got != want {
				t.Errorf("%s is %d, want %d", []string{"the number of rows", "the number of wrong ones", "the number of parts"}[i], got, want)
			}
		}
	})
}
