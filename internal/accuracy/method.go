package accuracy

import (
	"fmt"
	"maps"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
)

// Sets of rules that are held beside each other.
const (
	Stricter = "the stricter rules" // about cases: of a day, and slow ones of a week
	Paused   = "the paused rules"   // which look at one thing each
	Analytic = "the analytic"       // its three rules
	RITA     = "RITA's score"       // what its published configuration calls a beacon of low severity or more
)

// question is a rule's query, and over how long it looks.
type question struct {
	rule      string
	queryType string
	model     map[string]any
	back      time.Duration
	rank      string // the column by which its findings are ranked
	least     int64  // of a case's risk, for the rule to fire
}

// analyticGroup holds the analytic's own rules.
const analyticGroup = "Fluxhound detections"

// casesType is the query type of cases.
const casesType = "cases"

// questions reads what each set of rules asks.
func questions(folder string) (map[string][]question, error) {
	groups, err := alertrules.Read(folder)
	if err != nil {
		return nil, err
	}
	sets := map[string][]question{}
	for _, group := range groups {
		for _, rule := range group.Rules {
			for _, q := range rule.Data {
				asked := question{rule: rule.Title, queryType: q.QueryType, model: maps.Clone(q.Model), back: time.Duration(q.Range.From) * time.Second, rank: ranks[q.QueryType]}
				switch {
				case !q.Decides() || rule.Labels["mitre_technique"] == "":
					continue // an expression, or a rule about the data's health
				case q.QueryType == casesType:
					if asked.least, err = leastRisk(q); err != nil {
						return nil, err
					}
					sets[Stricter] = append(sets[Stricter], asked)
				case rule.IsPaused:
					sets[Paused] = append(sets[Paused], asked)
				case group.Name != analyticGroup:
					sets[Stricter] = append(sets[Stricter], asked)
				default:
					sets[Analytic] = append(sets[Analytic], asked)
				}
			}
		}
	}
	if len(sets[Stricter]) == 0 || sets[Stricter][0].queryType != casesType {
		return nil, fmt.Errorf("%s has no rule about cases before its other stricter ones", folder)
	}
	return sets, nil
}

func leastRisk(q alertrules.Query) (int64, error) {
	params, _ := q.Model["params"].(map[string]any)
	risk, ok := params["minRisk"].(int)
	if !ok {
		return 0, fmt.Errorf("rule %s asks for no minRisk", q.RefID)
	}
	return int64(risk), nil
}

// ranks are the columns that a finding's place among others follows from, by query type.
var ranks = map[string]string{casesType: "Risk", "beaconing": "BeaconRate", "dynamicDns": "ConnectionCount", "fastFlux": "UniqueIPs"}

// ritaQuestion asks for what RITA v5 would list: any port, at least four connections, by host over a day, and a score from which
// its published configuration (unique_connection_threshold 4, score_thresholds low 70) calls a beacon of low severity.
func ritaQuestion(ports []int64) question {
	return question{rule: RITA, queryType: "beaconing", back: 24 * time.Hour, rank: "Score", model: map[string]any{
		"refId": "A", "queryType": "beaconing",
		"params": map[string]any{
			"groupBy": "host", "minScore": 0.7, "minConnections": 4, "bytesSentOver": -1, "durationHoursOver": 0, "minBeaconRate": 0, "maxBeaconRate": 1e9,
			"ports": ports, "includeIPv6": true,
		},
	}}
}
