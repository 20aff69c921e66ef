package frame

import (
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
)

// Overflow is the label of the one number that is no finding: how many findings the answer does not show.
const Overflow = "overflow"

// numericMulti returns one frame a finding, each with one number and the finding's labels; with no finding one typed
// frame without fields, which alerting takes as "no data" (https://grafana.com/developers/dataplane/numeric). What is over
// the limit is one frame more: a rule is never decided on a part without saying so.
func numericMulti(a Answer) (data.Frames, error) {
	rows, _ := a.rows()
	more := a.findings() - int64(rows)
	meta := a.meta(data.FrameTypeNumericMulti, data.FrameTypeVersion{0, 1}, "")
	if rows == 0 {
		return data.Frames{data.NewFrame("").SetMeta(meta)}, nil
	}
	values, _ := column[float64](a.Result, detect.ValueColumn)
	fields := make([]*data.Field, rows, rows+1)
	for i := range fields {
		fields[i] = data.NewField(valueName(a), a.labels(i), values[i:i+1])
		fields[i].Config = &data.FieldConfig{DisplayNameFromDS: a.title(i), Unit: unit(a.valueColumn())}
	}
	if more > 0 {
		meta.Notices = append(meta.Notices, cutOf(rows, a.findings(), "findings"))
		fields = append(fields, a.overflow(more))
	}
	frames := make(data.Frames, len(fields))
	for i, f := range fields {
		frames[i] = data.NewFrame("", f).SetMeta(meta)
		// The statement and its figures stand once, on the first frame: they would multiply a large answer.
		meta = &data.FrameMeta{Type: meta.Type, TypeVersion: meta.TypeVersion}
	}
	return frames, nil
}

// overflow tells of the findings that are not shown. Its labels are the same whatever their number.
func (a Answer) overflow(more int64) *data.Field {
	labels := a.verdict()
	labels[Overflow], labels["detector"] = "true", "all"
	if a.Spec.Kind == detect.KindDetector {
		labels["detector"] = a.Spec.Name
	}
	f := data.NewField(valueName(a), labels, []float64{float64(more)})
	f.Config = &data.FieldConfig{DisplayNameFromDS: fmt.Sprintf("%d more findings", more), Unit: counted}
	return f
}

// valueName names the number after the finding's own column, which the statement names in its help; the union has one name for different columns.
func valueName(a Answer) string {
	if a.Spec.Kind == detect.KindDetector {
		return a.valueColumn().Help
	}
	return detect.ValueColumn
}
