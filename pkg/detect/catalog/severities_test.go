package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// ofSeverity is a filter on the column.
func ofSeverity(operator string, severities ...string) []referee.Filter {
	return []referee.Filter{{Column: "Severity", Operator: operator, Values: severities}}
}

// several has findings of each severity where the dictionary of systems is known: more low and medium ones, which are newer, than graver.
func several(t *testing.T) []referee.Event {
	t.Helper()
	return join(
		plenty(t), beacon(t, "WS-6", "203.0.113.6", "https://a.duckdns.org/x"), beacon(t, "WS-7", "203.0.113.8", "c5.example.com"),
		name(detecttest.At(t, "12:00:00"), "198.51.100.9", "e.ddns.net"), name(detecttest.At(t, "12:00:01"), "198.51.100.9", "f.ddns.net"),
	)
}

func inFormat(q detecttest.Question, format string) detecttest.Question {
	q.Format = format
	return q
}

// sum adds up a column of numbers.
func sum(t *testing.T, frames data.Frames, column string) float64 {
	t.Helper()
	total := 0.0
	for _, f := range frames[0].Fields {
		for row := range f.Len() {
			if f.Name == column {
				number, err := f.FloatAt(row)
				if err != nil {
					t.Fatal(err)
				}
				total += number
			}
		}
	}
	return total
}

func newestFirst(rows []referee.Row) []referee.Row {
	slices.SortStableFunc(rows, referee.CompareAlerts)
	return rows
}

// Each rule was worked out by hand: which of the findings of several a filter leaves.
func TestAFilterOnSeverityLeavesTheFindingsOfIt(t *testing.T) {
	table := detecttest.Start(t).Events(t, join(
		beacon(t, "WS-1", "203.0.113.7", "https://a.duckdns.org/x"), beacon(t, "WS-2", "198.51.100.7", "c2.example.com"), beacon(t, "WS-3", "203.0.113.8", "c3.example.com"),
	)).WithSystems(t, systems())
	for _, c := range []struct {
		rule    string
		filters []referee.Filter
		want    []string
	}{
		{"none leaves all", nil, []string{"WS-1 critical", "WS-2 medium", "WS-3 high"}},
		{"one", ofSeverity("=", "medium"), []string{"WS-2 medium"}},
		{"what a suspicious network raises has the severity that is shown", ofSeverity("=", "high"), []string{"WS-3 high"}},
		{"not one", ofSeverity("!=", "medium"), []string{"WS-1 critical", "WS-3 high"}},
		{"several", ofSeverity("in", "medium", "critical"), []string{"WS-1 critical", "WS-2 medium"}},
		{"none of several", ofSeverity("notIn", "medium", "critical"), []string{"WS-3 high"}},
		{"what there is none of", ofSeverity("=", "low"), nil},
		{"two that no finding meets", append(ofSeverity("=", "high"), ofSeverity("=", "medium")...), nil},
		{"beside one on events", append(ofSeverity("!=", "high"), referee.Filter{Column: "DeviceName", Operator: "in", Values: []string{"WS-1", "WS-3"}}), []string{"WS-1 critical"}},
	} {
		var got []string
		for _, row := range table.TableFormat(t, referee.DefaultBeaconing(), detecttest.Question{Type: "beaconing", Window: detecttest.Days(1), Filters: c.filters}) {
			got = append(got, fmt.Sprint(row[1], " ", row[slices.Index(referee.DefaultBeaconing().Columns(), "Severity")]))
		}
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.rule, diff)
		}
	}
}

// Whatever is asked, and whatever the allowlist hides: the findings of the four severities are those without the filter, each is there
// once and as it is there, and numbers, counts and what is hidden are of these.
func TestTheFindingsOfAllSeveritiesAreAllFindings(t *testing.T) {
	known := detecttest.Start(t).Events(t, several(t)).WithSystems(t, systems())
	hiding := known.Setting("allowlist", []referee.AllowEntry{entry(func(a *referee.AllowEntry) { a.Device = "WS-2" }), entry(func(a *referee.AllowEntry) { a.Domain = "a.duckdns.org" })})
	judges := map[string]referee.Detector{"dynamicDns": referee.DefaultDynamicDNS(), "alerts": referee.DefaultAlerts()}
	for rule, table := range map[string]detecttest.Table{"without an allowlist": known, "with one": hiding} {
		for queryType, judge := range judges {
			all := detecttest.Question{Type: queryType, Window: detecttest.Days(1)}
			every := table.TableFormat(t, judge, all)
			counts := table.Frames(t, inFormat(all, "summary"))
			columns := detect.SeverityColumns()
			var rows []referee.Row
			hidden := 0
			for _, severity := range columns {
				one := all
				one.Filters = ofSeverity("=", severity.Value)
				frames := table.Frames(t, inFormat(one, "table"))
				some := detecttest.Rows(t, frames, judge.Columns())
				hidden += detecttest.Hidden(t, frames)
				rows = append(rows, some...)
				keys := keysOf(t, frames)
				for _, row := range some {
					if got := row[slices.Index(judge.Columns(), "Severity")]; got != severity.Value {
						t.Errorf("%s, %s: severity %v among those of %s", rule, queryType, got, severity.Value)
					}
				}
				var numbers []string
				for _, f := range table.Frames(t, inFormat(one, "numeric")) {
					if len(f.Fields) > 0 {
						numbers = append(numbers, f.Fields[0].Labels["finding_key"])
					}
				}
				slices.Sort(numbers)
				if diff := cmp.Diff(keys, slices.Compact(numbers)); diff != "" {
					t.Errorf("%s, %s of %s: keys (-table +numbers):\n%s", rule, queryType, severity.Value, diff)
				}
				summary := table.Frames(t, inFormat(one, "summary"))
				for _, name := range []string{"Findings", severity.Name} {
					if got := sum(t, summary, name); got != float64(len(some)) {
						t.Errorf("%s, %s of %s: the summary counts %v in %s, listed are %d", rule, queryType, severity.Value, got, name, len(some))
					}
				}
				if got, want := sum(t, summary, "Findings"), sum(t, counts, severity.Name); got != want {
					t.Errorf("%s, %s: %v of %s, of all %v", rule, queryType, got, severity.Value, want)
				}
			}
			detecttest.CompareRows(t, every, newestFirst(rows))
			if want := detecttest.Hidden(t, table.Frames(t, all)); hidden != want {
				t.Errorf("%s, %s: %d hidden of the severities, %d of all", rule, queryType, hidden, want)
			}
			if len(every) < 4 {
				t.Errorf("%s, %s: only %d findings", rule, queryType, len(every))
			}
		}
	}
}

// A limit counts what is asked for: what is lighter and newer never takes the place of what is graver.
func TestAFilterOnSeverityIsThereBeforeTheLimit(t *testing.T) {
	table := detecttest.Start(t).Events(t, several(t)).WithSystems(t, systems())
	for _, queryType := range []string{"beaconing", "alerts"} {
		for _, format := range []string{"table", "numeric"} {
			q := detecttest.Question{Type: queryType, Format: format, Window: detecttest.Days(1), Limit: 1, Filters: ofSeverity("=", "critical")}
			frames := table.Frames(t, q)
			if format == "table" && len(keysOf(t, frames)) != 1 || format == "numeric" && (len(frames) != 1 || len(frames[0].Fields) == 0) {
				t.Errorf("%s as %s: %v", queryType, format, frames)
			}
		}
		// a series is there where its finding is
		q := detecttest.Question{Type: queryType, Format: "timeseries", Window: detecttest.Days(1), Interval: time.Hour, Limit: 1, Filters: ofSeverity("=", "critical")}
		if labels := labelsOf(table.Frames(t, q)); len(labels) != 1 || queryType == "beaconing" && labels[0]["device"] != "WS-6" {
			t.Errorf("%s: the series %v, want that of the critical finding", queryType, labels)
		}
	}
}

func TestEventsHaveNoSeverityToFilterBy(t *testing.T) {
	table := detecttest.Start(t).Events(t, plenty(t))
	for _, queryType := range []string{"events", "dataQuality"} {
		for column, value := range map[string]string{"Severity": "high", "FindingKey": "5c52eb5d26e9ad9b"} {
			filters := []referee.Filter{{Column: column, Operator: "=", Values: []string{value}}}
			answer := table.Ask(t, detecttest.Question{Type: queryType, Window: detecttest.Days(1), Filters: filters})[0]
			if answer.Error == nil || !strings.Contains(answer.Error.Error(), column+" is a column of findings") || answer.Status != backend.StatusBadRequest {
				t.Errorf("%s by %s: status %d, %v", queryType, column, answer.Status, answer.Error)
			}
		}
	}
}
