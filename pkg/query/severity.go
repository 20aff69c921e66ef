package query

import (
	"encoding/json"
	"slices"
)

// Severity is a column of findings that a filter may name, as FindingKey is.
const Severity = "Severity"

// The severities, the lowest first.
const (
	Low      = "low"
	Medium   = "medium"
	High     = "high"
	Critical = "critical"
)

// Severities returns the severities, the lowest first.
func Severities() []string { return []string{Low, Medium, High, Critical} }

// gravestFirst is how a refusal lists them.
func gravestFirst() []string {
	list := Severities()
	slices.Reverse(list)
	return list
}

// passing returns those of the severities that pass a filter.
func passing(severities []string, f Filter) []string {
	excludes := f.Operator == NotEqual || f.Operator == NotIn
	return slices.DeleteFunc(slices.Clone(severities), func(s string) bool { return slices.Contains(f.Values, s) == excludes })
}

// conditions are a query's filters, by what they are conditions on.
type conditions struct {
	events     []Filter
	keys       []string // of findings; nil for all
	severities []string // of findings; nil for all
}

// decodeConditions sets what the query's filters say.
func (q *Query) decodeConditions(data json.RawMessage) error {
	c, err := decodeFilters(data)
	q.Filters, q.FindingKeys, q.Severities = c.events, c.keys, c.severities
	return err
}

// Graded reports whether a detector has to know what its findings are worth: to show it, to keep it or to choose by it.
func (q Query) Graded() bool { return q.Format == Table || q.Keep || q.Severities != nil }

// RefuseFindings refuses a query that has a condition on findings, for a query type that has none.
func (q Query) RefuseFindings() error {
	column := Severity
	switch {
	case q.FindingKeys != nil:
		column = FindingKey
	case q.Severities == nil:
		return nil
	}
	return refuse("filters", "%s is a column of findings, and events have none", column)
}
