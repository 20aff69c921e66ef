package catalog_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestTheUnionOfAllAlerts(t *testing.T) {
	analytic := referee.DefaultAlerts()
	of := func(change func(*referee.Alerts)) referee.Alerts {
		p := referee.DefaultAlerts()
		change(&p)
		return p
	}
	at := func(text string) time.Time { return detecttest.At(t, text) }
	order := []string{"AlertType", "DeviceName", "RemoteIP", "RemoteUrl"}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{
			Rule: "the nine common columns of all three, newest first", Detector: analytic,
			Columns: []string{"Timestamp", "DeviceName", "RemoteIP", "RemoteUrl", "AlertType", "ConnectionCount", "BytesSent", "BytesReceived", "SampleProcesses"},
			Events:  join(beacon(t, "WS-1", "203.0.113.7", "c2.example.com"), name(detecttest.At(t, "10:30:00"), "203.0.113.9", "a.ddns.net"), flux(detecttest.At(t, "10:00:00"), "WS-2")),
			Want: [][]any{
				{at("10:30:00"), "Multiple", "203.0.113.9", "a.ddns.net", "SuspiciousDynamicDNS", int64(1), int64(0), int64(0), []string{"ssh.exe"}},
				{at("10:00:00"), "WS-2", "", "flux.example.com", "PotentialFastFluxActivity", int64(10), int64(0), int64(0), []string{"loader.exe"}},
				{at("09:30:00"), "WS-1", "203.0.113.7", "c2.example.com", "PotentialBeaconing", int64(20), int64(2000), int64(140), []string{"agent.exe"}},
			},
			Numbers: []referee.Number{
				{Labels: labels("beaconing", "WS-1", "id of WS-1", "203.0.113.7", "c2.example.com"), Value: 2.5},
				{Labels: labels("dynamicDns", "", "", "", "a.ddns.net"), Value: 1},
				{Labels: labels("fastFlux", "WS-2", "id of WS-2", "", ""), Value: 5},
			},
		},
		{
			Rule: "a tie in time is broken by AlertType", Detector: analytic, Columns: order,
			Events: join(name(detecttest.At(t, "09:00:00"), "203.0.113.9", "a.ddns.net"), flux(detecttest.At(t, "09:00:00"), "WS-2"), shifted(t, beacon(t, "WS-1", "203.0.113.7", ""), "09:30:00", "09:00:00")),
			Want: [][]any{
				{"PotentialBeaconing", "WS-1", "203.0.113.7", ""}, {"PotentialFastFluxActivity", "WS-2", "", "flux.example.com"},
				{"SuspiciousDynamicDNS", "Multiple", "203.0.113.9", "a.ddns.net"},
			},
		},
		{
			Rule: "then by DeviceName, RemoteIP and RemoteUrl, by bytes", Detector: analytic, Columns: order,
			Events: join(
				beacon(t, "b", "203.0.113.7", ""), beacon(t, "B", "9.9.9.9", ""), beacon(t, "B", "203.0.113.7", "b"), beacon(t, "B", "203.0.113.7", "B"),
				beacon(t, "", "9.9.9.9", ""), beacon(t, "é", "1.1.1.1", ""),
			),
			Want: [][]any{
				{"PotentialBeaconing", "", "9.9.9.9", ""}, {"PotentialBeaconing", "B", "203.0.113.7", "B"}, {"PotentialBeaconing", "B", "203.0.113.7", "b"},
				{"PotentialBeaconing", "B", "9.9.9.9", ""}, {"PotentialBeaconing", "b", "203.0.113.7", ""}, {"PotentialBeaconing", "é", "1.1.1.1", ""},
			},
		},
		{
			Rule: "names of one time go by RemoteIP, then RemoteUrl", Detector: analytic, Columns: order,
			Events: join(name(detecttest.At(t, "09:00:00"), "2.2.2.2", "a.ddns.net"), name(detecttest.At(t, "09:00:00"), "1.1.1.1", "c.ddns.net"), name(detecttest.At(t, "09:00:00"), "1.1.1.1", "b.ddns.net")),
			Want: [][]any{
				{"SuspiciousDynamicDNS", "Multiple", "1.1.1.1", "b.ddns.net"}, {"SuspiciousDynamicDNS", "Multiple", "1.1.1.1", "c.ddns.net"}, {"SuspiciousDynamicDNS", "Multiple", "2.2.2.2", "a.ddns.net"},
			},
		},
		{
			Rule: "a detector's parameters change its own findings only", Columns: order,
			Detector: of(func(p *referee.Alerts) {
				p.Beaconing.MinConnections, p.FastFlux.MinConnections, p.DynamicDNS.Match = 21, 10, "suffix"
			}),
			Events: join(beacon(t, "WS-1", "203.0.113.7", "c2.example.com"), name(detecttest.At(t, "10:30:00"), "203.0.113.9", "http://A.ddns.net/"), flux(detecttest.At(t, "10:00:00"), "WS-2")),
			Want:   [][]any{{"SuspiciousDynamicDNS", "Multiple", "203.0.113.9", "a.ddns.net"}, {"PotentialFastFluxActivity", "WS-2", "", "flux.example.com"}},
		},
		{
			Rule: "one set of events may be a finding of each detector", Detector: analytic, Columns: order,
			Events: detecttest.Each(join(flux(detecttest.At(t, "08:00:00"), "WS-2"), flux(detecttest.At(t, "10:00:00"), "WS-2"), flux(detecttest.At(t, "10:00:00"), "WS-2")), func(i int, e *referee.Event) {
				e.RemoteURL, e.RemotePort, e.SentBytes = "a.duckdns.org", 443, detecttest.Bytes(100)
				if i < 10 || i%2 == 0 {
					e.RemoteIP = "203.0.113.7"
				}
			}),
			// 203.0.113.7 has the 10 connections of 08:00 and 10 of the 20 after 10:00: 20 in 2 hours. Of the hour 10:00
			// the other 10 connections go to 198.51.100.1, .3, .0, .2 and .4: with 203.0.113.7 six addresses.
			Want: [][]any{
				{"SuspiciousDynamicDNS", "Multiple", "198.51.100.0", "a.duckdns.org"},
				{"PotentialBeaconing", "WS-2", "203.0.113.7", "a.duckdns.org"},
				{"PotentialFastFluxActivity", "WS-2", "", "a.duckdns.org"},
			},
		},
		{Rule: "without events there is nothing", Detector: analytic, Columns: order, Numbers: []referee.Number{}},
	})
}

func TestSeverityConfidenceAndTechniqueStandInTheFrames(t *testing.T) {
	table := detecttest.Start(t).Events(t, name(detecttest.At(t, "09:00:00"), "2.2.2.2", "a.ddns.net"))
	for _, queryType := range []string{"alerts", "beaconing", "dynamicDns", "fastFlux"} {
		frame := table.Frames(t, detecttest.Question{Type: queryType, Format: "table", Window: detecttest.Days(7)})[0]
		custom, _ := frame.Meta.Custom.(map[string]any)
		if custom["severity"] != "high" || custom["confidence"] != "medium" || custom["mitre_technique"] != "T1584" {
			t.Errorf("%s: custom meta is %v", queryType, custom)
		}
	}
}

func TestAResultCutByTheLimit(t *testing.T) {
	table := detecttest.Start(t).Events(t, join(
		name(detecttest.At(t, "09:00:00"), "2.2.2.2", "a.ddns.net"), name(detecttest.At(t, "09:00:01"), "2.2.2.2", "b.ddns.net"),
		beacon(t, "WS-1", "203.0.113.7", "c2.example.com"), flux(detecttest.At(t, "11:00:00"), "WS-2"),
	))
	ask := func(format string, limit int) backend.DataResponse {
		return table.Ask(t, detecttest.Question{Type: "alerts", Format: format, Limit: limit, Window: detecttest.Days(7)})[0]
	}
	t.Run("a table shows the newest and warns", func(t *testing.T) {
		answer := ask("table", 2)
		rows := detecttest.Rows(t, answer.Frames, referee.DefaultAlerts().Columns())
		if len(rows) != 2 || rows[0][4] != "PotentialFastFluxActivity" || rows[1][4] != "PotentialBeaconing" {
			t.Errorf("rows = %v, want the flux of 11:00 and the beacon of 09:30", rows)
		}
		if notices := answer.Frames[0].Meta.Notices; len(notices) != 1 || notices[0].Severity != data.NoticeSeverityWarning {
			t.Errorf("notices = %v, want one warning", notices)
		}
	})
	t.Run("a number more says how many are not shown", func(t *testing.T) {
		answer := ask("numeric", 3)
		if answer.Error != nil || len(answer.Frames) != 4 {
			t.Fatalf("%d frames, error %v; want three findings and one number more", len(answer.Frames), answer.Error)
		}
		more := answer.Frames[3].Fields[0]
		want := data.Labels{"overflow": "true", "detector": "all", "severity": "high", "confidence": "medium", "mitre_technique": "T1584"}
		if diff := cmp.Diff(want, more.Labels); diff != "" || more.At(0) != 1.0 {
			t.Errorf("%v, want 1; labels (-want +got):\n%s", more.At(0), diff)
		}
		var detectors []string
		for _, f := range answer.Frames[:3] {
			detectors = append(detectors, f.Fields[0].Labels["detector"])
		}
		if diff := cmp.Diff([]string{"beaconing", "dynamicDns", "fastFlux"}, detectors); diff != "" {
			t.Errorf("the detectors take turns (-want +got):\n%s", diff)
		}
	})
	for _, format := range []string{"table", "numeric"} {
		t.Run("as many as the limit are whole: "+format, func(t *testing.T) {
			answer := ask(format, 4)
			if answer.Error != nil {
				t.Fatal(answer.Error)
			}
			if notices := answer.Frames[0].Meta.Notices; len(notices) != 0 {
				t.Errorf("notices = %v, want none", notices)
			}
		})
	}
}

func labels(detector, device, id, ip, url string) map[string]string {
	return map[string]string{"detector": detector, "device": device, "device_id": id, "remote_ip": ip, "remote_url": url}
}

// shifted moves events so that what was at one clock time is at another.
func shifted(t *testing.T, events []referee.Event, from, to string) []referee.Event {
	by := detecttest.At(t, to).Sub(detecttest.At(t, from))
	return detecttest.Each(events, func(_ int, e *referee.Event) { e.Timestamp = e.Timestamp.Add(by) })
}
