package query

import (
	"fmt"
	"sort"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

// Error is a query that the user must change. It maps to status 400.
type Error struct {
	Field  string // the path of the field, such as filters[2].operator
	Reason string // what is wrong with it and what it may be
}

func (e *Error) Error() string { return fmt.Sprintf("query field %q: %s", e.Field, e.Reason) }

func refuse(field, format string, args ...any) error {
	return &Error{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// shown makes a user's text fit for an error: quoted, control characters escaped, and cut.
func shown(text string) string {
	const longest = 60
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

func oneOf[T ~string](words []T) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return "it may be one of " + strings.Join(list, ", ")
}

// meant says which of the words was probably meant, and which there are.
func meant(name string, words []string) string {
	if likely := strictjson.Likely(name, words); likely != "" {
		return "did you mean " + likely + "? " + oneOf(words)
	}
	return oneOf(words)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
