package statement

import "strings"

// Identifier quotes a name from the settings, so that whatever it holds it stays one identifier:
// https://clickhouse.com/docs/sql-reference/syntax#identifiers.
func Identifier(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\x00", `\0`).Replace(name) + `"`
}
