package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Severity of one finding, the lowest first. The label severity of alert rules is the analytic's own verdict, the same for
// all findings.
const (
	Low      = query.Low
	Medium   = query.Medium
	High     = query.High
	Critical = query.Critical
)

// Columns of a finding that labels are made of.
const (
	FindingKey    = query.FindingKey
	SuspiciousASN = "SuspiciousASN"
)

// Severities returns the severities, the lowest first.
func Severities() []string { return query.Severities() }

// SeverityList renders the severities as an array of SQL, the lowest first.
func SeverityList() string { return "['" + strings.Join(Severities(), "', '") + "']" }

// Grade says which severity a finding of a detector has at least when a condition holds: it has the highest of those that do.
// The beacon score is no condition, since it is computed for tables only: a finding has one severity wherever it is shown.
type Grade struct {
	Condition string // in words, as docs/detectors.md has it
	SQL       string // over the columns of findings, and RemoteHost, the host of RemoteUrl
	Severity  string
	// Column is one without which the condition does not hold; empty where findings always have what it needs.
	Column string
}

// Always grades every finding of a detector.
func Always(severity string) Grade {
	return Grade{Condition: "every finding", SQL: "1", Severity: severity}
}

// GradesByRisk grade findings that have a Risk of 0 to 100.
func GradesByRisk() []Grade {
	return []Grade{
		Always(Low),
		{Condition: "Risk ≥ 30", SQL: "Risk >= 30", Severity: Medium},
		{Condition: "Risk ≥ 60", SQL: "Risk >= 60", Severity: High},
		{Condition: "Risk ≥ 80", SQL: "Risk >= 80", Severity: Critical},
	}
}

// Raise is the condition, beside a detector's grades, that makes a finding one step more severe where Spec.NetworkGraded is not set.
const Raise = "SuspiciousASN is 1"

// severitySQL renders a detector's severity. A finding that no condition holds for cannot be: each detector has one that
// always does, as a test shows.
func severitySQL(spec Spec) string {
	var levels []string
	for _, g := range spec.Grades {
		if g.Column == "" || slices.ContainsFunc(spec.Columns, func(c statement.Column) bool { return c.Name == g.Column }) {
			levels = append(levels, fmt.Sprintf("if(%s, %d, 1)", g.SQL, 1+slices.Index(Severities(), g.Severity)))
		}
	}
	raise := " + SuspiciousASN"
	if spec.NetworkGraded {
		raise = ""
	}
	return fmt.Sprintf("%s[least(4, greatest(1, %s)%s)]", SeverityList(), strings.Join(levels, ", "), raise)
}

// keySQL renders the key of a finding: the first 64 bits of the SHA-256 of the detector's name and what identifies a
// finding of it over time, each with its length before it, so that no two keys run together alike.
func (p Plan) keySQL() string {
	columns := p.Identity
	if columns == nil {
		for _, l := range p.Spec.Labels {
			columns = append(columns, l.Column)
		}
	}
	parts := []string{fmt.Sprintf("'%d:%s'", len(p.Spec.Name), p.Spec.Name)}
	for _, column := range columns {
		parts = append(parts, fmt.Sprintf("toString(length(%s)), ':', %s", column, column))
	}
	return fmt.Sprintf("lower(hex(substring(SHA256(concat(%s)), 1, 8)))", strings.Join(parts, ", "))
}

// GradeColumns returns the columns that tell what every detector's findings are worth.
func GradeColumns() []statement.Column {
	return []statement.Column{
		{Name: query.Severity, Kind: statement.Text, Help: "low, medium, high or critical, by the table of conditions in the documentation."},
		{Name: SuspiciousASN, Kind: statement.Integer, Help: "1 for an autonomous system that is listed as suspicious, which makes the finding more severe; otherwise 0."},
		{Name: FindingKey, Kind: statement.Text, Help: "The same for the same detector, device and destination at any time."},
		{Name: "ASN", Kind: statement.Maybe, Help: "The number of the autonomous system that RemoteIP belongs to; empty where it is not known, or no dictionary is configured."},
		{Name: "ASName", Kind: statement.Text, Help: "The autonomous system's name."},
	}
}

// firstGrades is how many of GradeColumns stand behind a detector's main columns: what to look at first.
const firstGrades = 2

// Columns returns a detector's columns: those that all have in common, its main ones, what to look at first, its further
// ones, and the rest of what a finding is worth. Grafana's Explore shows the first 20 alone, so that a table with more
// must not end with its severity.
func Columns(main []statement.Column, further ...statement.Column) []statement.Column {
	grades := GradeColumns()
	return slices.Concat(CommonColumns(), main, grades[:firstGrades], further, grades[firstGrades:])
}
