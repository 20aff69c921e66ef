package frame

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
)

// numericMulti returns one frame a finding, each with one number and the finding's labels; with no finding one typed
// frame without fields, which alerting takes as "no data" (https://grafana.com/developers/dataplane/numeric).
func numericMulti(a Answer) (data.Frames, error) {
	rows, whole := a.rows()
	if !whole {
		return nil, &IncompleteError{What: "findings", Limit: rows, Hint: "Raise the query's limit or the data source's row limit, tighten the detector's thresholds or add filters."}
	}
	meta := a.meta(data.FrameTypeNumericMulti, data.FrameTypeVersion{0, 1}, "")
	if rows == 0 {
		return data.Frames{data.NewFrame("").SetMeta(meta)}, nil
	}
	values, _ := column[float64](a.Result, detect.ValueColumn)
	frames := make(data.Frames, rows)
	for i := range frames {
		f := data.NewField(valueName(a), a.labels(i), values[i:i+1])
		f.Config = &data.FieldConfig{DisplayNameFromDS: a.title(i), Unit: unit(a.valueColumn())}
		frames[i] = data.NewFrame("", f).SetMeta(meta)
		// The statement and its figures stand once, on the first frame: they would multiply a large answer.
		meta = &data.FrameMeta{Type: meta.Type, TypeVersion: meta.TypeVersion}
	}
	return frames, nil
}

// valueName names the number after the finding's own column, which the statement names in its help; the union has one name for different columns.
func valueName(a Answer) string {
	if a.Spec.Kind == detect.KindDetector {
		return a.valueColumn().Help
	}
	return detect.ValueColumn
}
