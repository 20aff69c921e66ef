package dynamicdns

import (
	_ "embed"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed suffixes.sql
var suffixesSQL string

var suffixesTemplate = statement.Parse("suffixes.sql", suffixesSQL)

// MaxSuffixes bounds a table of dynamic DNS domains: they travel with each statement.
const MaxSuffixes = 5000

// SuffixStatement reads the domains of a table, which has the columns of schema.SuffixDDL. One row more than MaxSuffixes
// may come.
func SuffixStatement(database, name string) (statement.Statement, error) {
	text, err := statement.Render(suffixesTemplate, map[string]any{"Table": statement.Qualified(database, name)})
	if err != nil {
		return statement.Statement{}, err
	}
	columns := []statement.Column{{Name: "Suffix", Kind: statement.Text}, {Name: "Provider", Kind: statement.Text}}
	s, err := statement.New(text, map[string]any{"limit": int64(MaxSuffixes) + 1}, columns)
	s.RowLimit = MaxSuffixes
	return s, err
}
