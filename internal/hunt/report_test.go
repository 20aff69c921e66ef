package hunt

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/tablerow"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func raw(t *testing.T, value any) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A case is one, however many days it is seen on: as on its gravest day, and from its first to its last time.
func TestACaseIsToldOnceAsOnItsGravestDay(t *testing.T) {
	of := func(risk int64, device string, from, to time.Duration) tablerow.Row {
		return tablerow.Row{
			"Risk": risk, "Severity": "high", "DeviceName": device, "RemoteUrl": "c2.example", "FirstSeen": noon.Add(from), "LastSeen": noon.Add(to),
			"ConnectionCount": int64(1), "Why": raw(t, []string{"checks in"}), "SamplePorts": raw(t, []string{"tcp/443"}), "SampleIPs": raw(t, []string{"203.0.113.9"}),
			"BytesSent": 0.0, "BytesReceived": 1500.0,
		}
	}
	var r Report
	for _, one := range []tablerow.Row{of(60, "pc-1", 0, time.Hour), of(75, "PC-1", -time.Hour, 0), of(50, "pc-1", time.Hour, 2*time.Hour), of(61, "pc-2", 0, 0)} {
		r.addCase(caseOf(one))
	}
	want := []Case{
		{Risk: 75, Band: "high", Device: "PC-1", Destination: "c2.example", Why: []string{"checks in"}, First: noon.Add(-time.Hour), Last: noon.Add(2 * time.Hour),
			Evidence: []string{"1 connection", "ports tcp/443", "0 B sent, 1.5 kB received", "addresses 203.0.113.9"}},
		{Risk: 61, Band: "high", Device: "pc-2", Destination: "c2.example", Why: []string{"checks in"}, First: noon, Last: noon,
			Evidence: []string{"1 connection", "ports tcp/443", "0 B sent, 1.5 kB received", "addresses 203.0.113.9"}},
	}
	if diff := cmp.Diff(want, r.Cases); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestACaseWithoutANameIsItsAddress(t *testing.T) {
	got := caseOf(tablerow.Row{"Risk": int64(30), "RemoteUrl": "", "RemoteIP": "203.0.113.9", "SampleIPs": raw(t, []string{"203.0.113.9"})})
	if got.Destination != "203.0.113.9" || strings.Join(got.Evidence, "; ") != "bytes unknown; addresses 203.0.113.9" {
		t.Errorf("got %+v", got)
	}
}

func TestTheNetworkIsNamedWhereItIsKnown(t *testing.T) {
	for want, row := range map[string]tablerow.Row{
		"":                        {"ASName": "EXAMPLE"},
		"network AS64500 EXAMPLE": {"ASN": int64(64500), "ASName": "EXAMPLE"},
		"network AS64500":         {"ASN": int64(64500), "ASName": "", "SuspiciousASN": int64(0)},
		"network AS14061 DO, which is listed as suspicious": {"ASN": int64(14061), "ASName": "DO", "SuspiciousASN": int64(1)},
	} {
		if got := network(row); got != want {
			t.Errorf("%v: got %q, want %q", row, got, want)
		}
		if want != "" && (!slices.Contains(evidence(row), want) || !slices.Contains(caseEvidence(row), want)) {
			t.Errorf("the evidence lacks %q", want)
		}
	}
}

// shown is a report that has everything.
func shown(t *testing.T) *Report {
	r := &Report{Facts: Facts{Events: 4, Devices: 1, First: noon, Last: noon.Add(time.Hour), Inbound: 1, NamesUnknown: 2}, Health: "well", Faults: []string{"a fault"}}
	r.addCase(caseOf(tablerow.Row{"Risk": int64(90), "Severity": "critical", "DeviceName": "pc\x1b[1m<b>", "RemoteUrl": "c2.example", "FirstSeen": noon, "LastSeen": noon, "Why": raw(t, []string{"<script>"}), "Sparkline": raw(t, []int64{0, 4})}))
	for _, q := range []tablerow.Row{
		{"Source": "zeek", "Detector": "Beaconing", "Reason": "match", "Share": 0.004, "EventsInWindow": int64(4000), "Sampled": int64(1000)},
		{"Source": "zeek", "Detector": "Beaconing", "Reason": "port", "Share": 0.995, "Meaning": "go to ports", "Fix": "say which count.", "Examples": raw(t, []string{"53"})},
		{"Source": "zeek", "Detector": "Beaconing", "Reason": "process", "Share": 0.001, "Meaning": "are of processes"},
		{"Source": "zeek", "Detector": "", "Reason": "bytesUnknown", "Share": 1.0, "Meaning": "have no bytes", "Fix": "Map them."},
		{"Source": "", "Detector": "Fast flux", "Reason": "actionType", "Share": 1.0, "Meaning": "are of another type", "EventsInWindow": int64(1), "Sampled": int64(1)},
	} {
		r.addQuality(q)
	}
	return r
}

func TestTheReportSaysWhatCouldNotBeLookedAt(t *testing.T) {
	var out strings.Builder
	if err := shown(t).Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"LOOK AT THESE FIRST: 1 risk case,", "   90 CRITICAL pc\uFFFD[1m<b> -> c2.example\n", "THE STRICTER RULES: 0 findings, in 0 evaluations\n  none\n",
		"A question got no answer: a fault", "Of 2 connections (67 % of those from inside) no name is known", "  1 connection come",
		"Of 4,000 events of zeek (1,000 looked at):\n    Beaconing can look at under 1 %; over 99 % go to ports (53).\n    100 % have no bytes. Map them.\n",
		"Of 1 events of a sensor without a name (1 looked at):\n    Fast flux can look at 0 %; 100 % are of another type.\n",
	} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("it lacks %q:\n%s", part, out.String())
		}
	}
}

func TestThePageSaysTheSameAndNeedsNoNetwork(t *testing.T) {
	var out strings.Builder
	if err := shown(t).HTML(&out); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`<td class="severity critical">90<br>critical</td>`, "&lt;script&gt;", "&lt;b&gt;", `<rect x="5" y="0" width="4" height="24"/>`, "zeek: 4,000 events, 1,000 looked at",
		"<td>Beaconing</td><td>under 1 %</td><td><ul><li>over 99 % go to ports (53)<br><span class=\"dim\">say which count.</span></li></ul></td>",
		"100 % have no bytes", "A sensor without a name: 1 events", "A question got no answer: a fault",
	} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("it lacks %q:\n%s", part, out.String())
		}
	}
	for _, part := range []string{"http:", "https:", "<script", "<link", "src="} {
		if strings.Contains(out.String(), part) {
			t.Errorf("it has %q", part)
		}
	}
}
