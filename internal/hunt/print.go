package hunt

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// printer writes lines and remembers the first error.
type printer struct {
	out io.Writer
	err error
}

// line writes a line. What logs hold may be anything: control characters do not reach the terminal.
func (p *printer) line(format string, args ...any) {
	if _, err := fmt.Fprintln(p.out, printable(fmt.Sprintf(format, args...))); err != nil && p.err == nil {
		p.err = err
	}
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, text)
}

// mostShown is how many of the findings that the analytic alone flags are printed; the page holds all.
const mostShown = 20

// Print writes the report as text.
func (r *Report) Print(out io.Writer) error {
	p := &printer{out: out}
	p.line("")
	p.line("LOOK AT THESE FIRST: %s, with 0 to 100 points for a channel of an attacker", counted(int64(len(r.Cases)), "risk case"))
	for i, c := range r.Cases {
		if i == mostShown {
			p.line("  … and %d more", len(r.Cases)-mostShown)
			break
		}
		p.riskCase(c)
	}
	if len(r.Cases) == 0 {
		p.line("  none with 30 points or more")
	}
	p.line("")
	p.line("THE STRICTER RULES: %s, in %s", counted(int64(len(r.Act)), "finding"), counted(int64(r.Evaluations), "evaluation"))
	for _, f := range r.Act {
		p.finding(f)
	}
	if len(r.Act) == 0 {
		p.line("  none")
	}
	p.line("")
	p.line("FLAGGED BY THE ANALYTIC ALONE: %s, most of them harmless on most networks", counted(int64(len(r.Others)), "finding"))
	for i, f := range r.Others {
		if i == mostShown {
			p.line("  … and %d more", len(r.Others)-mostShown)
			break
		}
		p.line("  %-8s %-12s %s -> %s: %s", f.Severity, f.Detector, f.Device, target(f), f.Aside)
	}
	p.line("")
	p.line("WHAT COULD NOT BE LOOKED AT")
	for _, gap := range r.Gaps() {
		p.line("  %s", gap)
	}
	for _, s := range r.Sensors {
		p.sensor(s)
	}
	p.line("  The table: %s", r.Health)
	return p.err
}

func (p *printer) riskCase(c Case) {
	p.line("  %3d %-8s %s -> %s", c.Risk, strings.ToUpper(c.Band), c.Device, c.Destination)
	for _, reason := range c.Why {
		p.line("               %s", reason)
	}
	p.line("               %s", strings.Join(c.Evidence, "; "))
	p.line("               %s to %s UTC  %s", c.First.Format(moment), c.Last.Format(moment), blocks(c.Series))
}

func (p *printer) sensor(s Sensor) {
	p.line("  Of %s events of %s (%s looked at):", thousands.Apart(s.Events), cmp.Or(s.Name, "a sensor without a name"), thousands.Apart(s.Sampled))
	for _, d := range s.Detectors {
		text := fmt.Sprintf("%s can look at %s", d.Detector, percent(d.Share))
		if len(d.Why) > 0 {
			text += "; " + strings.Join(texts(d.Why), "; ")
		}
		p.line("    %s.", text)
	}
	for _, gap := range s.Gaps {
		p.line("    %s. %s", gap, gap.Fix)
	}
}

func texts(gaps []Gap) []string {
	list := make([]string, len(gaps))
	for i, g := range gaps {
		list[i] = g.String()
	}
	return list
}

func (p *printer) finding(f Finding) {
	p.line("  %-8s %s -> %s", strings.ToUpper(f.Severity), f.Device, target(f))
	p.line("           %s, %s to %s UTC", f.Rule, f.First.Format(moment), f.Last.Format(moment))
	p.line("           %s", strings.Join(f.Evidence, "; "))
	if len(f.Series) > 0 {
		p.line("           %s", blocks(f.Series))
	}
}

func target(f Finding) string {
	if f.Address != "" {
		return f.Destination + " (" + f.Address + ")"
	}
	return f.Destination
}

// blocks draws a series in one line.
func blocks(series []int64) string {
	const steps = " ▁▂▃▄▅▆▇█"
	most := int64(1)
	for _, n := range series {
		most = max(most, n)
	}
	var b strings.Builder
	for _, n := range series {
		b.WriteRune([]rune(steps)[(max(n, 0)*8+most-1)/most])
	}
	return b.String()
}

// counted writes how many there are of something.
func counted(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands.Apart(n) + " " + one + "s"
}
