package statement

import "strings"

// Identifier quotes a name from the settings, so that whatever it holds it stays one identifier, and never looks like a
// parameter's placeholder:
// https://clickhouse.com/docs/sql-reference/syntax#identifiers.
func Identifier(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\x00", `\0`, "{", `\x7B`).Replace(name) + `"`
}

// Quoted quotes a name as a text, for where ClickHouse takes a text and no parameter, as in a dictionary's definition.
func Quoted(name string) string {
	return `'` + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\x00", `\0`, "{", `\x7B`).Replace(name) + `'`
}

// Qualified quotes the name of a table or dictionary with its database's.
func Qualified(database, name string) string { return Identifier(database) + "." + Identifier(name) }
