package hunt

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
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
	p.line("LOOK AT THESE FIRST: %d findings of the stricter rules, in %d evaluations", len(r.Act), r.Evaluations)
	for _, f := range r.Act {
		p.finding(f)
	}
	if len(r.Act) == 0 {
		p.line("  none")
	}
	p.line("")
	p.line("FLAGGED BY THE ANALYTIC ALONE: %d findings, most of them harmless on most networks", len(r.Others))
	for i, f := range r.Others {
		if i == mostShown {
			p.line("  … and %d more", len(r.Others)-mostShown)
			break
		}
		p.line("  %-8s %-12s %s -> %s: %s", f.Severity, f.Detector, f.Device, target(f), f.Aside)
	}
	p.line("")
	gaps := r.Gaps()
	p.line("WHAT COULD NOT BE LOOKED AT: %d things", len(gaps))
	for _, gap := range gaps {
		p.line("  %s", gap)
	}
	p.line("  The table: %s", r.Health)
	return p.err
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

func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
