package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// loud is what one device or one destination does that makes many findings: each a beacon of 25 connections within five
// hours. What is about a finding is SQL over row, its number from 0 on.
type loud struct {
	findings                 int
	id, device, ip, url      string // SQL; without an id the device's
	connections, everyMinute int    // 0 for 25 and 12
}

func (l loud) into(t *testing.T, table detecttest.Table) {
	t.Helper()
	if l.connections == 0 {
		l.connections, l.everyMinute = 25, 12
	}
	if l.id == "" {
		l.id = l.device
	}
	table.Fill(t, fmt.Sprintf(`(Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteUrl, SentBytes, InitiatingProcessFileName)
		SELECT toDateTime64('2026-03-02 01:00:00', 3, 'UTC') + toIntervalMinute(%d * intDiv(number, %d)), %s, %s, 'ConnectionSuccess', %s, 443, %s, 200, 'a.exe'
		FROM (SELECT number, number %% %d AS row FROM numbers(%d))`,
		l.everyMinute, l.findings, l.id, l.device, l.ip, l.url, l.findings, l.connections*l.findings))
}

// quiet is the single finding that must not go under: a lower rate and fewer connections than any of loud.
func quiet(device, ip, url string) loud {
	return loud{1, "", "'" + device + "'", "'" + ip + "'", "'" + url + "'", 20, 30}
}

// However much one device or one destination does, another's single finding is shown; what is not shown is counted.
func TestNoDeviceAndNoDestinationSilencesAnother(t *testing.T) {
	table := detecttest.Start(t).Events(t, nil)
	byHost := map[string]any{detect.GroupBy: detect.ByHost}
	suffix := map[string]any{"match": "suffix", "onlyBeacons": true}
	const publicIP = "IPv4NumToString(toUInt32(1000000000 + row))"
	const noisy, anyDevice, c2 = "'NOISY'", "concat('WS-', toString(row))", "'203.0.113.9'"
	for _, c := range []struct {
		name      string
		queryType string
		params    map[string]any
		events    []loud
		all       int
		alone     string // a label's value of the finding that must be shown
		limit     int
	}{
		{"a device with a beacon to 2,000 addresses", "beaconing", nil, []loud{{findings: 2000, device: noisy, ip: publicIP, url: "''"}, quiet("QUIET", "203.0.113.9", "")}, 2001, "QUIET", 500},
		{"a device whose sensor gives no identifier", "beaconing", nil, []loud{{findings: 2000, id: "''", device: noisy, ip: publicIP, url: "''"}, {1, "''", "'QUIET'", c2, "''", 20, 30}}, 2001, "QUIET", 500},
		{"a device that changes its name", "beaconing", nil, []loud{{findings: 2000, id: noisy, device: anyDevice, ip: publicIP, url: "''"}, quiet("ZZ-QUIET", "203.0.113.9", "")}, 2001, "ZZ-QUIET", 500},
		{"2,000 URLs of the host that is the other's too", "beaconing", nil, []loud{{findings: 2000, device: noisy, ip: c2, url: "concat('https://c2.example/', toString(row))"}, quiet("QUIET", "203.0.113.9", "https://c2.example/")}, 2001, "QUIET", 5},
		{"2,000 devices with a beacon to one name, and one of them to another", "beaconing", nil, []loud{{findings: 2000, device: anyDevice, ip: c2, url: "'update.example'"}, quiet("WS-7", "203.0.113.10", "z.example")}, 2001, "z.example", 500},
		{"the same by host", "beaconing", byHost, []loud{{findings: 2000, device: anyDevice, ip: publicIP, url: "'https://update.example/x'"}, quiet("WS-7", "203.0.113.10", "z.example")}, 2001, "z.example", 500},
		{"520 names of one device under a dynamic DNS domain", "dynamicDns", suffix, []loud{{findings: 520, device: noisy, ip: c2, url: "concat('h', toString(row), '.hopto.org')"}, quiet("QUIET", "203.0.113.10", "z.hopto.org")}, 521, "z.hopto.org", 500},
		{"600 URLs of one name on as many devices", "dynamicDns", nil, []loud{{findings: 600, device: anyDevice, ip: c2, url: "concat('https://noisy.ddns.net/', toString(row))"}, quiet("QUIET", "203.0.113.10", "z.hopto.org")}, 601, "z.hopto.org", 500},
		{"names that two devices share, one of which has the other's too", "dynamicDns", nil, []loud{
			{findings: 600, device: noisy, ip: c2, url: "concat('h', toString(row), '.ddns.net')"}, {findings: 600, device: "'LOUD'", ip: c2, url: "concat('h', toString(row), '.ddns.net')"},
			quiet("QUIET", "203.0.113.10", "z.hopto.org"), quiet("LOUD", "203.0.113.10", "z.hopto.org"),
		}, 601, "z.hopto.org", 4},
		{"hosts in flux on one device", "fastFlux", map[string]any{detect.GroupBy: detect.ByHost, "minFluxiness": 0}, []loud{{findings: 600, device: noisy, ip: c2, url: "concat('h', toString(row), '.example')"}, quiet("QUIET", "203.0.113.10", "z.example")}, 601, "z.example", 5},
		{"each detector in the union", "alerts", nil, []loud{{findings: 2000, device: noisy, ip: publicIP, url: "concat('h', toString(row), '.ddns.net')"}, quiet("QUIET", "203.0.113.10", "z.hopto.org")}, 2*2001 + 1, "QUIET", 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			table.Replace(t, nil)
			for _, e := range c.events {
				e.into(t, table)
			}
			q := detecttest.Question{Type: c.queryType, Format: "numeric", Params: c.params, Window: detecttest.Days(1), Limit: c.limit, Interval: time.Hour}
			frames := table.Frames(t, q)
			shown, more := frames[:len(frames)-1], frames[len(frames)-1].Fields[0]
			if len(shown) != c.limit || more.Labels["overflow"] != "true" || more.At(0) != float64(c.all-c.limit) {
				t.Errorf("%d findings and %v = %v; want %d, and %d that are not shown", len(shown), more.Labels, more.At(0), c.limit, c.all-c.limit)
			}
			if !slices.ContainsFunc(shown, names(c.alone)) {
				t.Errorf("%s is not among those shown", c.alone)
			}
			if c.queryType == "alerts" { // a series a detector
				return
			}
			q.Format = "timeseries"
			series := table.Frames(t, q)
			if len(series) != c.limit || !slices.ContainsFunc(series, names(c.alone)) {
				t.Errorf("%d series, want %d with %s among them", len(series), c.limit, c.alone)
			}
			if notices := fmt.Sprint(series[0].Meta.Notices); !strings.Contains(notices, fmt.Sprintf("%s of %s series", thousands.Apart(c.limit), thousands.Apart(c.all))) {
				t.Errorf("the notices %s do not say how many there are", notices)
			}
		})
	}
}

func names(value string) func(*data.Frame) bool {
	return func(f *data.Frame) bool {
		for _, label := range f.Fields[len(f.Fields)-1].Labels {
			if label == value {
				return true
			}
		}
		return false
	}
}
