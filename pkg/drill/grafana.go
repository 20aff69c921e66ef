package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Grafana is a Grafana that evaluates the shipped rules. Its token needs to read rules, alerts and contact points, and to query the data
// source: an editor's service account may.
type Grafana struct {
	URL, Token string
	Client     *http.Client
}

// Rule is an alert rule of Grafana's.
type Rule struct {
	UID      string `json:"uid"`
	Title    string `json:"title"`
	IsPaused bool   `json:"isPaused"`
	Data     []struct {
		RefID             string                         `json:"refId"`
		DatasourceUID     string                         `json:"datasourceUid"`
		RelativeTimeRange struct{ From, To json.Number } `json:"relativeTimeRange"`
		Model             map[string]any                 `json:"model"`
	} `json:"data"`
}

// Alert is one that fires.
type Alert struct {
	Labels    map[string]string `json:"labels"`
	StartsAt  time.Time         `json:"startsAt"`
	Receivers []struct {
		Name string `json:"name"`
	} `json:"receivers"`
	Status struct {
		State      string   `json:"state"`
		SilencedBy []string `json:"silencedBy"`
		MutedBy    []string `json:"mutedBy"`
	} `json:"status"`
}

// receiver is a contact point with what became of its newest notification.
type receiver struct {
	Name         string `json:"name"`
	Integrations []struct {
		Name                   string    `json:"name"`
		LastNotifyAttempt      time.Time `json:"lastNotifyAttempt"`
		LastNotifyAttemptError string    `json:"lastNotifyAttemptError"`
	} `json:"integrations"`
}

// ruleIsThere looks whether Grafana has the rule, and evaluates it.
func (r *running) ruleIsThere(ctx context.Context) (string, error) {
	if r.Grafana == nil {
		return "no Grafana is asked", nil
	}
	var all []Rule
	if err := r.Grafana.call(ctx, http.MethodGet, "/api/v1/provisioning/alert-rules", nil, &all); err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(rule Rule) bool { return rule.Title == r.kind.Rule })
	switch {
	case i < 0:
		return "", broken("Grafana has no rule %q: provision provisioning/alerting", r.kind.Rule)
	case all[i].IsPaused:
		return "", broken("the rule %q is paused", r.kind.Rule)
	case len(all[i].Data) == 0:
		return "", broken("the rule %q has no query", r.kind.Rule)
	}
	r.rule = all[i]
	return fmt.Sprintf("the rule %q is evaluated", r.kind.Rule), nil
}

// answered asks Grafana's data source what the rule asks of it.
func (r *running) answered(ctx context.Context) (string, error) {
	if r.Grafana == nil {
		return "no Grafana is asked", nil
	}
	q := r.rule.Data[0]
	model := q.Model
	model["refId"], model["datasource"] = "A", map[string]any{"uid": q.DatasourceUID}
	err := r.until(ctx, func(ctx context.Context) (bool, string, error) {
		now := r.Now()
		seconds, err := q.RelativeTimeRange.From.Int64()
		if err != nil {
			return false, "", broken("the rule's time range is %q", q.RelativeTimeRange.From)
		}
		request := map[string]any{"queries": []any{model}, "from": fmt.Sprint(now.Add(-time.Duration(seconds) * time.Second).UnixMilli()), "to": fmt.Sprint(now.UnixMilli())}
		var answer struct {
			Results map[string]struct {
				Error  string            `json:"error"`
				Frames []json.RawMessage `json:"frames"`
			} `json:"results"`
		}
		if err := r.Grafana.call(ctx, http.MethodPost, "/api/ds/query", request, &answer); err != nil {
			return false, "", err
		}
		a := answer.Results["A"]
		if a.Error != "" {
			return false, "", broken("the data source answers: %s", a.Error)
		}
		for _, frame := range a.Frames {
			if r.isOurs(string(frame)) {
				return true, "", nil
			}
		}
		return false, "the data source's answer does not have it", nil
	})
	return "the data source's answer has it", err
}

// alerts waits until the alert fires.
func (r *running) alerts(ctx context.Context) (string, error) {
	if r.Grafana == nil {
		return "no Grafana is asked", nil
	}
	query := "?active=true&silenced=true&inhibited=true&filter=" + url.QueryEscape(`alertname="`+r.kind.Rule+`"`)
	err := r.until(ctx, func(ctx context.Context) (bool, string, error) {
		var all []Alert
		if err := r.Grafana.call(ctx, http.MethodGet, "/api/alertmanager/grafana/api/v2/alerts"+query, nil, &all); err != nil {
			return false, "", err
		}
		for _, a := range all {
			for _, value := range a.Labels {
				if r.isOurs(value) {
					r.alert = a
					return true, "", nil
				}
			}
		}
		why, err := r.lastError(ctx)
		return false, fmt.Sprintf("the rule %q raises no alert about it%s", r.kind.Rule, why), err
	})
	return "the alert fires", err
}

// lastError tells what the rule's last evaluation failed of; nothing where it did not.
func (r *running) lastError(ctx context.Context) (string, error) {
	var state struct {
		Data struct {
			Groups []struct {
				Rules []struct {
					Name, LastError string
				}
			}
		}
	}
	if err := r.Grafana.call(ctx, http.MethodGet, "/api/prometheus/grafana/api/v1/rules", nil, &state); err != nil {
		return "", err
	}
	for _, g := range state.Data.Groups {
		for _, of := range g.Rules {
			if of.Name == r.kind.Rule && of.LastError != "" {
				return "; its last evaluation failed: " + of.LastError, nil
			}
		}
	}
	return "", nil
}

// notified waits until the alert's contact points were told.
func (r *running) notified(ctx context.Context) (string, error) {
	if r.Grafana == nil {
		return "no Grafana is asked", nil
	}
	if len(r.alert.Status.SilencedBy)+len(r.alert.Status.MutedBy) > 0 {
		return "", broken("the alert is silenced, or muted by a timing: nobody is told of it")
	}
	var told []string
	err := r.until(ctx, func(ctx context.Context) (bool, string, error) {
		var all []receiver
		if err := r.Grafana.call(ctx, http.MethodGet, "/api/alertmanager/grafana/config/api/v1/receivers", nil, &all); err != nil {
			return false, "", err
		}
		told = nil
		for _, of := range r.alert.Receivers {
			i := slices.IndexFunc(all, func(c receiver) bool { return c.Name == of.Name })
			if i < 0 || len(all[i].Integrations) == 0 {
				return false, "", broken("the policy sends the alert to the contact point %q, which has no address", of.Name)
			}
			for _, in := range all[i].Integrations {
				switch {
				case in.LastNotifyAttempt.Before(r.since):
					return false, fmt.Sprintf("the contact point %q was told nothing", of.Name), nil
				case in.LastNotifyAttemptError != "":
					return false, "", broken("the contact point %q (%s) could not be told: %s", of.Name, in.Name, in.LastNotifyAttemptError)
				}
			}
			told = append(told, of.Name)
		}
		if len(told) == 0 {
			return false, "", broken("no contact point belongs to the alert")
		}
		return true, "", nil
	})
	return "told: " + strings.Join(told, ", "), err
}

// call asks Grafana's API. An error names what was asked and what came of it, and never the token.
func (g *Grafana) call(ctx context.Context, method, path string, send, into any) error {
	var body io.Reader
	if send != nil {
		text, err := json.Marshal(send)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(g.URL, "/")+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if g.Token != "" {
		request.Header.Set("Authorization", "Bearer "+g.Token)
	}
	where, _, _ := strings.Cut(path, "?")
	response, err := g.Client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return broken("Grafana does not answer %s: %v", where, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswered))
	switch {
	case err != nil:
		return broken("Grafana's answer to %s breaks off: %v", where, err)
	// a query that fails has its error within
	case response.StatusCode >= 300 && path != "/api/ds/query":
		return broken("Grafana answers %s with %s: %.300s", where, response.Status, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return broken("Grafana answers %s with %s: %.300s", where, response.Status, text)
	}
	return nil
}

// mostAnswered is the largest answer that is read.
const mostAnswered = 64 << 20
