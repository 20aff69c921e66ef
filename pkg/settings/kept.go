package settings

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

// storedQuestion is a question of keptQuestions as it is stored. What it asks is checked by whoever knows the query types.
type storedQuestion struct {
	Name      word            `json:"name"`
	QueryType word            `json:"queryType"`
	Params    json.RawMessage `json:"params"`
	Lookback  word            `json:"lookback"`
	Every     word            `json:"every"`
}

// UnmarshalJSON reads a question by its keys as they are written.
func (q *storedQuestion) UnmarshalJSON(data []byte) error {
	type plain storedQuestion
	return strictjson.Struct(data, (*plain)(q))
}

// Bounds of a kept question: a look-back that is no longer than hours are kept, and two runs within what runs are kept.
const (
	mostLookback = 90 * 24 * time.Hour
	leastEvery   = time.Minute
	mostEvery    = time.Hour
)

func keptQuestions(stored []storedQuestion) ([]KeptQuestion, error) {
	var list []KeptQuestion
	for i, q := range stored {
		field := fmt.Sprintf("keptQuestions[%d]", i)
		if q.QueryType == "" {
			return nil, refuse(field+".queryType", "it is missing; it may be a detector's, or cases")
		}
		lookback, err := spanOf(field+".lookback", string(q.Lookback), 7*24*time.Hour, time.Hour, mostLookback)
		if err != nil {
			return nil, err
		}
		every, err := spanOf(field+".every", string(q.Every), 5*time.Minute, leastEvery, mostEvery)
		if err != nil {
			return nil, err
		}
		name := string(q.Name)
		if name == "" {
			name = string(q.QueryType)
		}
		list = append(list, KeptQuestion{Name: name, QueryType: string(q.QueryType), Params: q.Params, Lookback: lookback, Every: every})
	}
	return list, nil
}

// spanOf reads a span such as 5m or 24h.
func spanOf(field, text string, byDefault, least, most time.Duration) (time.Duration, error) {
	if text == "" {
		return byDefault, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < least || d > most || d%time.Minute != 0 {
		return 0, refuse(field, "%q is no span of whole minutes from %s to %s, such as 5m or 24h", text, least, most)
	}
	return d, nil
}
