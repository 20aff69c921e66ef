// Package alertrules reads the alert rules that ship in provisioning/alerting. Its tests hold them to the analytic, to
// the dashboards and runbooks that they lead to, and run their queries.
package alertrules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// File is one file of Grafana's alerting provisioning, as far as rules go:
// https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/.
type File struct {
	APIVersion int     `yaml:"apiVersion"`
	Groups     []Group `yaml:"groups"`
}

// Group is evaluated as one.
type Group struct {
	OrgID    int    `yaml:"orgId"`
	Name     string `yaml:"name"`
	Folder   string `yaml:"folder"`
	Interval string `yaml:"interval"`
	Rules    []Rule `yaml:"rules"`
}

// Rule is one alert rule, or a recording rule.
type Rule struct {
	UID           string            `yaml:"uid"`
	Title         string            `yaml:"title"`
	Condition     string            `yaml:"condition"`
	IsPaused      bool              `yaml:"isPaused"` // Grafana does not evaluate it until the file says otherwise
	For           string            `yaml:"for"`
	KeepFiringFor string            `yaml:"keepFiringFor"`
	MissingEvals  int               `yaml:"missing_series_evals_to_resolve"`
	NoDataState   string            `yaml:"noDataState"`
	ExecErrState  string            `yaml:"execErrState"`
	DashboardUID  string            `yaml:"dashboardUid"`
	PanelID       int               `yaml:"panelId"`
	Labels        map[string]string `yaml:"labels"`
	Annotations   map[string]string `yaml:"annotations"`
	Record        *Record           `yaml:"record"`
	Data          []Query           `yaml:"data"`
}

// Record is the metric of a recording rule.
type Record struct {
	Metric string `yaml:"metric"`
	From   string `yaml:"from"`
}

// Query is one query or expression of a rule.
type Query struct {
	RefID         string         `yaml:"refId"`
	QueryType     string         `yaml:"queryType"`
	DatasourceUID string         `yaml:"datasourceUid"`
	Range         Range          `yaml:"relativeTimeRange"`
	Model         map[string]any `yaml:"model"`
}

// Range is how long before the evaluation the query's time range begins and ends, in seconds.
type Range struct {
	From int `yaml:"from"`
	To   int `yaml:"to"`
}

// ExpressionUID stands for the data source of Grafana's own expressions.
const ExpressionUID = "__expr__"

// IsExpression reports whether Grafana itself answers the query.
func (q Query) IsExpression() bool { return q.DatasourceUID == ExpressionUID }

// Decides reports whether the data source answers the query with what the rule decides on: no expression, and not what only explains a number
// that is asked for beside it.
func (q Query) Decides() bool { return !q.IsExpression() && q.Model["details"] != true }

// JSON is the query's model as Grafana sends it.
func (q Query) JSON() ([]byte, error) {
	text, err := json.Marshal(q.Model)
	if err != nil {
		return nil, fmt.Errorf("write the model of query %s: %w", q.RefID, err)
	}
	return text, nil
}

// Read reads the rules of every file in the folder, in the order of the files' names. A field that this package does
// not know is an error: Grafana would pass over a misspelt one in silence.
func Read(folder string) ([]Group, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var groups []Group
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		var file File
		if err := decoder.Decode(&file); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		groups = append(groups, file.Groups...)
	}
	return groups, nil
}
