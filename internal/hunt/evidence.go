package hunt

import (
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/tablerow"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// evidence says what speaks for a finding, as far as its row tells.
func evidence(r tablerow.Row) []string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if risk, ok := r.Number("Risk"); ok { // a case brings its own reasons, with their numbers
		say("risk %.0f of 100", risk)
		return append(append(all, tablerow.List[string](r, "Why")...), thousands.Apart(count(r))+" connections")
	}
	if n, ok := r.Number("ConnectionCount"); ok {
		text := counted(int64(n), "connection")
		if rate, ok := r.Number("BeaconRate"); ok {
			text += fmt.Sprintf(", %.1f an hour", rate)
		}
		say("%s", text)
	}
	if every, ok := r.Number("MedianInterval"); ok && every > 0 {
		text := "every " + (time.Duration(every) * time.Second).String() + " in the median"
		if jitter, ok := r.Number("Jitter"); ok {
			text += fmt.Sprintf(", jitter %.0f %%", 100*jitter)
		}
		say("%s", text)
	}
	if score, ok := r.Number("Score"); ok {
		var parts []string
		for _, part := range []struct{ column, name string }{{"IntervalScore", "intervals"}, {"SizeScore", "sizes"}, {"HistogramScore", "hours"}, {"DurationScore", "duration"}} {
			if n, ok := r.Number(part.column); ok {
				parts = append(parts, fmt.Sprintf("%s %.2f", part.name, n))
			}
		}
		say("beacon score %.2f of 1 (%s)", score, strings.Join(parts, ", "))
	}
	sent, sentKnown := r.Number("BytesSent")
	received, receivedKnown := r.Number("BytesReceived")
	switch known, isTold := r["BytesKnown"].(bool); {
	case isTold && !known, !sentKnown && !receivedKnown:
		say("bytes unknown")
	case sent > 0 || received > 0:
		say("%s sent, %s received", bytes(sent), bytes(received))
	}
	for _, count := range []struct{ column, one string }{
		{"UniqueDevices", "devices"}, {"UniqueIPs", "addresses"}, {"UniqueDomains", "names"}, {"UniqueRemotePorts", "ports"},
	} {
		if n, ok := r.Number(count.column); ok && n > 1 {
			say("%s %s", thousands.Apart(int64(n)), count.one)
		}
	}
	if n, ok := r.Number("Fluxiness"); ok {
		say("fluxiness %.0f", n)
	}
	if network := network(r); network != "" {
		say("%s", network)
	}
	for _, names := range []struct{ column, what string }{{"Why", ""}, {"SampleProcesses", "processes "}, {"DomainList", "names "}, {"SampleIPs", "addresses "}} {
		if items := tablerow.List[string](r, names.column); len(items) > 0 {
			say("%s%s", names.what, strings.Join(items, ", "))
		} else if text := r.Text(names.column); text != "" {
			say("%s%s", names.what, text)
		}
	}
	if r.Text("RemoteUrl") == "" && r.Text("RemoteIP") != "" {
		say("no name leads there")
	}
	return all
}

// network names the autonomous system of a finding's address; nothing where it is not known.
func network(r tablerow.Row) string {
	number, ok := r.Number("ASN")
	if !ok || number == 0 {
		return ""
	}
	text := strings.TrimSpace(fmt.Sprintf("network AS%.0f %s", number, r.Text("ASName")))
	if suspicious, _ := r.Number("SuspiciousASN"); suspicious > 0 {
		text += ", which is listed as suspicious"
	}
	return text
}

func count(r tablerow.Row) int64 {
	n, _ := r.Number("ConnectionCount")
	return int64(n)
}

func bytes(n float64) string {
	for _, unit := range []string{"B", "kB", "MB", "GB"} {
		if n < 1000 {
			return fmt.Sprintf("%.3g %s", n, unit)
		}
		n /= 1000
	}
	return fmt.Sprintf("%.3g TB", n)
}

// lowScore is what the stricter rule of beaconing asks for at least.
const lowScore = 0.8

// aside says why the stricter rules may not fire on what the analytic flags.
func aside(q alertrules.Query, r tablerow.Row) string {
	if score, ok := r.Number("Score"); ok && score < lowScore {
		return fmt.Sprintf("not regular: beacon score %.2f, below %.1f", score, lowScore)
	}
	switch q.QueryType {
	case "fastFlux":
		return "its hosts' addresses do not lie in many networks"
	case "beaconing":
		return "regular, and not confirmed: more devices connect there, or it is not so over a whole day"
	default:
		return "no device keeps coming back to it"
	}
}
