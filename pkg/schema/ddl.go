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
	text, err := render("network_events.sql", map[string]string{"Table": database + "." + table, "Cluster": ""})
	if err != nil {
		return nil, err
	}
	return []string{text}, nil
}

// AllowlistDDL returns the statement that creates a table of allowlist entries. Its name comes quoted, with its database.
func AllowlistDDL(table string) (string, error) {
	return render("allowlist.sql", map[string]string{"Table": table})
}

// Names of the tables that an import keeps beside the events, in the same database.
const (
	DNSTable     = "dns_events"
	PartsTable   = "import_parts"
	RejectsTable = "import_rejects"
	DerivedTable = "derived_hours"
	ClaimsTable  = "derived_claims"
)

// ImportTables are those tables, in the order of ImportDDL's statements.
func ImportTables() []string {
	return []string{DNSTable, PartsTable, RejectsTable, DerivedTable, ClaimsTable}
}

// ImportDDL returns the statements that create what an import writes to beside the events and the landing tables. quoted
// gives a name quoted, with its database. cluster is the quoted name of the one where they replicate, each shard's by itself; empty
// for one server.
func ImportDDL(cluster string, quoted func(table string) string) ([]string, error) {
	var statements []string
	for _, table := range ImportTables() {
		text, err := render(table+".sql", map[string]string{"Table": quoted(table), "Cluster": cluster})
		if err != nil {
			return nil, err
		}
		statements = append(statements, text)
	}
	return statements, nil
}

// SuffixDDL returns the statement that creates a table of dynamic DNS domains. Its name comes quoted, with its database.
func SuffixDDL(table string) (string, error) {
	return render("dynamic_dns_suffixes.sql", map[string]string{"Table": table})
}

// ASNNames are the names in the definition of autonomous systems.
type ASNNames struct {
	Prefixes, Dictionary       string // quoted as identifiers, with their database
	DatabaseText, PrefixesText string // the database and the table of prefixes, quoted as texts
}

// ASNDDL returns the statements that create the table of prefixes and the dictionary on it.
func ASNDDL(n ASNNames) ([]string, error) {
	var statements []string
	for _, file := range []string{"asn_prefixes.sql", "asn_dictionary.sql"} {
		text, err := render(file, n)
		if err != nil {
			return nil, err
		}
		statements = append(statements, text)
	}
	return statements, nil
}

func render(file string, names any) (string, error) {
	var b strings.Builder
	if err := ddl.ExecuteTemplate(&b, file, names); err != nil {
		return "", fmt.Errorf("render %s: %w", file, err)
	}
	return strings.TrimSpace(b.String()), nil
}
