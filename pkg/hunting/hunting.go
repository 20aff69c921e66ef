// Package hunting holds the questions that a hunter asks of a network again and again: queries of this data source, each with what
// it is for, what is normal and how to read it. questions.json is their one source: editor, dashboard, layer and documentation read it.
package hunting

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
)

// Question is a saved question.
type Question struct {
	ID         string   `json:"id"`    // links name it: it never changes
	Panel      int      `json:"panel"` // of the dashboard: it never changes
	Group      string   `json:"group"`
	Title      string   `json:"title"`
	Purpose    string   `json:"purpose"`    // why it is asked
	Techniques []string `json:"techniques"` // identifiers of MITRE ATT&CK
	Lookback   string   `json:"lookback"`   // the time range that it is made for, such as 24h or 7d
	Normal     Normal   `json:"normal"`
	Read       string   `json:"read"`  // how to read the answer
	Query      Query    `json:"query"` // as Grafana saves it
}

// Normal is what the question finds where nothing is wrong.
type Normal struct {
	Text string `json:"text"`
	// DeviceRows are the most rows that one busy device without an attacker gives in a day.
	DeviceRows int `json:"deviceRows"`
	// FleetRows are the most rows that some 200 devices without an attacker give over the question's own time range.
	FleetRows int `json:"fleetRows"`
}

// Query is the question's query, with only what differs from the defaults.
type Query struct {
	QueryType string         `json:"queryType"`
	Format    string         `json:"format"`
	Params    map[string]any `json:"params,omitempty"`
	Filters   []Filter       `json:"filters,omitempty"`
	Allowlist string         `json:"allowlist,omitempty"`
}

// Filter is a condition on one column.
type Filter struct {
	Column   string   `json:"column"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

//go:embed questions.json
var text []byte

// Questions returns all of them, in the order of their groups. They are the caller's to read, and nobody's to change.
var Questions = sync.OnceValue(func() []Question {
	questions, err := decode(text)
	if err != nil {
		panic("hunting: questions.json: " + err.Error()) // a test reads the same file
	}
	return questions
})

// Back is how long before now the question's time range begins.
func (q Question) Back() (time.Duration, error) {
	return gtime.ParseDuration(q.Lookback)
}

// JSON is the query as Grafana sends it.
func (q Question) JSON() ([]byte, error) { return json.Marshal(q.Query) }

// decode reads the questions. A field that is not known is an error, and so is what lacks a part, or an identifier that stands twice.
func decode(text []byte) ([]Question, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var questions []Question
	if err := decoder.Decode(&questions); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("something stands behind the list")
	}
	ids, panels := map[string]bool{}, map[int]bool{}
	for _, q := range questions {
		if err := q.check(); err != nil {
			return nil, fmt.Errorf("question %q: %w", q.ID, err)
		}
		if ids[q.ID] || panels[q.Panel] {
			return nil, fmt.Errorf("question %q: its id or its panel %d stands twice", q.ID, q.Panel)
		}
		ids[q.ID], panels[q.Panel] = true, true
	}
	return questions, nil
}

func (q Question) check() error {
	for name, value := range map[string]string{
		"id": q.ID, "group": q.Group, "title": q.Title, "purpose": q.Purpose, "read": q.Read, "normal.text": q.Normal.Text, "query.queryType": q.Query.QueryType,
	} {
		if value == "" {
			return fmt.Errorf("%s is missing", name)
		}
	}
	if q.Panel < 1 || q.Normal.DeviceRows < 0 || q.Normal.FleetRows < 0 {
		return fmt.Errorf("a panel is 1 or more, and rows are 0 or more")
	}
	if _, err := q.Back(); err != nil {
		return fmt.Errorf("lookback: %w", err)
	}
	if len(q.Techniques) == 0 {
		return fmt.Errorf("techniques are missing")
	}
	for _, id := range q.Techniques {
		if _, ok := attack.Named(id); !ok {
			return fmt.Errorf("technique %s is not known", id)
		}
	}
	return nil
}
