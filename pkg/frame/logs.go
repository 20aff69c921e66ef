package frame

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/events"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// logLines returns one frame of log lines (https://grafana.com/developers/dataplane/logs): timestamp, body, severity,
// id and, as labels, all columns of the event that have a value.
func logLines(a Answer) *data.Frame {
	rows, whole := a.rows()
	times, _ := column[time.Time](a.Result, schema.Timestamp)
	body, _ := texts(a.Result, events.BodyColumn)
	severity, _ := texts(a.Result, events.SeverityColumn)
	id, _ := texts(a.Result, events.IDColumn)
	frame := data.NewFrame("",
		data.NewField("timestamp", nil, times[:rows]),
		data.NewField("body", nil, body[:rows]),
		data.NewField("severity", nil, severity[:rows]),
		data.NewField("id", nil, distinct(id[:rows])),
		data.NewField("labels", nil, eventLabels(a.Result, rows)),
	)
	frame.Meta = a.meta(data.FrameTypeLogLines, data.FrameTypeVersion{0, 0}, data.VisTypeLogs)
	if !whole {
		frame.Meta.Notices = append(frame.Meta.Notices, cut(rows, a.Counted, "events"))
	}
	return frame
}

// distinct gives equal events different ids, the same ones at every query: Grafana would otherwise show only the first.
func distinct(ids []string) []string {
	seen := make(map[string]int, len(ids))
	unique := make([]string, len(ids))
	for i, id := range ids {
		seen[id]++
		unique[i] = id
		if n := seen[id]; n > 1 {
			unique[i] = fmt.Sprintf("%s-%d", id, n)
		}
	}
	return unique
}

func eventLabels(r *clickhouse.Result, rows int) []json.RawMessage {
	own := []string{schema.Timestamp, events.BodyColumn, events.SeverityColumn, events.IDColumn}
	lines := make([]map[string]string, rows)
	for i := range lines {
		lines[i] = map[string]string{}
	}
	for i, c := range r.Columns {
		if slices.Contains(own, c.Name) {
			continue
		}
		for row := range rows {
			if text := cell(r.Data[i], row); text != "" {
				lines[row][c.Name] = text
			}
		}
	}
	labels := make([]json.RawMessage, rows)
	for i, line := range lines {
		labels[i], _ = json.Marshal(line) // texts always marshal
	}
	return labels
}

// cell writes a text or a number that is not null.
func cell(values any, row int) string {
	switch v := values.(type) {
	case []string:
		return v[row]
	case []*int64:
		if v[row] != nil {
			return strconv.FormatInt(*v[row], 10)
		}
	}
	return ""
}
