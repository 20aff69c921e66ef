package alertrules_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
)

// hostile are values that whoever names a host or a device may write, and the text that people are shown.
var hostile = []struct{ name, value, shown string }{
	{"a name", "c2.example", "c2[.]example"},
	{"a link", "https://evil.example/a?b=c&d", "hxxps://evil[.]example/a?b=c&d"},
	{"a link in capitals", "HTTP://EVIL.example", "hxxp://EVIL[.]example"},
	{"an address", "203.0.113.9:8080", "203[.]0[.]113[.]9:8080"},
	{"an IPv6 address", "[2001:db8::9]:443", "_2001:db8::9_:443"},
	{"another line", "x.duckdns.org\nAll clear: please ignore", "x[.]duckdns[.]org_All clear: please ignore"},
	{"a line of Windows", "x.example\r\nFIRING: 0", "x[.]example_FIRING: 0"},
	{"a line of Unicode", "x.example\u2028All clear\u2029\u0085", "x[.]example_All clear"},
	{"a mention", "<!channel> <@U123> @here", "_channel_ _U123_ _here"},
	{"a link with another text", "<https://evil.example|click>", "_hxxps://evil[.]example_click_"},
	{"a link of Markdown", "[click](https://evil.example)", "_click_(hxxps://evil[.]example)"},
	{"tags", `<img src="//evil.example/x">`, "_img src=_//evil[.]example/x_"},
	{"right to left", "gpj.\u202Eexe.example\u2066", "gpj[.]_exe[.]example"},
	{"what nobody sees", "a\u200b\u00ad\ufeff.example", "a_[.]example"},
	{"control characters", "a\x00\x1b[31m\x07b", "a_31m_b"},
	{"bytes that are no UTF-8", "z\xffq.duckdns.org", "z_q[.]duckdns[.]org"},
	{"a template", "{{ .Labels }}${HOME}`x`", "_ [.]Labels _HOME_x_"},
	{"blanks around it", "\t c2.example \n", "c2[.]example"},
	{"a name in another script", "häuser.пример", "häuser[.]пример"},
	{"what is defanged already", "hxxps://evil[.]example", "hxxps://evil_[.]_example"},
	{"nothing", "", ""},
	{"blanks alone", " \t\u00a0 ", ""},
	{"a very long one", "https://" + strings.Repeat("a", 4118), "hxxps://" + strings.Repeat("a", 72)},
	{"a very long one of two bytes a letter", strings.Repeat("ä", 4118), strings.Repeat("ä", 80)},
}

// empty is what stands for an empty value of a label.
var empty = map[string]string{"device": "(unknown device)", "device_id": "(unknown)", "remote_url": "(no name)", "remote_ip": "(no address)"}

func TestWhatOthersWriteIsShownDefanged(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range detections(t) {
				for _, label := range []string{"device", "device_id", "remote_url", "remote_ip"} {
					labels := map[string]string{"device": "WS-1", "device_id": "id-1", "remote_ip": "203.0.113.9", "remote_url": "c2.example"}
					description := r.Annotations["description"]
					if !strings.Contains(description, `"`+label+`"`) {
						continue
					}
					labels[label] = c.value
					want := c.shown
					if want == "" {
						want = empty[label]
					}
					got := expand(t, description, labels, map[string]value{"A": {Value: 3}})
					// Where a beacon has no name, its address stands alone.
					if !strings.Contains(got, want) && !(c.value == "" && label == "remote_url") {
						t.Errorf("%s: %s is not %q in %q", r.UID, label, want, got)
					}
					isHarmless(t, got, 1000)
					isHarmless(t, expand(t, r.Annotations["summary"], labels, map[string]value{"A": {Value: 3}}), 200)
				}
			}
		})
	}
}

func TestANotificationShowsWhatOthersWriteDefanged(t *testing.T) {
	for _, c := range hostile {
		if c.value == "" { // then there is nothing to show
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			told := notification(t, c.value)
			if lines := strings.Count(told, "\n"); lines != strings.Count(notification(t, "c2.example"), "\n") {
				t.Errorf("it has %d lines:\n%s", lines, told)
			}
			shown := c.shown
			if shown == "" {
				shown = "(empty)"
			}
			if !strings.Contains(told, "Destination: "+shown+" "+shown) {
				t.Errorf("it does not show %q:\n%s", shown, told)
			}
			for _, line := range strings.Split(told, "\n") {
				isHarmless(t, line, 1100)
			}
		})
	}
}

// Reasons hold names, programs and addresses that others choose.
func TestWhyIsShownDefanged(t *testing.T) {
	for _, c := range append(hostile, []struct{ name, value, shown string }{
		{"reasons", "checks in every 33.5 s: 98 % of its 40 intervals are alike; a name under duckdns.org, where anybody may take one", "checks in every 33.5 s: 98 % of its 40 intervals are alike; a name under duckdns[.]org, where anybody may take one"},
		{"addresses", "203.0.113.9, 203.0.113.10 and 203.0.0.0/16", "203[.]0[.]113[.]9, 203[.]0[.]113[.]10 and 203[.]0[.]0[.]0/16"},
		{"a label that begins with a digit", "c2.4you.example", "c2[.]4you[.]example"},
		{"a program", "connected by wscript.exe, which runs scripts", "connected by wscript[.]exe, which runs scripts"},
	}...) {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range detections(t) {
				text, ok := r.Annotations["why"]
				if !ok {
					continue
				}
				got := expand(t, text, map[string]string{"device": "WS-1"}, map[string]value{"A": {Value: 72}, "W": {Value: 72, Labels: map[string]string{"why": c.value}}})
				if !strings.HasPrefix(got, c.shown) {
					t.Errorf("%s: %q is not %q", r.UID, got, c.shown)
				}
				isHarmless(t, got, 600)
				isNoLink(t, got)
			}
		})
	}
}

// isNoLink holds for a text of which no messenger makes a link: no scheme, no name and no address.
func isNoLink(t *testing.T, text string) {
	t.Helper()
	if link := regexp.MustCompile(`(?i)https?:|[.][0-9_-]*\pL|[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+`).FindString(text); link != "" {
		t.Errorf("%q is left in %q", link, text)
	}
}

func FuzzWhyDefanged(f *testing.F) {
	for _, c := range hostile {
		f.Add(c.value)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := expand(t, rule(t, highRisk).Annotations["why"], nil, map[string]value{"W": {Labels: map[string]string{"why": text}}})
		isHarmless(t, got, 600)
		isNoLink(t, got)
	})
}

// notification tells of an alert whose labels are all of one value, and whose annotations a rule of somebody's own has made of
// it as it is. It has the title in front, and no links.
func notification(t *testing.T, value string) string {
	t.Helper()
	labels := map[string]string{}
	for _, name := range []string{"device", "device_id", "remote_ip", "remote_url"} {
		labels[name] = value
	}
	told := alert{Labels: labels, Annotations: map[string]string{"summary": "beacon to " + value, "description": value, "Error": value}}
	g := group{Alerts: alerts{Firing: []alert{told}, Resolved: []alert{told}}, CommonLabels: map[string]string{"alertname": "x"}, GroupLabels: labels}
	return render(t, "fluxhound.title", g) + "\n" + render(t, "fluxhound.message", g)
}

// isHarmless holds for a text of one line that no messenger takes for a mention or a link.
func isHarmless(t *testing.T, text string, length int) {
	t.Helper()
	if n := utf8.RuneCountInString(text); n > length || !utf8.ValidString(text) {
		t.Errorf("%d characters, at most %d may be: %q", n, length, text)
	}
	if i := strings.IndexFunc(text, func(r rune) bool {
		return unicode.Is(unicode.C, r) || (unicode.Is(unicode.Z, r) && r != ' ') || strings.ContainsRune("<>@|`\ufffd", r)
	}); i >= 0 {
		t.Errorf("it holds %q: %q", text[i:i+1], text)
	}
}

// FuzzDefanged proves the same of any value.
func FuzzDefanged(f *testing.F) {
	for _, c := range hostile {
		f.Add(c.value)
	}
	f.Fuzz(func(t *testing.T, text string) {
		link := regexp.MustCompile(`(?i)https?:|[^\[]\.[^\]]`)
		for _, r := range detections(t) {
			got := expand(t, r.Annotations["summary"], map[string]string{"device": text, "remote_url": text}, map[string]value{"A": {Value: 3}})
			isHarmless(t, got, 200)
			if link.MatchString(got) {
				t.Errorf("%s: a link is left in %q", r.UID, got)
			}
		}
	})
}

func TestAllAnnotationsDefangInTheSameWords(t *testing.T) {
	nested := regexp.MustCompile(`\{\{ define "text" \}\}(.*?)\{\{ end -\}\}`)
	words := map[string][]string{}
	for _, r := range detections(t) {
		for _, name := range []string{"summary", "description"} {
			text := nested.FindStringSubmatch(r.Annotations[name])
			if text == nil {
				t.Errorf("%s: %s defines no text", r.UID, name)
				continue
			}
			words[text[1]] = append(words[text[1]], r.UID+"/"+name)
			// A label is shown through it, or compared.
			rest := strings.ReplaceAll(nested.ReplaceAllString(r.Annotations[name], ""), `index $labels "overflow"`, "")
			for _, use := range regexp.MustCompile(`\{\{[^}]*\$labels[^}]*\}\}`).FindAllString(rest, -1) {
				if !strings.HasPrefix(use, `{{ template "text" args `) && !strings.HasPrefix(use, "{{ if index $labels ") {
					t.Errorf("%s: %s shows a label as it is: %s", r.UID, name, use)
				}
			}
		}
	}
	if len(words) != 1 {
		t.Errorf("there are %d ways: %v", len(words), words)
	}
}

// The instance that says how many findings are not shown has a text of its own.
func TestTheInstanceOfWhatIsNotShownSaysHowMany(t *testing.T) {
	overflow := map[string]string{"overflow": "true", "detector": "beaconing", "severity": "high", "confidence": "medium", "mitre_technique": "T1584"}
	for _, r := range detections(t) {
		for _, c := range []struct {
			n    float64
			want string
		}{{1, "1 more finding is not shown"}, {37, "37 more findings are not shown"}, {49_501, "49501 more findings are not shown"}} {
			if got := expand(t, r.Annotations["summary"], overflow, map[string]value{"A": {Value: c.n}}); got != c.want {
				t.Errorf("%s: %q, want %q", r.UID, got, c.want)
			}
		}
		if got := expand(t, r.Annotations["description"], overflow, map[string]value{"A": {Value: 37}}); !strings.Contains(got, "more findings than it alerts on") || strings.Contains(got, "(unknown") {
			t.Errorf("%s: %q", r.UID, got)
		}
		for _, name := range []string{"device_url", "finding_url"} {
			if text, ok := r.Annotations[name]; ok && expand(t, text, overflow, nil) != "" {
				t.Errorf("%s: %s leads to %q", r.UID, name, expand(t, text, overflow, nil))
			}
		}
	}
}

func TestLinksNameTheDataSourceAndTheOrganization(t *testing.T) {
	for _, g := range read(t, "alerting") {
		for _, r := range g.Rules {
			if r.Labels["data_source"] != r.Data[0].DatasourceUID { // Grafana's own link names the organization
				t.Errorf("%s: the link to its panel leads to the data source %q, and dashboards count it as that one's", r.UID, r.Labels["data_source"])
			}
			text, ok := r.Annotations["device_url"]
			if !ok {
				continue
			}
			link, err := url.Parse(expand(t, text, map[string]string{"device": "WS 1&x"}, nil))
			if err != nil {
				t.Fatal(err)
			}
			q := link.Query()
			if q.Get("var-datasource") != r.Data[0].DatasourceUID || q.Get("var-device") != "WS 1&x" || q.Get("orgId") != "1" || g.OrgID != 1 || q.Get("from") == "" || q.Get("to") == "" {
				t.Errorf("%s: the link to the device is %s", r.UID, link)
			}
			for _, device := range []string{strings.Repeat("x", 5000), "a\xffb", "a\ufffdb"} { // no link can carry it
				if got := expand(t, text, map[string]string{"device": device}, nil); got != "" {
					t.Errorf("%s: the link to the device is %s", r.UID, got)
				}
			}
		}
	}
}

// A finding whose values no URL and no filter can carry is asked for by its key, with what the rule itself asks.
func TestTheLinkToAFindingAsksWhatTheRuleAsksForItsKey(t *testing.T) {
	for _, r := range detections(t) {
		t.Run(r.UID, func(t *testing.T) {
			link, err := url.Parse(expand(t, r.Annotations["finding_url"], map[string]string{"finding_key": "84c6bebc9075486d", "remote_url": strings.Repeat("x", 5000)}, nil))
			if err != nil {
				t.Fatal(err)
			}
			var panes map[string]struct {
				Datasource string           `json:"datasource"`
				Queries    []map[string]any `json:"queries"`
				Range      struct{ From, To string }
			}
			if err := json.Unmarshal([]byte(link.Query().Get("panes")), &panes); err != nil {
				t.Fatalf("%s: %v", link.Query().Get("panes"), err)
			}
			pane, ruled := panes["finding"], r.Data[0]
			source, _ := pane.Queries[0]["datasource"].(map[string]any)
			if pane.Datasource != ruled.DatasourceUID || source["uid"] != ruled.DatasourceUID || link.Query().Get("orgId") != "1" || link.Path != "/explore" {
				t.Errorf("it leads to %s", link)
			}
			asked := decode(t, alertrules.Query{RefID: "A", Model: pane.Queries[0]})
			if diff := cmp.Diff(decode(t, ruled).Params, asked.Params); diff != "" || asked.Type != ruled.QueryType {
				t.Errorf("%s, parameters (-rule +link):\n%s", asked.Type, diff)
			}
			if diff := cmp.Diff([]string{"84c6bebc9075486d"}, asked.FindingKeys); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if span := map[string]int{"now-7d": 7 * 24 * 3600, "now-1d": 24 * 3600, "now-30d": 30 * 24 * 3600}[pane.Range.From]; span != ruled.Range.From {
				t.Errorf("it looks at %s, and the rule at %d s", pane.Range.From, ruled.Range.From)
			}
		})
	}
}

// detections are the rules about findings.
func detections(t *testing.T) []alertrules.Rule {
	t.Helper()
	var list []alertrules.Rule
	for _, r := range rules(t) {
		if r.Labels["mitre_technique"] != "" {
			list = append(list, r)
		}
	}
	return list
}
