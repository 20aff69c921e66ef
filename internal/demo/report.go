package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// report prints what was found beside what was planted.
type report struct {
	*printer
	scenario *scenario.Scenario
	events   int
	found    findings
}

func (r report) print() {
	verdict := r.scenario.Judge(r.found.list)
	offset := 0
	for _, name := range detectors() {
		rows := r.found.answers[name].frame.Rows()
		r.detector(name, r.found.list[offset:offset+rows])
		offset += rows
	}
	r.attacks(verdict)
	r.benign(verdict)
	r.unexplained(verdict)
	r.fidelity(verdict)
	r.summary(verdict)
}

func (r report) attacks(v scenario.Verdict) {
	r.heading("PLANTED ATTACKS: %d of %d found", foundOf(v), len(v.Attacks))
	var rows [][]string
	for _, a := range v.Attacks {
		result := "found"
		if !a.Found() {
			result = "MISSED"
		}
		if a.Beside > 0 {
			result += fmt.Sprintf(", and %d beside", a.Beside)
		}
		rows = append(rows, []string{
			a.Name, a.Detector, a.How, fmt.Sprintf("%d/%d", len(a.Expect)-len(a.Missing), len(a.Expect)), result,
		})
	}
	r.table([]column{
		{"Attack", false, 18}, {"Detector", false, 10}, {"What it does", false, 50}, {"Findings", true, 8}, {"", false, 24},
	}, rows)
}

func (r report) benign(v scenario.Verdict) {
	var rows [][]string
	for _, f := range v.FalsePositives {
		rows = append(rows, []string{
			f.Name, string(f.Category), count(len(f.Devices)),
			count(f.Findings[scenario.Beaconing]), count(f.Findings[scenario.DynamicDNS]), count(f.Findings[scenario.FastFlux]),
		})
	}
	r.heading("BENIGN, FLAGGED ALL THE SAME: %d findings of %d programs, known false positives of the analytic", flaggedOf(v), len(rows))
	r.table([]column{
		{"Program", false, 30}, {"Kind of false positive", false, 55}, {"Devices", true, 7}, {"Beacon", true, 6}, {"DynDNS", true, 6}, {"Flux", true, 5},
	}, rows)
}

func (r report) unexplained(v scenario.Verdict) {
	if len(v.Unexplained) == 0 {
		return
	}
	r.heading("FLAGGED FOR NO KNOWN REASON: %d findings", len(v.Unexplained))
	const most = 10
	for i, f := range v.Unexplained {
		if i == most {
			r.line("  … and %d more", len(v.Unexplained)-most)
			break
		}
		r.line("  %s  %s  %s  %s", f.Detector, f.DeviceName, f.RemoteIP, f.RemoteURL)
	}
}

// fidelity holds the stricter alert rules against the analytic.
func (r report) fidelity(v scenario.Verdict) {
	var rows [][]string
	list := r.found.strict.compare(r.scenario)
	for _, f := range list {
		rows = append(rows, []string{
			f.rule, count(f.benign), count(f.nobodys), fmt.Sprintf("%d/%d", f.kept, f.attacks), strings.Join(f.programs, ", "),
		})
	}
	all := list[len(list)-1]
	r.heading("STRICTER RULES: %d of %d attacks kept, %d benign findings instead of %d", all.kept, all.attacks, all.benign, flaggedOf(v))
	r.table([]column{
		{"Rule", false, 26}, {"Benign", true, 6}, {"Others", true, 6}, {"Attacks kept", true, 12}, {"Benign programs that stay", false, 130},
	}, rows)
	r.line("  (%d evaluations, six hours apart, in %s)", r.found.strict.asks, seconds(r.found.strict.took))
}

// flaggedOf is how many benign findings the analytic has.
func flaggedOf(v scenario.Verdict) int {
	flagged := 0
	for _, f := range v.FalsePositives {
		flagged += f.Flagged()
	}
	return flagged
}

func (r report) summary(v scenario.Verdict) {
	var total time.Duration
	var parts []string
	for _, name := range detectors() {
		total += r.found.answers[name].took
		parts = append(parts, fmt.Sprintf("%s %s", name, seconds(r.found.answers[name].took)))
	}
	all := r.found.answers[union]
	r.line("")
	r.line("%s events: %s (%s)", thousands.Apart(r.events), seconds(total), strings.Join(parts, ", "))
	r.line("Their union (alerts): %d findings in %s", all.frame.Rows(), seconds(all.took))
	r.line("Attacks found: %d of %d. Benign findings: %d known false positives, %d others.",
		foundOf(v), len(v.Attacks), flaggedOf(v), len(v.Unexplained))
}

func (r report) heading(format string, args ...any) {
	r.line("")
	r.line(format, args...)
}

func foundOf(v scenario.Verdict) int {
	found := 0
	for _, a := range v.Attacks {
		if a.Found() {
			found++
		}
	}
	return found
}

// count writes a number, and none as a dash.
func count(n int) string {
	if n == 0 {
		return "-"
	}
	return thousands.Apart(n)
}
