package findings

import "github.com/fluxhound/fluxhound-detections-datasource/pkg/query"

// States of a finding.
const (
	isNew  = "new"  // found first within newSince
	isOpen = "open" // found by the newest run, and before
	isGone = "gone" // found once, and no longer
)

// Verdicts on a finding.
const (
	None          = "none"
	Investigating = "investigating"
	Benign        = "benign"
	Malicious     = "malicious"
)

// Verdicts returns the words of a verdict; None takes one back.
func Verdicts() []string { return []string{None, Investigating, Benign, Malicious} }

func params() []query.Param {
	return []query.Param{
		{Name: "status", Label: "Status", Kind: query.KindStringList, Max: 3, Default: []string{isNew, isOpen}, Options: []string{isNew, isOpen, isGone},
			Help: "new was found first within the hours below, open is what the newest run has found, gone is what it has not any more."},
		{Name: "newSince", Label: "New since", Kind: query.KindInteger, Unit: "h", Min: 1, Max: 720, Default: int64(24),
			Help: "How long before the end of the time range a finding was found first that counts as new."},
		{Name: "rules", Label: "Rules", Kind: query.KindStringList, Max: 100, Default: []string{},
			Help: "Names of the questions that findings are kept of, such as Beaconing or High-risk case; none for all."},
		{Name: "verdicts", Label: "Verdicts", Kind: query.KindStringList, Max: 4, Default: []string{}, Options: Verdicts(),
			Help: "What was said of a finding; none for what nothing was said of, and an empty list for all."},
	}
}
