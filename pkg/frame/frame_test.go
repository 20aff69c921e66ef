package frame_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/dataplane/sdata/numeric"
	"github.com/grafana/dataplane/sdata/timeseries"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/events"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/frame"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

var start = time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)

// answer is a result of the given columns, two by two: a column and its values.
func answer(format query.Format, rows, limit int, pairs ...any) frame.Answer {
	result := &clickhouse.Result{Rows: rows, Elapsed: 250 * time.Millisecond, RowsRead: 7, BytesRead: 8}
	for i := 0; i < len(pairs); i += 2 {
		result.Columns = append(result.Columns, pairs[i].(statement.Column))
		result.Data = append(result.Data, pairs[i+1])
	}
	return frame.Answer{
		Query: query.Query{
			Type: "beaconing", Format: format, Limit: limit, Interval: time.Hour,
			Window: query.Window{From: start, To: start.Add(4 * time.Hour)},
		},
		Spec: beaconing.Detector{}.Spec(),
		Statement: statement.Statement{
			SQL: "SELECT 1", Columns: result.Columns, RowLimit: limit, Notices: []string{"The events table has no column SentBytes: …"},
			Params: []statement.Param{{Name: "from", Type: "DateTime64(3, 'UTC')", Value: start}, {Name: "filter0", Type: "String", Value: "a\n'b"}},
		},
		Result: result,
	}
}

func column(name string, kind statement.Kind, unit string) statement.Column {
	return statement.Column{Name: name, Kind: kind, Unit: unit, Help: "about " + name}
}

func build(t *testing.T, a frame.Answer) data.Frames {
	t.Helper()
	frames, err := frame.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

func five() *int64 { n := int64(5); return &n }

func TestTableHasATypedFieldForEachColumn(t *testing.T) {
	frames := build(t, answer(query.Table, 2, 10,
		column("Timestamp", statement.Time, ""), []time.Time{start, start},
		column("DeviceName", statement.Text, ""), []string{"a", "b"},
		column("BytesSent", statement.Integer, "bytes"), []int64{1, 2},
		column("RemotePort", statement.Maybe, ""), []*int64{nil, five()},
		column("BeaconRate", statement.Number, "1/h"), []float64{0.5, 2},
		column("SampleProcesses", statement.List, ""), [][]string{{`a"b`}, nil},
	))
	if len(frames) != 1 {
		t.Fatalf("got %d frames, want 1", len(frames))
	}
	type shape struct {
		Name, Unit, Help string
		Type             data.FieldType
		Last             any
	}
	var got []shape
	for _, f := range frames[0].Fields {
		got = append(got, shape{f.Name, f.Config.Unit, f.Config.Description, f.Type(), f.At(1)})
	}
	want := []shape{
		{"Timestamp", "", "about Timestamp", data.FieldTypeTime, start},
		{"DeviceName", "", "about DeviceName", data.FieldTypeString, "b"},
		{"BytesSent", "bytes", "about BytesSent", data.FieldTypeInt64, int64(2)},
		{"RemotePort", "none", "about RemotePort", data.FieldTypeNullableInt64, five()},
		{"BeaconRate", "suffix: /h", "about BeaconRate", data.FieldTypeFloat64, 2.0},
		{"SampleProcesses", "", "about SampleProcesses", data.FieldTypeJSON, json.RawMessage(`[]`)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if frames[0].Meta.Type != data.FrameTypeTable {
		t.Errorf("got type %q, want table", frames[0].Meta.Type)
	}
	if list := frames[0].Fields[5].At(0).(json.RawMessage); string(list) != `["a\"b"]` {
		t.Errorf("got %s, want a JSON array", list)
	}
}

func TestTheSQLThatRanIsInTheMetaWithItsParameters(t *testing.T) {
	frames := build(t, answer(query.Table, 1, 10, column("DeviceName", statement.Text, ""), []string{"a"}))
	want := "SELECT 1\n-- Parameters:\n-- {from:DateTime64(3, 'UTC')} = \"2026-03-08T12:00:00.000Z\"\n-- {filter0:String} = \"a\\n'b\""
	if diff := cmp.Diff(want, frames[0].Meta.ExecutedQueryString); diff != "" {
		t.Errorf("executed query (-want +got):\n%s", diff)
	}
}

func TestACutTableShowsTheLimitAndWarns(t *testing.T) {
	whole := build(t, answer(query.Table, 2, 2, column("DeviceName", statement.Text, ""), []string{"a", "b"}))
	if n := warnings(whole[0]); n != 0 {
		t.Errorf("a whole table has %d warnings, want none", n)
	}
	cut := build(t, answer(query.Table, 3, 2, column("DeviceName", statement.Text, ""), []string{"a", "b", "c"}))
	if rows, _ := cut[0].RowLen(); rows != 2 || warnings(cut[0]) != 1 {
		t.Errorf("got %d rows and %d warnings, want 2 and 1", rows, warnings(cut[0]))
	}
}

func warnings(f *data.Frame) int {
	n := 0
	for _, notice := range f.Meta.Notices {
		if notice.Severity == data.NoticeSeverityWarning {
			n++
		}
	}
	return n
}

func numbers(rows, limit int) frame.Answer {
	names := make([]string, rows)
	values := make([]float64, rows)
	for i := range names {
		names[i], values[i] = string(rune('a'+i)), float64(i)
	}
	return answer(query.Numeric, rows, limit,
		column("DeviceName", statement.Text, ""), names, column("DeviceId", statement.Text, ""), names,
		column("RemoteIP", statement.Text, ""), names, column("RemoteUrl", statement.Text, ""), make([]string, rows),
		column("FindingKey", statement.Text, ""), names,
		statement.Column{Name: "Value", Kind: statement.Number, Unit: "1/h", Help: "BeaconRate"}, values)
}

func TestACutListSaysOfHowManyWhereTheyWereCounted(t *testing.T) {
	for counted, want := range map[int64]string{
		0:         "Only 2 findings are shown; there are more.",
		2:         "Only 2 findings are shown; there are more.", // counted before the third came
		1_028_106: "Only 2 of 1,028,106 findings are shown, the newest.",
	} {
		a := answer(query.Table, 3, 2, column("DeviceName", statement.Text, ""), []string{"a", "b", "c"})
		a.Counted = counted
		if !frame.IsCut(a) {
			t.Error("it is not taken for cut")
		}
		if notices := build(t, a)[0].Meta.Notices; !strings.HasPrefix(notices[len(notices)-1].Text, want) {
			t.Errorf("of %d: %v, want %q", counted, notices, want)
		}
	}
	if frame.IsCut(answer(query.Table, 2, 2, column("DeviceName", statement.Text, ""), []string{"a", "b"})) {
		t.Error("a whole list is taken for cut")
	}
}

func TestNumericHasAFrameForEachFindingWithLabelsThatStayTheSame(t *testing.T) {
	frames := build(t, numbers(2, 10))
	if len(frames) != 2 {
		t.Fatalf("got %d frames, want 2", len(frames))
	}
	want := data.Labels{
		"detector": "beaconing", "device": "b", "device_id": "b", "remote_ip": "b", "remote_url": "", "finding_key": "b",
		"severity": "high", "confidence": "medium", "mitre_technique": "T1584",
	}
	if diff := cmp.Diff(want, frames[1].Fields[0].Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if f := frames[1].Fields[0]; f.Name != "BeaconRate" || f.At(0) != 1.0 || len(frames[1].Fields) != 1 {
		t.Errorf("got field %s = %v of %d fields, want BeaconRate = 1 alone", f.Name, f.At(0), len(frames[1].Fields))
	}
	accepted(t, frames, 2)
}

// Grafana finds what explains an alert by its labels, of which a number with details has all.
func TestDetailsAreLabelsBesideTheOthers(t *testing.T) {
	a := numbers(2, 10)
	a.Spec = cases.Detector{}.Spec()
	a.Result.Columns = append(a.Result.Columns, column("Why", statement.Text, ""))
	a.Result.Data = append(a.Result.Data, []string{"even; new", ""})
	without := build(t, a)
	a.Query.Details = true
	with := build(t, a)
	accepted(t, with, 2)
	for i, why := range []string{"even; new", ""} {
		want := without[i].Fields[0].Labels.Copy()
		want["why"] = why
		if diff := cmp.Diff(want, with[i].Fields[0].Labels); diff != "" {
			t.Errorf("labels (-want +got):\n%s", diff)
		}
		if with[i].Fields[0].Config.DisplayNameFromDS != without[i].Fields[0].Config.DisplayNameFromDS {
			t.Errorf("its title is %q", with[i].Fields[0].Config.DisplayNameFromDS)
		}
	}
}

func TestNumericWithoutFindingsIsOneTypedFrameWithoutFields(t *testing.T) {
	frames := build(t, numbers(0, 10))
	if len(frames) != 1 || len(frames[0].Fields) != 0 || frames[0].Meta.Type != data.FrameTypeNumericMulti {
		t.Fatalf("got %d frames, the first with %d fields and type %q", len(frames), len(frames[0].Fields), frames[0].Meta.Type)
	}
	accepted(t, frames, 0)
}

// accepted proves that Grafana's own reader of the data plane takes every frame. (It cannot look for duplicates yet.)
func accepted(t *testing.T, frames data.Frames, numbers int) {
	t.Helper()
	reader, err := numeric.CollectionReaderFromFrames(frames)
	if err != nil {
		t.Fatal(err)
	}
	collection, err := reader.GetCollection(false)
	if err != nil {
		t.Fatal(err)
	}
	if len(collection.Refs) != numbers || len(collection.RemainderIndices) != 0 || collection.Warning != nil {
		t.Errorf("got %d numbers, %d ignored fields, warning %v; want %d numbers", len(collection.Refs), len(collection.RemainderIndices), collection.Warning, numbers)
	}
}

func TestACutNumericHasOneNumberMoreThatSaysHowManyAreNotShown(t *testing.T) {
	for _, more := range []int64{1, 37, 49_999} {
		a := numbers(3, 3)
		a.Result.Columns = append(a.Result.Columns, column(detect.FindingsColumn, statement.Integer, ""))
		a.Result.Data = append(a.Result.Data, []int64{3 + more, 3 + more, 3 + more})
		frames := build(t, a)
		accepted(t, frames, 4)
		f := frames[len(frames)-1].Fields[0]
		want := data.Labels{"overflow": "true", "detector": "beaconing", "severity": "high", "confidence": "medium", "mitre_technique": "T1584"}
		if diff := cmp.Diff(want, f.Labels); diff != "" || f.At(0) != float64(more) {
			t.Errorf("the number is %v, want %d; labels (-want +got):\n%s", f.At(0), more, diff)
		}
		if warnings(frames[0]) != 1 {
			t.Errorf("%d warnings, want 1", warnings(frames[0]))
		}
	}
}

// points has two series of rank 1 and 2, the first with values in the first and third hour.
func points(limit int) frame.Answer {
	a := answer(query.TimeSeries, 3, 0,
		column("Rank", statement.Integer, ""), []int64{1, 1, 2},
		column("Time", statement.Time, ""), []time.Time{start, start.Add(2 * time.Hour), start.Add(time.Hour)},
		column("DeviceName", statement.Text, ""), []string{"a", "a", "b"},
		column("DeviceId", statement.Text, ""), []string{"1", "1", "2"},
		column("RemoteIP", statement.Text, ""), []string{"x", "x", "y"},
		column("RemoteUrl", statement.Text, ""), []string{"u", "u", ""},
		column("Value", statement.Number, ""), []float64{10, 30, 7})
	a.Statement.SeriesLimit = limit
	return a
}

func TestTimeSeriesShowsGapsAsNull(t *testing.T) {
	frames := build(t, points(10))
	if len(frames) != 2 {
		t.Fatalf("got %d frames, want one for each of 2 series", len(frames))
	}
	var got []any
	for i := range frames[0].Fields[1].Len() {
		if v := frames[0].Fields[1].At(i).(*float64); v != nil {
			got = append(got, *v)
		} else {
			got = append(got, nil)
		}
	}
	if diff := cmp.Diff([]any{10.0, nil, 30.0, nil}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if title := frames[0].Fields[1].Config.DisplayNameFromDS; title != "a · x · u" {
		t.Errorf("got title %q", title)
	}
	reader, err := timeseries.CollectionReaderFromFrames(frames)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.GetCollection(true); err != nil {
		t.Error(err)
	}
}

// A series' links are made of what was asked, and each series has links.
func TestEachTimeSeriesSaysWhatWasAsked(t *testing.T) {
	frames := build(t, points(10))
	for i, f := range frames {
		if diff := cmp.Diff(frames[0].Meta.Custom, f.Meta.Custom); diff != "" || f.Meta.Custom == nil {
			t.Errorf("series %d of %d (-first +this):\n%s", i+1, len(frames), diff)
		}
	}
	if len(frames) < 2 || len(frames[1].Meta.Notices) > 0 || len(frames[1].Meta.Stats) > 0 {
		t.Errorf("%d series; of the second: %+v", len(frames), frames[1].Meta)
	}
}

func TestACutTimeSeriesShowsWholeSeriesAndWarns(t *testing.T) {
	frames := build(t, points(1))
	if len(frames) != 1 || warnings(frames[0]) != 1 {
		t.Errorf("got %d frames with %d warnings, want 1 with 1", len(frames), warnings(frames[0]))
	}
}

func TestACutTimeSeriesOfFindingsSaysHowManyThereAre(t *testing.T) {
	a := points(2)
	a.Result.Columns = append(a.Result.Columns, column(detect.FindingsColumn, statement.Integer, ""))
	a.Result.Data = append(a.Result.Data, []int64{57, 57, 57})
	frames := build(t, a)
	if len(frames) != 2 || warnings(frames[0]) != 1 || !slices.ContainsFunc(frames[0].Meta.Notices, func(n data.Notice) bool { return strings.Contains(n.Text, "2 of 57 series") }) {
		t.Errorf("got %d frames with the notices %v", len(frames), frames[0].Meta.Notices)
	}
}

func TestTooManyPointsAreAnError(t *testing.T) {
	a := points(10)
	a.Query.Window.To = a.Query.Window.From.Add(frame.MaxPoints * time.Second)
	a.Query.Interval = time.Second
	var incomplete *frame.IncompleteError
	if _, err := frame.Build(a); !errors.As(err, &incomplete) {
		t.Errorf("got %v, want an *IncompleteError", err)
	}
}

func TestIntervalsCountFromTheEpochAndTouchTheWindow(t *testing.T) {
	a := points(10)
	a.Query.Window = query.Window{From: start.Add(30 * time.Minute), To: start.Add(2*time.Hour + time.Millisecond)}
	axis := build(t, a)[0].Fields[0]
	var got []time.Time
	for i := range axis.Len() {
		got = append(got, axis.At(i).(time.Time))
	}
	if diff := cmp.Diff([]time.Time{start, start.Add(time.Hour), start.Add(2 * time.Hour)}, got); diff != "" {
		t.Errorf("intervals (-want +got):\n%s", diff)
	}
}

func TestLogLinesHaveDistinctIdsAndLabelsWithoutEmptyValues(t *testing.T) {
	a := answer(query.Logs, 3, 2,
		column("Timestamp", statement.Time, ""), []time.Time{start, start, start},
		column("DeviceName", statement.Text, ""), []string{"a", "a", "b"},
		column("RemotePort", statement.Maybe, ""), []*int64{five(), nil, nil},
		column("RemoteUrl", statement.Text, ""), []string{"", "u", ""},
		column(events.BodyColumn, statement.Text, ""), []string{"one", "two", "three"},
		column(events.SeverityColumn, statement.Text, ""), []string{"info", "warning", "info"},
		column(events.IDColumn, statement.Text, ""), []string{"h", "h", "h"})
	a.Spec = events.Events{}.Spec()
	f := build(t, a)[0]
	var names []string
	for _, field := range f.Fields {
		names = append(names, field.Name)
	}
	if diff := cmp.Diff([]string{"timestamp", "body", "severity", "id", "labels"}, names); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if a, b := f.Fields[3].At(0), f.Fields[3].At(1); a != "h" || b != "h-2" {
		t.Errorf("got ids %v and %v, want h and h-2", a, b)
	}
	want := []string{`{"DeviceName":"a","RemotePort":"5"}`, `{"DeviceName":"a","RemoteUrl":"u"}`}
	for i, labels := range want {
		if got := string(f.Fields[4].At(i).(json.RawMessage)); got != labels {
			t.Errorf("got labels %s, want %s", got, labels)
		}
	}
	if warnings(f) != 1 || f.Meta.Type != data.FrameTypeLogLines {
		t.Errorf("got %d warnings and type %q, want 1 and log-lines", warnings(f), f.Meta.Type)
	}
}
