package hunt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/tablerow"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// Report is what came of a hunt.
type Report struct {
	Paths  []string
	Import ingest.Summary
	Facts  Facts
	Health string // what the plugin says of the table
	Cases  []Case // the gravest first
	// Act holds what the stricter rules fire on, the gravest first; Others what the analytic alone flags.
	Act, Others []Finding
	Evaluations int
	Sensors     []Sensor // what the events of each can be used for
	Notices     []string // what the plugin says that it leaves out
	Faults      []string // questions that got no answer
}

// Finding is something that a rule fires on, however often it was seen.
type Finding struct {
	Rule, Detector   string
	Severity         string // critical, high, medium or low
	Strict           bool   // of a stricter rule
	Device           string
	Destination      string // a name, or the address where there is none
	Address          string // where there is a name as well
	First, Last      time.Time
	Evidence         []string // a sentence each
	Series           []int64  // connections in even steps through the window
	Aside            string   // why the stricter rules do not fire on it
	key, setAsideFor string
	weight           float64
}

// end is where the newest window ends: its end is outside, and the newest event is not.
func (r *Report) end() time.Time { return r.Facts.Last.Add(time.Second).Truncate(time.Second) }

// Gaps are what could not be looked at, a sentence each.
func (r *Report) Gaps() []string {
	var list []string
	for _, f := range r.Import.Files {
		if f.Fault != "" {
			list = append(list, fmt.Sprintf("%s was not read, or not to its end: %s.", f.Path, f.Fault))
		}
		if f.Unfinished > 0 {
			list = append(list, fmt.Sprintf("%s:%d was left: the file's last line has no end, and something was written to it within %.0f minutes.", f.Path, f.Unfinished, ingest.Quiet.Minutes()))
		}
	}
	if n := r.Import.Rejected(); n > 0 {
		list = append(list, fmt.Sprintf("%s records could not be read; they are kept in import_rejects.", thousands.Apart(n)))
	}
	if n := len(r.Import.Unread); n > 0 {
		list = append(list, fmt.Sprintf("%d files are of no log that is known, such as %s.", n, r.Import.Unread[0]))
	}
	for _, m := range r.Import.Made {
		if m.Undated > 0 {
			list = append(list, fmt.Sprintf("%s rows of %s have no time that can be read.", thousands.Apart(m.Undated), m.Source))
		}
	}
	for _, fault := range r.Faults {
		list = append(list, "A question got no answer: "+fault)
	}
	return append(append(list, r.Facts.gaps()...), r.Notices...)
}

// Severities, the gravest first.
var severities = []string{"critical", "high", "medium", "low"}

func (f Finding) rank() int {
	if i := slices.Index(severities, f.Severity); i >= 0 {
		return i
	}
	return len(severities)
}

func findingOf(rule alertrules.Rule, q alertrules.Query, r tablerow.Row) Finding {
	f := Finding{
		Rule: rule.Title, Detector: q.QueryType, Strict: rule.Labels["confidence"] == "high", Severity: cmp.Or(r.Text("Severity"), rule.Labels["severity"]),
		Device: r.Text("DeviceName"), Destination: r.Text("RemoteUrl"), Address: r.Text("RemoteIP"),
		First: r.Time("FirstSeen"), Last: cmp.Or(r.Time("LastSeen"), r.Time("Timestamp")),
		Evidence: evidence(r), Series: tablerow.List[int64](r, "Sparkline"), setAsideFor: aside(q, r),
	}
	if devices := tablerow.List[string](r, "SampleDevices"); len(devices) > 0 {
		f.Device = strings.Join(devices, ", ")
	}
	if f.Destination == "" {
		f.Destination, f.Address = f.Address, ""
	}
	f.key = strings.Join([]string{f.Detector, strings.ToLower(f.Device), hostOf(f.Destination)}, "\n")
	if q.QueryType == "fastFlux" { // a device's hours, and a host's addresses, are one thing each
		f.key = f.Detector + "\n" + cmp.Or(r.Text("FindingKey"), f.key)
	}
	f.weight, _ = r.Number("ConnectionCount")
	return f
}

// hostOf is the name within a destination, for telling whether two are the same.
func hostOf(text string) string {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	text, _, _ = strings.Cut(text, "/")
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(text), "."))
}

// add notes a finding once: as what it was in its busiest window, and from its first to its last time.
func (r *Report) add(f Finding) {
	into := &r.Others
	if f.Strict {
		into = &r.Act
	}
	i := slices.IndexFunc(*into, func(other Finding) bool { return other.key == f.key && (!f.Strict || other.Rule == f.Rule) })
	if i < 0 {
		*into = append(*into, f)
		return
	}
	first, last := (*into)[i].First, (*into)[i].Last
	if f.weight > (*into)[i].weight {
		(*into)[i] = f
	}
	merged := &(*into)[i]
	if !first.IsZero() && first.Before(merged.First) {
		merged.First = first
	}
	if last.After(merged.Last) {
		merged.Last = last
	}
}

// sort orders the findings, and takes what a stricter rule fires on out of the others.
func (r *Report) sort() {
	r.Others = slices.DeleteFunc(r.Others, func(f Finding) bool {
		return slices.ContainsFunc(r.Act, func(strict Finding) bool { return strict.key == f.key })
	})
	for i := range r.Others {
		r.Others[i].Aside = r.Others[i].setAsideFor
	}
	for _, list := range [][]Finding{r.Act, r.Others} {
		slices.SortFunc(list, func(a, b Finding) int {
			return cmp.Or(a.rank()-b.rank(), cmp.Compare(b.weight, a.weight), strings.Compare(a.key, b.key))
		})
	}
}
