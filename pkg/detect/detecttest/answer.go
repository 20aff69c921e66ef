package detecttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// Ask sends each question as a query of one request and returns the answers in the same order, failed or not.
func (tb Table) Ask(t testing.TB, questions ...Question) []backend.DataResponse {
	t.Helper()
	queries := make([]backend.DataQuery, len(questions))
	for i, q := range questions {
		queries[i] = q.query(t, fmt.Sprintf("Q%d", i))
	}
	responses := tb.bench.ask(t, tb, queries)
	answers := make([]backend.DataResponse, len(questions))
	for i, q := range queries {
		answer, ok := responses[q.RefID]
		if !ok {
			t.Fatalf("no answer to %s", q.JSON)
		}
		answers[i] = answer
	}
	return answers
}

// Frames sends one question and returns its frames; an error fails the test.
func (tb Table) Frames(t testing.TB, q Question) data.Frames {
	t.Helper()
	answer := tb.Ask(t, q)[0]
	if answer.Error != nil {
		t.Fatalf("%s: status %d: %v", q.Type, answer.Status, answer.Error)
	}
	return answer.Frames
}

// Hidden reads from the frames' notices how many findings the allowlist hides.
func Hidden(t testing.TB, frames data.Frames) int {
	t.Helper()
	hidden := 0
	for _, f := range frames {
		if f.Meta == nil {
			continue
		}
		for _, n := range f.Meta.Notices {
			if strings.Contains(n.Text, "hidden by the allowlist") {
				if _, err := fmt.Sscan(n.Text, &hidden); err != nil {
					t.Fatalf("notice %q: %v", n.Text, err)
				}
			}
		}
	}
	return hidden
}

// Chosen reads a table of a detector's, and returns some columns of its rows.
func Chosen(t testing.TB, frames data.Frames, spec detect.Spec, names ...string) []referee.Row {
	t.Helper()
	var all []string
	for _, c := range spec.Columns {
		all = append(all, c.Name)
	}
	var chosen []referee.Row
	for _, row := range Rows(t, frames, all) {
		var some referee.Row
		for _, name := range names {
			some = append(some, row[slices.Index(all, name)])
		}
		chosen = append(chosen, some)
	}
	return chosen
}

// Rows reads the frame of the table format. Its columns must be the named ones.
func Rows(t testing.TB, frames data.Frames, columns []string) []referee.Row {
	t.Helper()
	if len(frames) != 1 {
		t.Fatalf("%d frames, want one", len(frames))
	}
	names := make([]string, len(frames[0].Fields))
	for i, f := range frames[0].Fields {
		names[i] = f.Name
	}
	if diff := cmp.Diff(columns, names); diff != "" {
		t.Fatalf("columns (-want +got):\n%s", diff)
	}
	rows := make([]referee.Row, frames[0].Rows())
	for i := range rows {
		for _, f := range frames[0].Fields {
			rows[i] = append(rows[i], cell(t, f.At(i)))
		}
	}
	return rows
}

func cell(t testing.TB, value any) any {
	t.Helper()
	switch v := value.(type) {
	case time.Time:
		return v.UTC()
	case string, int64, float64, bool:
		return v
	case *int64:
		return orNil(v)
	case *float64:
		return orNil(v)
	case json.RawMessage:
		var list []string
		if json.Unmarshal(v, &list) == nil {
			return list
		}
		var series []int64
		if err := json.Unmarshal(v, &series); err != nil {
			t.Fatal(err)
		}
		return series
	default:
		t.Fatalf("a field holds %T", value)
		return nil
	}
}

func orNil[T any](n *T) any {
	if n == nil {
		return nil
	}
	return *n
}

// Numbers reads the frames of the numeric format. The labels that are the same for all findings are checked and left
// out; of the others the union keeps detector.
func Numbers(t testing.TB, frames data.Frames, queryType string) []referee.Number {
	t.Helper()
	always := map[string]string{"severity": "high", "confidence": "medium", "mitre_technique": "T1584", "detector": queryType}
	if queryType == "alerts" {
		delete(always, "detector")
	}
	var numbers []referee.Number
	for _, f := range frames {
		if f.Meta == nil || f.Meta.Type != data.FrameTypeNumericMulti {
			t.Fatalf("a frame's meta is %+v, want type numeric-multi", f.Meta)
		}
		if len(f.Fields) == 0 {
			continue
		}
		if len(f.Fields) != 1 || f.Rows() != 1 {
			t.Fatalf("a frame has %d fields and %d rows, want one number", len(f.Fields), f.Rows())
		}
		n := referee.Number{Labels: map[string]string{}, Value: f.Fields[0].At(0).(float64)}
		key := ""
		for name, value := range f.Fields[0].Labels {
			want, constant := always[name]
			switch {
			case name == "finding_key":
				key = value
			case !constant:
				n.Labels[name] = value
			case value != want:
				t.Fatalf("label %s = %q, want %q", name, value, want)
			}
		}
		if len(f.Fields[0].Labels) != len(n.Labels)+len(always)+1 {
			t.Fatalf("labels %v lack some of %v", f.Fields[0].Labels, always)
		}
		if want := keyOf(queryType, f.Fields[0].Labels); want != "" && key != want && !strings.Contains(f.Fields[0].Labels["remote_url"], "\uFFFD") {
			t.Fatalf("the key of %v is %q, want %q", f.Fields[0].Labels, key, want)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// keyOf is the key of a finding with these labels; empty for the union, which has labels that a finding's detector has not.
func keyOf(detector string, labels map[string]string) string {
	if detector == "alerts" {
		return ""
	}
	if _, ok := labels["remote_ip"]; detector == "beaconing" && !ok { // by host, where a device may have several names
		return referee.Key(detector, referee.Device(labels["device_id"], labels["device"]), labels["remote_url"])
	}
	parts := []string{detector}
	for _, name := range []string{"device", "device_id", "remote_ip", "remote_url"} {
		if value, ok := labels[name]; ok {
			parts = append(parts, value)
		}
	}
	return referee.Key(parts...)
}
