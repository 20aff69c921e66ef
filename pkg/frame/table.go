package frame

import (
	"encoding/json"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// table returns one frame with a field for each column; lists are JSON arrays; of numbers, Grafana's table draws one as a sparkline.
func table(a Answer) *data.Frame {
	rows, whole := a.rows()
	fields := make([]*data.Field, len(a.Result.Columns))
	for i, c := range a.Result.Columns {
		fields[i] = field(c, a.Result.Data[i], rows)
	}
	frame := data.NewFrame("", fields...)
	frame.Meta = a.meta(data.FrameTypeTable, data.FrameTypeVersion{0, 0}, data.VisTypeTable)
	frame.Meta.Notices = append(frame.Meta.Notices, bytesNotices(a, rows)...)
	if !whole {
		frame.Meta.Notices = append(frame.Meta.Notices, cut(rows, a.Counted, unitOf(a.Query)))
	}
	return frame
}

// rows returns how many rows to show and whether those are all: one row more than the limit was asked for.
func (a Answer) rows() (int, bool) {
	limit := a.Statement.RowLimit
	if limit > 0 && a.Result.Rows > limit {
		return limit, false
	}
	return a.Result.Rows, true
}

// findings is how many findings there are, shown or not; 0 where the statement does not count them.
func (a Answer) findings() int64 {
	if all, ok := column[int64](a.Result, detect.FindingsColumn); ok && len(all) > 0 {
		return all[0]
	}
	return 0
}

func unitOf(q query.Query) string {
	if q.Type == "events" {
		return "events"
	}
	return "findings"
}

func field(c statement.Column, values any, rows int) *data.Field {
	f := data.NewField(c.Name, nil, typed(values, rows))
	f.Config = &data.FieldConfig{Description: c.Help, Unit: unit(c)}
	return f
}

// typed cuts a column to the rows shown, in a type that frames know.
func typed(values any, rows int) any {
	switch v := values.(type) {
	case [][]string:
		return arrays(v[:rows])
	case [][]int64:
		return arrays(v[:rows])
	default:
		return first(values, rows)
	}
}

func arrays[T string | int64](lists [][]T) []json.RawMessage {
	texts := make([]json.RawMessage, len(lists))
	for i, list := range lists {
		if list == nil {
			list = []T{}
		}
		texts[i], _ = json.Marshal(list) // a list of strings or numbers always marshals
	}
	return texts
}

// counted is the unit of a number that has no other: Grafana sets its thousands apart, as the reader's language does.
const counted = "locale"

// named are columns whose numbers are names, which nobody writes with commas.
var named = []string{schema.RemotePort, "ASN"}

// unit translates a column's unit into Grafana's.
func unit(c statement.Column) string {
	number := c.Kind == statement.Integer || c.Kind == statement.Maybe || c.Kind == statement.Number || c.Kind == statement.Part
	switch {
	case c.Unit == "1/h":
		return "suffix: /h"
	case c.Unit == "" && slices.Contains(named, c.Name):
		return "none"
	case c.Unit == "" && number:
		return counted
	default:
		return c.Unit // bytes, h and s are Grafana's own names
	}
}
