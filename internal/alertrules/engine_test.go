package alertrules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/grafana/dataplane/sdata/numeric"
	"github.com/grafana/dataplane/sdata/reader"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// evaluator sends rules' queries to the plugin as Grafana's alerting does.
type evaluator struct {
	engine chtest.Server
	plugin *host.Host
}

func newEvaluator(t *testing.T) evaluator {
	t.Helper()
	e := evaluator{engine: chtest.Database(t), plugin: planted.Plugin(t)}
	e.engine.CreateTable(t, settings.DefaultTable)
	return e
}

func (e evaluator) insert(t *testing.T, events ...chtest.Event) {
	t.Helper()
	e.engine.Insert(t, settings.DefaultTable, events...)
}

// answer runs one query of a rule, evaluated at now. No user asks.
func (e evaluator) answer(t *testing.T, q alertrules.Query, now time.Time) backend.DataResponse {
	t.Helper()
	text, err := q.JSON()
	if err != nil {
		t.Fatal(err)
	}
	source := host.DataSource{UID: q.DatasourceUID, Name: "Fluxhound", JSONData: e.engine.JSON(settings.Native)}
	response, err := e.plugin.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: source.PluginContext(nil),
		Headers:       map[string]string{"FromAlert": "true"},
		Queries: []backend.DataQuery{{
			RefID: q.RefID, QueryType: q.QueryType, JSON: text, Interval: time.Hour, MaxDataPoints: 43200,
			TimeRange: backend.TimeRange{From: now.Add(-time.Duration(q.Range.From) * time.Second), To: now.Add(-time.Duration(q.Range.To) * time.Second)},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return response.Responses[q.RefID]
}

// numbers reads a numeric answer as sdata, which is what Grafana's expressions read it with.
func numbers(t *testing.T, answer backend.DataResponse) map[string]float64 {
	t.Helper()
	if answer.Error != nil {
		t.Fatalf("status %d: %v", answer.Status, answer.Error)
	}
	if kind, err := reader.CanReadBasedOnMeta(answer.Frames); err != nil || kind != data.FrameTypeNumericMulti {
		t.Fatalf("sdata reads %q: %v", kind, err)
	}
	frames, err := numeric.CollectionReaderFromFrames(answer.Frames)
	if err != nil {
		t.Fatal(err)
	}
	collection, err := frames.GetCollection(false)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, ref := range collection.Refs {
		n, _, err := ref.NullableFloat64Value()
		if err != nil || n == nil {
			t.Fatalf("%v: %v", ref, err)
		}
		found[ref.GetLabels().String()] = *n
	}
	return found
}

func TestEveryRuleSeesThePlantedAttackAndNothingElse(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now()
	e.insert(t, planted.Attack(now)...)
	want := map[string]map[string]float64{
		// 48 connections over 47 hours
		"fluxhound-beaconing":   {"confidence=medium, detector=beaconing, device=WS-VICTIM, device_id=id-0000, finding_key=f44f69436cac8425, mitre_technique=T1584, remote_ip=203.0.113.9, remote_url=c2.example, severity=high": 48.0 / 47},
		"fluxhound-dynamic-dns": {"confidence=medium, detector=dynamicDns, finding_key=072b3c64a6dd2a3a, mitre_technique=T1584, remote_url=dropzone.duckdns.org, severity=high": planted.FluxAddresses},
		"fluxhound-fast-flux":   {"confidence=medium, detector=fastFlux, device=WS-VICTIM, device_id=id-0000, finding_key=c8afa4db7d45e3c6, mitre_technique=T1584, severity=high": planted.FluxAddresses},
		// 24 connections over 23 hours of the last day, at even intervals. Twelve connections in a week are no beacon.
		"fluxhound-regular-beaconing":     {"confidence=medium, detector=beaconing, device=WS-VICTIM, device_id=id-0000, finding_key=6f4c3c558764441e, mitre_technique=T1584, remote_url=c2.example, severity=high": 24.0 / 23},
		"fluxhound-dynamic-dns-beaconing": {},
		"fluxhound-fast-flux-host":        {"confidence=medium, detector=fastFlux, finding_key=69a45588a3f2b6f7, mitre_technique=T1584, remote_url=flux.example, severity=high": planted.FluxHostFluxiness},
	}
	for uid, findings := range want {
		t.Run(uid, func(t *testing.T) {
			got := numbers(t, e.answer(t, rule(t, uid).Data[0], now))
			if diff := cmp.Diff(findings, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// An hour later the same finding has the same labels.
			later := numbers(t, e.answer(t, rule(t, uid).Data[0], now.Add(time.Hour)))
			if diff := cmp.Diff(keys(findings), keys(later)); diff != "" {
				t.Errorf("an hour later (-want +got):\n%s", diff)
			}
		})
	}
}

func keys(of map[string]float64) map[string]bool {
	set := map[string]bool{}
	for k := range of {
		set[k] = true
	}
	return set
}

// An instance for each detector: nothing where it can look at nothing that comes in, and no number where nothing comes in.
func TestDetectorBlindTellsEachDetectorsShareOfTheLastHour(t *testing.T) {
	e := newEvaluator(t)
	now, asked := time.Now(), rule(t, "fluxhound-detector-blind").Data[0]
	if got := numbers(t, e.answer(t, asked, now)); len(got) != 0 {
		t.Errorf("without events: %v", got)
	}
	for i := range 40 {
		event := planted.Heartbeat(now.Add(-time.Duration(i+1) * time.Minute)) // to a private address, and with a name
		if i%4 == 0 {
			event.RemoteIP = "203.0.113.9"
		}
		event.InitiatingProcessFileName = "chrome.exe"
		e.insert(t, event)
	}
	want := map[string]float64{"detector=beaconing": 0.25, "detector=dynamicDns": 1, "detector=fastFlux": 0}
	if diff := cmp.Diff(want, numbers(t, e.answer(t, asked, now))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Grafana takes one typed frame without fields as no data, which is OK for these rules.
func TestARuleWithoutFindingsGetsNoData(t *testing.T) {
	e := newEvaluator(t)
	e.insert(t, planted.Heartbeat(time.Now()))
	for _, r := range rules(t) {
		for _, q := range r.Data {
			if !q.Decides() || q.QueryType == "events" || q.QueryType == "dataQuality" {
				continue
			}
			answer := e.answer(t, q, time.Now())
			if got := numbers(t, answer); len(got) != 0 || len(answer.Frames) != 1 || len(answer.Frames[0].Fields) != 0 {
				t.Errorf("%s: %d frames, findings %v", r.UID, len(answer.Frames), got)
			}
		}
	}
}

// What is over a rule's limit is one instance more, which fires as the others do and says how many are not shown.
func TestARuleHasAtMostItsLimitOfInstancesAndOneThatSaysHowManyMore(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now()
	query := rule(t, "fluxhound-beaconing").Data[0]
	e.insert(t, planted.Beacons(now, 500)...)
	if got := numbers(t, e.answer(t, query, now)); len(got) != 500 {
		t.Errorf("%d instances, want 500", len(got))
	}
	e.insert(t, planted.Beacons(now, 503)[500*20:]...)
	got := numbers(t, e.answer(t, query, now))
	const overflow = "confidence=medium, detector=beaconing, mitre_technique=T1584, overflow=true, severity=high"
	if len(got) != 501 || got[overflow] != 3 {
		t.Errorf("with three findings more: %d instances, %s is %v", len(got), overflow, got[overflow])
	}
}

// One device's 50,000 findings hide nobody else's.
func TestOneDeviceCannotSilenceARule(t *testing.T) {
	now := time.Now().UTC()
	const many = 50_000
	e := newEvaluator(t)
	table := statement.Qualified(e.engine.Database, settings.DefaultTable)
	for _, c := range []struct{ uid, noise, alone string }{
		{"fluxhound-beaconing", "IPv4NumToString(toUInt32(1000000000 + row)) AS ip, '' AS url", "device=QUIET"},
		{"fluxhound-regular-beaconing", "'203.0.113.7' AS ip, concat('h', toString(row), '.example') AS url", "device=QUIET"},
		{"fluxhound-dynamic-dns", "'203.0.113.7' AS ip, concat('h', toString(row), '.duckdns.org') AS url", "remote_url=quiet.hopto.org"},
		{"fluxhound-dynamic-dns-beaconing", "'203.0.113.7' AS ip, concat('h', toString(row), '.duckdns.org') AS url", "remote_url=quiet.hopto.org"},
	} {
		t.Run(c.uid, func(t *testing.T) {
			e.engine.Exec(t, "TRUNCATE TABLE "+table)
			for _, from := range []string{
				fmt.Sprintf("'NOISY' AS device, %s FROM (SELECT number AS n, number %% %d AS row FROM numbers(%d))", c.noise, many, 24*many),
				"'QUIET' AS device, '203.0.113.9' AS ip, 'quiet.hopto.org' AS url FROM (SELECT number * 50000 AS n FROM numbers(24))",
			} {
				e.engine.Exec(t, fmt.Sprintf(`INSERT INTO %s (Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteUrl, SentBytes)
					SELECT at, device, device, 'ConnectionSuccess', ip, 443, url, 200 FROM
					(SELECT fromUnixTimestamp64Milli(%d - toInt64(intDiv(n, %d)) * 3600000, 'UTC') AS at, %s)`,
					table, now.Add(-time.Minute).UnixMilli(), many, from))
			}
			got, alone, more := numbers(t, e.answer(t, rule(t, c.uid).Data[0], now)), 0, 0.0
			for labels, value := range got {
				if strings.Contains(labels, c.alone) {
					alone++
				}
				if strings.Contains(labels, "overflow=true") {
					more = value
				}
			}
			if len(got) != 501 || alone != 1 || more != many+1-500 {
				t.Errorf("%d instances, %d of them of %s, and %v that are not shown", len(got), alone, c.alone, more)
			}
		})
	}
}

// One name under a dynamic DNS domain is one alert of the analytic's rule, however many URLs it has.
func TestTheRuleForDynamicDNSGroupsWhatSharesATenant(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now().UTC()
	var events []chtest.Event
	for i := range 600 {
		event := planted.Heartbeat(now.Add(-time.Hour))
		event.RemoteURL = []string{"https://one.duckdns.org/%d", "http://%d.one.duckdns.org", "ONE.duckdns.org:%d"}[i%3]
		event.RemoteURL = fmt.Sprintf(event.RemoteURL, i)
		events = append(events, event)
	}
	for _, url := range []string{"two.duckdns.org", "https://search.example/?q=ddns.net", "www.no-ip.com/x", "ddns.net"} {
		event := planted.Heartbeat(now.Add(-time.Hour))
		event.RemoteURL = url
		events = append(events, event)
	}
	e.insert(t, events...)
	got := map[string]float64{}
	for labels, value := range numbers(t, e.answer(t, rule(t, "fluxhound-dynamic-dns").Data[0], now)) {
		_, url, _ := strings.Cut(labels, "remote_url=")
		url, _, _ = strings.Cut(url, ", ")
		got[url] = value
	}
	want := map[string]float64{"one.duckdns.org": 600, "two.duckdns.org": 1, "search.example": 1, "www.no-ip.com": 1, "ddns.net": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Update clients, the device itself and what a network gives itself page nobody.
func TestTheStricterRulesPageForNothingHarmless(t *testing.T) {
	const regular, dynamic = "fluxhound-regular-beaconing", "fluxhound-dynamic-dns-beaconing"
	now := time.Now().UTC()
	cases := []struct {
		ip, url string
		shown   string // the label remote_url
		want    []string
	}{
		{"203.0.113.9", "members.dyndns.org", "members.dyndns.org", []string{regular}},
		{"203.0.113.9", "https://checkip.dyndns.org/", "checkip.dyndns.org", []string{regular}},
		{"203.0.113.9", "WWW.duckdns.org:443", "www.duckdns.org", []string{regular}},
		{"203.0.113.9", "dynupdate.no-ip.com", "dynupdate.no-ip.com", []string{regular}},
		{"203.0.113.9", "c2.duckdns.org", "c2.duckdns.org", []string{regular, dynamic}},
		{"203.0.113.9", "abcd.ngrok-free.app", "abcd.ngrok-free.app", []string{regular, dynamic}},
		{"203.0.113.10", "", "203.0.113.10", []string{regular}},
		{"127.0.0.1", "", "127.0.0.1", nil},
		{"127.9.9.9", "127.9.9.9", "127.9.9.9", nil},
		{"169.254.169.254", "http://169.254.169.254/latest", "169.254.169.254", nil},
		{"100.64.1.1", "", "100.64.1.1", nil},
		{"224.0.0.251", "", "224.0.0.251", nil},
		{"239.255.255.250", "", "239.255.255.250", nil},
		{"0.0.0.1", "", "0.0.0.1", nil},
		{"192.0.0.8", "", "192.0.0.8", nil},
		{"255.255.255.255", "", "255.255.255.255", nil},
		{"127.0.0.1", "localhost", "localhost", nil},
		{"127.0.0.1", "http://app.localhost:8080/", "app.localhost", nil},
		{"169.254.1.1", "printer.local", "printer.local", nil},
	}
	e := newEvaluator(t)
	for device, c := range cases {
		var events []chtest.Event
		for i := range 30 {
			event := planted.Heartbeat(now.Add(-time.Minute - time.Duration(i)*30*time.Minute))
			event.DeviceID = fmt.Sprintf("id-%d", device)
			event.DeviceName, event.RemoteIP, event.RemoteURL = event.DeviceID, c.ip, c.url
			events = append(events, event)
		}
		e.insert(t, events...)
	}
	fired := map[string]map[string]float64{}
	for _, uid := range []string{regular, dynamic} {
		fired[uid] = numbers(t, e.answer(t, rule(t, uid).Data[0], now))
	}
	for _, c := range cases {
		t.Run(c.ip+" "+c.url, func(t *testing.T) {
			var got []string
			for _, uid := range []string{regular, dynamic} {
				for labels := range fired[uid] {
					if strings.Contains(labels+",", "remote_url="+c.shown+",") {
						got = append(got, uid)
					}
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("rules that fire (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDataStoppedSeesTheNewestEventsAge(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	query := rule(t, "fluxhound-data-stopped").Data[0]
	for _, c := range []struct {
		name string
		add  []chtest.Event
		want float64
	}{
		{"no event in the last hour is an hour", []chtest.Event{planted.Heartbeat(now.Add(-2 * time.Hour))}, 3600},
		{"an event dated in the future is not fresh", []chtest.Event{planted.Heartbeat(now.Add(time.Hour))}, 3600},
		{"the newest event counts", []chtest.Event{planted.Heartbeat(now.Add(-901 * time.Second)), planted.Heartbeat(now.Add(-1800 * time.Second))}, 901},
	} {
		t.Run(c.name, func(t *testing.T) {
			e.insert(t, c.add...)
			if diff := cmp.Diff(map[string]float64{"": c.want}, numbers(t, e.answer(t, query, now))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheRecordingRuleCountsFindingsByDetector(t *testing.T) {
	e := newEvaluator(t)
	now := time.Now()
	e.insert(t, planted.Attack(now)...)
	answer := e.answer(t, read(t, "recording")[0].Rules[0].Data[0], now)
	if answer.Error != nil {
		t.Fatal(answer.Error)
	}
	if kind, err := reader.CanReadBasedOnMeta(answer.Frames); err != nil || kind != data.FrameTypeTimeSeriesMulti {
		t.Fatalf("sdata reads %q: %v", kind, err)
	}
	got := map[string]float64{}
	for _, f := range answer.Frames {
		values := f.Fields[1]
		for i := range values.Len() {
			if n, ok := values.At(i).(*float64); ok && n != nil {
				got[values.Labels["detector"]] += *n
			}
		}
	}
	want := map[string]float64{"beaconing": 1, "dynamicDns": 1, "fastFlux": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
