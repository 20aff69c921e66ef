package profile

import (
	"fmt"
	"strings"
	"time"
)

// Level says what a verdict means for whoever relies on the detectors.
type Level string

// The levels.
const (
	Blind Level = "error"   // a detector can find nothing at all
	Gap   Level = "warning" // a sensor, or some of the events, are looked at less than they could be
	Clear Level = "ok"
)

// Verdict is one sentence about the data, and what to do.
type Verdict struct {
	Level Level  `json:"level"`
	Text  string `json:"text"`
	Fix   string `json:"fix"`
}

// Thresholds of the judgement.
const (
	// gapFrom is the share of a sensor's sampled events from which on a gap is worth a word.
	gapFrom = 0.01
	// allOf is the share from which on a sensor has nothing else.
	allOf = 0.99
	// portsFrom is the share of events without a port from which on it is said: some connections have none, such as pings of a sensor
	// that does not tell the protocol.
	portsFrom = 0.1
	// fewest is the number of a sensor's sampled events from which on it is said to be missed: less may be chance.
	fewest = 10
	// copiesFrom is the share of events that are there more than once from which on a table is said to hold copies, whatever
	// its engine: two connections of one process in one millisecond do look the same.
	copiesFrom = 0.2
	// replacedFrom is the same for an engine that keeps copies until it merges: it is made for events that come twice.
	replacedFrom = 0.01
)

// Judge says what is wrong, the gravest first; nothing where all is well or there are no events. Each thing is said once: of
// all events where it is so for every sensor, else of the sensor.
func (p Profile) Judge() []Verdict {
	blind, gaps := p.blind(), p.gaps()
	if p.Future != nil {
		gaps = append(gaps, p.ahead())
	}
	return append(blind, gaps...)
}

// blind finds the detectors that can look at no event, of all or of one sensor.
func (p Profile) blind() (verdicts []Verdict) {
	_, looked := p.Events()
	if looked == 0 {
		return nil
	}
	said := map[string]bool{}
	for _, rule := range p.rules {
		if p.share(rule.Detector, match) == 0 {
			if v := (Verdict{Blind, fmt.Sprintf("%s can find nothing: none of %s can be looked at. %s", rule.Label, p.sampleText(), why(p.sum(rule.Detector), looked)), fixes(p.sum(rule.Detector))}); !said[v.Fix] {
				verdicts = append(verdicts, v)
			} else { // the same reason for another detector: the fix is told already
				v.Fix = ""
				verdicts = append(verdicts, v)
			}
			said[fixes(p.sum(rule.Detector))] = true
			continue
		}
		verdicts = append(verdicts, p.missed(rule)...)
	}
	return verdicts
}

// missed finds the sensors of which a detector can look at nothing, for a reason that lies in the data.
func (p Profile) missed(rule Rule) (verdicts []Verdict) {
	if len(p.Sensors) < 2 {
		return nil
	}
	for _, s := range p.Sensors {
		only := Profile{Sensors: []Sensor{s}, rules: p.rules}
		marks := only.sum(rule.Detector)
		if s.Sampled < fewest || s.share(rule.Detector, match) > 0 || len(marks) == 0 || !reasonOf(marks[0].Reason).Fault {
			continue
		}
		verdicts = append(verdicts, Verdict{Gap, fmt.Sprintf("%s misses the sensor %s: none of its %s sampled events can be looked at. %s", rule.Label, s.name(), number(s.Sampled), why(marks, s.Sampled)), fixes(marks)})
	}
	return verdicts
}

// gap is what events lack, the share of a sensor's events from which on it is said, and what comes of it.
type gap struct {
	reason string
	from   float64
	effect string
}

// copies is the gap of events that are there more than once.
func (p Profile) copies() gap {
	g := gap{duplicate, copiesFrom, "rates are too high by as much, so that a beacon may pass beyond the highest rate and twelve connections become a finding"}
	if p.KeepsCopies() {
		g.from, g.effect = replacedFrom, "the table's engine "+p.Engine+" keeps the copies of an event until it merges, and until then "+g.effect
	}
	return g
}

// KeepsCopies reports whether the table's engine keeps what it replaces, collapses or sums up until it merges.
func (p Profile) KeepsCopies() bool {
	for _, word := range []string{"Replacing", "Collapsing", "Summing", "Aggregating", "Coalescing"} {
		if strings.Contains(p.Engine, word) {
			return true
		}
	}
	return false
}

// Text says what share of the events each detector can look at.
func (p Profile) Text() string {
	if _, looked := p.Events(); looked == 0 {
		return "There are no events: whether detectors can look at them is not known."
	}
	var parts []string
	for _, rule := range p.rules {
		parts = append(parts, fmt.Sprintf("%s can look at %s", rule.Label, lower(percent(p.share(rule.Detector, match)))))
	}
	text := fmt.Sprintf("Of %s %s.", p.sampleText(), strings.Join(parts, ", "))
	if p.KeepsCopies() {
		text += fmt.Sprintf(" The table's engine %s keeps an event's copies until it merges: see that none are written, or read the table through a view with FINAL.", p.Engine)
	}
	return text
}

// gaps are what events lack, whichever detector looks at them.
func (p Profile) gaps() (verdicts []Verdict) {
	for _, g := range []gap{
		{bytesUnknown, allOf, "the bytes threshold does not apply to such beacons, and with unknownBytes: drop they are not found"},
		{bytesZero, 1, "beaconing, which asks for more than 1,000 bytes sent, finds nothing there"},
		{deviceIDMissing, gapFrom, "the name tells devices apart"},
		{deviceSpelling, gapFrom, "by host and in the stricter rules that is one device, in the analytic's own mode it is several"},
		{namePlaceholder, gapFrom, "it is read as no name, but the analytic's own mode and filters compare what is written"},
		{nameWritten, gapFrom, "by host and with match: suffix the host is read, but the analytic's own mode and filters compare what is written"},
		{addressWritten, gapFrom, "it is read as the address alone, but filters compare what is written"},
		{addressOdd, gapFrom, "no detector that asks for an address looks at it"},
		{portMissing, portsFrom, "beaconing, which looks at the ports of its parameter, leaves it out"},
		{processPath, gapFrom, "it is read as its file name, but filters compare what is written"},
		p.copies(),
	} {
		var of []Sensor
		for _, s := range p.Sensors {
			if s.Sampled > 0 && s.share("", g.reason) >= g.from {
				of = append(of, s)
			}
		}
		switch {
		case len(of) == 0:
		case len(of) == len(p.Sensors):
			verdicts = append(verdicts, Verdict{p.level(g.reason, of), fmt.Sprintf("%s: %s.", sentence(p.named(g.reason), p.share("", g.reason), p.sampleText()), g.effect), p.fix(g.reason)})
		default:
			for _, s := range of {
				verdicts = append(verdicts, Verdict{Gap, fmt.Sprintf("%s: %s.", sentence(s.mark("", g.reason), s.share("", g.reason), fmt.Sprintf("%s sampled events of the sensor %s", number(s.Sampled), s.name())), g.effect), p.fix(g.reason)})
			}
		}
	}
	return verdicts
}

// level is Blind where a detector at these rules can find nothing for the gap: no event of any sensor has sent a byte, and the
// rule asks for some.
func (p Profile) level(reason string, _ []Sensor) Level {
	for _, rule := range p.rules {
		if reason == bytesZero && rule.boundsBytes && rule.bytesOver >= 0 {
			return Blind
		}
	}
	return Gap
}

func (p Profile) fix(reason string) string { return reasonOf(reason).Fix }

// named is the sensors' mark of a gap together.
func (p Profile) named(reason string) Mark {
	for _, m := range p.sum("") {
		if m.Reason == reason {
			return m
		}
	}
	return Mark{Reason: reason}
}

// ahead tells of the devices whose clocks are ahead.
func (p Profile) ahead() Verdict {
	return Verdict{Gap, p.FutureText(), reasonOf(future).Fix}
}

// FutureText tells of the events that are dated in the future; empty where there are none.
func (p Profile) FutureText() string {
	if p.Future == nil {
		return ""
	}
	devices := fmt.Sprintf("%s devices", number(p.Future.Devices))
	if p.Future.Devices == 1 {
		devices = "1 device"
	}
	return fmt.Sprintf("%s of %s are dated in the future, up to %s%s: no window that ends now holds them, and what these devices date as now is old.",
		events(p.Future.Events), devices, p.Future.Newest.UTC().Format(time.DateTime)+" UTC", shown(p.Future.Examples))
}

// sampleText names the sample: of how many events, and of what time.
func (p Profile) sampleText() string {
	all, looked := p.Events()
	oldest, newest := p.Span()
	if looked >= all {
		return fmt.Sprintf("the %s of the window (%s)", events(all), span(oldest, newest))
	}
	return fmt.Sprintf("%s sampled events (%s; the window has %s)", number(looked), span(oldest, newest), number(all))
}

func span(oldest, newest time.Time) string {
	return fmt.Sprintf("%s to %s UTC", oldest.UTC().Format("2006-01-02 15:04"), newest.UTC().Format("2006-01-02 15:04"))
}

// why names the reasons, the most frequent first.
func why(marks []Mark, of int64) string {
	var texts []string
	for i, m := range marks {
		if i == 3 {
			break
		}
		count := number(m.Events)
		if m.Events == of {
			count = "All"
		}
		texts = append(texts, fmt.Sprintf("%s %s%s", count, reasonOf(m.Reason).Meaning, shown(m.Examples)))
	}
	return strings.Join(texts, "; ") + "."
}

// fixes are those of the reasons that lie in the data; of all where none does.
func fixes(marks []Mark) string {
	var texts []string
	for _, m := range marks {
		if r := reasonOf(m.Reason); r.Fault && len(texts) < 2 {
			texts = append(texts, r.Fix)
		}
	}
	if len(texts) == 0 && len(marks) > 0 {
		return reasonOf(marks[0].Reason).Fix
	}
	return strings.Join(texts, " ")
}

// sentence is "A fifth of the events have …", in numbers.
func sentence(m Mark, share float64, of string) string {
	return fmt.Sprintf("%s of %s %s%s", percent(share), of, reasonOf(m.Reason).Meaning, shown(m.Examples))
}

// percent writes a share so that what is not all is not 100 %, and what is something is not 0 %.
func percent(share float64) string {
	switch {
	case share >= 1:
		return "All"
	case share > 0.999:
		return "More than 99.9 %"
	case share > 0 && share < 0.001:
		return "Less than 0.1 %"
	default:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", share*100), ".0") + " %"
	}
}

// shown lists examples, each bounded and quoted as Go does, so that what stands in the data cannot pass for the text's own.
func shown(values []string) string {
	if len(values) == 0 {
		return ""
	}
	quoted := make([]string, 0, examples)
	for _, v := range values[:min(len(values), examples)] {
		quoted = append(quoted, fmt.Sprintf("%.60q", v))
	}
	return " (" + strings.Join(quoted, ", ") + ")"
}

func (s Sensor) name() string {
	if s.Name == "" {
		return "without a name"
	}
	return fmt.Sprintf("%.60q", s.Name)
}

func events(n int64) string {
	if n == 1 {
		return "1 event"
	}
	return number(n) + " events"
}

// number groups a number's digits by thousands.
func number(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
