package dashboards_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
)

// asked is a panel with its own query, as Grafana sends it with the variables at their first values.
type asked struct {
	file  string
	panel dashboards.Panel
	json  []byte
}

func (a asked) name() string { return fmt.Sprintf("%s/%d %s", a.file, a.panel.ID, a.panel.Title) }

// allAsked returns every query that the dashboards send. device is the value of the variable of that name where only one
// may be chosen.
func allAsked(t *testing.T, device string) []asked {
	t.Helper()
	var list []asked
	for _, f := range dashboards.Files() {
		for _, p := range f.Dashboard.Every() {
			for _, target := range p.Targets {
				if target.QueryType == "" {
					continue
				}
				text, err := json.Marshal(interpolated(t, f.Dashboard, target, device))
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, asked{f.Name, p, text})
			}
		}
	}
	return list
}

// interpolated does what the front end does: a filter whose variable is at All is dropped, and a parameter gets the type
// that its kind asks for.
func interpolated(t *testing.T, d dashboards.Dashboard, target dashboards.Target, device string) dashboards.Target {
	t.Helper()
	var filters []dashboards.Filter
	for _, f := range target.Filters {
		if !strings.HasPrefix(f.Values[0], "$") { // a condition of the panel's own
			filters = append(filters, f)
			continue
		}
		switch value := valueOf(t, d, f.Values[0]).(type) {
		case []string: // All
		case nil:
			f.Values = []string{device}
			filters = append(filters, f)
		default:
			t.Fatalf("the variable in %v is at %v", f, value)
		}
	}
	target.Filters = filters
	if strings.HasPrefix(target.Allowlist, "$") {
		target.Allowlist = valueOf(t, d, target.Allowlist).(string)
	}
	if target.Params != nil {
		params := map[string]any{}
		for name, value := range target.Params {
			if text, ok := value.(string); ok && strings.HasPrefix(text, "$") {
				value = typed(t, valueOf(t, d, text).(string), paramOf(t, target.QueryType, name))
			}
			if list, ok := value.([]string); ok && len(list) == 1 && strings.HasPrefix(list[0], "$") {
				if value = valueOf(t, d, list[0]); slices.Equal(value.([]string), []string{"$__all"}) {
					value = []string{}
				}
			}
			params[name] = value
		}
		target.Params = params
	}
	return target
}

// valueOf returns the first value of the variable that the text is; nil where only the data knows it.
func valueOf(t *testing.T, d dashboards.Dashboard, text string) any {
	t.Helper()
	for _, v := range d.Templating.List {
		if "$"+v.Name == text {
			if v.Current == nil {
				return nil
			}
			return v.Current.Value
		}
	}
	t.Fatalf("%s: %q is no variable", d.UID, text)
	return nil
}

func typed(t *testing.T, text string, p query.Param) any {
	t.Helper()
	switch p.Kind {
	case query.KindBoolean:
		return text == "true"
	case query.KindInteger, query.KindNumber:
	default:
		return text
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func queryTypes() []detect.Detector {
	return querytypes.At(detect.Site{})
}

func paramOf(t *testing.T, queryType, name string) query.Param {
	t.Helper()
	for _, d := range queryTypes() {
		if s := d.Spec(); s.Name == queryType {
			for _, p := range s.Params {
				if p.Name == name {
					return p
				}
			}
		}
	}
	t.Fatalf("%s has no parameter %s", queryType, name)
	return query.Param{}
}

func decode(text []byte) (query.Query, error) {
	types := map[string]query.Type{}
	for _, d := range queryTypes() {
		s := d.Spec()
		types[s.Name] = s.Type()
	}
	return query.Decode(text, query.Options{Types: types, Now: time.Now, Interval: time.Hour, RowLimit: 100_000})
}

func TestEveryQueryIsOneThatThePluginAccepts(t *testing.T) {
	for _, a := range allAsked(t, "WS-1") {
		t.Run(a.name(), func(t *testing.T) {
			if _, err := decode(a.json); err != nil {
				t.Errorf("%s: %v", a.json, err)
			}
		})
	}
}

func TestTriageOpensWithTheAnalyticsParameters(t *testing.T) {
	for _, a := range allAsked(t, "WS-1") {
		q, err := decode(a.json)
		if err != nil || q.Type == "events" || q.Type == "dataQuality" {
			continue // the test above reports the error
		}
		t.Run(a.name(), func(t *testing.T) {
			want := query.Values{}
			for _, d := range queryTypes() {
				if s := d.Spec(); s.Name == q.Type {
					for _, p := range s.Params {
						want[p.Name] = p.Default
					}
				}
			}
			// A panel of a stricter rule stands beside the analytic's, and has its other parameters; that what it asks beyond is
			// the rule's is proved with the rules.
			for name, value := range a.panel.Targets[0].Params {
				if text, ok := value.(string); !ok || !strings.HasPrefix(text, "$") {
					want[name] = q.Params[name]
				}
			}
			if q.Params["match"] == "suffix" { // without domains of its own it looks under all that are known
				want["domains"] = q.Params["domains"]
			}
			if diff := cmp.Diff(want, q.Params); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
