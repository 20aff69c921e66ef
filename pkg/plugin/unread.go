package plugin

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// unreadNotices tell the fields that are nobody's, of the settings and of the query: a line for each of the two.
func unreadNotices(stored []*settings.Error, asked []*query.Error) []string {
	var notices []string
	if len(stored) > 0 {
		notices = append(notices, "Answered without what nobody reads: "+lists.First(messages(stored), 1)+".")
	}
	if len(asked) > 0 {
		notices = append(notices, "Answered without what nobody reads: "+lists.First(messages(asked), 1)+".")
	}
	return notices
}

// wrongWeights are weights that no evidence can have; answers go by the detector's own.
func wrongWeights(own map[string]int64) []*settings.Error {
	wrong := cases.Weights(own)
	var list []*settings.Error
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		list = append(list, &settings.Error{Field: "caseWeights." + name, Reason: wrong[name]})
	}
	return list
}

// fieldsStep is the step of the health check for stored fields that are nobody's. It stops no other: queries do without them,
// and whoever presses Save & test is the one who can mend them.
const fieldsStep = "fields"

// checkFields returns that step where it fails.
func (d *Datasource) checkFields() []check {
	faults := messages(d.settings.Ignored)
	for name := range d.settings.ListTables {
		if !slices.ContainsFunc(d.known.lists, func(l knownList) bool { return l.Spec().Name == name }) {
			faults = append(faults, fmt.Sprintf("listTables.%s: there is no list of this name", name))
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return []check{{Name: fieldsStep, Message: lists.First(faults, lists.Most) + ".", Hint: "Correct or remove what is named; queries do without it meanwhile."}}
}

func messages[E error](errs []E) []string {
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = strings.TrimSuffix(err.Error(), ".")
	}
	return texts
}
