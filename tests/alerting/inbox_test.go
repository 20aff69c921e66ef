//go:build e2e

package alerting_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// notification is what Grafana's webhook contact point sends
// (https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/).
type notification struct {
	Receiver    string            `json:"receiver"`
	Status      string            `json:"status"`
	GroupLabels map[string]string `json:"groupLabels"`
	Title       string            `json:"title"`
	Message     string            `json:"message"`
	Alerts      []sentAlert       `json:"alerts"`
}

type sentAlert struct {
	Status       string             `json:"status"`
	Labels       map[string]string  `json:"labels"`
	Annotations  map[string]string  `json:"annotations"`
	Values       map[string]float64 `json:"values"`
	DashboardURL string             `json:"dashboardURL"`
	PanelURL     string             `json:"panelURL"`
	SilenceURL   string             `json:"silenceURL"`
}

// group names a notification's group and status: "Potential beaconing/beaconing/WS-1 firing".
func (n notification) group() string {
	return fmt.Sprintf("%s/%s/%s %s", n.GroupLabels["alertname"], n.GroupLabels["detector"], n.GroupLabels["device"], n.Status)
}

// inbox receives the notifications of the webhook and the Slack contact point, on loopback.
type inbox struct {
	url   string
	close func() // nobody answers from then on

	mu       sync.Mutex
	webhooks []notification
	slacks   []string // the JSON as it came
}

func newInbox(t *testing.T) *inbox {
	t.Helper()
	in := &inbox{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhook", func(_ http.ResponseWriter, r *http.Request) {
		var n notification
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
			t.Errorf("a webhook's body: %v", err)
			return
		}
		in.mu.Lock()
		defer in.mu.Unlock()
		in.webhooks = append(in.webhooks, n)
	})
	mux.HandleFunc("POST /slack", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("a Slack message: %v", err)
			return
		}
		in.mu.Lock()
		defer in.mu.Unlock()
		in.slacks = append(in.slacks, string(body))
		_, _ = io.WriteString(w, "ok")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	in.url, in.close = server.URL, server.Close
	return in
}

// received returns the webhook's notifications so far.
func (in *inbox) received() []notification {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.webhooks)
}

// groups counts the webhook's notifications so far by group and status.
func (in *inbox) groups() map[string]int {
	counts := map[string]int{}
	for _, n := range in.received() {
		counts[n.group()]++
	}
	return counts
}

// slack returns the Slack messages so far that contain all of the texts.
func (in *inbox) slack(texts ...string) []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	var found []string
	for _, message := range in.slacks {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(message, text) }) {
			found = append(found, message)
		}
	}
	return found
}

// last returns the newest of the webhook's notifications of a group and status.
func (in *inbox) last(t *testing.T, group string) notification {
	t.Helper()
	list := in.received()
	for _, n := range slices.Backward(list) {
		if n.group() == group {
			return n
		}
	}
	t.Fatalf("there is no notification of %s", group)
	return notification{}
}

// forget empties the inbox.
func (in *inbox) forget() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.webhooks, in.slacks = nil, nil
}
