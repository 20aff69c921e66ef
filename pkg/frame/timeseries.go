package frame

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// MaxPoints bounds the points of all series of one answer, gaps included.
const MaxPoints = 1_000_000

// timeseriesMulti returns one frame a series, in the order of their ranks, with a point for every interval of the window:
// null where the series has no value, so that a gap is seen as one.
func timeseriesMulti(a Answer) (data.Frames, error) {
	meta := a.meta(data.FrameTypeTimeSeriesMulti, data.FrameTypeVersion{0, 1}, data.VisTypeGraph)
	spans := series(a.Result.Rows, ranks(a))
	if limit := a.Statement.SeriesLimit; limit > 0 && len(spans) > limit {
		spans = spans[:limit]
		meta.Notices = append(meta.Notices, cut(limit, 0, "series, those with the highest values,"))
	}
	if all := a.findings(); all > int64(len(spans)) {
		meta.Notices = append(meta.Notices, cutOf(len(spans), all, "series"))
	}
	if len(spans) == 0 {
		return data.Frames{data.NewFrame("").SetMeta(meta)}, nil
	}
	axis := intervals(a.Query.Window.From, a.Query.Window.To, a.Query.Interval)
	if len(axis)*len(spans) > MaxPoints {
		return nil, &IncompleteError{What: "points", Limit: MaxPoints, Hint: "Use a longer interval, a shorter time range or a lower limit on series."}
	}
	frames := make(data.Frames, len(spans))
	for i, s := range spans {
		frames[i] = a.seriesFrame(s, axis).SetMeta(meta)
		// notices and statistics are said once; what was asked is said of each series, which has links of its own
		meta = &data.FrameMeta{Type: meta.Type, TypeVersion: meta.TypeVersion, PreferredVisualization: meta.PreferredVisualization, Custom: meta.Custom}
	}
	return frames, nil
}

// span is the rows [first, end) of one series.
type span struct{ first, end int }

// series cuts rows, which are sorted by rank, into series.
func series(rows int, rank []int64) []span {
	var spans []span
	for i := range rows {
		if i == 0 || rank[i] != rank[i-1] {
			spans = append(spans, span{i, i})
		}
		spans[len(spans)-1].end = i + 1
	}
	return spans
}

func ranks(a Answer) []int64 {
	rank, _ := column[int64](a.Result, detect.RankColumn)
	return rank
}

// intervals returns the starts of all intervals that touch [from, to), counted from the epoch as the SQL does.
func intervals(from, to time.Time, width time.Duration) []time.Time {
	step := width.Milliseconds()
	var axis []time.Time
	for at := from.UnixMilli() / step * step; at < to.UnixMilli(); at += step {
		axis = append(axis, time.UnixMilli(at).UTC())
	}
	return axis
}

func (a Answer) seriesFrame(s span, axis []time.Time) *data.Frame {
	times, _ := column[time.Time](a.Result, detect.TimeColumn)
	values, _ := column[float64](a.Result, detect.ValueColumn)
	filled := make([]*float64, len(axis))
	row := s.first
	for i, at := range axis {
		if row < s.end && times[row].Equal(at) {
			filled[i] = &values[row]
			row++
		}
	}
	value := data.NewField(detect.ValueColumn, a.labels(s.first), filled)
	value.Config = &data.FieldConfig{DisplayNameFromDS: a.title(s.first), Unit: counted, Description: a.valueColumn().Help}
	return data.NewFrame("", data.NewField(detect.TimeColumn, nil, axis), value)
}

// valueColumn describes the result's number.
func (a Answer) valueColumn() statement.Column {
	for _, c := range a.Statement.Columns {
		if c.Name == detect.ValueColumn {
			return c
		}
	}
	return statement.Column{}
}
