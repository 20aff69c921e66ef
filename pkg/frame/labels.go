package frame

import (
	"maps"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
)

// labels returns the labels of one row. They identify the finding and stay the same from one evaluation to the next:
// no time, no count, and nothing that depends on what else is known, such as which networks are suspicious. Details, which a query
// asks for beside them, do not.
func (a Answer) labels(row int) data.Labels {
	labels, columns := data.Labels{}, a.Spec.Labels
	if a.Query.Details {
		columns = slices.Concat(columns, a.Spec.Details)
	}
	for _, l := range columns {
		if values, ok := texts(a.Result, l.Column); ok {
			labels[l.Name] = values[row]
		}
	}
	if a.Spec.Technique == nil {
		return labels
	}
	if keys, ok := texts(a.Result, detect.FindingKey); ok {
		labels["finding_key"] = keys[row]
	}
	maps.Copy(labels, a.verdict())
	switch a.Spec.Kind {
	case detect.KindDetector:
		labels["detector"] = a.Spec.Name
	case detect.KindUnion:
		if names, ok := texts(a.Result, "Detector"); ok {
			labels["detector"] = names[row]
		}
	}
	return labels
}

// verdict is the analytic's own on everything it finds.
func (a Answer) verdict() data.Labels {
	return data.Labels{"severity": detect.Severity, "confidence": detect.Confidence, "mitre_technique": a.Spec.Technique.ID}
}

// title names a series for a legend: the values of the labels that tell findings apart.
func (a Answer) title(row int) string {
	var parts []string
	for _, l := range a.Spec.Labels {
		if values, ok := texts(a.Result, l.Column); ok && values[row] != "" && l.Name != "device_id" {
			parts = append(parts, values[row])
		}
	}
	if types, ok := texts(a.Result, "AlertType"); ok {
		parts = append(parts, types[row])
	}
	return strings.Join(parts, " · ")
}

// texts returns a text column of the result by name.
func texts(r *clickhouse.Result, name string) ([]string, bool) { return column[string](r, name) }

// column returns a column of the result by name, when it has the given type.
func column[T any](r *clickhouse.Result, name string) ([]T, bool) {
	for i, c := range r.Columns {
		if c.Name == name {
			values, ok := r.Data[i].([]T)
			return values, ok
		}
	}
	return nil, false
}
