package catalog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// counted is what a summary says of each detector, by its columns.
func counted(t *testing.T, frames data.Frames) map[string]map[string]int64 {
	t.Helper()
	if len(frames) != 1 || len(frames[0].Fields) != len(detect.SummaryColumns()) {
		t.Fatalf("%d frames, the first with %d fields; want one with the columns of a summary", len(frames), len(frames[0].Fields))
	}
	counts := map[string]map[string]int64{}
	for row := range frames[0].Rows() {
		name := frames[0].Fields[0].At(row).(string)
		counts[name] = map[string]int64{}
		for _, f := range frames[0].Fields[2:] {
			counts[name][f.Name] = f.At(row).(int64)
		}
	}
	return counts
}

// listed counts the same in a table of all findings.
func listed(t *testing.T, frames data.Frames) map[string]int64 {
	t.Helper()
	counts := map[string]int64{"Findings": int64(frames[0].Rows())}
	distinct := map[string]map[string]bool{"Devices": {}, "Addresses": {}}
	for _, c := range detect.SummaryColumns()[2:] {
		counts[c.Name] += 0
	}
	for _, f := range frames[0].Fields {
		for row := range frames[0].Rows() {
			switch of := map[string]string{"DeviceName": "Devices", "RemoteIP": "Addresses"}[f.Name]; {
			case of != "" && f.At(row) != "" && f.At(row) != "Multiple":
				distinct[of][f.At(row).(string)] = true
			case f.Name == "Severity":
				counts[map[string]string{"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}[f.At(row).(string)]]++
			}
		}
	}
	for of, values := range distinct {
		counts[of] = int64(len(values))
	}
	return counts
}

// A number of findings is counted by ClickHouse: a list's limit does not change it, and it is there where nothing is found.
func TestASummaryCountsWhatAListShows(t *testing.T) {
	bench := detecttest.Start(t)
	names := []string{"beaconing", "dynamicDns", "fastFlux"}
	found := bench.Events(t, plenty(t))
	for rule, table := range map[string]detecttest.Table{
		"findings": found,
		"none":     bench.Events(t, nil),
		"some hidden by the allowlist": found.Setting("allowlist", []referee.AllowEntry{
			entry(func(a *referee.AllowEntry) { a.Domain = "c2.example.com" }), entry(func(a *referee.AllowEntry) { a.Device, a.Detector = "WS-2", "fastFlux" }),
		}),
		"all hidden by the allowlist": found.Setting("allowlist", []referee.AllowEntry{entry(func(a *referee.AllowEntry) { a.Device = "*" }), entry(func(a *referee.AllowEntry) { a.Domain = "ddns.net" })}),
	} {
		for _, params := range []map[string]any{nil, {"groupBy": "host"}} {
			for _, allowlist := range []string{"", "ignore"} {
				if rule == "findings" && allowlist != "" || rule == "none" && (allowlist != "" || params != nil) {
					continue // as without an allowlist
				}
				t.Run(fmt.Sprint(rule, params, allowlist), func(t *testing.T) {
					want, hidden := map[string]map[string]int64{}, 0
					for _, name := range names {
						of := params
						if name == "dynamicDns" {
							of = nil
						}
						question := detecttest.Question{Type: name, Window: detecttest.Days(1), Params: of, Limit: 5000, Allowlist: allowlist}
						list := table.Frames(t, question)
						want[name], hidden = listed(t, list), hidden+detecttest.Hidden(t, list)
						question.Format, question.Limit = "summary", 1
						frames := table.Frames(t, question)
						if diff := cmp.Diff(map[string]map[string]int64{name: want[name]}, counted(t, frames)); diff != "" {
							t.Errorf("%s (-list +summary):\n%s", name, diff)
						}
						if got := detecttest.Hidden(t, frames); got != detecttest.Hidden(t, list) {
							t.Errorf("%s: %d hidden, want %d", name, got, detecttest.Hidden(t, list))
						}
					}
					union := map[string]any{}
					for name, value := range params {
						union["beaconing."+name], union["fastFlux."+name] = value, value
					}
					frames := table.Frames(t, detecttest.Question{Type: "alerts", Format: "summary", Window: detecttest.Days(1), Params: union, Limit: 1, Allowlist: allowlist})
					if diff := cmp.Diff(want, counted(t, frames)); diff != "" {
						t.Errorf("alerts (-lists +summary):\n%s", diff)
					}
					if got := detecttest.Hidden(t, frames); got != hidden {
						t.Errorf("alerts: %d hidden, want %d", got, hidden)
					}
					for i, f := range []string{"beaconing", "dynamicDns", "fastFlux"} {
						if got := frames[0].Fields[0].At(i); got != f {
							t.Errorf("row %d is of %s, want %s", i, got, f)
						}
					}
					for _, n := range frames[0].Meta.Notices {
						if strings.HasPrefix(n.Text, "Only ") {
							t.Errorf("a summary of two rows more than the limit is cut: %v", n)
						}
					}
				})
			}
		}
	}
}
