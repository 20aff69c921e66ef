//go:build e2e

package alerting_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
)

// What a device and a host may be called by whoever wants more of an analyst than a look.
const (
	hostileDevice = "WS-1 <!channel> | `id`\n@here"
	hostileURL    = "http://login.evil.example/<https://phish.example|Sign in>?a=\u2028\u202e"
)

// longest is how many characters of a summary people are shown.
const longest = 200

func TestWhatAttackersWriteIsToldDefangedAndItsLinksLeadToTheFinding(t *testing.T) {
	t.Parallel()
	s := start(t)
	now := time.Now()
	events := heartbeats(now)
	long := strings.Repeat("a.", 2000) + "evil.example"
	for _, named := range []struct{ device, id, url string }{
		{hostileDevice, "id-hostile", hostileURL},
		{"WS-LONG", "id-long", long},
		{"", "id-nameless", ""},
	} {
		beacon := planted.Beacons(now, 1)
		for i := range beacon {
			beacon[i].DeviceName, beacon[i].DeviceID, beacon[i].RemoteURL = named.device, named.id, named.url
		}
		events = append(events, beacon...)
	}
	s.insert(t, events...)
	s.awaitInstances(t, "fluxhound-beaconing", map[string]int{"Alerting": 3})

	for _, c := range []struct {
		device, url string // as the labels have them
		shown       []string
		hasDevice   bool // the link to it
	}{
		{hostileDevice, hostileURL, []string{"hxxp://login[.]evil[.]example/", "Device: WS-1 _channel_ _ _id_here (id id-hostile)"}, true},
		{"WS-LONG", long, []string{"WS-LONG beacons to a[.]a[.]"}, true},
		{"", "", []string{"(unknown device) beacons to 203[.]0[.]113[.]9"}, false},
	} {
		t.Run(c.shown[0], func(t *testing.T) {
			group := "Potential beaconing/beaconing/" + c.device
			s.eventually(t, func() error { return s.told(group + " firing") })
			n := s.inbox.last(t, group+" firing")
			a := n.Alerts[0]
			if a.Labels["device"] != c.device || a.Labels["remote_url"] != c.url {
				t.Errorf("the labels are %q: they keep what was written", a.Labels)
			}
			for _, text := range c.shown {
				if !strings.Contains(n.Message, text) {
					t.Errorf("%q is not in the message:\n%s", text, n.Message)
				}
			}
			summary, _, _ := strings.Cut(n.Message, "\n")
			if length := utf8.RuneCountInString(summary); length > longest || summary != a.Annotations["summary"] {
				t.Errorf("the first line has %d characters and is %q, the summary %q", length, summary, a.Annotations["summary"])
			}
			if description := a.Annotations["description"]; strings.Contains(description, "\n") || len(description) > 1000 {
				t.Errorf("the description is %q", description)
			}
			isDefanged(t, "title", n.Title)
			isDefanged(t, "message", ownLinks.ReplaceAllString(n.Message, ""))
			s.leadsToTheFinding(t, a)
			if got := a.Annotations["device_url"]; (got != "") != c.hasDevice {
				t.Errorf("the link to the device is %q", got)
			}
			if got := a.Annotations["device_url"]; c.hasDevice && queryOf(t, got).Get("var-device") != c.device {
				t.Errorf("the link to the device is %q", got)
			}
		})
	}
	if messages := s.inbox.slack("<!channel>"); len(messages) > 0 {
		t.Errorf("Slack was told to call everybody: %q", messages)
	}
	logIsClean(t, s)
}

// told checks that there is a notification of a group and status.
func (s *system) told(group string) error {
	if s.inbox.groups()[group] == 0 {
		return fmt.Errorf("nothing was told of %q", group)
	}
	return nil
}

// ownLinks are Fluxhound's, which are meant to be clicked, and Grafana's, which hold labels as they are, but escaped.
var ownLinks = regexp.MustCompile(`(?m): https://(grafana\.example|github\.com/fluxhound)/\S*$`)

// isDefanged checks that nothing in the text is a link, a mention or a format for a messenger.
func isDefanged(t *testing.T, what, text string) {
	t.Helper()
	if found := regexp.MustCompile("(?i)https?:|[<>@|`\\x{2028}\\x{202e}]|evil\\.example").FindString(text); found != "" {
		t.Errorf("%q is in the %s:\n%s", found, what, text)
	}
}

// leadsToTheFinding checks that the alert's link names the organization and the data source, and asks for its finding alone.
func (s *system) leadsToTheFinding(t *testing.T, a sentAlert) {
	t.Helper()
	values := queryOf(t, a.Annotations["finding_url"])
	var panes struct {
		Finding struct {
			Datasource string           `json:"datasource"`
			Queries    []map[string]any `json:"queries"`
			Range      struct {
				From string `json:"from"`
				To   string `json:"to"`
			} `json:"range"`
		} `json:"finding"`
	}
	if err := json.Unmarshal([]byte(values.Get("panes")), &panes); err != nil {
		t.Fatalf("%v in the link %q", err, a.Annotations["finding_url"])
	}
	f := panes.Finding
	if values.Get("orgId") != "1" || f.Datasource != "fluxhound" || len(f.Queries) != 1 {
		t.Fatalf("the link to the finding is %q", a.Annotations["finding_url"])
	}
	f.Queries[0]["intervalMs"], f.Queries[0]["maxDataPoints"] = 60_000, 100
	var answer struct {
		Results map[string]struct {
			Frames []struct {
				Data struct {
					Values [][]any `json:"values"`
				} `json:"data"`
			} `json:"frames"`
		} `json:"results"`
	}
	s.call(t, http.MethodPost, "/api/ds/query", map[string]any{"from": f.Range.From, "to": f.Range.To, "queries": f.Queries}, &answer)
	frames := answer.Results["A"].Frames
	if len(frames) != 1 || len(frames[0].Data.Values) == 0 || len(frames[0].Data.Values[0]) != 1 {
		t.Errorf("the link to the finding answers %+v, want one row", frames)
	}
}

func queryOf(t *testing.T, link string) url.Values {
	t.Helper()
	parsed, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(link, externalURL+"/") {
		t.Fatalf("the link is %q: %v", link, err)
	}
	return parsed.Query()
}
