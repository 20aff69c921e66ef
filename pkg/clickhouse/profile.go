package clickhouse

import (
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
)

// ProfileRows reads the answer of profile.Statement.
func ProfileRows(r *Result) []profile.Row {
	rows := make([]profile.Row, r.Rows)
	oldest, newest, examples := r.Data[5].([]time.Time), r.Data[6].([]time.Time), r.Data[7].([][]string)
	for i := range rows {
		rows[i] = profile.Row{
			Source: r.text(0)[i], Detector: r.text(1)[i], Reason: r.text(2)[i], Events: r.integer(3)[i], Devices: r.integer(4)[i],
			Oldest: oldest[i], Newest: newest[i], Examples: examples[i], Total: r.integer(8)[i],
		}
	}
	return rows
}
