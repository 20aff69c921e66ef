package detect

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed muted.sql
var mutedSQL string

var mutedTail = statement.Parse("muted.sql", mutedSQL)

// Names of the parameters that hold the muted findings and the severity that each had, 1 for low to 4 for critical.
const (
	mutedKeys       = "mutedFindings"
	mutedSeverities = "mutedSeverities"
)

// mutes reports whether findings that an analyst calls benign are left out: of the numbers that alert rules decide on.
func (p Plan) mutes(q query.Query) bool {
	return q.Format == query.Numeric && len(p.Site.Muted) > 0 && !q.Keep
}

// MutedValues returns the parameters of the muted findings.
func (s Site) MutedValues() map[string]any {
	keys, severities := make([]string, len(s.Muted)), make([]int64, len(s.Muted))
	for i, m := range s.Muted {
		keys[i], severities[i] = m.FindingKey, int64(1+slices.Index(Severities(), m.Severity))
		if severities[i] == 0 { // not known: nothing is graver
			severities[i] = int64(len(Severities()))
		}
	}
	return map[string]any{mutedKeys: keys, mutedSeverities: severities}
}

// unmuted renders the relation heard, of the findings that are not muted, and adds its parameters; nothing where none is. kept says that
// findings have the severity that they were found with.
func (p Plan) unmuted(q query.Query, kept bool, values map[string]any) (string, error) {
	if !p.mutes(q) {
		return "", nil
	}
	muted := p.Site.MutedValues()
	values[mutedKeys] = muted[mutedKeys]
	if kept {
		values[mutedSeverities] = muted[mutedSeverities]
	}
	text, err := statement.Render(mutedTail, map[string]any{"From": p.told(q), "Key": p.keySQL(), "Kept": kept, "Hides": len(p.hidden(q)) > 0, "Severities": SeverityList()})
	return strings.TrimSpace(text) + "\n", err
}
