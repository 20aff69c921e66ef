package schema

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed ddl/*.sql
var ddlFiles embed.FS

var ddl = template.Must(template.New("ddl").Option("missingkey=error").ParseFS(ddlFiles, "ddl/*.sql"))

// DatabaseDDL returns the statement that creates the database, if it is not there. Its name comes quoted, as an
// identifier. Only an administrator may create databases: who has one needs no more than DDL's statements.
func DatabaseDDL(database string) (string, error) {
	return render("database.sql", map[string]string{"Database": database})
}

// DDL returns the statements that create the events table, in their order. Running them again changes nothing. The names
// come quoted, as identifiers.
func DDL(database, table string) ([]string, error) {
	text, err := render("network_events.sql", map[string]string{"Table": database + "." + table})
	if err != nil {
		return nil, err
	}
	return []string{text}, nil
}

func render(file string, names map[string]string) (string, error) {
	var b strings.Builder
	if err := ddl.ExecuteTemplate(&b, file, names); err != nil {
		return "", fmt.Errorf("render %s: %w", file, err)
	}
	return strings.TrimSpace(b.String()), nil
}
