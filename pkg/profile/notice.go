package profile

import (
	"fmt"
	"slices"
)

// noticeUnder is the share of events that a detector can look at under which its answer says so.
const noticeUnder = 0.01

// Notices are what an answer of the named detectors says about the window's events: that there are none, that a detector left out more
// than 99 % of them and why, and that some are dated in the future.
func (p Profile) Notices(detectors []string) (notices []string) {
	all, looked := p.Events()
	if all == 0 && len(detectors) > 0 {
		notices = append(notices, p.emptyText())
	}
	for _, rule := range p.rules {
		if looked == 0 || !slices.Contains(detectors, rule.Detector) {
			continue
		}
		can := p.share(rule.Detector, match)
		if can >= noticeUnder {
			continue
		}
		how := "none of "
		if can > 0 {
			how = percent(can) + " of "
		}
		marks := p.sum(rule.Detector)
		text := fmt.Sprintf("%s can look at %s%s: %s", rule.Label, how, p.sampleText(), lower(why(marks, looked)))
		if fix := fixes(marks); fix != "" {
			text += " " + fix
		}
		notices = append(notices, text)
	}
	if text := p.FutureText(); text != "" {
		notices = append(notices, text)
	}
	return notices
}

// lower begins a text with a small letter.
func lower(text string) string {
	if text == "" || text[0] < 'A' || text[0] > 'Z' {
		return text
	}
	return string(text[0]+'a'-'A') + text[1:]
}

// emptyText tells an answer without findings from one that had nothing to look at.
func (p Profile) emptyText() string {
	what := "lies in this time range"
	if p.filtered {
		what = "of this time range passes the filters"
	}
	return "No event " + what + ": there was nothing to find anything in."
}
