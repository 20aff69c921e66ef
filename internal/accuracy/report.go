package accuracy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Sets are the sets of rules, in the order of the page.
func Sets() []string { return []string{Stricter, Paused, Analytic, RITA} }

// Report is what was measured.
type Report struct {
	Results  []Result
	Outcomes []Outcome
	Weights  []Weight        // empty where they were not changed
	ranked   []rankedFinding // of the last evaluations, where as much is known as there may be
}

// Result is what a set of rules finds in a capture.
type Result struct {
	Capture, Data, Set string
	Fullest            bool // no more can be known beside this capture
	Channels, Found    int
	Rate               float64   // benign findings a device and day
	Benign             []Finding // each once, as it was when it was gravest
}

// Outcome is what becomes of a channel.
type Outcome struct {
	Capture, Data, Set, Channel string
	Fullest                     bool
	After                       time.Duration // from its start to the first evaluation that finds it; 0 where none does
	Value                       float64       // at the last evaluation: risk, score or alert value
	Rank, Of                    int           // among all that are ranked then; rank 0 for one that is not
	Why                         []string
}

type rankedFinding struct {
	set     string
	finding Finding
	channel bool
}

// precision is the share of channels among the k gravest findings of all captures' last evaluations.
func (r *Report) precision(set string, k int) string {
	var list []rankedFinding
	for _, f := range r.ranked {
		if f.set == set {
			list = append(list, f)
		}
	}
	slices.SortStableFunc(list, func(a, b rankedFinding) int {
		if order := byWeight(set, b.finding, a.finding); order != 0 {
			return order
		}
		return compareBool(a.channel, b.channel)
	})
	hits := 0
	for _, f := range list[:min(k, len(list))] {
		if f.channel {
			hits++
		}
	}
	return fmt.Sprintf("%d of %d", hits, k)
}

// Page writes docs/accuracy.md.
func (r *Report) Page() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	b.WriteString(intro)
	line("\n## What each set of rules finds\n")
	line("| capture | known beside it | rules | channels found | benign findings a device and day |")
	line("|---|---|---|---|---:|")
	for _, x := range r.Results {
		line("| %s | %s | %s | %d of %d | %.1f |", x.Capture, x.Data, x.Set, x.Found, x.Channels, x.Rate)
	}
	line("\n## The channels\n")
	line("*After* is from the capture's start to the first evaluation that finds the channel. Value and rank are the last evaluation's: the risk of a case,")
	line("RITA's score, or the analytic's own value. Of two findings of one weight, the benign one ranks first.\n")
	line("| capture | known beside it | rules | channel | after | value | rank |")
	line("|---|---|---|---|---:|---:|---:|")
	for _, x := range r.Outcomes {
		after, rank, value := "not found", "none", "none"
		if x.After > 0 {
			after = fmt.Sprintf("%.0f h", x.After.Hours())
		}
		if x.Rank > 0 {
			rank, value = fmt.Sprintf("%d of %d", x.Rank, x.Of), fmt.Sprintf("%.4g", x.Value)
		}
		line("| %s | %s | %s | %s | %s | %s | %s |", x.Capture, x.Data, x.Set, x.Channel, after, value, rank)
	}
	line("\n## Precision\n")
	line("Channels among the gravest findings of all captures' last evaluations together, everything known. There are %d channels.\n", r.channels())
	line("| rules | of the first | of the first 5 | of the first 10 |")
	line("|---|---|---|---|")
	for _, set := range Sets() {
		line("| %s | %s | %s | %s |", set, r.precision(set, 1), r.precision(set, 5), r.precision(set, 10))
	}
	if len(r.Weights) > 0 {
		line("\n## Each weight by a quarter\n")
		line("Each weight of a case changed by 25 %%, alone: the last evaluation of every capture, everything known.\n")
		b.WriteString(r.weights())
	}
	line("\n## Why\n")
	line("The channels, as the stricter rules tell of them:\n")
	for _, x := range r.Outcomes {
		if x.Set == Stricter && x.Fullest {
			line("- %s, %s, risk %.0f: %s", x.Capture, x.Channel, x.Value, strings.Join(x.Why, "; "))
		}
	}
	line("\nThe benign findings of the stricter rules:\n")
	none := true
	for _, x := range r.Results {
		if x.Set != Stricter {
			continue
		}
		for _, f := range x.Benign {
			none = false
			line("- %s, %s, %s: %s → %s (%s %.4g) %s", x.Capture, x.Data, f.Type, f.device(), f.Host, f.Severity, f.Value, strings.Join(f.Why, "; "))
		}
	}
	if none {
		line("None.")
	}
	return b.String()
}

func (r *Report) channels() int {
	n := 0
	for _, x := range r.Results {
		if x.Set == Stricter && x.Fullest {
			n += x.Channels
		}
	}
	return n
}

const intro = `# Accuracy

Written by ` + "`go tool mage accuracy`" + `, which imports labelled captures of real traffic and asks the shipped alert rules as Grafana would: each
over its own look-back, every six hours, through the plugin's executable. A capture is a folder of logs with its truth: the channels of
command and control in it. All else in it is benign, and counted.

- **the stricter rules** are *High-risk case* and *High-risk slow case*: cases whose risk reaches their threshold. All cases are ranked, by
  risk.
- **the paused rules** are *Regular beaconing*, *Beaconing to dynamic DNS* and *Fast flux of a host*, which look at one thing each: they
  ship paused because of what stands here and in the demo.
- **the analytic** are its three rules.
- **RITA's score** is the beacon score over a day, by host, on any port, from 4 connections and from 0.7 on: what RITA v5's published
  configuration calls a beacon of low severity.

A finding that is seen at several evaluations counts once. Devices are those that connect to one place of the
internet ten times or more; days are the capture's length, one at least.
`
