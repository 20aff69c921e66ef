package beaconing

import (
	_ "embed"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// scoreText holds the relations that score groups.
//
//go:embed score.sql
var scoreText string

// scored reports whether an answer needs the score, which costs: as a column, or to leave findings out by it.
func scored(q query.Query) bool {
	return q.Keep || q.Format == query.Table && !q.CommonOnly || q.Params.Float("minScore") > 0
}

// scoreRelations is scoreText, or nothing where no score is needed.
func scoreRelations(q query.Query) string {
	if !scored(q) {
		return ""
	}
	return strings.TrimSpace(scoreText)
}

// scoreColumns returns the score, and then what it is made of.
func scoreColumns() []statement.Column {
	return []statement.Column{
		{Name: "Score", Kind: statement.Number, Help: "How much the connections look like a machine's: the mean of the four scores, or of the three that do not need bytes where none are known, 0 to 1."},
		{Name: "IntervalScore", Kind: statement.Number, Help: "How regular the intervals between connections are, 0 to 1."},
		{Name: "SizeScore", Kind: statement.Part, Help: "How regular the bytes sent per connection are, 0 to 1; empty where none are known."},
		{Name: "HistogramScore", Kind: statement.Number, Help: "How evenly the connections spread over the window, in 24 bins, 0 to 1."},
		{Name: "DurationScore", Kind: statement.Number, Help: "How much of the window the connections span, 0 to 1."},
		{Name: "MedianInterval", Kind: statement.Number, Unit: "s", Help: "The median of the intervals between connections."},
		{Name: "Jitter", Kind: statement.Number, Help: "The median absolute deviation of the intervals, by their median."},
		{Name: "Sparkline", Kind: statement.Series, Help: "Connections in each of 24 equal bins of the window."},
	}
}

// minScore is the parameter that leaves findings out by their score.
func minScore() query.Param {
	return query.Param{
		Name: "minScore", Label: "Lowest score", Kind: query.KindNumber, Min: 0, Max: 1, Default: 0.0, Least: "Score",
		Help: "How much a finding looks like a machine's, from 0 to 1, this end included; 0 is the analytic, which does not ask.",
	}
}
