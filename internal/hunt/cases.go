package hunt

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/tablerow"
)

// Case is what one device does at one destination, with the risk that it is a channel of an attacker.
type Case struct {
	Risk        int64  // 0 to 100
	Band        string // critical, high or medium
	Device      string
	Destination string   // a name, or an address where no name is known
	Why         []string // the reasons with their points, the gravest first; what speaks against comes last
	Evidence    []string // what was seen, a sentence each
	First, Last time.Time
	Series      []int64 // connections in even steps through the window
}

// caseWindow is how long a case is looked at: a channel shows within a day, and a day is what its weights are made for.
const caseWindow = 24 * time.Hour

// putCases asks for the cases of each day that ends in the logs' span, a quarter of a day apart.
func (a asker) putCases(ctx context.Context, report *Report) error {
	text, err := json.Marshal(map[string]any{"queryType": "cases", "format": "table"})
	if err != nil {
		return err
	}
	for _, to := range report.ends(caseWindow) {
		frames, err := a.query(ctx, backend.DataQuery{
			RefID: "cases", QueryType: "cases", JSON: text, Interval: time.Minute, MaxDataPoints: 1000,
			TimeRange: backend.TimeRange{From: to.Add(-caseWindow), To: to},
		})
		if err != nil {
			return fmt.Errorf("look for risk cases: %w", err)
		}
		for _, frame := range frames {
			report.notice(frame)
			for i := range frame.Rows() {
				report.addCase(caseOf(tablerow.Of(frame, i)))
			}
		}
	}
	slices.SortFunc(report.Cases, func(a, b Case) int {
		return cmp.Or(cmp.Compare(b.Risk, a.Risk), strings.Compare(a.Device, b.Device), strings.Compare(a.Destination, b.Destination))
	})
	return nil
}

func caseOf(r tablerow.Row) Case {
	risk, _ := r.Number("Risk")
	return Case{
		Risk: int64(risk), Band: r.Text("Severity"), Device: r.Text("DeviceName"), Destination: cmp.Or(r.Text("RemoteUrl"), r.Text("RemoteIP")),
		Why: tablerow.List[string](r, "Why"), Evidence: caseEvidence(r), First: r.Time("FirstSeen"), Last: r.Time("LastSeen"), Series: tablerow.List[int64](r, "Sparkline"),
	}
}

// caseEvidence says what Why does not.
func caseEvidence(r tablerow.Row) []string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if n, ok := r.Number("ConnectionCount"); ok {
		say("%s", counted(int64(n), "connection"))
	}
	if ports := tablerow.List[string](r, "SamplePorts"); len(ports) > 0 {
		say("ports %s", strings.Join(ports, ", "))
	}
	sent, sentKnown := r.Number("BytesSent")
	received, receivedKnown := r.Number("BytesReceived")
	switch {
	case !sentKnown && !receivedKnown:
		say("bytes unknown")
	case sent > 0 || received > 0:
		say("%s sent, %s received", bytes(sent), bytes(received))
	}
	if addresses := tablerow.List[string](r, "SampleIPs"); len(addresses) > 0 && r.Text("RemoteUrl") != addresses[0] {
		say("addresses %s", strings.Join(addresses, ", "))
	}
	if network := network(r); network != "" {
		say("%s", network)
	}
	if processes := tablerow.List[string](r, "SampleProcesses"); len(processes) > 0 {
		say("processes %s", strings.Join(processes, ", "))
	}
	return all
}

// addCase notes a case once: as what it was on its gravest day, and from its first to its last time.
func (r *Report) addCase(c Case) {
	i := slices.IndexFunc(r.Cases, func(o Case) bool { return strings.EqualFold(o.Device, c.Device) && o.Destination == c.Destination })
	if i < 0 {
		r.Cases = append(r.Cases, c)
		return
	}
	first, last := r.Cases[i].First, r.Cases[i].Last
	if c.Risk > r.Cases[i].Risk {
		r.Cases[i] = c
	}
	merged := &r.Cases[i]
	if first.Before(merged.First) {
		merged.First = first
	}
	if c.First.Before(merged.First) {
		merged.First = c.First
	}
	merged.Last = slices.MaxFunc([]time.Time{merged.Last, last, c.Last}, time.Time.Compare)
}
