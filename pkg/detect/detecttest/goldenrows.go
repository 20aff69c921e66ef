package detecttest

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed testdata/events.csv
var eventsCSV string

// goldenEvents reads events.csv: columns in the schema's order, an empty number for null.
func goldenEvents(t testing.TB) []referee.Event {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(eventsCSV)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	events := make([]referee.Event, len(lines)-1)
	for i, f := range lines[1:] {
		at, err := time.Parse(time.RFC3339Nano, f[0])
		if err != nil {
			t.Fatal(err)
		}
		events[i] = referee.Event{
			Timestamp: at, DeviceID: f[1], DeviceName: f[2], ActionType: f[3], RemoteIP: f[4], RemotePort: *maybe(t, f[5]), RemoteURL: f[6], Protocol: f[7], LocalIP: f[8],
			InitiatingProcessFileName: f[9], InitiatingProcessAccountName: f[10], SentBytes: maybe(t, f[11]), ReceivedBytes: maybe(t, f[12]),
		}
	}
	return events
}

func maybe(t testing.TB, number string) *int64 {
	t.Helper()
	if number == "" {
		return nil
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return &n
}

// written is a result as CSV: times in RFC 3339, lists in JSON, nothing for null.
func written(t testing.TB, r *clickhouse.Result) []byte {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	var header []string
	for _, c := range r.Columns {
		header = append(header, c.Name)
	}
	lines := [][]string{header}
	for i := range r.Rows {
		var line []string
		for _, values := range r.Data {
			line = append(line, inWords(t, values, i))
		}
		lines = append(lines, line)
	}
	if err := w.WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func inWords(t testing.TB, values any, i int) string {
	t.Helper()
	switch v := values.(type) {
	case []time.Time:
		return v[i].UTC().Format("2006-01-02T15:04:05.000Z")
	case []*int64:
		if v[i] == nil {
			return ""
		}
		return strconv.FormatInt(*v[i], 10)
	case []*float64:
		if v[i] == nil {
			return ""
		}
		return fmt.Sprint(*v[i])
	case []bool:
		return strconv.FormatBool(v[i])
	case [][]string, [][]int64:
		text, err := json.Marshal(reflect.ValueOf(v).Index(i).Interface())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	default:
		return fmt.Sprint(value(t, values, i))
	}
}

func value(t testing.TB, values any, i int) any {
	t.Helper()
	switch v := values.(type) {
	case []time.Time:
		return v[i].UTC()
	case []string:
		return v[i]
	case []int64:
		return v[i]
	case []*int64:
		return orNil(v[i])
	case []float64:
		return v[i]
	case []*float64:
		return orNil(v[i])
	case []bool:
		return v[i]
	case [][]string:
		return append([]string{}, v[i]...)
	case [][]int64:
		return v[i]
	default:
		t.Fatalf("a result holds %T", values)
		return nil
	}
}

// confirm holds the rows of findings against the referee's.
func confirm(t testing.TB, spec detect.Spec, q query.Query, model []byte, r *clickhouse.Result) {
	t.Helper()
	judge, question := refereeOf(t, model)
	if q.Format == query.Table {
		rows := make([]referee.Row, r.Rows)
		for i := range rows {
			for _, values := range r.Data {
				rows[i] = append(rows[i], value(t, values, i))
			}
		}
		CompareRows(t, judge.Rows(goldenEvents(t), question), rows)
		return
	}
	if q.Format == query.Summary {
		confirmCounts(t, judge.Rows(goldenEvents(t), question), r)
		return
	}
	numbers, keys := make([]referee.Number, r.Rows), make([]string, r.Rows)
	for i := range numbers {
		numbers[i].Labels = map[string]string{}
		for column, c := range r.Columns {
			switch cell := value(t, r.Data[column], i).(type) {
			case float64:
				numbers[i].Value = cell
			case string:
				if c.Name == detect.FindingKey {
					keys[i] = cell
				} else {
					numbers[i].Labels[label(spec, c.Name)] = cell
				}
			}
		}
		if want := keyOf(spec.Name, numbers[i].Labels); want != "" && keys[i] != want {
			t.Errorf("the key of %v is %q, want %q", numbers[i].Labels, keys[i], want)
		}
	}
	CompareNumbers(t, judge.Numbers(goldenEvents(t), question), numbers)
}

// confirmCounts holds the numbers of findings of each kind against the referee's rows.
func confirmCounts(t testing.TB, want []referee.Row, r *clickhouse.Result) {
	t.Helper()
	left := map[any]int64{}
	for _, row := range want {
		left[row[slices.IndexFunc(detect.CommonColumns(), func(c statement.Column) bool { return c.Name == "AlertType" })]]++
	}
	types, _ := r.Data[slices.IndexFunc(r.Columns, func(c statement.Column) bool { return c.Name == "AlertType" })].([]string)
	counts, _ := r.Data[slices.IndexFunc(r.Columns, func(c statement.Column) bool { return c.Name == "Findings" })].([]int64)
	for i, alertType := range types {
		left[alertType] -= counts[i]
	}
	for alertType, more := range left {
		if more != 0 {
			t.Errorf("%v: the summary counts %d findings fewer than the referee", alertType, more)
		}
	}
}

// label is the name of the label that a column fills.
func label(spec detect.Spec, column string) string {
	for _, l := range spec.Labels {
		if l.Column == column {
			return l.Name
		}
	}
	return strings.ToLower(column) // the union's Detector
}

// refereeOf reads the query a second time, in the referee's words.
func refereeOf(t testing.TB, model []byte) (referee.Detector, referee.Question) {
	t.Helper()
	var q struct {
		QueryType string                     `json:"queryType"`
		Params    map[string]json.RawMessage `json:"params"`
		Filters   []referee.Filter           `json:"filters"`
	}
	if err := json.Unmarshal(model, &q); err != nil {
		t.Fatal(err)
	}
	parts := map[string]map[string]json.RawMessage{}
	for name, value := range q.Params {
		detector, own, ofUnion := strings.Cut(name, ".")
		if !ofUnion {
			detector, own = q.QueryType, name
		}
		if parts[detector] == nil {
			parts[detector] = map[string]json.RawMessage{}
		}
		parts[detector][own] = value
	}
	text, err := json.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	all := referee.DefaultAlerts()
	if strings.Contains(string(parts["dynamicDns"]["match"]), "suffix") {
		all.DynamicDNS.Domains = nil // unless the query names them
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	question := referee.Question{Window: goldenWindow(), Filters: q.Filters}
	switch q.QueryType {
	case "beaconing":
		return all.Beaconing, question
	case "dynamicDns":
		return all.DynamicDNS, question
	case "fastFlux":
		return all.FastFlux, question
	default:
		return all, question
	}
}
