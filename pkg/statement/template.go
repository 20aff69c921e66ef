package statement

import (
	"fmt"
	"strings"
	"text/template"
)

// Parse reads the text of a .sql file at start; a file that does not parse is a programmer's error and panics.
func Parse(name, text string) *template.Template {
	return template.Must(template.New(name).Option("missingkey=error").Parse(text))
}

// Render fills a template. The data may hold identifiers, SQL fragments and switches, never a user's values.
func Render(t *template.Template, data any) (string, error) {
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return "", fmt.Errorf("render %s: %w", t.Name(), err)
	}
	return b.String(), nil
}
