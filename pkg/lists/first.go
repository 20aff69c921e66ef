package lists

import (
	"fmt"
	"strings"
)

// Most is how many entries of a list the health check names.
const Most = 5

// First joins so many texts at most, and counts the others.
func First(texts []string, most int) string {
	shown := strings.Join(texts[:min(most, len(texts))], "; ")
	if more := len(texts) - most; more > 0 {
		shown += fmt.Sprintf("; and %d more", more)
	}
	return shown
}
