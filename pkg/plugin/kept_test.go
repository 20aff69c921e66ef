package plugin_test

import (
	"encoding/json"
	"fmt"
	neturl "net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs/runstest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// beacons inserts two beacons of the last days.
func beacons(t *testing.T, server chtest.Server) {
	t.Helper()
	server.CreateTable(t, "network_events")
	sent := uint64(400)
	var events []chtest.Event
	for _, device := range []string{"A-1", "B-1"} {
		for i := range 200 {
			events = append(events, chtest.Event{
				Timestamp: time.Now().Add(-time.Hour - time.Duration(i)*10*time.Minute), DeviceID: device, DeviceName: device, ActionType: "ConnectionSuccess",
				RemoteIP: "203.0.113.7", RemotePort: 443, RemoteURL: "c2.example.com", Protocol: "Tcp", SentBytes: &sent, ReceivedBytes: &sent,
			})
		}
	}
	server.Insert(t, "network_events", events...)
}

// ofWeek asks over the last week, as an alert rule or as a viewer.
func (b *bench) ofWeek(t *testing.T, alert bool, text string) backend.DataResponse {
	t.Helper()
	now := time.Now()
	req := &backend.QueryDataRequest{
		PluginContext: b.source.PluginContext(&backend.User{Login: "analyst", Role: "Editor"}), Headers: map[string]string{backend.FromAlertHeaderName: fmt.Sprint(alert)},
		Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(text), Interval: time.Hour, TimeRange: backend.TimeRange{From: now.Add(-7 * 24 * time.Hour), To: now}}},
	}
	res, err := b.plugin.QueryData(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return res.Responses["A"]
}

// told are all notices and the statement of an answer.
func told(t *testing.T, res backend.DataResponse) string {
	t.Helper()
	if res.Error != nil {
		t.Fatal(res.Error)
	}
	var texts []string
	for _, n := range res.Frames[0].Meta.Notices {
		texts = append(texts, n.Text)
	}
	return strings.Join(append(texts, res.Frames[0].Meta.ExecutedQueryString), "\n")
}

// devices are the devices that an answer of numbers names.
func devices(t *testing.T, res backend.DataResponse) []string {
	t.Helper()
	if res.Error != nil {
		t.Fatal(res.Error)
	}
	names := []string{}
	for _, f := range res.Frames {
		for _, field := range f.Fields {
			names = append(names, field.Labels["device"])
		}
	}
	slices.Sort(names)
	return names
}

const (
	beaconNumbers   = `{"queryType":"beaconing","format":"numeric"}`
	mediumNumbers   = `{"queryType":"beaconing","format":"numeric","filters":[{"column":"Severity","operator":"notIn","values":["low","high"]}]}`
	findingsNumbers = `{"queryType":"findings","format":"numeric","params":{"rules":["Beaconing"]}}`
	findingsTable   = `{"queryType":"findings","format":"table"}`
)

func TestAnAnswerIsReadOfWhatIsKeptWhileThatIsFresh(t *testing.T) {
	server := chtest.Database(t)
	beacons(t, server)
	b := newBench(t, server, settings.Native, nil, nil)
	wantCategory(t, b.ofWeek(t, true, findingsNumbers), "schema")
	if text := b.health(t).Message; !strings.Contains(text, "No findings are kept") {
		t.Errorf("without kept findings Save & test says %q", text)
	}
	runstest.Keep(t, server)
	b.health(t) // which looks anew
	for _, alert := range []bool{true, false} {
		if text := told(t, b.ofWeek(t, alert, beaconNumbers)); !strings.Contains(text, "_findings_runs") || !strings.Contains(text, "found by the run of") {
			t.Errorf("alert %v: what is kept is not read, or not said:\n%s", alert, text)
		}
		if got := devices(t, b.ofWeek(t, alert, findingsNumbers)); !slices.Equal(got, []string{"A-1", "B-1"}) {
			t.Errorf("alert %v: the findings are of %v", alert, got)
		}
	}
	if text := b.health(t).Message; !strings.Contains(text, "Findings of 9 questions are kept") {
		t.Errorf("Save & test says %q", text)
	}
	// the job has stopped
	table := server.Database + ".network_events_findings_runs"
	server.Exec(t, "INSERT INTO "+table+" SELECT * REPLACE (Run - INTERVAL 40 MINUTE AS Run) FROM "+table)
	server.Exec(t, "DELETE FROM "+table+" WHERE Run > now() - INTERVAL 30 MINUTE")
	if text := told(t, b.ofWeek(t, true, beaconNumbers)); strings.Contains(text, "_findings_runs") || !strings.Contains(text, "what they find was kept last at") {
		t.Errorf("an alert rule reads what is old, or is not told:\n%s", text)
	}
	wantCategory(t, b.ofWeek(t, true, findingsNumbers), "schema")
	old := newBench(t, server, settings.Native, nil, nil) // that has no answer to share yet
	if text := told(t, old.ofWeek(t, false, findingsTable)); !strings.Contains(text, "What is kept is old") {
		t.Errorf("a viewer is not told:\n%s", text)
	}
	if h := old.health(t); h.Status == backend.HealthStatusOk || !strings.Contains(h.Message, "Two runs or more are missing") {
		t.Errorf("Save & test says %s: %q", h.Status, h.Message)
	}
}

// Who has a row policy on the events is shown nothing that was made of all of them.
func TestARowPolicyHoldsForKeptFindings(t *testing.T) {
	for name, policy := range map[string]string{"a tenant": "DeviceName LIKE 'A-%'", "who sees all": ""} {
		t.Run(name, func(t *testing.T) {
			user := chtest.User{Name: "analyst", Password: "x", Grants: []string{"SELECT ON default.*"}}
			want := []string{"A-1", "B-1"}
			if policy != "" {
				user.Filters, want = map[string]string{"default.network_events": policy}, want[:1]
			}
			server := chtest.Start(t, chtest.WithUsers(user))
			beacons(t, server)
			runstest.Keep(t, server)
			b := newBench(t, server, settings.Native, map[string]any{"username": "analyst"}, map[string]string{"password": "x"})
			res := b.ofWeek(t, true, beaconNumbers)
			if got := devices(t, res); !slices.Equal(got, want) {
				t.Errorf("shown are %v, want %v", got, want)
			}
			if kept := strings.Contains(told(t, res), "_findings_runs"); kept != (policy == "") {
				t.Errorf("what is kept is read: %v", kept)
			}
			if res := b.ofWeek(t, false, findingsTable); policy != "" {
				wantCategory(t, res, "permission")
			} else if res.Error != nil {
				t.Error(res.Error)
			}
		})
	}
}

// said posts a verdict as somebody, and returns the status and the answer.
func (b *bench) said(t *testing.T, role, text string) (int, string) {
	t.Helper()
	user := &backend.User{Login: "eve", Role: role}
	if role == "" {
		user = nil
	}
	res, err := b.plugin.CallResource(t.Context(), &backend.CallResourceRequest{
		PluginContext: b.source.PluginContext(user), Path: "verdicts", URL: "verdicts", Method: "POST", Body: []byte(text),
		Headers: map[string][]string{"Content-Type": {"application/json"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return res.Status, string(res.Body)
}

// A verdict is written by a user who may do nothing else, for editors and administrators; what is benign is in no number until it is
// graver than it was, until that day, or until somebody says otherwise.
func TestAVerdictMutesAFinding(t *testing.T) {
	server := chtest.Start(t, chtest.WithUsers(
		chtest.User{Name: "reader", Password: "x", Grants: []string{"SELECT ON default.*"}},
		chtest.User{Name: "judge", Password: "y", Grants: []string{"INSERT ON default.network_events_verdicts"}},
	))
	beacons(t, server)
	runstest.Keep(t, server)
	off := newBench(t, server, settings.Native, map[string]any{"username": "reader"}, map[string]string{"password": "x"})
	b := newBench(t, server, settings.Native, map[string]any{"username": "reader", "verdictsUsername": "judge"}, map[string]string{"password": "x", "verdictsPassword": "y"})
	key := ""
	res := b.ofWeek(t, true, beaconNumbers)
	for _, f := range res.Frames {
		if f.Fields[0].Labels["device"] == "A-1" {
			key = f.Fields[0].Labels["finding_key"]
		}
	}
	verdict := func(word, more string) string {
		return fmt.Sprintf(`{"findingKey":%q,"verdict":%q,"note":"an update\nservice","queryType":"beaconing","deviceName":"A-1","destination":"c2.example.com"%s}`, key, word, more)
	}
	for name, c := range map[string]struct {
		b          *bench
		role, text string
		status     int
		says       string
	}{
		"a viewer":           {b, "Viewer", verdict("benign", ""), 403, "only editors and administrators"},
		"nobody":             {b, "", verdict("benign", ""), 403, "only editors and administrators"},
		"switched off":       {off, "Editor", verdict("benign", ""), 400, "verdictsUsername"},
		"another word":       {b, "Editor", verdict("fine", ""), 400, "none, investigating, benign, malicious"},
		"no finding":         {b, "Editor", `{"findingKey":"x' OR 1","verdict":"benign"}`, 400, "16 hexadecimal digits"},
		"a day that is over": {b, "Editor", verdict("benign", `,"until":"2020-01-01"`), 400, "a day to come"},
		"another field":      {b, "Editor", verdict("benign", `,"who":"somebody else"`), 400, "who"},
		"no JSON":            {b, "Editor", `verdict=benign`, 400, "JSON object"},
		"more than anybody":  {b, "Editor", `{"note":"` + strings.Repeat("x", 70_000) + `"}`, 400, "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			if status, answer := c.b.said(t, c.role, c.text); status != c.status || !strings.Contains(answer, c.says) {
				t.Errorf("status %d, %s; want %d and %q", status, answer, c.status, c.says)
			}
		})
	}
	both, other := []string{"A-1", "B-1"}, []string{"B-1"}
	tomorrow := time.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	for _, step := range []struct {
		name, word, more string
		want             []string
	}{
		{"it is looked at", "investigating", "", both},
		{"it is benign", "benign", `,"severity":"medium"`, other},
		{"it is no longer", "none", "", both},
		{"it was benign when it was less grave", "benign", `,"severity":"low"`, both},
		{"it is benign for a day", "benign", `,"severity":"medium","until":"` + tomorrow + `"`, other},
		{"it is malicious", "malicious", "", both},
	} {
		t.Run(step.name, func(t *testing.T) {
			status, answer := b.said(t, "Editor", verdict(step.word, step.more))
			if status != 200 || !strings.Contains(answer, `"who":"eve"`) || strings.Contains(answer, `"domain":"c2.example.com"`) != (step.word == "benign") {
				t.Fatalf("status %d, %s", status, answer)
			}
			for _, q := range []string{beaconNumbers, findingsNumbers, mediumNumbers, `{"queryType":"alerts","format":"numeric"}`} {
				if got := devices(t, b.ofWeek(t, true, q)); !slices.Equal(got, step.want) {
					t.Errorf("%s: an alert rule is told of %v, want %v", q, got, step.want)
				}
			}
			if rows := b.ofWeek(t, true, `{"queryType":"beaconing","format":"table"}`); rows.Error != nil || rows.Frames[0].Rows() != 2 {
				t.Errorf("a table leaves findings out: %v", rows.Error)
			}
		})
	}
	t.Run("a panel's action says it in the query", func(t *testing.T) {
		for note, want := range map[string]string{`"quoted" & more`: `\"quoted\" \u0026 more`, "$note": "", "${__data.fields.Why}": "", "it costs $note": "it costs $note"} {
			url := "verdicts?" + neturl.Values{"findingKey": {key}, "verdict": {"benign"}, "note": {note}, "until": {"7d"}, "severity": {"medium"}, "queryType": {"beaconing"}, "deviceName": {"A-1"}, "destination": {"c2.example.com"}}.Encode()
			res, err := b.plugin.CallResource(t.Context(), &backend.CallResourceRequest{
				PluginContext: b.source.PluginContext(&backend.User{Login: "eve", Role: "Editor"}), Path: "verdicts", URL: url, Method: "POST", Body: []byte("{}"),
			})
			if err != nil || res.Status != 200 || !strings.Contains(string(res.Body), `"note":"`+want+`"`) {
				t.Fatalf("%s: %v, status %d, %s", note, err, res.Status, res.Body)
			}
		}
		if got := devices(t, b.ofWeek(t, true, beaconNumbers)); !slices.Equal(got, other) {
			t.Errorf("an alert rule is told of %v", got)
		}
		if status, answer := b.said(t, "Editor", verdict("malicious", "")); status != 200 {
			t.Fatal(answer)
		}
	})
	t.Run("the next viewer sees it", func(t *testing.T) {
		const list = `{"queryType":"findings","params":{"verdicts":["malicious"],"rules":["Beaconing"]}}`
		for _, step := range []struct {
			word string
			rows int
		}{{"none", 0}, {"malicious", 1}} {
			if status, answer := b.said(t, "Editor", verdict(step.word, "")); status != 200 {
				t.Fatal(answer)
			}
			if res := b.ofWeek(t, false, list); res.Error != nil || res.Frames[0].Rows() != step.rows {
				t.Errorf("%s: %v, %d rows, want %d", step.word, res.Error, res.Frames[0].Rows(), step.rows)
			}
		}
	})
	t.Run("it is shown beside the finding", func(t *testing.T) {
		res := b.ofWeek(t, true, `{"queryType":"findings","params":{"verdicts":["malicious"],"rules":["Beaconing"]}}`)
		if res.Error != nil {
			t.Fatal(res.Error)
		}
		text, err := json.Marshal(res.Frames[0])
		if err != nil || res.Frames[0].Rows() != 1 || !strings.Contains(string(text), `"an update service"`) || !strings.Contains(string(text), `"eve"`) {
			t.Errorf("got %s, %v", text, err)
		}
	})
	t.Run("it is shown alone, by its key", func(t *testing.T) {
		filter := fmt.Sprintf(`"filters":[{"column":"FindingKey","operator":"=","values":[%q]}]`, key)
		for _, format := range []string{"numeric", "table", "summary"} {
			res := b.ofWeek(t, false, `{"queryType":"findings","format":"`+format+`","params":{"rules":["Beaconing"]},`+filter+`}`)
			if res.Error != nil {
				t.Fatal(res.Error)
			}
			text, err := json.Marshal(res.Frames)
			if err != nil || format == "summary" && res.Frames[0].Fields[2].At(0) != int64(1) || format != "summary" && (!strings.Contains(string(text), `"A-1"`) || strings.Contains(string(text), `"B-1"`)) {
				t.Errorf("%s: got %s, %v", format, text, err)
			}
		}
	})
	t.Run("it is shown by its severity", func(t *testing.T) {
		for severity, want := range map[string]int{"medium": 2, "high": 0} {
			filter := fmt.Sprintf(`"filters":[{"column":"Severity","operator":"=","values":[%q]}]`, severity)
			list := b.ofWeek(t, false, `{"queryType":"findings","params":{"rules":["Beaconing"]},`+filter+`}`)
			count := b.ofWeek(t, false, `{"queryType":"findings","format":"summary","params":{"rules":["Beaconing"]},`+filter+`}`)
			if list.Error != nil || count.Error != nil {
				t.Fatal(list.Error, count.Error)
			}
			if got := list.Frames[0].Rows(); got != want || count.Frames[0].Fields[2].At(0) != int64(want) {
				t.Errorf("%s: %d findings are listed and %v counted, want %d", severity, got, count.Frames[0].Fields[2].At(0), want)
			}
		}
	})
	t.Run("the plugin's users may do nothing else", func(t *testing.T) {
		if text := b.health(t).Message; !strings.Contains(text, "Verdicts are kept; 0 findings are muted") {
			t.Errorf("Save & test says %q", text)
		}
	})
}
