// Package frame shapes rows into Grafana's data frames (https://grafana.com/developers/dataplane/). It computes nothing:
// what is in a frame came from ClickHouse.
package frame

import (
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Answer is one query with the rows that answer it.
type Answer struct {
	Query     query.Query
	Spec      detect.Spec
	Statement statement.Statement
	Result    *clickhouse.Result
	// Decides says that an alert rule decides on the answer, which must then be whole in every format.
	Decides bool
	// Counted is how many rows there are of an answer that is cut; 0 where nobody has counted.
	Counted int64

	hidden int64 // findings that the allowlist hides
}

// Build returns the frames of the query's format. It returns an *IncompleteError when the format cannot say that the
// rows were cut.
func Build(a Answer) (data.Frames, error) {
	a, a.hidden = a.withoutHidden()
	if err := a.part(); a.Decides && err != nil {
		return nil, err
	}
	switch a.Query.Format {
	case query.Numeric:
		return numericMulti(a)
	case query.TimeSeries:
		return timeseriesMulti(a)
	case query.Logs:
		return data.Frames{logLines(a)}, nil
	default:
		return data.Frames{table(a)}, nil
	}
}

// IsCut reports whether there are more rows than the answer shows.
func IsCut(a Answer) bool {
	a, _ = a.withoutHidden()
	_, whole := a.rows()
	return !whole
}

// part says of an answer that its statement's limit cuts which limit that is; nil for a whole one. A numeric answer has its
// own way to say so.
func (a Answer) part() error {
	const hint = "A notice would tell a person; a rule has nobody who reads it. Raise the query's limit, tighten the detector's thresholds or add filters, or let the rule ask in numeric format."
	if limit := a.Statement.SeriesLimit; a.Query.Format == query.TimeSeries && limit > 0 && a.seriesFound() > limit {
		return &IncompleteError{What: "series", Limit: limit, Hint: hint}
	}
	if _, whole := a.rows(); !whole && a.Query.Format != query.Numeric {
		return &IncompleteError{What: unitOf(a.Query), Limit: a.Statement.RowLimit, Hint: hint}
	}
	return nil
}

// seriesFound is how many series there are: as the result says where it holds only those that are shown, and otherwise
// those that came.
func (a Answer) seriesFound() int {
	came := len(series(a.Result.Rows, ranks(a)))
	if found, ok := column[int64](a.Result, "Findings"); ok && len(found) > 0 {
		came = max(came, int(found[0]))
	}
	return came
}

// IncompleteError says that more rows exist than the answer may hold, in a format that must not hide it.
type IncompleteError struct {
	What  string // what there is too much of
	Limit int
	Hint  string
}

func (e *IncompleteError) Error() string {
	return fmt.Sprintf("[limit] there are more than %d %s, and a part of them must not decide an alert or be drawn as the whole. %s", e.Limit, e.What, e.Hint)
}

// meta returns the meta data that all formats share.
func (a Answer) meta(kind data.FrameType, version data.FrameTypeVersion, vis data.VisType) *data.FrameMeta {
	meta := &data.FrameMeta{
		Type: kind, TypeVersion: version, PreferredVisualization: vis,
		ExecutedQueryString: executed(a.Statement),
		Stats: []data.QueryStat{
			stat("Rows read", "short", float64(a.Result.RowsRead)),
			stat("Bytes read", "bytes", float64(a.Result.BytesRead)),
			stat("Time in ClickHouse", "s", a.Result.Elapsed.Seconds()),
		},
		Custom: map[string]any{"queryType": a.Query.Type, "from": a.Query.Window.From, "to": a.Query.Window.To},
	}
	if a.Spec.Technique != nil {
		meta.Custom = map[string]any{
			"queryType": a.Query.Type, "from": a.Query.Window.From, "to": a.Query.Window.To,
			"severity": detect.Severity, "confidence": detect.Confidence, "mitre_technique": a.Spec.Technique.ID,
		}
	}
	if a.hidden > 0 {
		meta.Notices = append(meta.Notices, notice(data.NoticeSeverityInfo, hiddenText(a.hidden)))
	}
	for _, text := range a.Statement.Notices {
		meta.Notices = append(meta.Notices, notice(data.NoticeSeverityInfo, text))
	}
	return meta
}

func stat(name, unit string, value float64) data.QueryStat {
	return data.QueryStat{FieldConfig: data.FieldConfig{DisplayName: name, Unit: unit}, Value: value}
}
