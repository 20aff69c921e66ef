package detect

import (
	"maps"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Columns that a statement ends with where an allowlist hides findings. They are for the frame's notice; no frame has them.
const (
	HiddenFindings = "HiddenFindings" // how many findings the allowlist hides; the same in every row
	OnlyHidden     = "OnlyHidden"     // 1 in a row that only carries that number, which comes last and is not shown
)

// HiddenColumns returns them.
func HiddenColumns() []statement.Column {
	return []statement.Column{{Name: HiddenFindings, Kind: statement.Integer}, {Name: OnlyHidden, Kind: statement.Integer}}
}

// AllowlistColumns returns the columns that a table has beside its own: with the allowlist ignored, the entry that would
// hide the finding.
func AllowlistColumns(q query.Query) []statement.Column {
	if q.Allowlist != query.IgnoreAllowlist || q.Format != query.Table {
		return nil
	}
	return []statement.Column{{Name: "Allowlisted", Kind: statement.Text, Help: "The entry of the allowlist that hides the finding, its reason and owner; empty for none."}}
}

// Hides reports whether the allowlist may hide findings of the query from a detector.
func (s Site) Hides(q query.Query, detector string) bool {
	return q.Allowlist != query.IgnoreAllowlist && allowlist.Speaks(detector, s.Allowlist)
}

// labels tell of each entry.
func (s Site) labels() []string {
	labels := allowlist.Labels(s.Allowlist)
	if s.Unnamed {
		for i := range labels {
			labels[i] = withheld
		}
	}
	return labels
}

// withheld stands for what an entry says, for whom that is not.
const withheld = "hidden by an entry of the allowlist"

func (p Plan) hidden(q query.Query) []statement.Column {
	if p.Site.Hides(q, p.Spec.Name) {
		return HiddenColumns()
	}
	return nil
}

// marks reports whether each finding is compared with the allowlist: to leave it out, or to show why it would be.
func (p Plan) marks(q query.Query) bool {
	return p.Site.Hides(q, p.Spec.Name) || len(AllowlistColumns(q)) > 0
}

// From is the relation of the findings that are shown.
func (p Plan) From(q query.Query) string {
	if p.mutes(q) {
		return "heard"
	}
	return p.told(q)
}

// told is that relation whatever analysts say.
func (p Plan) told(q query.Query) string {
	switch {
	case q.Keep: // all of them are kept
		return "findings"
	case q.FindingKeys != nil:
		return "wanted"
	case p.marks(q):
		return "shown"
	default:
		return p.asked(q)
	}
}

// asked is the relation of the findings that the query's severities leave, before anything is hidden.
func (p Plan) asked(q query.Query) string {
	if q.Severities == nil {
		return "findings"
	}
	return "severe"
}

// severe renders the relation of that name, with what the findings are worth, and adds its parameter; nothing where the query asks for
// every severity.
func (p Plan) severe(q query.Query, values map[string]any) (string, error) {
	if q.Severities == nil {
		return "", nil
	}
	values["severities"] = q.Severities
	graded, err := p.graded("findings", q, values)
	if err != nil {
		return "", err
	}
	text, err := statement.Render(severeTail, nil)
	return graded + "\n" + strings.TrimSpace(text) + "\n", err
}

// wanted renders the relation of that name, and adds its parameter; nothing where the query names no findings.
func (p Plan) wanted(q query.Query, values map[string]any) (string, error) {
	if q.FindingKeys == nil {
		return "", nil
	}
	values["findingKeys"] = q.FindingKeys
	q.FindingKeys = nil
	text, err := statement.Render(wantedTail, map[string]any{"From": p.told(q), "Key": p.keySQL()})
	return strings.TrimSpace(text) + "\n", err
}

// shown renders the relation of that name, and adds its parameters; nothing where findings are shown as they are.
func (p Plan) shown(q query.Query, values map[string]any) (string, error) {
	if !p.marks(q) {
		return "", nil
	}
	condition, entries, err := allowlist.Condition(p.Spec.Name, p.Site.Allowlist)
	if err != nil {
		return "", err
	}
	maps.Copy(values, entries)
	marked, err := statement.Render(markedTail, map[string]any{"From": p.asked(q), "Condition": strings.ReplaceAll(condition, "\n", "\n        ")})
	if err != nil {
		return "", err
	}
	text, err := p.Site.Shown(q, values)
	return strings.TrimSpace(marked) + "\n" + text + "\n", err
}

// Shown renders the relation shown from the relation marked, of findings with the number of the entry that hides each (AllowedBy), and
// adds its parameters.
func (s Site) Shown(q query.Query, values map[string]any) (string, error) {
	ignore := q.Allowlist == query.IgnoreAllowlist
	if ignore {
		values[allowlist.LabelsParam] = s.labels()
	}
	text, err := statement.Render(shownTail, map[string]any{"Ignore": ignore, "Labels": "{" + allowlist.LabelsParam + ":Array(String)}"})
	return strings.TrimSpace(text), err
}
