//go:build e2e

package alerting_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"testing"
	"time"
)

// ruleState is a rule as Grafana's API tells it.
type ruleState struct {
	UID            string     `json:"uid"`
	IsPaused       bool       `json:"isPaused"`
	State          string     `json:"state"`  // inactive, pending, firing
	Health         string     `json:"health"` // ok, error, nodata
	LastError      string     `json:"lastError"`
	LastEvaluation time.Time  `json:"lastEvaluation"`
	Alerts         []instance `json:"alerts"`
}

type instance struct {
	State       string            `json:"state"` // Normal, Alerting, Error …, with the reason in brackets
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// instances counts the rule's instances by state.
func (r ruleState) instances() map[string]int {
	counts := map[string]int{}
	for _, a := range r.Alerts {
		counts[a.State]++
	}
	return counts
}

// rules returns every rule by its uid.
func (s *system) rules(t *testing.T) map[string]ruleState {
	t.Helper()
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []ruleState `json:"rules"`
			} `json:"groups"`
		} `json:"data"`
	}
	s.call(t, http.MethodGet, "/api/prometheus/grafana/api/v1/rules", nil, &answer)
	rules := map[string]ruleState{}
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			rules[r.UID] = r
		}
	}
	return rules
}

// awaitInstances waits until the rule has exactly these instances, counted by state.
func (s *system) awaitInstances(t *testing.T, uid string, want map[string]int) ruleState {
	t.Helper()
	var r ruleState
	s.eventually(t, func() error {
		r = s.rules(t)[uid]
		if got := r.instances(); !maps.Equal(got, want) {
			return fmt.Errorf("%s is %s (%s %s) with the instances %v, want %v", uid, r.State, r.Health, r.LastError, got, want)
		}
		return nil
	})
	return r
}

// evaluations waits until every rule that is not paused has been evaluated n times from now on.
func (s *system) evaluations(t *testing.T, n int) {
	t.Helper()
	seen := map[string]map[time.Time]bool{}
	first := s.rules(t)
	s.eventually(t, func() error {
		for uid, r := range s.rules(t) {
			if r.LastEvaluation.Equal(first[uid].LastEvaluation) {
				continue
			}
			if seen[uid] == nil {
				seen[uid] = map[time.Time]bool{}
			}
			seen[uid][r.LastEvaluation] = true
		}
		for uid, r := range first {
			if !r.IsPaused && len(seen[uid]) < n {
				return fmt.Errorf("%s was evaluated %d times, want %d", uid, len(seen[uid]), n)
			}
		}
		return nil
	})
}

// call asks Grafana's API as its administrator.
func (s *system) call(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	if err := s.ask(t, method, path, body, answer); err != nil {
		t.Fatal(err)
	}
}

// ask is call for what may not be there yet: an answer of another status than 2xx is the error.
func (s *system) ask(t *testing.T, method, path string, body, answer any) error {
	t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, s.grafana.URL+path, content)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("admin", "admin")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s\n%s", method, path, response.Status, text)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", method, path, err, text)
	}
	return nil
}

// remembers is longer than Grafana goes on with a data source as it was: five seconds. Nothing tells when they are over.
const remembers = 6 * time.Second

// setPassword changes the password that the data source connects with, and waits until Grafana no longer remembers the one before.
func (s *system) setPassword(t *testing.T, to string) {
	t.Helper()
	var source map[string]any
	s.call(t, http.MethodGet, "/api/datasources/uid/fluxhound", nil, &source)
	source["secureJsonData"] = map[string]string{"password": to}
	s.call(t, http.MethodPut, "/api/datasources/uid/fluxhound", source, nil)
	time.Sleep(remembers)
}
