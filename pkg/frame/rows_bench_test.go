package frame_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/frame"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// BenchmarkTable shapes rows of findings into the frame of the table format, and that into what goes to Grafana.
func BenchmarkTable(b *testing.B) {
	for _, rows := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			columns := detect.CommonColumns()
			answer := frame.Answer{
				Query: query.Query{Type: "beaconing", Format: query.Table, Limit: rows}, Spec: detect.Spec{Name: "beaconing", Columns: columns},
				Statement: statement.Statement{Columns: columns, RowLimit: rows}, Result: result(columns, rows),
			}
			b.ReportAllocs()
			for b.Loop() {
				frames, err := frame.Build(answer)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := frames.MarshalArrow(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func result(columns []statement.Column, rows int) *clickhouse.Result {
	r := &clickhouse.Result{Columns: columns, Rows: rows}
	for _, c := range columns {
		switch c.Kind {
		case statement.Time:
			r.Data = append(r.Data, filled(rows, func(i int) time.Time { return time.UnixMilli(int64(1e12 - i)).UTC() }))
		case statement.Integer:
			r.Data = append(r.Data, filled(rows, func(i int) int64 { return int64(i) }))
		case statement.List:
			r.Data = append(r.Data, filled(rows, func(i int) []string { return []string{"a.exe", "b.exe"} }))
		default:
			r.Data = append(r.Data, filled(rows, func(i int) string { return fmt.Sprintf("host-%d.corp.example", i%5000) }))
		}
	}
	return r
}

func filled[T any](rows int, value func(int) T) []T {
	list := make([]T, rows)
	for i := range list {
		list[i] = value(i)
	}
	return list
}
