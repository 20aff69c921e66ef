package catalog_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// peaks are the columns whose highest value the summary of a detector alone tells.
var peaks = map[string][]string{"beaconing": {"BeaconRate", "DurationHours"}, "dynamicDns": {"UniqueDevices"}, "fastFlux": {"UniqueIPs"}}

// counted is what a summary says of each detector, by its columns: of one alone, with its peaks. What is empty is left out.
func counted(t *testing.T, frames data.Frames, peaks ...string) map[string]map[string]float64 {
	t.Helper()
	if len(frames) != 1 || len(frames[0].Fields) != len(detect.SummaryColumns())+len(peaks) {
		t.Fatalf("%d frames, the first with %d fields; want one with the columns of a summary", len(frames), len(frames[0].Fields))
	}
	counts := map[string]map[string]float64{}
	for row := range frames[0].Rows() {
		name := frames[0].Fields[0].At(row).(string)
		counts[name] = map[string]float64{}
		for _, f := range frames[0].Fields[2:] {
			if number, err := f.FloatAt(row); err == nil && !math.IsNaN(number) {
				counts[name][f.Name] = number
			}
		}
	}
	return counts
}

// listed counts the same in a table of all findings.
func listed(t *testing.T, frames data.Frames, peaks ...string) map[string]float64 {
	t.Helper()
	counts := map[string]float64{"Findings": float64(frames[0].Rows())}
	distinct := map[string]map[string]bool{"Devices": {}, "Addresses": {}}
	for _, c := range detect.SummaryColumns()[2:] {
		if c.Kind != statement.Maybe {
			counts[c.Name] += 0
		}
	}
	for _, f := range frames[0].Fields {
		for row := range frames[0].Rows() {
			number, err := f.FloatAt(row)
			switch known := err == nil && !math.IsNaN(number); {
			case known && f.Name == "ConnectionCount":
				counts["Connections"] += number
				counts["MostConnections"] = max(counts["MostConnections"], number)
			case known && f.Name == "BytesSent":
				counts["BytesSent"] += number
			case known && slices.Contains(peaks, f.Name):
				counts["Highest"+f.Name] = max(counts["Highest"+f.Name], number)
			}
			switch of := map[string]string{"DeviceName": "Devices", "RemoteIP": "Addresses"}[f.Name]; {
			case of != "" && f.At(row) != "" && f.At(row) != "Multiple":
				distinct[of][f.At(row).(string)] = true
			case f.Name == "Severity":
				counts[map[string]string{"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}[f.At(row).(string)]]++
			}
		}
	}
	for of, values := range distinct {
		counts[of] = float64(len(values))
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
					want, all, hidden := map[string]map[string]float64{}, map[string]map[string]float64{}, 0
					for _, name := range names {
						of := params
						if name == "dynamicDns" {
							of = nil
						}
						question := detecttest.Question{Type: name, Window: detecttest.Days(1), Params: of, Limit: 5000, Allowlist: allowlist}
						list := table.Frames(t, question)
						own := peaks[name]
						want[name], all[name], hidden = listed(t, list, own...), listed(t, list), hidden+detecttest.Hidden(t, list)
						question.Format, question.Limit = "summary", 1
						frames := table.Frames(t, question)
						if diff := cmp.Diff(map[string]map[string]float64{name: want[name]}, counted(t, frames, own...)); diff != "" {
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
					if diff := cmp.Diff(all, counted(t, frames)); diff != "" {
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
