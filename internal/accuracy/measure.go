package accuracy

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/frame"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
)

// measurement is of one capture, with one state of what is known beside it.
type measurement struct {
	Options
	capture Capture
	loaded
	data string
	// fullest says that no more can be known beside this capture.
	fullest bool
	source  []byte // jsonData
	// asked holds what questions found, by question, time and, where it matters, what is known.
	asked map[any][]Finding
	// devices are those that have a case of any risk: that keep connecting to a place of the internet.
	devices int
}

func (c Capture) hasDNS() bool {
	entries, err := os.ReadDir(c.Folder)
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "dns.") })
}

// all measures every set of rules.
func (m *measurement) all(ctx context.Context, sets map[string][]question, report *Report) error {
	cases, err := m.found(ctx, sets[Stricter][0], m.evaluations()[len(m.evaluations())-1])
	if err != nil {
		return err
	}
	devices := map[string]bool{}
	for _, f := range cases {
		devices[f.device()] = true
	}
	m.devices = max(1, len(devices))
	for _, set := range Sets() {
		// what the others find does not follow from what is known beside the connections
		if set != Stricter && !m.fullest || m.Sets != nil && !slices.Contains(m.Sets, set) {
			continue
		}
		asked := sets[set]
		if set == RITA {
			asked = []question{ritaQuestion(m.ports)}
		}
		if err := m.set(ctx, set, asked, report); err != nil {
			return fmt.Errorf("%s: %w", set, err)
		}
	}
	return nil
}

// set measures one set of rules.
func (m measurement) set(ctx context.Context, set string, asked []question, report *Report) error {
	result := Result{Capture: m.capture.Name, Data: m.data, Set: set, Fullest: m.fullest, Channels: len(m.capture.Truth.Channels)}
	outcomes := make([]Outcome, len(m.capture.Truth.Channels))
	for i, channel := range m.capture.Truth.Channels {
		outcomes[i] = Outcome{Capture: m.capture.Name, Data: m.data, Set: set, Fullest: m.fullest, Channel: channel.String()}
	}
	benign := map[string]Finding{}
	var last []Finding // what the last evaluation ranks
	for _, to := range m.evaluations() {
		fired, ranked, err := m.evaluate(ctx, asked, to)
		if err != nil {
			return err
		}
		for i, channel := range m.capture.Truth.Channels {
			if outcomes[i].After == 0 && slices.ContainsFunc(fired, channel.matches) {
				outcomes[i].After = to.Sub(m.started(channel))
			}
		}
		for _, f := range fired {
			if known, ok := benign[f.Key]; !m.capture.Truth.has(f) && (!ok || known.Value < f.Value) {
				benign[f.Key] = f
			}
		}
		last = ranked
	}
	slices.SortStableFunc(last, func(a, b Finding) int {
		// of two of one weight the benign one comes first: a tie is no merit
		return cmp.Or(byWeight(set, b, a), compareBool(m.capture.Truth.has(a), m.capture.Truth.has(b)), strings.Compare(a.Key, b.Key))
	})
	for i, channel := range m.capture.Truth.Channels {
		outcomes[i].Of = len(last)
		if at := slices.IndexFunc(last, channel.matches); at >= 0 {
			outcomes[i].Rank, outcomes[i].Value, outcomes[i].Why = at+1, last[at].Value, last[at].Why
		}
		if outcomes[i].After > 0 {
			result.Found++
		}
	}
	result.Benign = slices.SortedFunc(maps.Values(benign), func(a, b Finding) int {
		return cmp.Or(byWeight(set, b, a), strings.Compare(a.Key, b.Key))
	})
	result.Rate = float64(len(benign)) / (float64(m.devices) * m.days())
	report.Results, report.Outcomes = append(report.Results, result), append(report.Outcomes, outcomes...)
	if m.fullest {
		for _, f := range last {
			report.ranked = append(report.ranked, rankedFinding{set, f, m.capture.Truth.has(f)})
		}
	}
	return nil
}

// byWeight orders findings of one set, the lighter first. Those of several detectors have a severity in common and no number.
func byWeight(set string, a, b Finding) int {
	if set != Stricter && set != RITA {
		return cmp.Or(cmp.Compare(slices.Index(severities, b.Severity), slices.Index(severities, a.Severity)), cmp.Compare(a.Value, b.Value))
	}
	return cmp.Compare(a.Value, b.Value)
}

// severities, the gravest first.
var severities = []string{"critical", "high", "medium", "low"}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func (t Truth) has(f Finding) bool {
	return slices.ContainsFunc(t.Channels, func(c Channel) bool { return c.matches(f) })
}

func (m measurement) started(c Channel) time.Time {
	if c.From.IsZero() {
		return m.first
	}
	return c.From
}

// evaluations are when the rules are asked: at the capture's end, and every six hours before it.
func (m measurement) evaluations() []time.Time {
	// the window's end is outside; the newest event is not
	var list []time.Time
	for to := m.last.Add(time.Second).Truncate(time.Second); to.After(m.first); to = to.Add(-step) {
		list = append(list, to)
	}
	slices.Reverse(list)
	return list
}

// evaluate asks the questions at one time: what the rules fire on, and what they rank.
func (m measurement) evaluate(ctx context.Context, asked []question, to time.Time) (fired, ranked []Finding, err error) {
	for _, q := range asked {
		found, err := m.found(ctx, q, to)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", q.rule, err)
		}
		for _, f := range found {
			// two rules may tell of one finding: it counts by the graver
			if at := slices.IndexFunc(ranked, func(r Finding) bool { return r.Key == f.Key }); at < 0 {
				ranked = append(ranked, f)
			} else if ranked[at].Value < f.Value {
				ranked[at] = f
			}
			if f.Type != casesType || f.Value >= float64(q.least) {
				fired = append(fired, f)
			}
		}
	}
	return fired, ranked, nil
}

// found is what a question finds at one time; of cases, whatever their risk. Sets may share a question, which is asked once.
func (m measurement) found(ctx context.Context, q question, to time.Time) ([]Finding, error) {
	at := struct {
		rule, data string
		to         time.Time
	}{q.rule, m.data, to}
	if q.queryType == "dynamicDns" { // whose findings do not follow from the autonomous systems
		at.data = ""
	}
	if known, ok := m.asked[at]; ok {
		return known, nil
	}
	params, _ := q.model["params"].(map[string]any)
	own := params
	if q.queryType == casesType {
		params = maps.Clone(params)
		params["minRisk"] = 0
	}
	frames, err := m.ask(ctx, q, "table", params, to)
	if err != nil {
		return nil, err
	}
	var list []Finding
	for _, f := range frames {
		list = append(list, findingsOf(q, f)...)
	}
	m.asked[at] = list
	// Grafana asks for numbers: once for each capture they are held against the table.
	if q.queryType != casesType || to.Before(m.last) {
		return list, nil
	}
	if frames, err = m.ask(ctx, q, "numeric", own, to); err != nil {
		return nil, err
	}
	keys := instances(frames)
	for _, f := range list {
		if keys[f.Key] != (f.Value >= float64(q.least)) {
			return nil, fmt.Errorf("%s has risk %.0f, and an instance of the rule: %v", f.Host, f.Value, keys[f.Key])
		}
	}
	return list, nil
}

// instances are the keys of a numeric answer's findings.
func instances(frames data.Frames) map[string]bool {
	keys := map[string]bool{}
	for _, f := range frames {
		for _, field := range f.Fields {
			if field.Labels[frame.Overflow] == "" {
				keys[casesType+" "+field.Labels["finding_key"]] = true
			}
		}
	}
	return keys
}

// mostRows is above what any capture holds.
const mostRows = 100_000

func (m measurement) ask(ctx context.Context, q question, format string, params map[string]any, to time.Time) (data.Frames, error) {
	model := maps.Clone(q.model)
	model["format"], model["params"], model["limit"] = format, params, mostRows
	text, err := json.Marshal(model)
	if err != nil {
		return nil, err
	}
	source := host.DataSource{UID: m.database + m.data, Name: "Fluxhound accuracy", JSONData: m.source}
	const refID = "A"
	response, err := m.Plugin.QueryData(ctx, &backend.QueryDataRequest{PluginContext: source.PluginContext(nil), Queries: []backend.DataQuery{{
		RefID: refID, QueryType: q.queryType, JSON: text, Interval: time.Minute, MaxDataPoints: 1000,
		TimeRange: backend.TimeRange{From: to.Add(-q.back), To: to},
	}}})
	if err != nil {
		return nil, err
	}
	return response.Responses[refID].Frames, response.Responses[refID].Error
}
